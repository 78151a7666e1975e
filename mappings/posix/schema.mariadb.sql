-- /etc/passwd, /etc/shadow and /etc/group as tables, in MariaDB and MySQL.

CREATE TABLE accounts (
  uid INT UNSIGNED NOT NULL PRIMARY KEY,
  login VARCHAR(32) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL UNIQUE,
  password VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '!',
  gid INT UNSIGNED NOT NULL,
  gecos VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL,
  home VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  shell VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '/bin/sh',
  last_change INT NULL COMMENT 'days since 1970-01-01',
  max_days INT NULL,
  expires INT NULL COMMENT 'days since 1970-01-01',
  KEY accounts_gid (gid),
  KEY accounts_gecos (gecos)
);

CREATE TABLE `groups` (
  gid INT UNSIGNED NOT NULL PRIMARY KEY,
  name VARCHAR(32) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL UNIQUE
);

CREATE TABLE group_members (
  gid INT UNSIGNED NOT NULL,
  login VARCHAR(32) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL,
  PRIMARY KEY (gid, login),
  KEY group_members_login (login),
  FOREIGN KEY (gid) REFERENCES `groups` (gid) ON DELETE CASCADE
);
