-- A small company, as an application of its own might keep it. Passwords: Ada's is "Notes of 1843", Grace's "A-0 System",
-- Charles has left.
CREATE TABLE people (
  id INTEGER PRIMARY KEY,
  login VARCHAR(64) NOT NULL UNIQUE,
  first_name VARCHAR(100) NOT NULL,
  last_name VARCHAR(100) NOT NULL,
  email VARCHAR(254) NOT NULL UNIQUE,
  password_hash VARCHAR(200),
  active BOOLEAN NOT NULL,
  updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE teams (id INTEGER PRIMARY KEY, name VARCHAR(64) NOT NULL UNIQUE);
CREATE TABLE team_members (
  team_id INTEGER NOT NULL REFERENCES teams (id),
  person_id INTEGER NOT NULL REFERENCES people (id),
  PRIMARY KEY (team_id, person_id)
);
CREATE INDEX team_members_person ON team_members (person_id);

INSERT INTO people (id, login, first_name, last_name, email, password_hash, active) VALUES
  (1, 'ada', 'Ada', 'Lovelace', 'ada@example.com', '$2b$10$zli7QEmnn5DQleX4EZvQXu6Jf77rWyZpsMJpQ3ToqXEQdxyiPg36i', TRUE),
  (2, 'grace', 'Grace', 'Hopper', 'grace@example.com', '$2b$10$ZBvyCDWQ6zuFakfFBoWDOu3pQmUQVC0rF3lJjZbgExhzl4UG/DpHm', TRUE),
  (3, 'charles', 'Charles', 'Babbage', 'charles@example.com', '$2b$10$zli7QEmnn5DQleX4EZvQXu6Jf77rWyZpsMJpQ3ToqXEQdxyiPg36i', FALSE);
INSERT INTO teams (id, name) VALUES (1, 'administrators'), (2, 'compilers');
INSERT INTO team_members (team_id, person_id) VALUES (1, 1), (2, 1), (2, 2);
