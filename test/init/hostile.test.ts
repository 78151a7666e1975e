/** Databases that make it hard: names that SQL and YAML stumble over, thousands of tables, none that may be read. */
import { afterAll, describe, expect, test } from 'vitest'
import { runSql } from '../mappings/databases.js'
import { mariadbDatabase, postgresDatabase } from '../servers/shared.js'
import { cleanUp, ran, sqliteOf } from './running.js'

afterAll(cleanUp)

const insert = "('ada', 'Ada Lovelace', 'ada@example.org')"

/** Quotes of every database and of YAML, reserved words, references of the configuration, and what a terminal obeys. */
const odd = (quote: (name: string) => string) => {
  const users = quote('user')
  const column = quote(`e-mail "address" of '$HOME': # \`x\``)
  return `CREATE TABLE ${users} (${quote('id')} INTEGER PRIMARY KEY, ${quote('user name')} VARCHAR(40) NOT NULL UNIQUE,
      ${quote('full\u001bname')} VARCHAR(80), ${column} VARCHAR(80), ${quote('{braces}')} VARCHAR(10), ${quote('order')} INTEGER);
    INSERT INTO ${users} (${quote('id')}, ${quote('user name')}, ${quote('full\u001bname')}, ${column})
      VALUES (1, ${insert.slice(1)};
    CREATE TABLE ${quote('group')} (${quote('id')} INTEGER PRIMARY KEY, ${quote('name')} VARCHAR(80));
    CREATE TABLE ${quote('user in group')} (${quote('user id')} INTEGER, ${quote('group id')} INTEGER);
    INSERT INTO ${quote('group')} VALUES (1, 'Analysts');
    INSERT INTO ${quote('user in group')} VALUES (1, 1);`
}
const doubled = (name: string) => `"${name.replaceAll('"', '""')}"`
const backquoted = (name: string) => `\`${name.replaceAll('`', '``')}\``

describe('names that SQL and YAML stumble over', () => {
  test.each(['sqlite', 'mariadb', 'postgresql'] as const)(
    'are written and asked as they are, on %s',
    async (kind) => {
      const sql = odd(kind === 'mariadb' ? backquoted : doubled)
      const url =
        kind === 'sqlite'
          ? sqliteOf(sql)
          : await (kind === 'mariadb' ? mariadbDatabase() : postgresDatabase())
      if (kind !== 'sqlite') await runSql(url, sql)
      const { code, printed, data } = await ran(url)
      expect(printed).toMatch(/^mail: ada@example\.org$/m)
      expect(printed).toMatch(/^memberOf: cn=Analysts,ou=groups,dc=example,dc=com$/m)
      expect(printed).not.toContain('\u001b')
      expect(data('people.yaml').from).toBe('user')
      expect(code).toBe(0)
    },
  )

  test('of tables with a dot, or columns with braces, which no mapping can have, are passed over', async () => {
    const url = sqliteOf(
      `CREATE TABLE "my.users" (id INTEGER PRIMARY KEY, login TEXT UNIQUE, email TEXT, password TEXT);
       CREATE TABLE members (id INTEGER PRIMARY KEY, login TEXT UNIQUE, "{email}" TEXT, mail TEXT);
       INSERT INTO members VALUES (1, 'ada', 'ada@example.org', 'ada@example.org');`,
    )
    const { code, data } = await ran(url)
    expect(data('people.yaml')).toMatchObject({ from: 'members', attributes: { mail: 'mail' } })
    expect(code).toBe(0)
  })
})

describe('what is large', () => {
  test('5,000 tables are read at once', async () => {
    const tables = Array.from(
      { length: 5000 },
      (_, i) => `CREATE TABLE t${i} (id INTEGER PRIMARY KEY, name TEXT);`,
    )
    const url = sqliteOf(
      `BEGIN; ${tables.join('')} CREATE TABLE staff (id INTEGER PRIMARY KEY, login TEXT UNIQUE, name TEXT, mail TEXT);
       INSERT INTO staff VALUES (1, ${insert.slice(1)}; COMMIT;`,
    )
    const began = performance.now()
    const { code, data } = await ran(url)
    expect(data('people.yaml').from).toBe('staff')
    expect(code).toBe(0)
    expect(performance.now() - began).toBeLessThan(20_000)
  })

  test('a table of 300 columns', async () => {
    const columns = Array.from({ length: 300 }, (_, i) => `extra_${i} VARCHAR(20)`)
    const url = await postgresDatabase()
    await runSql(
      url,
      `CREATE TABLE users (id INTEGER PRIMARY KEY, login VARCHAR(40) UNIQUE, name VARCHAR(80), mail VARCHAR(80), ${columns.join(', ')});
       INSERT INTO users (id, login, name, mail) VALUES (1, ${insert.slice(1)};`,
    )
    const { code, data } = await ran(url)
    expect(data('people.yaml').attributes).toMatchObject({ uid: 'login', cn: 'name', mail: 'mail' })
    expect(code).toBe(0)
  })
})

describe('what is hardly there', () => {
  test('empty tables are mapped by names and types', async () => {
    const { code, printed, data } = await ran(
      sqliteOf(
        'CREATE TABLE users (id INTEGER PRIMARY KEY, login TEXT UNIQUE, email TEXT, password TEXT, active BOOLEAN)',
      ),
    )
    expect(data('people.yaml').attributes).toMatchObject({ uid: 'login', mail: 'email' })
    expect(printed).toMatch(/there are no passwords to look at yet/)
    expect(printed).toMatch(/^people: no entries yet$/m)
    expect(code).toBe(0)
  })

  test('a database view serves as a table, and whoever reads is told to make sure of its key', async () => {
    const { code, printed, data } = await ran(
      sqliteOf(
        `CREATE TABLE x1 (a INTEGER PRIMARY KEY, b TEXT, c TEXT, d TEXT);
         INSERT INTO x1 VALUES (1, ${insert.slice(1)};
         CREATE VIEW people AS SELECT a AS id, b AS login, c AS full_name, d AS email FROM x1`,
      ),
    )
    expect(data('people.yaml')).toMatchObject({ from: 'people', key: 'id' })
    expect(printed).toMatch(/no key says that people\.id is unique and never NULL/)
    expect(code).toBe(0)
  })

  test('no tables at all, and a file that is not there', async () => {
    const { code, complained } = await ran(sqliteOf(''))
    expect(complained).toMatch(/^there are no tables\n/)
    expect(code).toBe(3)
    await expect(ran('sqlite:/nowhere/at-all.sqlite')).rejects.toMatchObject({ code: 'unavailable' })
  })
})

describe('an account that may read little', () => {
  test.each(['mariadb', 'postgresql'] as const)('is proposed what it may read, on %s', async (kind) => {
    const url = await (kind === 'mariadb' ? mariadbDatabase() : postgresDatabase())
    const tables = `CREATE TABLE users (id INTEGER PRIMARY KEY, login VARCHAR(40) UNIQUE, name VARCHAR(80), email VARCHAR(80), password VARCHAR(80));
      CREATE TABLE members (id INTEGER PRIMARY KEY, login VARCHAR(40) UNIQUE, name VARCHAR(80), email VARCHAR(80), secret VARCHAR(80));
      INSERT INTO members VALUES (1, ${insert.slice(1, -1)}, 'x');`
    const reader = new URL(url)
    reader.username = `little_${reader.pathname.slice(1)}`
    reader.password = 'p%40ss'
    const account =
      kind === 'mariadb'
        ? `CREATE USER '${reader.username}'@'%' IDENTIFIED BY 'p@ss';
           GRANT SELECT (id, login, name, email) ON members TO '${reader.username}'@'%'`
        : `CREATE ROLE ${reader.username} LOGIN PASSWORD 'p@ss'; GRANT SELECT (id, login, name, email) ON members TO ${reader.username}`
    await runSql(url, tables, account)
    const { code, data, text } = await ran(reader.href)
    expect(data('people.yaml')).toMatchObject({ from: 'members', key: 'id', attributes: { mail: 'email' } })
    expect(text('people.yaml')).not.toContain('secret')
    expect(text('secrets/database')).toBe('p@ss')
    expect(text('gateway.yaml')).not.toMatch(/p@ss|p%40ss/)
    expect(code).toBe(0)
  })

  test('is told where it may read nothing', async () => {
    const url = await postgresDatabase()
    const reader = new URL(url)
    reader.username = `nothing_${reader.pathname.slice(1)}`
    reader.password = 'password'
    await runSql(
      url,
      `CREATE TABLE users (id INTEGER PRIMARY KEY, login TEXT); CREATE ROLE ${reader.username} LOGIN PASSWORD 'password'`,
    )
    const { code, complained } = await ran(reader.href)
    expect(complained).toMatch(/none of 0 tables looks like one of people; 1 may not be read by this account/)
    expect(code).toBe(3)
  })
})
