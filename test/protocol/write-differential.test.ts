/**
 * What administrators write over LDAP, to the gateway over each kind of source and to slapd: the same result codes, and the
 * same entries afterwards.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LdapClient, LdapError } from '../../src/ldap/index.js'
import { type Slapd, startSlapd } from '../servers/slapd.js'
import { type Database, databases, runSql, type Serving, serve } from './serving.js'
import { admin, staffConfig, staffLdif, staffSql, suffix } from './staff.js'
import { entrySteps, modifySteps, type Step } from './write-cases.js'

interface Result {
  readonly code: number
  readonly matchedDN: string
  /** The entries that it was about. */
  readonly entries: readonly (Readonly<Record<string, readonly string[]>> | undefined)[]
}

async function resultOf(client: LdapClient, step: Step): Promise<Result> {
  let [code, matchedDN] = [0, '']
  try {
    await step.run(client)
  } catch (error) {
    if (!(error instanceof LdapError)) throw error
    code = error.code
    matchedDN = error.matchedDN
  }
  const entries = []
  for (const dn of step.about) entries.push(await shown(client, dn))
  return { code, matchedDN, entries }
}

async function shown(client: LdapClient, dn: string): Promise<Result['entries'][number]> {
  try {
    const { entries } = await client.searchAll(dn, { scope: 'baseObject', attributes: ['*'] })
    const [entry] = entries
    if (entry === undefined) return undefined
    return Object.fromEntries(
      entry.attributes
        .filter(({ type }) => !['objectClass', 'memberOf', 'userPassword'].includes(type))
        .map(({ type, values }): [string, string[]] => [type, values.map(String).sort()])
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    )
  } catch (error) {
    if (error instanceof LdapError) return undefined
    throw error
  }
}

let slapd: Slapd
const expected = new Map<Step, Result>()
const steps = [...modifySteps, ...entrySteps]

beforeAll(async () => {
  slapd = await startSlapd({ suffix, ldif: staffLdif(), strict: true })
  const oracle = await LdapClient.connect({ host: slapd.host, port: slapd.port })
  await oracle.bind(slapd.rootDn, slapd.rootPassword)
  for (const step of steps) expected.set(step, await resultOf(oracle, step))
  oracle.close()
})

afterAll(() => slapd?.stop())

describe.each(databases)('%s is written as slapd is', (_name, create) => {
  let database: Database
  let serving: Serving
  let client: LdapClient

  beforeAll(async () => {
    database = await create()
    await runSql(database.url, staffSql(database.url))
    serving = await serve(staffConfig(database.url))
    client = await serving.connect(admin.dn, admin.password)
  })

  afterAll(async () => {
    await serving?.close()
    await database?.remove()
  })

  it.each(steps.map((step, i) => [`${i + 1}. ${step.name}`, step] as const))('%s', async (_told, step) => {
    expect(await resultOf(client, step)).toEqual(expected.get(step))
  })
})
