/**
 * What Apache Directory Studio sends when a connection is opened and its tree is browsed: root DSE, schema, naming contexts,
 * children with whether they have children, subentries, aliases, referrals, and whole entries. The gateway and slapd with the
 * same people answer alike.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Control,
  controlType,
  findControl,
  LdapClient,
  LdapError,
  manageDsaITControl,
  pagedResultsControl,
  parsePagedResults,
  type SearchOptions,
  subentriesControl,
} from '../../src/ldap/index.js'
import { type Slapd, startSlapd } from '../servers/slapd.js'
import { type Database, databases, runSql, type Serving, serve } from './serving.js'
import { admin, crewDn, people, personDn, staffConfig, staffLdif, staffSql, suffix } from './staff.js'

const rootDse = [
  ...[
    'monitorContext',
    'namingContexts',
    'subschemaSubentry',
    'supportedLDAPVersion',
    'supportedSASLMechanisms',
  ],
  ...['supportedExtension', 'supportedControl', 'supportedFeatures', 'vendorName', 'vendorVersion', '+', '*'],
]
const schema = [
  ...['objectClasses', 'attributeTypes', 'ldapSyntaxes', 'matchingRules', 'matchingRuleUse'],
  ...['createTimestamp', 'modifyTimestamp'],
]
const children = ['hasSubordinates', 'numSubordinates', 'subordinateCount', 'objectClass']
const critical = (control: Control): Control => ({ ...control, critical: true })

type Asked = readonly [name: string, base: string, options: SearchOptions]

const browsing = (base: string): readonly Asked[] => [
  [
    'children',
    base,
    { scope: 'singleLevel', attributes: children, sizeLimit: 1000, derefAliases: 'derefAlways' },
  ],
  [
    'children with ManageDsaIT',
    base,
    { scope: 'singleLevel', attributes: children, sizeLimit: 1000, controls: [manageDsaITControl(false)] },
  ],
  ['two children', base, { scope: 'singleLevel', attributes: children, sizeLimit: 2 }],
  [
    'subentries',
    base,
    {
      scope: 'singleLevel',
      filter: '(|(objectClass=subentry)(objectClass=ldapSubentry))',
      attributes: children,
      controls: [{ ...subentriesControl(true), critical: false }],
    },
  ],
  [
    'aliases',
    base,
    {
      scope: 'singleLevel',
      filter: '(objectClass=alias)',
      attributes: children,
      derefAliases: 'neverDerefAliases',
    },
  ],
  [
    'referrals',
    base,
    {
      scope: 'singleLevel',
      filter: '(objectClass=referral)',
      attributes: children,
      controls: [critical(manageDsaITControl())],
    },
  ],
  ['the entry', base, { scope: 'baseObject', attributes: ['*'], derefAliases: 'derefAlways' }],
  ['whether it is there', base, { scope: 'baseObject', attributes: ['1.1'], sizeLimit: 1 }],
]

const asked: readonly Asked[] = [
  ...[
    suffix,
    people,
    `ou=crews,${suffix}`,
    personDn('ann'),
    crewDn('red'),
    personDn('nobody'),
    `ou=none,${suffix}`,
  ].flatMap(browsing),
  [
    'a quick search',
    people,
    {
      scope: 'wholeSubtree',
      filter: '(|(uid=a*)(cn=*baker*)(mail=cid@*))',
      attributes: ['*'],
      sizeLimit: 1000,
      timeLimit: 10,
    },
  ],
  [
    'a search that Studio makes of a class',
    suffix,
    { filter: '(&(objectClass=person)(!(title=*)))', attributes: ['objectClass'] },
  ],
]

/** Of an entry, what both servers hold; whether something is below it, they may say in one of two ways. */
function plain({
  dn,
  attributes,
}: {
  dn: string
  attributes: readonly { type: string; values: readonly Buffer[] }[]
}) {
  const shown = attributes.map(({ type, values }) => [type, values.map(String).sort()] as const)
  const byName = new Map(shown)
  return [
    dn,
    ...[...byName].flatMap(([type, values]) => {
      if (['memberOf', 'numSubordinates', 'structuralObjectClass'].includes(type)) return []
      // Containers say what class they are of, slapd what it was given.
      return [`${type}: ${values.filter((value) => type !== 'objectClass' || value !== 'top').join(', ')}`]
    }),
  ].sort()
}

async function ask(client: LdapClient, [, base, options]: Asked) {
  try {
    const { entries, done } = await client.searchAnswer(base, options)
    const isCut = done.code === 4
    return {
      code: done.code,
      matchedDN: done.matchedDN,
      entries: isCut ? entries.length : entries.map(plain).sort(),
    }
  } catch (error) {
    if (error instanceof LdapError) return { code: error.code, matchedDN: error.matchedDN, entries: [] }
    throw error
  }
}

let slapd: Slapd
const expected: unknown[] = []

beforeAll(async () => {
  slapd = await startSlapd({ suffix, ldif: staffLdif(), strict: true })
  const oracle = await LdapClient.connect({ host: slapd.host, port: slapd.port })
  for (const one of asked) expected.push(await ask(oracle, one))
  oracle.close()
})
afterAll(() => slapd?.stop())

describe.each(databases)('Directory Studio on %s', (_name, create) => {
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

  const attributesOf = async (base: string, options: SearchOptions) => {
    const { entries } = await client.searchAll(base, { scope: 'baseObject', ...options })
    return new Map(entries[0]?.attributes.map(({ type, values }) => [type, values.map(String)]))
  }

  it('finds the naming contexts, the schema and what is supported in the root DSE', async () => {
    const found = await attributesOf('', { attributes: rootDse, derefAliases: 'derefAlways' })
    expect(found.get('namingContexts')).toEqual([suffix])
    expect(found.get('supportedLDAPVersion')).toEqual(['3'])
    for (const control of [controlType.pagedResults, controlType.manageDsaIT, controlType.subentries])
      expect(found.get('supportedControl')).toContain(control)
    for (const name of rootDse.slice(1, -2).filter((one) => one !== 'supportedSASLMechanisms'))
      expect(found.get(name), name).not.toHaveLength(0)
    expect(new Set(found.get('supportedControl')).size).toBe(found.get('supportedControl')?.length)
  })

  it('loads the schema, and is told whether it has changed since', async () => {
    const [dn = ''] =
      (await attributesOf('', { attributes: ['subschemaSubentry'] })).get('subschemaSubentry') ?? []
    const filter = '(objectClass=subschema)'
    const whole = await attributesOf(dn, { filter, attributes: schema })
    const times = await attributesOf(dn, { filter, attributes: ['createTimestamp', 'modifyTimestamp'] })
    expect([...times.keys()].sort()).toEqual(['createTimestamp', 'modifyTimestamp'])
    for (const name of times.keys()) expect(times.get(name)).toEqual(whole.get(name))
    const names = new Set([...whole.keys()])
    for (const name of ['objectClasses', 'attributeTypes', 'ldapSyntaxes', 'matchingRules'])
      expect(names).toContain(name)
    const defined = (name: string) =>
      (whole.get(name) ?? []).flatMap((text) =>
        [...text.matchAll(/NAME \(?\s*'([^)]*)'/g)].flatMap(([, all = '']) => all.split(/'\s+'/)),
      )
    const attributes = new Set(defined('attributeTypes').map((one) => one.toLowerCase()))
    const classes = new Set(defined('objectClasses').map((one) => one.toLowerCase()))
    const { entries } = await client.searchAll(suffix, { attributes: ['*', '+'] })
    for (const { attributes: held } of entries) {
      for (const { type, values } of held) {
        expect(attributes).toContain(type.split(';')[0]?.toLowerCase())
        if (type === 'objectClass')
          for (const value of values) expect(classes).toContain(String(value).toLowerCase())
      }
    }
  })

  it.each(asked.map((one, i) => [`${i + 1}. ${one[0]} of ${one[1]}`, one, i] as const))(
    '%s',
    async (_told, one, i) => {
      expect(await ask(client, one)).toEqual(expected[i])
    },
  )

  it('goes through the children page by page, where that is switched on', async () => {
    const found: string[] = []
    let cookie: Buffer = Buffer.alloc(0)
    do {
      const controls = [pagedResultsControl({ size: 2, cookie }, false), manageDsaITControl(false)]
      const { entries, done } = await client.searchAll(people, {
        scope: 'singleLevel',
        attributes: children,
        controls,
      })
      found.push(...entries.map(({ dn }) => dn))
      const page = findControl(done.controls, controlType.pagedResults)
      cookie = Buffer.from(page === undefined ? '' : parsePagedResults(page).cookie)
    } while (cookie.length > 0)
    expect(found.sort()).toEqual(['ann', 'bob', 'cid', 'dee', 'eve'].map(personDn))
  })
})
