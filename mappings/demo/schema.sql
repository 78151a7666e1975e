-- The demonstration's tables, as SQLite has them. What is looked up by text ignores case (NOCASE). Keys are never
-- given a second time (AUTOINCREMENT). schema.mariadb.sql and schema.postgresql.sql have the same tables.

CREATE TABLE departments (
  id INTEGER NOT NULL PRIMARY KEY,
  code VARCHAR(10) COLLATE NOCASE NOT NULL UNIQUE,
  name VARCHAR(100) COLLATE NOCASE NOT NULL UNIQUE
);

CREATE TABLE users (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  external_id VARCHAR(255) COLLATE NOCASE,
  username VARCHAR(255) COLLATE NOCASE NOT NULL UNIQUE,
  formatted_name VARCHAR(255) COLLATE NOCASE,
  first_name VARCHAR(100) COLLATE NOCASE,
  middle_name VARCHAR(100) COLLATE NOCASE,
  last_name VARCHAR(100) COLLATE NOCASE,
  name_prefix VARCHAR(50) COLLATE NOCASE,
  name_suffix VARCHAR(50) COLLATE NOCASE,
  display_name VARCHAR(255) COLLATE NOCASE,
  nick_name VARCHAR(100) COLLATE NOCASE,
  profile_url VARCHAR(2000),
  title VARCHAR(255) COLLATE NOCASE,
  user_type VARCHAR(100) COLLATE NOCASE,
  language VARCHAR(100) COLLATE NOCASE,
  locale VARCHAR(35) COLLATE NOCASE,
  timezone VARCHAR(50) COLLATE NOCASE,
  department_id INTEGER REFERENCES departments (id),
  employee_number VARCHAR(50) COLLATE NOCASE,
  cost_center VARCHAR(100) COLLATE NOCASE,
  organization VARCHAR(255) COLLATE NOCASE,
  division VARCHAR(255) COLLATE NOCASE,
  department VARCHAR(255) COLLATE NOCASE,
  room VARCHAR(50) COLLATE NOCASE,
  photo TEXT,
  manager_id INTEGER REFERENCES users (id) ON DELETE SET NULL,
  status CHAR(1) NOT NULL DEFAULT 'A',
  password_hash VARCHAR(255),
  badge_number INTEGER,
  is_remote BOOLEAN,
  desk_building VARCHAR(50) COLLATE NOCASE,
  desk_floor INTEGER,
  badge_key BLOB,
  mentor_id INTEGER REFERENCES users (id) ON DELETE SET NULL,
  hired_on DATE,
  created_at TIMESTAMP NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now')),
  updated_at TIMESTAMP NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now')),
  deleted_at TIMESTAMP
);
CREATE INDEX users_external_id ON users (external_id);
CREATE INDEX users_last_name ON users (last_name);
CREATE INDEX users_first_name ON users (first_name);
CREATE INDEX users_display_name ON users (display_name);
CREATE INDEX users_employee_number ON users (employee_number);
CREATE INDEX users_department_id ON users (department_id);
CREATE INDEX users_manager_id ON users (manager_id);
CREATE INDEX users_mentor_id ON users (mentor_id);
CREATE INDEX users_created_at ON users (created_at);
CREATE INDEX users_updated_at ON users (updated_at);
CREATE TRIGGER users_touch AFTER UPDATE ON users WHEN NEW.updated_at = OLD.updated_at BEGIN
  UPDATE users SET updated_at = strftime('%Y-%m-%d %H:%M:%f', 'now') WHERE id = NEW.id;
END;

CREATE TABLE user_deletions (
  user_id INTEGER NOT NULL PRIMARY KEY,
  deleted_at TIMESTAMP NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now'))
);
CREATE INDEX user_deletions_deleted_at ON user_deletions (deleted_at);

CREATE TABLE emails (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  value VARCHAR(255) COLLATE NOCASE NOT NULL,
  type VARCHAR(50) COLLATE NOCASE,
  is_primary BOOLEAN,
  display VARCHAR(255) COLLATE NOCASE
);
CREATE INDEX emails_user_id ON emails (user_id);
CREATE INDEX emails_value ON emails (value);

CREATE TABLE phones (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  value VARCHAR(255) COLLATE NOCASE NOT NULL,
  type VARCHAR(50) COLLATE NOCASE,
  is_primary BOOLEAN,
  display VARCHAR(255) COLLATE NOCASE
);
CREATE INDEX phones_user_id ON phones (user_id);
CREATE INDEX phones_value ON phones (value);

CREATE TABLE addresses (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  formatted VARCHAR(1000) COLLATE NOCASE,
  street VARCHAR(500) COLLATE NOCASE,
  locality VARCHAR(100) COLLATE NOCASE,
  region VARCHAR(100) COLLATE NOCASE,
  postal_code VARCHAR(40) COLLATE NOCASE,
  country VARCHAR(100) COLLATE NOCASE,
  type VARCHAR(50) COLLATE NOCASE,
  is_primary BOOLEAN
);
CREATE INDEX addresses_user_id ON addresses (user_id);

CREATE TABLE ims (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  value VARCHAR(255) COLLATE NOCASE NOT NULL,
  type VARCHAR(50) COLLATE NOCASE,
  is_primary BOOLEAN,
  display VARCHAR(255) COLLATE NOCASE
);
CREATE INDEX ims_user_id ON ims (user_id);

CREATE TABLE photos (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  value VARCHAR(2000) NOT NULL,
  type VARCHAR(50) COLLATE NOCASE,
  is_primary BOOLEAN,
  display VARCHAR(255) COLLATE NOCASE
);
CREATE INDEX photos_user_id ON photos (user_id);

CREATE TABLE entitlements (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  value VARCHAR(255) COLLATE NOCASE NOT NULL,
  type VARCHAR(50) COLLATE NOCASE,
  is_primary BOOLEAN,
  display VARCHAR(255) COLLATE NOCASE
);
CREATE INDEX entitlements_user_id ON entitlements (user_id);

CREATE TABLE roles (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  value VARCHAR(255) COLLATE NOCASE NOT NULL,
  type VARCHAR(50) COLLATE NOCASE,
  is_primary BOOLEAN,
  display VARCHAR(255) COLLATE NOCASE
);
CREATE INDEX roles_user_id ON roles (user_id);

CREATE TABLE certificates (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  value BLOB NOT NULL,
  type VARCHAR(50) COLLATE NOCASE,
  is_primary BOOLEAN,
  display VARCHAR(255) COLLATE NOCASE
);
CREATE INDEX certificates_user_id ON certificates (user_id);

CREATE TABLE skills (
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  skill VARCHAR(100) COLLATE NOCASE NOT NULL,
  PRIMARY KEY (user_id, skill)
);
CREATE INDEX skills_skill ON skills (skill);

CREATE TABLE vehicles (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  plate VARCHAR(20) COLLATE NOCASE,
  model VARCHAR(100) COLLATE NOCASE,
  fuel VARCHAR(20) COLLATE NOCASE
);
CREATE INDEX vehicles_user_id ON vehicles (user_id);

CREATE TABLE user_groups (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  external_id VARCHAR(255) COLLATE NOCASE,
  name VARCHAR(255) COLLATE NOCASE NOT NULL UNIQUE,
  description VARCHAR(255) COLLATE NOCASE,
  owner_id INTEGER REFERENCES users (id) ON DELETE SET NULL,
  created_at TIMESTAMP NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now')),
  updated_at TIMESTAMP NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now'))
);
CREATE INDEX user_groups_external_id ON user_groups (external_id);
CREATE INDEX user_groups_owner_id ON user_groups (owner_id);
CREATE TRIGGER user_groups_touch AFTER UPDATE ON user_groups WHEN NEW.updated_at = OLD.updated_at BEGIN
  UPDATE user_groups SET updated_at = strftime('%Y-%m-%d %H:%M:%f', 'now') WHERE id = NEW.id;
END;

CREATE TABLE group_deletions (
  group_id INTEGER NOT NULL PRIMARY KEY,
  deleted_at TIMESTAMP NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now'))
);
CREATE INDEX group_deletions_deleted_at ON group_deletions (deleted_at);

CREATE TABLE group_members (
  group_id INTEGER NOT NULL REFERENCES user_groups (id) ON DELETE CASCADE,
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  PRIMARY KEY (group_id, user_id)
);
CREATE INDEX group_members_user_id ON group_members (user_id);

CREATE TABLE group_groups (
  parent_id INTEGER NOT NULL REFERENCES user_groups (id) ON DELETE CASCADE,
  child_id INTEGER NOT NULL REFERENCES user_groups (id) ON DELETE CASCADE,
  PRIMARY KEY (parent_id, child_id)
);
CREATE INDEX group_groups_child_id ON group_groups (child_id);

CREATE TABLE fido_devices (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  application VARCHAR(255) NOT NULL,
  counter INTEGER NOT NULL DEFAULT 0,
  device_data VARCHAR(2000),
  hash_code INTEGER NOT NULL,
  key_handle VARCHAR(500) NOT NULL,
  registration_conf VARCHAR(2000) NOT NULL,
  status VARCHAR(20) COLLATE NOCASE NOT NULL DEFAULT 'active',
  display_name VARCHAR(255) COLLATE NOCASE,
  description VARCHAR(255) COLLATE NOCASE,
  nickname VARCHAR(100) COLLATE NOCASE,
  last_access_at TIMESTAMP,
  created_at TIMESTAMP NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now')),
  updated_at TIMESTAMP NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now'))
);
CREATE INDEX fido_devices_user_id ON fido_devices (user_id);
CREATE TRIGGER fido_devices_touch AFTER UPDATE ON fido_devices WHEN NEW.updated_at = OLD.updated_at BEGIN
  UPDATE fido_devices SET updated_at = strftime('%Y-%m-%d %H:%M:%f', 'now') WHERE id = NEW.id;
END;

CREATE TABLE fido2_devices (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  counter INTEGER NOT NULL DEFAULT 0,
  status VARCHAR(20) COLLATE NOCASE NOT NULL DEFAULT 'registered',
  display_name VARCHAR(255) COLLATE NOCASE,
  device_uuid VARCHAR(64) COLLATE NOCASE,
  push_token VARCHAR(255),
  device_type VARCHAR(50) COLLATE NOCASE,
  platform VARCHAR(50) COLLATE NOCASE,
  device_name VARCHAR(100) COLLATE NOCASE,
  os_name VARCHAR(50) COLLATE NOCASE,
  os_version VARCHAR(50) COLLATE NOCASE,
  custom_data VARCHAR(2000),
  created_at TIMESTAMP NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now')),
  updated_at TIMESTAMP NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now'))
);
CREATE INDEX fido2_devices_user_id ON fido2_devices (user_id);
CREATE TRIGGER fido2_devices_touch AFTER UPDATE ON fido2_devices WHEN NEW.updated_at = OLD.updated_at BEGIN
  UPDATE fido2_devices SET updated_at = strftime('%Y-%m-%d %H:%M:%f', 'now') WHERE id = NEW.id;
END;
