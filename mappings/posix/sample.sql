-- Accounts of a few hosts, for MariaDB and PostgreSQL. Their passwords:
--   alice     hunting of the snark   $6$   SHA-512 crypt
--   lewis     jabberwocky            $5$   SHA-256 crypt
--   turtle    mock turtle            $1$   MD5 crypt, of an old machine
--   cheshire  cheshire cat           $2b$  bcrypt
--   hatter    hunting of the snark   locked: an exclamation mark before the hash
--   backup    none

INSERT INTO accounts (uid, login, password, gid, gecos, home, shell, last_change, max_days, expires) VALUES
  (5001, 'alice',
    '$6$Vh3kQ8sLx0TzPm2a$3s/DysWGaO1NxfztMu2eh1KvyJF0lpRvceMzbSq/BxLedOrXLp3NK.7tkao5LFOHXZFVTMGNDCfMo8tzDnFpv0',
    5000, 'Alice Liddell', '/home/alice', '/bin/bash', 19850, 99999, NULL),
  (5002, 'lewis', '$5$q7RtYb1NcW4eKd9f$3DAkeorBK8QAf3ycqKmIbLEV2BHbCaO35/q02/vUTw3',
    5000, 'Lewis Carroll', '/home/lewis', '/usr/bin/zsh', 19712, 365, NULL),
  (5003, 'turtle', '$1$Zr4Tn8Vq$dq78KQhXSVva9bwE95N1q/',
    5000, 'Mock Turtle', '/home/turtle', '/bin/sh', NULL, NULL, 21914),
  (5004, 'cheshire', '$2b$10$HQ6OwBWO46mY/XuJpmHT4u/7/l0PdNUkzF6HQgrS9g03gbNhZRG9e',
    5001, 'Cheshire Cat', '/home/cheshire', '/bin/bash', 20011, 99999, NULL),
  (5005, 'hatter',
    '!$6$Vh3kQ8sLx0TzPm2a$3s/DysWGaO1NxfztMu2eh1KvyJF0lpRvceMzbSq/BxLedOrXLp3NK.7tkao5LFOHXZFVTMGNDCfMo8tzDnFpv0',
    5000, 'Mad Hatter', '/home/hatter', '/usr/sbin/nologin', 19850, 99999, NULL),
  (5900, 'backup', '*', 5900, 'Backup', '/var/backups', '/usr/sbin/nologin', NULL, NULL, NULL);

INSERT INTO groups (gid, name) VALUES
  (5000, 'users'),
  (5001, 'admins'),
  (5002, 'printers'),
  (5900, 'backup');

INSERT INTO group_members (gid, login) VALUES
  (5001, 'alice'),
  (5001, 'cheshire'),
  (5002, 'alice'),
  (5002, 'lewis'),
  (5002, 'turtle');
