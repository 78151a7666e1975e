/** The tables of the tests' databases, in each database's natural types. Filling them is in `load-sql.ts`. */

export type DatabaseKind = 'mariadb' | 'postgres' | 'sqlite'

interface Types {
  readonly key: string
  readonly name: string
  readonly small: string
  readonly boolean: string
  readonly time: string
  readonly binary: string
  readonly tail: string
}

const types: Readonly<Record<DatabaseKind, Types>> = {
  mariadb: {
    key: 'int',
    name: 'varchar(200)',
    small: 'smallint',
    boolean: 'tinyint(1)',
    time: 'datetime',
    binary: 'blob',
    tail: ' engine=InnoDB',
  },
  postgres: {
    key: 'integer',
    name: 'varchar(200)',
    small: 'smallint',
    boolean: 'boolean',
    time: 'timestamp',
    binary: 'bytea',
    tail: '',
  },
  sqlite: {
    key: 'integer',
    name: 'text',
    small: 'integer',
    boolean: 'integer',
    time: 'text',
    binary: 'blob',
    tail: '',
  },
}

/** Quoted as the database does it: `groups` is a reserved word in some. */
export function quoteName(kind: DatabaseKind, name: string): string {
  return kind === 'mariadb' ? `\`${name}\`` : `"${name}"`
}

/** Statements that create the tables; the references among them hold only when all rows are in. */
export function createTables(kind: DatabaseKind): string[] {
  const { key, name, small, boolean, time, binary, tail } = types[kind]
  const groups = quoteName(kind, 'groups')
  return [
    `create table users (
      id ${key} not null primary key,
      username ${name} not null unique,
      full_name ${name} not null,
      first_name ${name},
      last_name ${name} not null,
      email ${name},
      title ${name},
      department ${name},
      employee_number ${key},
      kind ${small},
      note text,
      remark text,
      uid_number ${key},
      gid_number ${key},
      manager_id ${key},
      is_active ${boolean} not null,
      hired_at ${time},
      photo ${binary}
    )${tail}`,
    `create table extra_emails (
      user_id ${key} not null references users(id),
      address ${name} not null,
      primary key (user_id, address)
    )${tail}`,
    `create table phones (
      id ${key} not null primary key,
      user_id ${key} not null references users(id),
      number ${name} not null,
      kind ${name} not null,
      is_main ${boolean} not null
    )${tail}`,
    `create table ${groups} (
      id ${key} not null primary key,
      name ${name} not null unique,
      description text
    )${tail}`,
    `create table group_members (
      group_id ${key} not null references ${groups}(id),
      user_id ${key} not null references users(id),
      primary key (group_id, user_id)
    )${tail}`,
    `create table group_groups (
      parent_id ${key} not null references ${groups}(id),
      child_id ${key} not null references ${groups}(id),
      primary key (parent_id, child_id)
    )${tail}`,
    'create index users_by_manager on users (manager_id)',
    'create index phones_by_user on phones (user_id)',
    'create index memberships_by_user on group_members (user_id)',
  ]
}
