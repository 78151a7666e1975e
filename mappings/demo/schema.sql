-- The demonstration's tables, as SQLite has them. What is looked up by text ignores case (NOCASE).

CREATE TABLE departments (
  id INTEGER NOT NULL PRIMARY KEY,
  code VARCHAR(10) COLLATE NOCASE NOT NULL UNIQUE,
  name VARCHAR(100) COLLATE NOCASE NOT NULL UNIQUE
);

CREATE TABLE users (
  id INTEGER NOT NULL PRIMARY KEY,
  username VARCHAR(64) COLLATE NOCASE NOT NULL UNIQUE,
  first_name VARCHAR(100) COLLATE NOCASE,
  last_name VARCHAR(100) COLLATE NOCASE NOT NULL,
  display_name VARCHAR(200) COLLATE NOCASE NOT NULL,
  email VARCHAR(254) COLLATE NOCASE,
  title VARCHAR(100) COLLATE NOCASE,
  department_id INTEGER NOT NULL REFERENCES departments (id),
  employee_number VARCHAR(20) COLLATE NOCASE NOT NULL UNIQUE,
  kind SMALLINT NOT NULL,
  room VARCHAR(20) COLLATE NOCASE,
  language VARCHAR(35),
  photo BLOB,
  manager_id INTEGER REFERENCES users (id),
  status CHAR(1) NOT NULL DEFAULT 'A',
  password_hash VARCHAR(255),
  hired_on DATE NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL,
  deleted_at TIMESTAMP
);
CREATE INDEX users_last_name ON users (last_name);
CREATE INDEX users_first_name ON users (first_name);
CREATE INDEX users_display_name ON users (display_name);
CREATE INDEX users_email ON users (email);
CREATE INDEX users_department_id ON users (department_id);
CREATE INDEX users_manager_id ON users (manager_id);
CREATE INDEX users_updated_at ON users (updated_at);

CREATE TABLE extra_emails (
  user_id INTEGER NOT NULL REFERENCES users (id),
  address VARCHAR(254) COLLATE NOCASE NOT NULL,
  PRIMARY KEY (user_id, address)
);
CREATE INDEX extra_emails_address ON extra_emails (address);

CREATE TABLE phones (
  id INTEGER NOT NULL PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES users (id),
  number VARCHAR(40) NOT NULL,
  kind VARCHAR(10) NOT NULL,
  is_main BOOLEAN NOT NULL DEFAULT 0
);
CREATE INDEX phones_user_id ON phones (user_id);

CREATE TABLE user_groups (
  id INTEGER NOT NULL PRIMARY KEY,
  name VARCHAR(100) COLLATE NOCASE NOT NULL UNIQUE,
  description VARCHAR(255) COLLATE NOCASE,
  owner_id INTEGER REFERENCES users (id),
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL
);
CREATE INDEX user_groups_owner_id ON user_groups (owner_id);

CREATE TABLE group_members (
  group_id INTEGER NOT NULL REFERENCES user_groups (id),
  user_id INTEGER NOT NULL REFERENCES users (id),
  PRIMARY KEY (group_id, user_id)
);
CREATE INDEX group_members_user_id ON group_members (user_id);

CREATE TABLE group_groups (
  parent_id INTEGER NOT NULL REFERENCES user_groups (id),
  child_id INTEGER NOT NULL REFERENCES user_groups (id),
  PRIMARY KEY (parent_id, child_id)
);
CREATE INDEX group_groups_child_id ON group_groups (child_id);
