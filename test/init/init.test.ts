/** A database of which only the URL is known becomes a gateway: its files, what is told of them, and what is refused. */
import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { failureText } from '../../src/cli/failure.js'
import { serveFile } from '../mappings/served.js'
import { mariadbDatabase, postgresDatabase } from '../servers/shared.js'
import { cleanUp, ran, scratch, sqliteOf } from './running.js'
import { HASH } from './schemas.js'

afterAll(cleanUp)

const staff = `
  CREATE TABLE staff (id INTEGER PRIMARY KEY, login TEXT NOT NULL UNIQUE, first_name TEXT, last_name TEXT, email TEXT,
    password_hash TEXT, active BOOLEAN NOT NULL);
  CREATE TABLE teams (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
  CREATE TABLE staff_teams (staff_id INTEGER REFERENCES staff (id), team_id INTEGER REFERENCES teams (id),
    PRIMARY KEY (staff_id, team_id));
  INSERT INTO staff VALUES (1, 'ada', 'Ada', 'Lovelace', 'ada@example.org', '${HASH}', 1),
    (2, 'emmy', 'Emmy', 'Noether', 'emmy@example.org', '${HASH}', 0);
  INSERT INTO teams VALUES (1, 'Analysts');
  INSERT INTO staff_teams VALUES (1, 1), (2, 1);`

describe('a database that nobody knows', () => {
  test('is served by the files that are written, and proved with an entry', async () => {
    const { code, printed, out } = await ran(sqliteOf(staff))
    expect(printed).toMatch(/^people:\n {2}from: staff: its name says so; /m)
    expect(printed).toMatch(/^ {2}mail: staff\.email: its name says so; 2 of 2 samples look like addresses$/m)
    expect(printed).toMatch(/^dn: uid=ada,ou=people,dc=example,dc=com$[\s\S]*^mail: ada@example\.org$/m)
    expect(printed).toMatch(/^dn: cn=Analysts,ou=groups,dc=example,dc=com$/m)
    expect(code).toBe(0)
    expect(printed).not.toContain(HASH)
    const served = await serveFile(join(out, 'gateway.yaml'), { listen: { http: '127.0.0.1:0' } })
    try {
      expect(await served.accepts('uid=ada,ou=people,dc=example,dc=com', 'correct horse')).toBe(true)
      expect(await served.accepts('uid=ada,ou=people,dc=example,dc=com', 'wrong')).toBe(false)
      expect(await served.accepts('uid=emmy,ou=people,dc=example,dc=com', 'correct horse')).toBe(false)
    } finally {
      await served.close()
    }
  })

  test('keeps its secrets in files for their owner alone', async () => {
    const { text, out } = await ran(sqliteOf(staff))
    for (const name of ['reader', 'token']) {
      expect(statSync(join(out, 'secrets', name)).mode & 0o777).toBe(0o600)
      expect(text(`secrets/${name}`)).toMatch(/^[\w-]{24}$/)
      expect(text('gateway.yaml')).not.toContain(text(`secrets/${name}`))
    }
    expect(statSync(join(out, 'secrets')).mode & 0o777).toBe(0o700)
  })
})

describe('what is refused', () => {
  test('a folder that holds a file of the same name, unless forced', async () => {
    const url = sqliteOf(staff)
    const out = scratch()
    writeFileSync(join(out, 'people.yaml'), 'mine')
    await expect(ran(url, { out })).rejects.toThrow(/people\.yaml.*is there already\. .*--force/)
    expect((await ran(url, { out, force: true })).code).toBe(0)
  })

  test('what is no URL, with the exit code of wrong usage', async () => {
    const { code, complained } = await ran('users.db')
    expect(complained).toMatch(/the URL is none of a database or directory\n {4}Start it with mysql:\/\//)
    expect(code).toBe(2)
    const unescaped = await ran('mysql://reader:p/ss@db.example.com/hr')
    expect(unescaped.complained).toMatch(/is not a valid URL\n {4}Percent-encode special characters/)
  })

  test.each([
    ['MariaDB', mariadbDatabase],
    ['PostgreSQL', postgresDatabase],
  ] as const)('what %s does not let in, with what to do about it', async (_name, create) => {
    const right = new URL(await create())
    const told = async (change: Partial<URL>) => {
      const error = await ran(Object.assign(new URL(right), change).href).catch((reason) => reason)
      return failureText(error)
    }
    expect(await told({ password: 'wrong' })).toMatch(/\n {4}See that user name and password .* @ is %40/)
    expect(await told({ pathname: '/elsewhere' })).toMatch(
      /\n {4}See that the database at the end of the URL/,
    )
    expect(await told({ port: '1' })).toMatch(/ECONNREFUSED.*\n {4}Nothing listens there/)
    expect(await told({ hostname: 'nowhere.invalid' })).toMatch(/\n {4}No machine has that name/)
  })

  test('to somebody who has no command of its own, the next steps say how to run it', async () => {
    const url = sqliteOf(staff)
    try {
      vi.stubEnv('npm_command', undefined)
      expect((await ran(url)).printed).toMatch(/^ {2}vitrine serve --config /m)
      vi.stubEnv('npm_command', 'exec')
      expect((await ran(url)).printed).toMatch(/^ {2}npx vitrine serve --config /m)
    } finally {
      vi.unstubAllEnvs()
    }
  })

  test('a database without people, with an exit code of its own', async () => {
    const { code, complained } = await ran(
      sqliteOf('CREATE TABLE orders (id INTEGER PRIMARY KEY, total REAL)'),
    )
    expect(complained).toMatch(/none of 1 tables looks like one of people\n {4}Name the table with --people/)
    expect(code).toBe(3)
  })
})
