-- /etc/passwd, /etc/shadow and /etc/group as tables, in PostgreSQL.

CREATE TABLE accounts (
  uid integer NOT NULL PRIMARY KEY,
  login varchar(32) NOT NULL UNIQUE,
  password varchar(128) NOT NULL DEFAULT '!',
  gid integer NOT NULL,
  gecos varchar(255) NOT NULL,
  home varchar(255) NOT NULL,
  shell varchar(255) NOT NULL DEFAULT '/bin/sh',
  last_change integer,
  max_days integer,
  expires integer
);
CREATE INDEX accounts_login ON accounts (lower(login) text_pattern_ops);
CREATE INDEX accounts_gecos ON accounts (lower(gecos) text_pattern_ops);
CREATE INDEX accounts_gid ON accounts (gid);
COMMENT ON COLUMN accounts.last_change IS 'days since 1970-01-01';
COMMENT ON COLUMN accounts.expires IS 'days since 1970-01-01';

CREATE TABLE groups (
  gid integer NOT NULL PRIMARY KEY,
  name varchar(32) NOT NULL UNIQUE
);
CREATE INDEX groups_name ON groups (lower(name) text_pattern_ops);

CREATE TABLE group_members (
  gid integer NOT NULL REFERENCES groups (gid) ON DELETE CASCADE,
  login varchar(32) NOT NULL,
  PRIMARY KEY (gid, login)
);
CREATE INDEX group_members_login ON group_members (lower(login) text_pattern_ops);
