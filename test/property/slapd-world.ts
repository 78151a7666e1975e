/** Random directories: what their people and groups hold, and a real OpenLDAP that is filled with that again and again. */
import fc from 'fast-check'
import { afterAll, beforeAll } from 'vitest'
import { LdapClient } from '../../src/ldap/index.js'
import { createLdapSource } from '../../src/sources/ldap/source.js'
import type { Source } from '../../src/sources/source.js'
import { type Slapd, startSlapd } from '../servers/slapd.js'

export const suffix = 'dc=corp'
export const texts = fc.constantFrom(
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
export const ascii = fc.constantFrom('foo', 'FOO', 'Foo@bar', 'x')
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

/** People `u0` and following, and groups. */
export const companies = fc.record({
  people: fc.array(personAttributes, { maxLength: MOST }),
  groups: fc.array(
    fc.record({
      description: some(texts),
      member: fc.uniqueArray(fc.oneof(people, groups), { maxLength: 4 }),
    }),
    { maxLength: 4 },
  ),
})

export type Company = typeof companies extends fc.Arbitrary<infer W> ? W : never

/** Starts the server for the tests of a `describe`. */
export function slapdOpened() {
  let slapd: Slapd | undefined
  let client: LdapClient | undefined
  let source: Source | undefined

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
  return () => {
    if (slapd === undefined || client === undefined || source === undefined)
      throw new Error('the server is not there')
    const { url, rootDn: bindDn, rootPassword: password } = slapd
    /** Of the same source, as a configuration names it. */
    const options = { type: 'ldap' as const, url, bindDn, password }
    return { client, source, options }
  }
}

/** Nothing else is there afterwards. */
export async function fillSlapd(
  client: LdapClient,
  { people: persons, groups: groupings }: Company,
): Promise<void> {
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
