/** Levels over whatever holds the entries: a database, two that are one view, a directory; searched, sorted, and written. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GatewayInput } from '../../src/index.js'
import {
  findControl,
  type LdapClient,
  listViewRequestControl,
  parseListViewResponse,
  type SearchOptions,
  sortRequestControl,
} from '../../src/ldap/index.js'
import { sqliteDatabase } from '../mappings/databases.js'
import { startSlapd } from '../servers/slapd.js'
import { codeOf, find, outcome, read, runSql, type Serving, serve } from './serving.js'

const suffix = 'dc=example,dc=com'
const people = `ou=people,${suffix}`
const admin = { dn: 'cn=admin', password: 'secret' }

interface Person {
  readonly uid: string
  readonly sn: string
  readonly ou?: string
  readonly l?: string
}

const staff: readonly Person[] = [
  { uid: 'ann', sn: 'Archer', ou: 'Sales', l: 'Oslo' },
  { uid: 'bob', sn: 'Zander', ou: 'Sales', l: 'Oslo' },
  { uid: 'cid', sn: 'Baker', ou: 'Legal', l: 'Oslo' },
  { uid: 'dee', sn: 'Young', l: 'Oslo' },
  { uid: 'eve', sn: 'Cooper', ou: 'Sales', l: 'Rome' },
  { uid: 'fay', sn: 'Xu' },
  { uid: 'gus', sn: 'Dyer', ou: 'Sales', l: 'Rome' },
]
const dnOf = ({ uid, ou, l }: Pick<Person, 'uid' | 'ou' | 'l'>) =>
  [
    `uid=${uid}`,
    ...(l === undefined ? [] : [...(ou === undefined ? [] : [`ou=${ou}`]), `l=${l}`]),
    people,
  ].join(',')

const attributes = {
  uid: 'uid',
  sn: 'sn',
  cn: 'sn',
  ou: 'ou',
  l: 'l',
  userPassword: { column: 'secret', verifyOnly: true, cleartext: true },
}
const objectClass = ['top', 'person', 'organizationalPerson', 'inetOrgPerson']
const ldap = { dn: 'uid={uid},ou={ou},l={l},ou=people', objectClass }
const text = (value: string | undefined) => (value === undefined ? 'null' : `'${value}'`)
const table = (rows: readonly Person[]) =>
  `create table staff (id integer primary key, uid text, sn text, ou text, l text, secret text);
  insert into staff (uid, sn, ou, l, secret) values ${rows
    .map(({ uid, sn, ou, l }) => `('${uid}', '${sn}', ${text(ou)}, ${text(l)}, '${uid}')`)
    .join(', ')};`
const common = {
  suffix,
  listen: { ldap: 0 },
  log: { level: 'silent' as const },
  serviceAccounts: [{ dn: admin.dn, password: `{CLEARTEXT}${admin.password}` }],
  access: [
    {
      who: admin.dn,
      views: '*' as const,
      allow: ['read' as const, 'search' as const, 'compare' as const, 'write' as const],
    },
    { who: 'authenticated', views: '*' as const },
  ],
}

interface Standing {
  readonly config: GatewayInput
  end(): unknown
}

const standings: readonly (readonly [string, () => Promise<Standing>])[] = [
  [
    'a database',
    async () => {
      const database = sqliteDatabase()
      await runSql(database.url, table(staff))
      const view = { view: 'staff', source: 'hr', from: 'staff', key: 'id', attributes, writable: true, ldap }
      const config = {
        ...common,
        sources: { hr: { type: 'sql' as const, url: database.url } },
        views: [view],
      }
      return { config: config as GatewayInput, end: () => database.remove() }
    },
  ],
  [
    'two databases',
    async () => {
      const databases = [sqliteDatabase(), sqliteDatabase()] as const
      await runSql(databases[0].url, table(staff.filter((_, i) => i % 2 === 0)))
      await runSql(databases[1].url, table(staff.filter((_, i) => i % 2 === 1)))
      const member = (view: string, source: string) => ({
        ...{ view, source, from: 'staff', key: 'id', attributes, writable: true },
      })
      const sources = {
        first: { type: 'sql' as const, url: databases[0].url },
        second: { type: 'sql' as const, url: databases[1].url },
      }
      const union = { view: 'all', union: { members: ['one', 'two'], by: 'uid', create: 'two' }, ldap }
      const views = [member('one', 'first'), member('two', 'second'), union]
      return {
        config: { ...common, sources, views } as GatewayInput,
        end: () => databases.forEach((database) => void database.remove()),
      }
    },
  ],
  [
    'a directory',
    async () => {
      const old = 'dc=old,dc=net'
      const entry = ({ uid, sn, ou, l }: Person) =>
        [
          `dn: uid=${uid},${old}`,
          'objectClass: inetOrgPerson',
          ...[`uid: ${uid}`, `sn: ${sn}`, `cn: ${sn}`, `userPassword: ${uid}`],
          ...(ou === undefined ? [] : [`ou: ${ou}`]),
          ...(l === undefined ? [] : [`l: ${l}`]),
        ].join('\n')
      const top = `dn: ${old}\nobjectClass: domain\ndc: old`
      const slapd = await startSlapd({
        suffix: old,
        ldif: `${[top, ...staff.map(entry)].join('\n\n')}\n`,
        strict: true,
      })
      const source = { type: 'ldap', url: slapd.url, bindDn: slapd.rootDn, password: slapd.rootPassword }
      const view = {
        ...{
          view: 'staff',
          source: 'old',
          from: `${old}??one?(objectClass=inetOrgPerson)`,
          writable: true,
          ldap,
        },
        attributes: {
          ...{ uid: 'uid', sn: 'sn', cn: 'cn' },
          ou: { column: 'ou', single: true },
          l: { column: 'l', single: true },
          userPassword: { column: 'userPassword', verifyOnly: true },
        },
        authentication: 'source',
        create: { dn: `uid={uid},${old}`, objectClass },
      }
      return {
        config: { ...common, sources: { old: source }, views: [view] } as unknown as GatewayInput,
        end: () => slapd.stop(),
      }
    },
  ],
]

describe.each(standings)('levels over %s', (_name, stand) => {
  let standing: Standing
  let serving: Serving
  let client: LdapClient

  beforeAll(async () => {
    standing = await stand()
    serving = await serve(standing.config)
    client = await serving.connect(admin.dn, admin.password)
  })
  afterAll(async () => {
    await serving?.close()
    await standing?.end()
  })

  const within = async (base: string, scope: SearchOptions['scope'], filter = '(objectClass=*)') =>
    [...(await outcome(client, base, { ...(scope && { scope }), filter })).dns].sort()
  const oslo = `l=Oslo,${people}`
  const rome = `l=Rome,${people}`
  const osloSales = `ou=Sales,${oslo}`
  const levels = [oslo, rome, osloSales, `ou=Legal,${oslo}`, `ou=Sales,${rome}`]
  const dns = (some: readonly Person[] = staff) => some.map(dnOf)

  it('every scope and every name finds what it should', async () => {
    expect(await within(people, 'wholeSubtree')).toEqual([people, ...levels, ...dns()].sort())
    expect(await within(people, 'singleLevel')).toEqual([oslo, rome, dnOf({ uid: 'fay' })].sort())
    expect(await within(oslo, 'singleLevel')).toEqual(
      [osloSales, `ou=Legal,${oslo}`, dnOf({ uid: 'dee', l: 'Oslo' })].sort(),
    )
    expect(await within(osloSales, 'subordinateSubtree')).toEqual(dns(staff.slice(0, 2)).sort())
    for (const dn of [...levels, ...dns()]) expect(await within(dn, 'baseObject')).toEqual([dn])
    for (const [dn, matchedDN] of [
      [`uid=ann,${people}`, people],
      [`uid=ann,ou=Sales,${rome}`, `ou=Sales,${rome}`],
      [`ou=Legal,${rome}`, rome],
    ] as const)
      expect(await outcome(client, dn)).toEqual({ code: 32, matchedDN, dns: [] })
    expect(await find(client, people, '(&(uid=*)(ou:dn:=sales))')).toEqual(
      dns(staff.filter((p) => p.ou === 'Sales')).sort(),
    )
    expect(await find(client, suffix, '(&(objectClass=locality)(l=r*))')).toEqual([rome])
    expect(await read(client, oslo, ['numSubordinates', 'hasSubordinates'])).toEqual({
      numSubordinates: ['3'],
      hasSubordinates: ['TRUE'],
    })
  })

  it('sorted, entries and levels come in order, and in windows', async () => {
    const keys = [{ attribute: 'sn', reverse: false }]
    const bySurname = [...staff].sort((a, b) => (a.sn < b.sn ? -1 : 1))
    const sorted = async (
      base: string,
      filter: string,
      more: Parameters<LdapClient['searchAnswer']>[1] = {},
    ) => {
      const controls = [sortRequestControl(keys, true), ...(more.controls ?? [])]
      return client.searchAnswer(base, { filter, attributes: ['1.1'], ...more, controls })
    }
    const found = await sorted(people, '(sn=*)')
    expect(found.entries.map(({ dn }) => dn)).toEqual(dns(bySurname))
    const few = await sorted(oslo, '(sn=*)', { sizeLimit: 20 })
    expect(few.entries.map(({ dn }) => dn)).toEqual(dns(bySurname.filter(({ l }) => l === 'Oslo')))
    // Levels have no surname: they come behind everybody.
    const all = await sorted(oslo, '(objectClass=*)')
    expect(all.entries.slice(0, 4).map(({ dn }) => dn)).toEqual(
      dns(bySurname.filter(({ l }) => l === 'Oslo')),
    )
    expect(
      all.entries
        .slice(4)
        .map(({ dn }) => dn)
        .sort(),
    ).toEqual(levels.filter((dn) => dn.endsWith(oslo)).sort())
    for (const target of [{ offset: 3, contentCount: 0 }, { value: Buffer.from('C') }]) {
      const window = await sorted(people, '(sn=*)', {
        controls: [listViewRequestControl({ before: 1, after: 1, target })],
      })
      expect(window.entries.map(({ dn }) => dn)).toEqual(dns(bySurname.slice(1, 4)))
      const told = findControl(window.done.controls, '2.16.840.1.113730.3.4.10')
      expect(told && parseListViewResponse(told)).toMatchObject({ position: 3, contentCount: 7 })
    }
    for (const pageSize of [1, 2, 5]) {
      const paged: string[] = []
      const options = { filter: '(objectClass=*)', attributes: ['1.1'], pageSize }
      for await (const { dn } of client.searchPaged(people, options)) paged.push(dn)
      expect(paged.sort()).toEqual([people, ...levels, ...dns()].sort())
    }
  })

  it('people bind by the names that they have', async () => {
    const bound = await serving.connect(dnOf(staff[0] as Person), 'ann')
    expect(await bound.whoAmI()).toBe(`dn:${dnOf(staff[0] as Person)}`)
    expect(await codeOf(serving.connect(`uid=ann,${oslo}`, 'ann'))).toBe(49)
  })

  it('what is added makes its levels, what is moved and deleted takes them along', async () => {
    const add = (dn: string, ...more: { type: string; values: string[] }[]) =>
      codeOf(
        client.add(dn, [
          { type: 'objectClass', values: objectClass.slice(1) },
          { type: 'sn', values: ['New'] },
          { type: 'cn', values: ['New'] },
          ...more,
        ]),
      )
    const hal = `uid=hal,ou=Ops,l=Bonn,${people}`
    expect(await add(hal)).toBe(0)
    expect(await within(`l=Bonn,${people}`, 'wholeSubtree')).toEqual(
      [`l=Bonn,${people}`, `ou=Ops,l=Bonn,${people}`, hal].sort(),
    )
    expect(await read(client, hal, ['uid', 'ou', 'l'])).toEqual({ uid: ['hal'], ou: ['Ops'], l: ['Bonn'] })
    expect(await add(hal)).toBe(68)
    expect(await add(`uid=ida,${people}`)).toBe(0)
    expect(await add(`uid=jo,l=Bonn,${people}`, { type: 'ou', values: ['Ops'] })).toBe(64)
    expect(await codeOf(client.modifyDn(hal, 'uid=hal', { newSuperior: osloSales }))).toBe(0)
    expect(await outcome(client, `l=Bonn,${people}`)).toMatchObject({ code: 32, matchedDN: people })
    expect(await within(osloSales, 'singleLevel')).toContain(`uid=hal,${osloSales}`)
    expect(await codeOf(client.modifyDn(`uid=hal,${osloSales}`, 'uid=ann', { deleteOldRdn: true }))).toBe(68)
    expect(await codeOf(client.delete(osloSales))).toBe(66)
    expect(await codeOf(client.delete(`uid=hal,${osloSales}`))).toBe(0)
    expect(await codeOf(client.delete(`uid=ida,${people}`))).toBe(0)
    expect(await within(people, 'wholeSubtree')).toEqual([people, ...levels, ...dns()].sort())
  })
})
