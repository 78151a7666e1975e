-- The demonstration's tables, as MariaDB and MySQL have them. Times are in UTC.

CREATE TABLE departments (
  id INT NOT NULL PRIMARY KEY,
  code VARCHAR(10) NOT NULL UNIQUE,
  name VARCHAR(100) NOT NULL UNIQUE
) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;

CREATE TABLE users (
  id INT NOT NULL PRIMARY KEY AUTO_INCREMENT,
  external_id VARCHAR(255),
  username VARCHAR(255) NOT NULL UNIQUE,
  formatted_name VARCHAR(255),
  first_name VARCHAR(100),
  middle_name VARCHAR(100),
  last_name VARCHAR(100),
  name_prefix VARCHAR(50),
  name_suffix VARCHAR(50),
  display_name VARCHAR(255),
  nick_name VARCHAR(100),
  profile_url VARCHAR(2000) COLLATE utf8mb4_bin,
  title VARCHAR(255),
  user_type VARCHAR(100),
  language VARCHAR(100),
  locale VARCHAR(35),
  timezone VARCHAR(50),
  department_id INT,
  employee_number VARCHAR(50),
  cost_center VARCHAR(100),
  organization VARCHAR(255),
  division VARCHAR(255),
  department VARCHAR(255),
  room VARCHAR(50),
  photo TEXT CHARACTER SET ascii COLLATE ascii_bin,
  manager_id INT,
  status CHAR(1) NOT NULL DEFAULT 'A',
  password_hash VARCHAR(255) COLLATE utf8mb4_bin,
  badge_number INT,
  is_remote BOOLEAN,
  desk_building VARCHAR(50),
  desk_floor INT,
  badge_key BLOB,
  mentor_id INT,
  hired_on DATE,
  created_at DATETIME(3) NOT NULL DEFAULT (UTC_TIMESTAMP(3)),
  updated_at DATETIME(3) NOT NULL DEFAULT (UTC_TIMESTAMP(3)),
  deleted_at DATETIME(3),
  FOREIGN KEY (department_id) REFERENCES departments (id),
  FOREIGN KEY (manager_id) REFERENCES users (id) ON DELETE SET NULL,
  FOREIGN KEY (mentor_id) REFERENCES users (id) ON DELETE SET NULL
) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
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
CREATE TRIGGER users_touch BEFORE UPDATE ON users FOR EACH ROW
  SET NEW.updated_at = IF(NEW.updated_at = OLD.updated_at, UTC_TIMESTAMP(3), NEW.updated_at);

CREATE TABLE user_deletions (
  user_id INT NOT NULL PRIMARY KEY,
  deleted_at DATETIME(3) NOT NULL DEFAULT (UTC_TIMESTAMP(3))
) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
CREATE INDEX user_deletions_deleted_at ON user_deletions (deleted_at);

CREATE TABLE emails (
  id INT NOT NULL PRIMARY KEY AUTO_INCREMENT,
  user_id INT NOT NULL,
  value VARCHAR(255) NOT NULL,
  type VARCHAR(50),
  is_primary BOOLEAN,
  display VARCHAR(255),
  FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
CREATE INDEX emails_user_id ON emails (user_id);
CREATE INDEX emails_value ON emails (value);

CREATE TABLE phones (
  id INT NOT NULL PRIMARY KEY AUTO_INCREMENT,
  user_id INT NOT NULL,
  value VARCHAR(255) NOT NULL,
  type VARCHAR(50),
  is_primary BOOLEAN,
  display VARCHAR(255),
  FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
CREATE INDEX phones_user_id ON phones (user_id);
CREATE INDEX phones_value ON phones (value);

CREATE TABLE addresses (
  id INT NOT NULL PRIMARY KEY AUTO_INCREMENT,
  user_id INT NOT NULL,
  formatted VARCHAR(1000),
  street VARCHAR(500),
  locality VARCHAR(100),
  region VARCHAR(100),
  postal_code VARCHAR(40),
  country VARCHAR(100),
  type VARCHAR(50),
  is_primary BOOLEAN,
  FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
CREATE INDEX addresses_user_id ON addresses (user_id);

CREATE TABLE ims (
  id INT NOT NULL PRIMARY KEY AUTO_INCREMENT,
  user_id INT NOT NULL,
  value VARCHAR(255) NOT NULL,
  type VARCHAR(50),
  is_primary BOOLEAN,
  display VARCHAR(255),
  FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
CREATE INDEX ims_user_id ON ims (user_id);

CREATE TABLE photos (
  id INT NOT NULL PRIMARY KEY AUTO_INCREMENT,
  user_id INT NOT NULL,
  value VARCHAR(2000) COLLATE utf8mb4_bin NOT NULL,
  type VARCHAR(50),
  is_primary BOOLEAN,
  display VARCHAR(255),
  FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
CREATE INDEX photos_user_id ON photos (user_id);

CREATE TABLE entitlements (
  id INT NOT NULL PRIMARY KEY AUTO_INCREMENT,
  user_id INT NOT NULL,
  value VARCHAR(255) NOT NULL,
  type VARCHAR(50),
  is_primary BOOLEAN,
  display VARCHAR(255),
  FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
CREATE INDEX entitlements_user_id ON entitlements (user_id);

CREATE TABLE roles (
  id INT NOT NULL PRIMARY KEY AUTO_INCREMENT,
  user_id INT NOT NULL,
  value VARCHAR(255) NOT NULL,
  type VARCHAR(50),
  is_primary BOOLEAN,
  display VARCHAR(255),
  FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
CREATE INDEX roles_user_id ON roles (user_id);

CREATE TABLE certificates (
  id INT NOT NULL PRIMARY KEY AUTO_INCREMENT,
  user_id INT NOT NULL,
  value BLOB NOT NULL,
  type VARCHAR(50),
  is_primary BOOLEAN,
  display VARCHAR(255),
  FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
CREATE INDEX certificates_user_id ON certificates (user_id);

CREATE TABLE skills (
  user_id INT NOT NULL,
  skill VARCHAR(100) NOT NULL,
  PRIMARY KEY (user_id, skill),
  FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
CREATE INDEX skills_skill ON skills (skill);

CREATE TABLE vehicles (
  id INT NOT NULL PRIMARY KEY AUTO_INCREMENT,
  user_id INT NOT NULL,
  plate VARCHAR(20),
  model VARCHAR(100),
  fuel VARCHAR(20),
  FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
CREATE INDEX vehicles_user_id ON vehicles (user_id);

CREATE TABLE user_groups (
  id INT NOT NULL PRIMARY KEY AUTO_INCREMENT,
  external_id VARCHAR(255),
  name VARCHAR(255) NOT NULL UNIQUE,
  description VARCHAR(255),
  owner_id INT,
  created_at DATETIME(3) NOT NULL DEFAULT (UTC_TIMESTAMP(3)),
  updated_at DATETIME(3) NOT NULL DEFAULT (UTC_TIMESTAMP(3)),
  FOREIGN KEY (owner_id) REFERENCES users (id) ON DELETE SET NULL
) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
CREATE INDEX user_groups_external_id ON user_groups (external_id);
CREATE INDEX user_groups_owner_id ON user_groups (owner_id);
CREATE TRIGGER user_groups_touch BEFORE UPDATE ON user_groups FOR EACH ROW
  SET NEW.updated_at = IF(NEW.updated_at = OLD.updated_at, UTC_TIMESTAMP(3), NEW.updated_at);

CREATE TABLE group_deletions (
  group_id INT NOT NULL PRIMARY KEY,
  deleted_at DATETIME(3) NOT NULL DEFAULT (UTC_TIMESTAMP(3))
) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
CREATE INDEX group_deletions_deleted_at ON group_deletions (deleted_at);

CREATE TABLE group_members (
  group_id INT NOT NULL,
  user_id INT NOT NULL,
  PRIMARY KEY (group_id, user_id),
  FOREIGN KEY (group_id) REFERENCES user_groups (id) ON DELETE CASCADE,
  FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
CREATE INDEX group_members_user_id ON group_members (user_id);

CREATE TABLE group_groups (
  parent_id INT NOT NULL,
  child_id INT NOT NULL,
  PRIMARY KEY (parent_id, child_id),
  FOREIGN KEY (parent_id) REFERENCES user_groups (id) ON DELETE CASCADE,
  FOREIGN KEY (child_id) REFERENCES user_groups (id) ON DELETE CASCADE
) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
CREATE INDEX group_groups_child_id ON group_groups (child_id);

CREATE TABLE fido_devices (
  id INT NOT NULL PRIMARY KEY AUTO_INCREMENT,
  user_id INT NOT NULL,
  application VARCHAR(255) COLLATE utf8mb4_bin NOT NULL,
  counter INT NOT NULL DEFAULT 0,
  device_data VARCHAR(2000) COLLATE utf8mb4_bin,
  hash_code INT NOT NULL,
  key_handle VARCHAR(500) COLLATE utf8mb4_bin NOT NULL,
  registration_conf VARCHAR(2000) COLLATE utf8mb4_bin NOT NULL,
  status VARCHAR(20) NOT NULL DEFAULT 'active',
  display_name VARCHAR(255),
  description VARCHAR(255),
  nickname VARCHAR(100),
  last_access_at DATETIME(3),
  created_at DATETIME(3) NOT NULL DEFAULT (UTC_TIMESTAMP(3)),
  updated_at DATETIME(3) NOT NULL DEFAULT (UTC_TIMESTAMP(3)),
  FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
CREATE INDEX fido_devices_user_id ON fido_devices (user_id);
CREATE TRIGGER fido_devices_touch BEFORE UPDATE ON fido_devices FOR EACH ROW
  SET NEW.updated_at = IF(NEW.updated_at = OLD.updated_at, UTC_TIMESTAMP(3), NEW.updated_at);

CREATE TABLE fido2_devices (
  id INT NOT NULL PRIMARY KEY AUTO_INCREMENT,
  user_id INT NOT NULL,
  counter INT NOT NULL DEFAULT 0,
  status VARCHAR(20) NOT NULL DEFAULT 'registered',
  display_name VARCHAR(255),
  device_uuid VARCHAR(64),
  push_token VARCHAR(255) COLLATE utf8mb4_bin,
  device_type VARCHAR(50),
  platform VARCHAR(50),
  device_name VARCHAR(100),
  os_name VARCHAR(50),
  os_version VARCHAR(50),
  custom_data VARCHAR(2000) COLLATE utf8mb4_bin,
  created_at DATETIME(3) NOT NULL DEFAULT (UTC_TIMESTAMP(3)),
  updated_at DATETIME(3) NOT NULL DEFAULT (UTC_TIMESTAMP(3)),
  FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
CREATE INDEX fido2_devices_user_id ON fido2_devices (user_id);
CREATE TRIGGER fido2_devices_touch BEFORE UPDATE ON fido2_devices FOR EACH ROW
  SET NEW.updated_at = IF(NEW.updated_at = OLD.updated_at, UTC_TIMESTAMP(3), NEW.updated_at);
