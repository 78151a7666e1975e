/**
 * One world in SQL behind the gateway and in slapd: result codes, matched DNs, entries and values of a wide table of
 * requests must be the same. Where they differ on purpose, `docs/differences.md` says so, and why.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LdapClient, LdapError, type LdapRequest, parseDn } from '../../src/ldap/index.js'
import { blackboxConfig, blackboxLdif, blackboxSql, definitions, personDn } from '../data/blackbox.js'
import { suffix } from '../data/gateway.js'
import { type Slapd, startSlapd } from '../servers/slapd.js'
import { Wire } from '../unit/ldap/wire.js'
import {
  type CompareCheck,
  compareChecks,
  exchanges,
  meantFilters,
  meantNames,
  type SearchCheck,
  searchChecks,
} from './blackbox-checks.js'
import {
  codeOf,
  type Database,
  databases,
  find,
  outcome,
  read,
  runSql,
  type Serving,
  serve,
} from './serving.js'

const references = new Set([
  'manager',
  'member',
  'memberof',
  'entrydn',
  'subschemasubentry',
  'namingcontexts',
])
/** What slapd maintains and the gateway does not show. */
const theirs = new Set(['entrycsn', 'creatorsname', 'modifiersname'])
const containers = new Set([suffix, `ou=people,${suffix}`, `ou=groups,${suffix}`, `ou=empty,${suffix}`])

/** Is there no point in comparing it? */
function isIncomparable(dn: string, type: string, { attributes = [] }: SearchCheck['options']): boolean {
  const lower = type.toLowerCase()
  if (theirs.has(lower)) return true
  // Nobody knows when containers came to be.
  if (containers.has(dn) && /^(?:create|modify)timestamp$/.test(lower)) return true
  // Shown as what it is in tables; to slapd it is operational.
  if (lower === 'memberof') return !attributes.some((wanted) => wanted.toLowerCase() === lower)
  // That slapd is OpenLDAP.
  return dn === '' && lower === 'structuralobjectclass'
}

function plainText(dn: string, type: string, value: Buffer): string {
  const lower = type.toLowerCase()
  if (references.has(lower)) return plainDn(String(value))
  return containers.has(dn) && lower === 'entryuuid' ? 'a UUID' : value.toString('latin1')
}

let slapd: Slapd
let oracle: LdapClient

beforeAll(async () => {
  slapd = await startSlapd({
    suffix,
    ldif: blackboxLdif(),
    strict: true,
    modules: ['memberof'],
    globals: definitions(),
  })
  oracle = await LdapClient.connect({ host: slapd.host, port: slapd.port })
})

afterAll(async () => {
  oracle?.close()
  await slapd?.stop()
})

/** A DN in the one form that all its spellings share. */
function plainDn(dn: string): string {
  if (dn === '') return ''
  const rdns = parseDn(dn).map((rdn) => rdn.map(({ type, value }) => [type.toLowerCase(), String(value)]))
  return JSON.stringify(rdns).toLowerCase()
}

type Answer = readonly [code: number, matchedDN: string, entries: object]

async function search(client: LdapClient, { base, options }: SearchCheck): Promise<Answer> {
  const { entries, done } = await client.searchAnswer(base, options)
  const shown = entries.map(({ dn, attributes }): [string, object] => [
    plainDn(dn),
    Object.fromEntries(
      attributes
        .filter(({ type }) => !isIncomparable(dn, type, options))
        .map(({ type, values }) => [
          type,
          values
            .map((value) => plainText(dn, type, value))
            .filter((text) => text !== 'OpenLDAProotDSE')
            .sort(),
        ])
        .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
    ),
  ])
  const isLimited = (options.sizeLimit ?? 0) > 0
  return [
    done.code,
    plainDn(done.matchedDN),
    isLimited ? { count: entries.length } : Object.fromEntries(shown.sort(([a], [b]) => (a < b ? -1 : 1))),
  ]
}

async function compare(client: LdapClient, { dn, attribute, value }: CompareCheck): Promise<Answer> {
  try {
    return [(await client.compare(dn, attribute, value)) ? 6 : 5, '', {}]
  } catch (error) {
    if (!(error instanceof LdapError)) throw error
    return [error.code, plainDn(error.matchedDN), {}]
  }
}

/** What comes back to requests on a connection of their own. */
async function exchange(port: number, requests: readonly LdapRequest[]): Promise<readonly unknown[]> {
  const wire = await Wire.connect(port)
  try {
    let expected = 0
    for (const [i, request] of requests.entries()) {
      wire.send({ ...request, messageId: i + 1 })
      if (request.op !== 'abandonRequest') expected++
      while (wire.received.filter(({ op }) => op !== 'searchResultEntry').length < expected)
        await wire.messages(wire.received.length + 1)
    }
  } catch {
    // The server has ended it.
  } finally {
    wire.destroy()
  }
  return wire.received.map((message) => [
    message.messageId,
    message.op,
    'code' in message ? message.code : message.op,
    'matchedDN' in message ? plainDn(message.matchedDN) : '',
    message.op === 'extendedResponse' ? message.value?.toString() : '',
  ])
}

describe.each(databases)('%s and slapd', (name, create) => {
  let database: Database
  let serving: Serving
  let client: LdapClient

  beforeAll(async () => {
    database = await create()
    await runSql(database.url, blackboxSql(name === 'MariaDB'))
    serving = await serve(blackboxConfig(database.url))
    client = await serving.connect()
  })

  afterAll(async () => {
    await serving?.close()
    await database?.remove()
  })

  const differences = async <C>(
    checks: readonly C[],
    ask: (client: LdapClient, check: C) => Promise<Answer>,
  ) => {
    const found: object[] = []
    for (const check of checks) {
      const [theirs, ours] = await Promise.all([ask(oracle, check), ask(client, check)])
      if (JSON.stringify(theirs) !== JSON.stringify(ours)) found.push({ check, theirs, ours })
    }
    return found
  }

  it.each(Object.entries(searchChecks))('find the same %s', async (_about, checks) => {
    expect(await differences(checks, search)).toEqual([])
  })

  it('compare alike', async () => {
    expect(await differences(compareChecks, compare)).toEqual([])
  })

  it.each(Object.entries(exchanges))('answer alike to %s', async (_about, requests) => {
    expect(await exchange(serving.port, requests)).toEqual(await exchange(slapd.port, requests))
  })

  describe('differ on purpose', () => {
    const alice = personDn('alice')

    it.each(meantFilters)('in whom %s finds', async (filter, count) => {
      const [theirs, ours] = await Promise.all(
        [oracle, client].map(async (one) => (await find(one, suffix, filter)).length),
      )
      expect(ours).toBe(count)
      expect(theirs).not.toBe(count)
    })

    it.each(meantNames)('in taking %s for a name', async (dn) => {
      expect((await outcome(client, dn, { scope: 'baseObject' })).dns).toHaveLength(1)
      expect((await outcome(oracle, dn, { scope: 'baseObject' })).code).toBe(34)
    })

    it.each([
      ['entryDN', alice, true],
      ['entryDN', personDn('bob'), false],
      ['subschemaSubentry', 'cn=Subschema', true],
      ['subschemaSubentry', 'cn=other', false],
    ] as const)('in comparing %s with %s', async (attribute, value, expected) => {
      expect(await client.compare(alice, attribute, value)).toBe(expected)
      expect(await codeOf(oracle.compare(alice, attribute, value))).toBe(53)
    })

    it('in counting what is below containers', async () => {
      const counted = async (dn: string) => (await read(client, dn, ['numSubordinates']))?.numSubordinates
      expect(await counted(suffix)).toEqual(['3'])
      expect(await counted(`ou=people,${suffix}`)).toEqual(['8'])
      expect(await counted(`ou=empty,${suffix}`)).toEqual(['0'])
      expect(await counted(alice)).toEqual(['0'])
      expect(await find(client, suffix, '(numSubordinates>=4)')).toHaveLength(2)
      expect(await find(client, suffix, '(numSubordinates=0)')).toHaveLength(13)
      expect(await client.compare(`ou=groups,${suffix}`, 'numSubordinates', '4')).toBe(true)
      expect(await read(client, `ou=people,${suffix}`, ['+'])).not.toHaveProperty('numSubordinates')
    })

    it('in what is shown of bytes that are asked for as such', async () => {
      const attributes = ['jpegPhoto;binary']
      expect(await read(client, alice, attributes)).toHaveProperty('jpegPhoto')
      expect(await read(oracle, alice, attributes)).toEqual({})
    })
  })
})
