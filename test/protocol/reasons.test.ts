/** What keeps a gateway from starting is told at once, wherever it stands: in the files, and in what sources say of the rest. */
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { serveGateway } from '../fault/running.js'
import { runSql, sqliteDatabase } from '../mappings/databases.js'

const database = sqliteDatabase()
const folder = mkdtempSync(join(tmpdir(), 'vitrine-reasons-'))

beforeAll(() =>
  runSql(database.url, 'CREATE TABLE users (id INTEGER PRIMARY KEY, login TEXT NOT NULL UNIQUE)'),
)
afterAll(async () => {
  await database.remove()
  rmSync(folder, { recursive: true })
})

const mapping = (view: string, attributes: object, more: object = {}) => ({
  view,
  source: 'hr',
  from: 'users',
  key: 'id',
  attributes: { uid: 'login', ...attributes },
  ldap: { base: `ou=${view}`, rdn: 'uid', objectClass: ['account'] },
  ...more,
})

/** The reasons why a gateway of these mappings does not start, each a line. */
async function reasons(views: Record<string, object>, more: object = {}): Promise<readonly string[]> {
  const files = Object.entries(views).map(([name, view]) => {
    const file = join(folder, `${name}.yaml`)
    writeFileSync(file, JSON.stringify(view))
    return file
  })
  const config = {
    suffix: 'dc=example,dc=com',
    listen: { ldap: 0 },
    sources: { hr: { type: 'sql', url: database.url } },
    views: files,
    ...more,
  }
  const told = await serveGateway(JSON.stringify(config)).then(
    async (gateway) => {
      await gateway.close()
      return ''
    },
    (error: Error) => error.message,
  )
  return told.split('\n').filter((line) => /^\S+\.yaml/.test(line))
}

it('of several files, with what the source has against those that can be read', async () => {
  const told = await reasons(
    {
      wrong: { ...mapping('wrong', {}), colour: 'green' },
      people: mapping('people', { cn: 'no_such_column' }),
      staff: mapping('staff', {}, { from: 'no_such_table' }),
      fine: mapping('fine', {}),
    },
    { limits: { size: -1 } },
  )
  expect(told).toEqual([
    expect.stringMatching(/gateway\.yaml:1:\d+ {2}limits\.size: /),
    expect.stringMatching(/wrong\.yaml:1:\d+ {2}colour: unknown key/),
    expect.stringMatching(/staff\.yaml:1:\d+ {2}from.*no_such_table/),
    expect.stringMatching(/people\.yaml:1:\d+ {2}attributes\.cn.*no_such_column/),
  ])
})

it('nothing is told that is only so because something else cannot be read', async () => {
  const told = await reasons(
    {
      wrong: { ...mapping('wrong', {}), colour: 'green' },
      people: mapping('people', { manager: { column: 'id', ref: 'wrong' } }),
      elsewhere: mapping('elsewhere', {}, { source: 'away' }),
    },
    {
      sources: { hr: { type: 'sql', url: database.url }, away: { type: 'sql', url: 'oracle://none' } },
      access: [{ who: 'anonymous', views: ['wrong', 'people'] }],
    },
  )
  expect(told).toEqual([
    expect.stringMatching(/gateway\.yaml:1:\d+ {2}sources\.away\.url: /),
    expect.stringMatching(/wrong\.yaml:1:\d+ {2}colour: unknown key/),
  ])
})

it('a source that does not answer holds up nothing', async () => {
  const silent = createServer(() => undefined).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const { port } = silent.address() as AddressInfo
  const begun = performance.now()
  const told = await reasons(
    { people: mapping('people', {}) },
    {
      limits: { size: -1 },
      sources: { hr: { type: 'sql', url: `postgres://vitrine@127.0.0.1:${port}/hr`, connectTimeout: '1m' } },
    },
  )
  expect(told).toEqual([expect.stringMatching(/limits\.size: /)])
  expect(performance.now() - begun).toBeLessThan(12_000)
  silent.close()
})
