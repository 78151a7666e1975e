/** The published schema as python-ldap and ldap3 read it: whole, and kept by every entry that is shown. */
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { blackboxConfig, blackboxSql } from '../data/blackbox.js'
import { suffix } from '../data/gateway.js'
import { sqliteDatabase } from '../mappings/databases.js'
import { pythonScript } from './client-programs.js'
import { runSql, type Serving, serve } from './serving.js'

const script = fileURLToPath(new URL('./python/schema.py', import.meta.url))

describe('clients that go by the schema', () => {
  const database = sqliteDatabase()
  let serving: Serving
  let said: Readonly<Record<string, unknown>>

  beforeAll(async () => {
    await runSql(database.url, blackboxSql(false))
    serving = await serve(blackboxConfig(database.url))
    const run = await pythonScript(script, serving.url, suffix)
    expect(run).toMatchObject({ code: 0, stderr: '' })
    said = JSON.parse(run.stdout)
  })

  afterAll(async () => {
    await serving?.close()
    await database.remove()
  })

  it('find every entry to be as its classes say', () => {
    expect(said).toMatchObject({ entries: 16, problems: [] })
  })

  it('are told since when the schema is as it is', () => {
    expect(said.times).toEqual({
      createTimestamp: expect.stringMatching(/^\d{14}(?:\.\d+)?Z$/),
      modifyTimestamp: expect.stringMatching(/^\d{14}(?:\.\d+)?Z$/),
    })
  })

  it('check names and type values by it', () => {
    expect(said).toMatchObject({
      contexts: [suffix],
      typed: [7, true, '2020-01-15T00:00:00+00:00', '00000001-0000-4000-8000-000000000010'],
      definition: [true, false, false],
      read: ['alice', 'bob'],
      refused: 'LDAPAttributeError',
    })
  })
})
