/**
 * Sorted searches over one view by one key: what the database puts in order comes as it does from the gateway's own list, which
 * is asked for by naming the key twice.
 */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GatewayInput } from '../../src/index.js'
import {
  controlType,
  findControl,
  type LdapClient,
  type ListViewTarget,
  listViewRequestControl,
  pagedResultsControl,
  parseListViewResponse,
  parsePagedResults,
  type SortKey,
  sortRequestControl,
} from '../../src/ldap/index.js'
import { type Database, databases, runSql, type Serving, serve } from '../protocol/serving.js'

const base = 'ou=p,dc=example,dc=com'
const attributes = [
  'cn',
  'uid',
  'homeDirectory',
  'uidNumber',
  'modifyTimestamp',
  'createTimestamp',
  'roomNumber',
]
const config = (url: string): GatewayInput => ({
  suffix: 'dc=example,dc=com',
  listen: { ldap: 0 },
  log: { level: 'silent' },
  sources: { hr: { type: 'sql', url } },
  serviceAccounts: [{ dn: 'cn=part', password: '{CLEARTEXT}secret' }],
  access: [
    { who: 'anonymous', views: '*', attributes: attributes.filter((a) => a !== 'roomNumber') },
    { who: 'cn=part', views: '*', attributes: ['roomNumber'], filter: '(uidNumber>=0)' },
  ],
  views: [
    {
      view: 'p',
      source: 'hr',
      from: 'p',
      key: 'id',
      attributes: {
        uid: 'login',
        cn: 'name',
        homeDirectory: 'home',
        uidNumber: 'num',
        modifyTimestamp: 'at',
        createTimestamp: { column: 'seen', type: 'epoch' },
        roomNumber: 'room',
      },
      ldap: { base: 'ou=p', rdn: 'uid', objectClass: ['top', 'account', 'posixAccount'] },
    },
  ],
})

type Row = readonly [
  login: string | null,
  name: string | null,
  home: string | null,
  num: number | null,
  at: string | null,
  seen: number | null,
]
const ascii = fc.string({ unit: fc.constantFrom(..."aAbBzZ09_-.'[~!@` "), maxLength: 6 })
const text = fc.oneof(
  { weight: 20, arbitrary: ascii.map((s) => s.trim().replace(/ +/g, ' ')) },
  { weight: 1, arbitrary: ascii },
  { weight: 1, arbitrary: fc.constantFrom('é', 'Zoë', 'ß', 'Å', '\u00a0', '  ') },
)
/** Of some tables, all texts are tidy. */
const tidy = ascii.map((s) => s.trim().replace(/ +/g, ' '))
const rowsOf = (texts: fc.Arbitrary<string>) =>
  fc.array(
    fc.tuple(
      fc.option(texts, { freq: 20 }),
      fc.option(texts, { freq: 5 }),
      fc.option(texts, { freq: 5 }),
      fc.option(fc.integer({ min: -5, max: 30 }), { freq: 5 }),
      fc.option(
        fc.constantFrom(
          '2020-01-01 00:00:00',
          '2020-01-01 00:00:01',
          '1999-12-31 23:59:59',
          '2030-06-01 12:00:00',
        ),
        {
          freq: 5,
        },
      ),
      fc.option(fc.integer({ min: -2, max: 5 }), { freq: 5 }),
    ),
    { minLength: 1, maxLength: 30 },
  )
const tables: fc.Arbitrary<readonly Row[]> = fc.oneof(rowsOf(tidy), rowsOf(text))
const literal = (value: string | number | null) =>
  value === null ? 'null' : typeof value === 'number' ? String(value) : `'${value.replaceAll("'", "''")}'`

const targets: fc.Arbitrary<ListViewTarget> = fc.oneof(
  fc.record({ offset: fc.integer({ min: 0, max: 35 }), contentCount: fc.constantFrom(0, 0, 5, 40) }),
  fc.constantFrom('3', '-1', 'b', '20200101000000Z', '31').map((value) => ({ value: Buffer.from(value) })),
)

describe.each(databases)('order over %s', (_name, create) => {
  let database: Database
  let serving: Serving
  let clients: readonly LdapClient[]

  beforeAll(async () => {
    database = await create()
    const tail = database.url.startsWith('mysql') ? ' default charset=utf8mb4' : ''
    await runSql(
      database.url,
      `create table p (id integer primary key, login varchar(40), name varchar(40), home varchar(40), num integer,
        at ${database.url.startsWith('mysql') ? 'datetime' : 'timestamp'}, seen integer, room varchar(10))${tail}`,
    )
    serving = await serve(config(database.url))
    clients = [await serving.connect(), await serving.connect('cn=part', 'secret')]
  })
  afterAll(async () => {
    await serving?.close()
    await database?.remove()
  })

  it('is the same whoever puts entries in order: all, page by page, and in windows', async () => {
    await fc.assert(
      fc.asyncProperty(
        tables,
        fc.constantFrom(...attributes),
        fc.boolean(),
        fc.constantFrom(0, 1),
        fc.integer({ min: 1, max: 7 }),
        fc.tuple(fc.nat(3), fc.nat(3), targets),
        async (rows, attribute, reverse, who, size, [before, after, target]) => {
          const values = rows.map((row, i) =>
            [i + 1, ...row, null]
              .map((cell, at) => (at === 7 ? `'r${(i * 7) % 5}'` : literal(cell as never)))
              .join(', '),
          )
          await runSql(database.url, `delete from p; insert into p values (${values.join('), (')});`)
          const client = clients[who] as LdapClient
          const key = { attribute, reverse }
          const bySource = [key]
          const byList = [key, key]
          const wanted = await all(client, byList)
          expect(await all(client, bySource)).toEqual(wanted)
          expect(await pages(client, bySource, size)).toEqual(wanted)
          const window = (keys: readonly SortKey[]) => windowOf(client, keys, { before, after, target })
          expect(await window(bySource)).toEqual(await window(byList))
        },
      ),
      { numRuns: 60 },
    )
  })
})

async function all(client: LdapClient, keys: readonly SortKey[]): Promise<readonly string[]> {
  const controls = [sortRequestControl(keys, true)]
  const asked = { filter: '(objectClass=posixAccount)', attributes: ['1.1'], sizeLimit: 100, controls }
  const { entries } = await client.searchAll(base, asked)
  return entries.map(({ dn }) => dn)
}

async function pages(client: LdapClient, keys: readonly SortKey[], size: number): Promise<readonly string[]> {
  const dns: string[] = []
  let cookie: Buffer = Buffer.alloc(0)
  do {
    const controls = [sortRequestControl(keys, true), pagedResultsControl({ size, cookie })]
    const asked = { filter: '(objectClass=posixAccount)', attributes: ['1.1'], controls }
    const { entries, done } = await client.searchAnswer(base, asked)
    dns.push(...entries.map(({ dn }) => dn))
    const found = findControl(done.controls, controlType.pagedResults)
    cookie = found === undefined ? Buffer.alloc(0) : parsePagedResults(found).cookie
  } while (cookie.length > 0)
  return dns
}

async function windowOf(
  client: LdapClient,
  keys: readonly SortKey[],
  asked: { readonly before: number; readonly after: number; readonly target: ListViewTarget },
) {
  const controls = [sortRequestControl(keys, true), listViewRequestControl(asked)]
  const request = { filter: '(objectClass=posixAccount)', attributes: ['1.1'], controls }
  const { entries, done } = await client.searchAnswer(base, request)
  const found = findControl(done.controls, controlType.listViewResponse)
  return {
    code: done.code,
    dns: entries.map(({ dn }) => dn),
    told: found && parseListViewResponse(found),
  }
}
