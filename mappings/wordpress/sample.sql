-- A small site's users, as WordPress stores them. Their passwords:
--   clara     Nocturne No. 20                 $wp$2y$  WordPress 6.8 and later
--   robert    Träumerei 1838                  $P$      WordPress before 6.8, not logged in since
--   frederic  la-petite-musique               $wp$2y$
--   pauline   Etude op. 25                    $2y$     a plugin that stores plain bcrypt
--   guest     correct horse battery staple    $P$      blocked: user_status is not 0

INSERT INTO wp_users
  (ID, user_login, user_pass, user_nicename, user_email, user_url, user_registered, user_status, display_name)
VALUES
  (1, 'clara', '$wp$2y$10$wnc/CqmZtap4uhExkgNaROBwix1HRmXDMbl7y.fG7yM0zZBDOLbbW', 'clara',
    'clara@example.org', 'https://clara.example.org/', '2019-09-13 08:00:00', 0, 'Clara Wieck'),
  (2, 'robert', '$P$Bk3Vw9QzLbasZFZEHTuN8oiIVy5H9l/', 'robert',
    'robert@example.org', '', '2019-09-13 09:30:15', 0, 'Robert Schumann'),
  (3, 'frederic', '$wp$2y$10$NgNmDe.3USmxgS7jXMEvL.kio0ZCh13EbxRmuY71664XZg91rnmZa', 'frederic',
    'frederic@example.org', '', '2020-03-01 17:45:00', 0, 'Frédéric C.'),
  (4, 'pauline', '$2y$10$Jlyq.4jOcsHj5NUzLUgDnOatal3iv4QtSiKa76h3.iGyUSXxNPjzG', 'pauline',
    'pauline@example.org', '', '2022-07-18 12:00:00', 0, 'Pauline Viardot'),
  (5, 'guest', '$P$Br8TqY1mXtGX8jylbR0GMOim3F7L2k/', 'guest',
    'guest@example.org', '', '2023-11-05 21:10:42', 1, 'guest');

INSERT INTO wp_usermeta (user_id, meta_key, meta_value) VALUES
  (1, 'nickname', 'clara'),
  (1, 'first_name', 'Clara'),
  (1, 'last_name', 'Wieck'),
  (1, 'description', 'Plays, composes and runs this site.'),
  (1, 'wp_capabilities', 'a:1:{s:13:"administrator";b:1;}'),
  (1, 'wp_user_level', '10'),
  (2, 'nickname', 'robert'),
  (2, 'first_name', 'Robert'),
  (2, 'last_name', 'Schumann'),
  (2, 'description', ''),
  (2, 'wp_capabilities', 'a:1:{s:6:"editor";b:1;}'),
  (2, 'wp_user_level', '7'),
  (3, 'nickname', 'frederic'),
  (3, 'first_name', 'Frédéric'),
  (3, 'last_name', 'Chopin'),
  (3, 'description', ''),
  (3, 'wp_capabilities', 'a:2:{s:6:"author";b:1;s:11:"contributor";b:1;}'),
  (3, 'wp_user_level', '2'),
  (4, 'nickname', 'pauline'),
  (4, 'first_name', 'Pauline'),
  (4, 'last_name', 'Viardot'),
  (4, 'description', ''),
  (4, 'wp_capabilities', 'a:1:{s:10:"subscriber";b:1;}'),
  (4, 'wp_user_level', '0'),
  (5, 'nickname', 'guest'),
  (5, 'first_name', ''),
  (5, 'last_name', ''),
  (5, 'description', ''),
  (5, 'wp_capabilities', 'a:1:{s:10:"subscriber";b:1;}'),
  (5, 'wp_user_level', '0');
