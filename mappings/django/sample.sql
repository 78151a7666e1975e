-- A small site's users and groups, for all three databases. Times are in UTC. Their passwords:
--   ada       correct horse battery staple   pbkdf2_sha256   Django's default
--   mary      kaffe og kage                  argon2          Argon2PasswordHasher
--   sofia     motif de fleurs                bcrypt_sha256   BCryptSHA256PasswordHasher
--   hypatia   ζεστή σοκολάτα                 scrypt          ScryptPasswordHasher
--   emmy      correct horse battery staple   pbkdf2_sha256   not active
--   robot     none: set_unusable_password()

INSERT INTO auth_group (id, name) VALUES
  (1, 'Editors'),
  (2, 'Mathematicians'),
  (3, 'Moderators');

INSERT INTO auth_user
  (id, password, last_login, is_superuser, username, first_name, last_name, email, is_staff, is_active, date_joined)
VALUES
  (1, 'pbkdf2_sha256$1000000$Wq3rT9kLmZ1xVb7NsYp2Hd$Cj6qOoF40oDO1M/5+3FV9CePtZbDf6xYs5ge+jM7yGU=',
    '2025-05-11 06:40:12.508214', true, 'ada', 'Ada', 'Lovelace', 'ada@example.org', true, true,
    '2021-12-10 10:00:00'),
  (2, 'argon2$argon2id$v=19$m=102400,t=2,p=8$GKw+c0PwFokMUQ6T+TUmEQ$5O/jRh7nGhZC8lZdQ7l5V8oR8oW7G91kEtRnBOzatws',
    '2025-05-10 19:22:47.120934', false, 'mary', 'Mary', 'Somerville', 'mary@example.org', true, true,
    '2022-01-26 14:30:00.250000'),
  (3, 'bcrypt_sha256$$2b$12$N1k5cyLZ/RGUSbpty1RLveW.Uusq9CWHRvgxPEylNIZgkS0lDu.Sa',
    NULL, false, 'sofia', 'Софья', 'Ковалевская', 'sofia@example.org', false, true,
    '2023-02-15 08:15:30'),
  (4, 'scrypt$16384$fQ2rM8sVt1LxYb6PzK9dWn$8$5$OUl/7z0dBq6aO0qtC/8+AZZL8NHJ5Bdh1rC8fLdPsXX1OgSaBHajxtd21OrQemIHWvxoL/DXSvpIgOPPYqKX+A==',
    '2024-08-03 23:59:59.999999', false, 'hypatia', 'Ὑπατία', '', 'hypatia@example.org', false, true,
    '2023-03-08 12:00:00'),
  (5, 'pbkdf2_sha256$1000000$Wq3rT9kLmZ1xVb7NsYp2Hd$Cj6qOoF40oDO1M/5+3FV9CePtZbDf6xYs5ge+jM7yGU=',
    NULL, false, 'emmy', 'Emmy', 'Noether', '', false, false,
    '2023-03-23 16:45:00'),
  (6, '!u8Jm2Qx7RfYt0LzVw4NcKb1HsPd9GeAoT5iXrW3q',
    NULL, false, 'robot', '', '', '', false, true,
    '2024-01-01 00:00:00');

INSERT INTO auth_user_groups (id, user_id, group_id) VALUES
  (1, 1, 1),
  (2, 1, 2),
  (3, 2, 1),
  (4, 3, 2),
  (5, 4, 2),
  (6, 5, 2);
