/** Applications with a worked mapping are recognised by their tables, and that mapping is put in with their URL. */
import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { mappingFile, mappingText, readerAccount, runSql } from '../mappings/databases.js'
import { mariadbDatabase, postgresDatabase } from '../servers/shared.js'
import { cleanUp, ran, sqliteOf } from './running.js'

afterAll(cleanUp)

const cases = [
  ['django', 'sqlite', 'Django', 'auth_user'],
  ['django', 'mariadb', 'Django', 'auth_user'],
  ['django', 'postgresql', 'Django', 'auth_user'],
  ['wordpress', 'mariadb', 'WordPress', 'wp_users'],
  ['posix', 'mariadb', 'accounts as in /etc/passwd', 'accounts'],
  ['posix', 'postgresql', 'accounts as in /etc/passwd', 'accounts'],
] as const

async function databaseOf(folder: string, kind: string): Promise<string> {
  const url =
    kind === 'sqlite' ? sqliteOf() : await (kind === 'mariadb' ? mariadbDatabase() : postgresDatabase())
  await runSql(url, mappingText(`${folder}/schema.${kind}.sql`), mappingText(`${folder}/sample.sql`))
  return url
}

describe('an application with a worked mapping', () => {
  test.each(cases)('%s on %s is recognised as %s', async (folder, kind, title, table) => {
    const { code, printed, text, data } = await ran(await databaseOf(folder, kind))
    expect(printed).toContain(`recognised: ${title}; its worked mapping is used`)
    expect(printed).toMatch(/^dn: \w+=[^,]+,ou=people,dc=example,dc=com$/m)
    expect(code).toBe(0)
    const [view = ''] = data('gateway.yaml').views as string[]
    expect(text(view)).toBe(readFileSync(mappingFile(`${folder}/${view}`), 'utf8'))
    expect(data(view).from).toBe(table)
    expect(text('gateway.yaml')).not.toMatch(/DB_URL|BIND_PASSWORD|dc=org/)
  })

  test('is recognised by the account that its page describes, whose password stands in a file of its own', async () => {
    const url = await readerAccount(
      await databaseOf('django', 'postgresql'),
      mappingText('django/README.md'),
      'mysite',
    )
    const { code, data, text } = await ran(url)
    expect(code).toBe(0)
    expect(data('gateway.yaml').sources).toEqual({
      django: {
        type: 'sql',
        url: url.replace(':password@', '@'),
        password: '$' + '{file:secrets/database}',
      },
    })
    expect(text('secrets/database')).toBe('password')
  })

  test('is WordPress under whatever prefix', async () => {
    const url = await mariadbDatabase()
    const named = (file: string) => mappingText(`wordpress/${file}`).replaceAll('wp_', 'site7_')
    await runSql(url, named('schema.mariadb.sql'), named('sample.sql'))
    const { printed, data } = await ran(url)
    expect(printed).toContain('recognised: WordPress')
    expect(data('people.yaml').from).toBe('site7_users')
  })

  test('is left alone where another table is asked for, or a column is missing', async () => {
    const url = await databaseOf('django', 'sqlite')
    expect((await ran(url, { people: 'auth_user' })).printed).toMatch(/^ {2}from: auth_user: /m)
    await runSql(url, 'ALTER TABLE auth_user DROP COLUMN date_joined')
    expect((await ran(url)).printed).toMatch(/^ {2}from: auth_user: /m)
  })
})
