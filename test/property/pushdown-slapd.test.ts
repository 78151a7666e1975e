/**
 * As `pushdown.test.ts`, of a directory behind the gateway: what a server is asked and what is decided on its entries
 * select together exactly what the filter means. Random entries of a real OpenLDAP, random mappings, random filters.
 */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { filterText } from '../../src/directory/explain.js'
import { LdapClient } from '../../src/ldap/index.js'
import { mappingSchema } from '../../src/mapping/schema.js'
import { createLdapSource } from '../../src/sources/ldap/source.js'
import type { Source } from '../../src/sources/source.js'
import { type Slapd, startSlapd } from '../servers/slapd.js'
import { ctx, directoryOf, parametersOf, runsOf } from './directories.js'
import { filterOf } from './pushdown-filters.js'
import { intents } from './pushdown-intents.js'
import { isMeant } from './pushdown-meaning.js'

const suffix = 'dc=corp'
const runs = runsOf(1 / 3)

const texts = fc.constantFrom(
  'foo',
  'FOO',
  'foo bar',
  'foo  bar',
  'é',
  'É',
  'E',
  'Straße',
  'a*b',
  '(x)',
  'b\\c',
  'on leave',
  '#1',
)
const ascii = fc.constantFrom('foo', 'FOO', 'Foo@bar', 'x')
const numbers = fc.constantFrom('0', '1', '2', '6', '42', '-1', '2147483647')
const phones = fc.constantFrom('+1 555 0100', '+1-555-0100', '15550100')
const some = <T>(values: fc.Arbitrary<T>) =>
  fc.uniqueArray(values, {
    maxLength: 2,
    selector: (v) => String(v).toLowerCase().replace(/ +/g, ' ').replace(/[-]/g, '').replace(/ /g, ''),
  })
const one = <T>(values: fc.Arbitrary<T>) => fc.array(values, { maxLength: 1 })

const MOST = 6
const person = (at: number) => `uid=u${at},ou=people,${suffix}`
const group = (at: number) => `cn=g${at},ou=groups,${suffix}`
const people = fc.nat(MOST + 1).map(person)
const groups = fc.nat(3).map(group)

const personAttributes = fc.record({
  uid: fc.uniqueArray(
    fc.nat(MOST).map((at) => `u${at}`),
    { maxLength: 1 },
  ),
  cn: some(texts),
  sn: some(texts),
  givenName: some(texts),
  description: some(texts),
  displayName: one(texts),
  employeeType: some(texts),
  title: some(texts),
  labeledURI: some(texts),
  mail: some(ascii),
  memberUid: some(ascii),
  homeDirectory: one(ascii),
  telephoneNumber: some(phones),
  uidNumber: one(numbers),
  gidNumber: one(numbers),
  manager: some(people),
  seeAlso: some(people),
  jpegPhoto: some(fc.constantFrom(Buffer.from([1, 2]), Buffer.from('foo'))),
})

const world = fc.record({
  people: fc.array(personAttributes, { maxLength: MOST }),
  groups: fc.array(
    fc.record({
      description: some(texts),
      member: fc.uniqueArray(fc.oneof(people, groups), { maxLength: 4 }),
    }),
    { maxLength: 4 },
  ),
})

const attributes = fc.record(
  {
    cn: fc.constantFrom<unknown>('cn', '{givenName} {sn}', 'displayName', { column: 'cn', case: 'lower' }, [
      'cn',
      'sn',
    ]),
    description: fc.constantFrom<unknown>(
      'description',
      { column: 'employeeType', map: { foo: 'staff', é: 'é x' } },
      'labeledURI',
    ),
    title: fc.constantFrom<unknown>('title', 'homeDirectory', { constant: 'foo' }, 'telephoneNumber'),
    labeledURI: fc.constantFrom('labeledURI', 'displayName', 'memberUid'),
    memberUid: fc.constantFrom('memberUid', 'mail'),
    mail: fc.constantFrom('mail', 'memberUid'),
    homeDirectory: fc.constantFrom('homeDirectory', 'cn'),
    telephoneNumber: fc.constantFrom('telephoneNumber', 'description'),
    uidNumber: fc.constantFrom<unknown>('uidNumber', 'gidNumber'),
    xFlag: fc.constantFrom<unknown>(
      { column: 'gidNumber', bit: 2, syntax: 'boolean' },
      { column: 'uidNumber', bit: 2, is: 'clear', syntax: 'boolean' },
      { column: 'employeeType', equals: 'foo', syntax: 'boolean' },
      { column: 'uidNumber', equals: [1, 2], syntax: 'boolean' },
    ),
    jpegPhoto: fc.constant('jpegPhoto'),
    seeAlso: fc.constantFrom<unknown>('seeAlso', { column: 'seeAlso', suffix: { 'dc=corp': 'dc=example' } }),
    manager: fc.constant({ ref: 'people', column: 'manager' }),
    secretary: fc.constant({ ref: 'people', by: 'manager' }),
    memberOf: fc.constant({ ref: 'groups', by: 'member' }),
  },
  { requiredKeys: ['manager'] },
)

const mappings = fc
  .record({
    attributes,
    place: fc.constantFrom(
      `ou=people,${suffix}`,
      `${suffix}??sub?(uid=*)`,
      `ou=people,${suffix}??one?(!(title=foo))`,
    ),
    where: fc.option(
      fc.constantFrom<unknown>({ employeeType: 'foo' }, { gidNumber: { not: [1, 42] } }, { mail: null }),
      {
        nil: undefined,
        freq: 1,
      },
    ),
    uuid: fc.constantFrom(undefined, 'entryUUID'),
  })
  .map(({ attributes: given, place, where, uuid }) => [
    mappingSchema.parse({
      view: 'people',
      source: 'corp',
      from: place,
      ...(uuid !== undefined && { uuid }),
      ...(where !== undefined && { where }),
      attributes: { uid: 'uid', ...given },
      ldap: { base: 'ou=people', rdn: 'uid', objectClass: ['inetOrgPerson'] },
      scim: { resource: 'User' },
    }),
    mappingSchema.parse({
      view: 'groups',
      source: 'corp',
      from: `ou=groups,${suffix}`,
      where: { objectClass: 'groupOfNames' },
      attributes: {
        cn: 'cn',
        description: 'description',
        member: [
          { ref: 'people', column: 'member' },
          { ref: 'groups', column: 'member' },
        ],
        memberOf: { ref: 'groups', by: 'member' },
      },
      ldap: { base: 'ou=groups', rdn: 'cn', objectClass: ['groupOfNames'] },
    }),
  ])

describe('a directory behind the gateway', () => {
  let slapd: Slapd
  let client: LdapClient
  let source: Source

  beforeAll(async () => {
    slapd = await startSlapd({ suffix, ldif: `dn: ${suffix}\nobjectClass: domain\ndc: corp\n` })
    const { hostname: host, port } = new URL(slapd.url)
    client = await LdapClient.connect({ host, port: Number(port) })
    await client.bind(slapd.rootDn, slapd.rootPassword)
    source = createLdapSource(optionsFor(slapd))
  })
  afterAll(async () => {
    await source?.close()
    client?.close()
    await slapd?.stop()
  })

  const fill = async ({
    people: persons,
    groups: groupings,
  }: typeof world extends fc.Arbitrary<infer W> ? W : never) => {
    const { entries } = await client.searchAll(suffix, { scope: 'subordinateSubtree', attributes: ['1.1'] })
    for (const { dn } of entries.sort((a, b) => b.dn.length - a.dn.length)) await client.delete(dn)
    const add = (dn: string, given: Readonly<Record<string, readonly (string | Buffer)[]>>) =>
      client.add(
        dn,
        Object.entries(given).flatMap(([type, values]) => (values.length === 0 ? [] : [{ type, values }])),
      )
    for (const ou of ['people', 'groups'])
      await add(`ou=${ou},${suffix}`, { objectClass: ['organizationalUnit'], ou: [ou] })
    for (const [at, { uid, cn, sn, ...more }] of persons.entries()) {
      await add(person(at), {
        objectClass: ['account', 'extensibleObject'],
        ...more,
        cn,
        sn,
        uid: [...uid.filter((value) => value !== `u${at}`), `u${at}`],
      })
    }
    for (const [at, { member, description }] of groupings.entries()) {
      await add(group(at), {
        objectClass: ['groupOfNames'],
        cn: [`g${at}`],
        description,
        member: member.length === 0 ? [group(at)] : member,
      })
    }
  }

  it(`selects and counts what filters mean, in ${runs} random directories`, {
    timeout: 1_800_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(
        world,
        mappings,
        fc.array(intents, { minLength: 1, maxLength: 8 }),
        async (filled, specs, wanted) => {
          await fill(filled)
          const { core, all } = await directoryOf(specs, source)
          const everything = [...all.values()].flat()
          for (const intent of wanted) {
            for (const view of core.views.values()) {
              const filter = filterOf(intent, view, everything, core.schema)
              const meant = (all.get(view.name) ?? [])
                .filter((e) => isMeant(filter, e, everything, core.matchingOf))
                .map((e) => e.id)
              const found: string[] = []
              const asked = { view: view.name, filter, attributes: new Set<string>() }
              for await (const batch of core.search(asked, ctx())) found.push(...batch.map((e) => e.id))
              expect(found, `${view.name} ${filterText(filter)}`).toEqual(meant)
              expect(await core.count(asked, ctx()), `number of ${filterText(filter)}`).toBe(meant.length)
            }
          }
        },
      ),
      parametersOf(runs),
    )
  })
})

function optionsFor({ url, rootDn, rootPassword }: Slapd) {
  const { hostname, port } = new URL(url)
  return {
    servers: [{ host: hostname, port: Number(port), security: 'none' as const, priority: 0, weight: 1 }],
    tls: { minVersion: 'TLSv1.2' as const, verify: true },
    bind: { mechanism: 'simple' as const, dn: rootDn, password: rootPassword },
    identity: 'service' as const,
    referrals: 'report' as const,
    referralServers: [],
    pageSize: 500,
    connections: 2,
    streams: 4,
    binds: 2,
    sessions: 2,
    connectTimeout: 5000,
    operationTimeout: 10_000,
    healthInterval: 30_000,
    idleTimeout: 60_000,
  }
}
