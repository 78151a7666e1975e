/** python-ldap against the gateway: the script `python/client.py` asks, this file knows the answers. */
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pythonScript } from './client-programs.js'
import { companyConfig, companySql, living, personDn, suffix } from './company.js'
import { type Database, runSql, type Serving, serve, sources } from './serving.js'

const script = fileURLToPath(new URL('./python/client.py', import.meta.url))

describe.each(sources)('python-ldap over %s', (_name, create) => {
  let database: Database
  let serving: Serving
  let said: Readonly<Record<string, unknown>>

  beforeAll(async () => {
    database = await create()
    await runSql(database.url, companySql())
    serving = await serve(companyConfig(database.url))
    const run = await pythonScript(script, serving.url, suffix, personDn('bjensen'), 'hifalutin')
    expect(run).toMatchObject({ code: 0, stderr: '' })
    said = JSON.parse(run.stdout)
  })

  afterAll(async () => {
    await serving?.close()
    await database?.remove()
  })

  it('binds and asks who it is', () => {
    expect(said).toMatchObject({
      anonymous: '',
      wrong: 'INVALID_CREDENTIALS',
      locked: 'INVALID_CREDENTIALS',
      noPassword: 'UNWILLING_TO_PERFORM',
      whoami: `dn:${personDn('bjensen')}`,
    })
  })

  it('searches, with text that is not ASCII', () => {
    expect(said.search).toEqual([
      [personDn('jürgen'), { cn: ['Jürgen Müller'], mail: ['juergen@example.com'] }],
    ])
    expect(said).toMatchObject({
      missing: 'NO_SUCH_OBJECT',
      badName: 'INVALID_DN_SYNTAX',
      badFilter: 'FILTER_ERROR',
    })
  })

  it('pages', () => {
    const logins = living.map((account) => account.login)
    expect(said.pages).toEqual([
      logins.slice(0, 8),
      logins.slice(8, 16),
      logins.slice(16, 24),
      logins.slice(24),
    ])
  })

  it('compares', () => {
    expect(said.compare).toEqual([true, false, 'NO_SUCH_ATTRIBUTE'])
  })

  it('has many operations under way, and abandons one', () => {
    expect(said).toMatchObject({ async: true, first: [true, 1], afterAbandon: `dn:${personDn('bjensen')}` })
  })

  it('reads the schema and finds it whole', () => {
    expect(said.subschemaAt).toBe('cn=Subschema')
    expect(said.schema).toMatchObject({
      mail: [
        '0.9.2342.19200300.100.1.3',
        'caseIgnoreIA5Match',
        'caseIgnoreIA5SubstringsMatch',
        '1.3.6.1.4.1.1466.115.121.1.26',
      ],
      memberOf: true,
      person: ['2.16.840.1.113730.3.2.2', ['organizationalPerson']],
      inherited: 'caseIgnoreMatch',
      allowed: ['cn', 'objectClass', 'sn'],
      unknownSuperiors: [],
      unknownSyntaxes: [],
      unknownRules: [],
      ambiguous: [],
    })
  })
})
