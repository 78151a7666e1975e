/** Filters of very many equalities: exact, and no slower than reading the table. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Database, databases, find, runSql, type Serving, serve } from './serving.js'

const ROWS = 20_000
const base = 'ou=people,dc=example,dc=com'
const everyone = { who: 'anonymous', allow: ['read', 'search'], views: '*' } as const

/** Spelt so that neither the database nor an index finds them by comparing plainly. */
const odd = [
  'Chief  Title 1',
  ' chief title 2',
  'CHIEF TITLE 3  ',
  'word4  ',
  '  Word5',
  'WÖRD 6',
  'Wo\u0308rd 7',
]

function rows(): readonly string[] {
  const titles = Array.from({ length: ROWS }, (_, n) => (n < odd.length ? odd[n] : `Title ${n}`))
  const values = titles.map((title, n) => `(${n}, 'u${n}', '${title}', '${title}')`)
  const inserts: string[] = []
  for (let at = 0; at < ROWS; at += 1000)
    inserts.push(`insert into users values ${values.slice(at, at + 1000).join(',')}`)
  return inserts
}

describe.each(databases)('%s', (kind, create) => {
  let database: Database
  let serving: Serving
  beforeAll(async () => {
    database = await create()
    const text = kind === 'MariaDB' ? 'varchar(60) character set utf8mb4 collate utf8mb4_general_ci' : 'text'
    const index = {
      MariaDB: '(sought)',
      PostgreSQL: '(lower(sought) text_pattern_ops)',
      SQLite: '(sought collate nocase)',
      'a copy': '(sought collate nocase)',
    }[kind]
    await runSql(
      database.url,
      `create table users (id integer primary key, login ${text}, title ${text}, sought ${text})`,
      ...rows(),
      `create index users_sought on users ${index}`,
    )
    serving = await serve({
      suffix: 'dc=example,dc=com',
      listen: { ldap: '127.0.0.1:0' },
      log: { level: 'silent' },
      sources: { db: { type: 'sql', url: database.url } },
      access: [{ ...everyone, allow: [...everyone.allow] }],
      views: [
        {
          view: 'people',
          source: 'db',
          from: 'users',
          key: 'id',
          attributes: { uid: 'login', title: 'title', description: 'sought', employeeNumber: 'id' },
          ldap: { base: 'ou=people', rdn: 'uid', objectClass: ['top', 'person'] },
        },
      ],
    })
  })
  afterAll(async () => {
    await serving?.close()
    await database?.remove()
  })

  const among = (attr: string, values: readonly string[]) =>
    `(|${values.map((v) => `(${attr}=${v})`).join('')})`
  const dns = (...numbers: readonly number[]) => numbers.map((n) => `uid=u${n},${base}`).sort()
  const asked = [
    ...['chief title 1', 'chief title 2', 'chief title 3', 'WORD4', 'word5'],
    ...['wörd 6', 'wörd 7', 'title 8', 'TITLE  9', 'title', 'title 20001', '*'.replace('*', '\\2a')],
  ]
  const hits = dns(0, 1, 2, 3, 4, 5, 6, 8, 9)

  it.each([['title'], ['description']])('finds by %s what one by one finds', async (attr) => {
    const client = await serving.connect()
    expect(await find(client, base, among(attr, asked))).toEqual(hits)
    for (const count of [3, 20, 200]) {
      const more = Array.from({ length: count }, (_, n) => `Nothing ${n}`)
      expect(await find(client, base, among(attr, [...asked, ...more]))).toEqual(hits)
      const plain = asked.filter((value) => !value.includes('ö'))
      const some = dns(0, 1, 2, 3, 4, 8, 9)
      expect(await find(client, base, among(attr, [...plain, ...more]))).toEqual(some)
      expect(await find(client, base, `(&(title=Title 8)(!${among(attr, more)}))`)).toEqual(dns(8))
      expect(await find(client, base, `(&(title=Title 8)(!${among(attr, plain)}))`)).toEqual([])
    }
  })

  it('takes about as long as reading the table', { timeout: 120_000 }, async () => {
    const client = await serving.connect()
    const numbers = Array.from({ length: 1000 }, (_, n) => n * 7 + 10)
    const found = dns(...numbers)
    const begun = performance.now()
    expect(
      await find(
        client,
        base,
        among(
          'title',
          numbers.map((n) => `TITLE ${n}`),
        ),
      ),
    ).toEqual(found)
    expect(
      await find(
        client,
        base,
        among(
          'description',
          numbers.map((n) => `title ${n}`),
        ),
      ),
    ).toEqual(found)
    expect(await find(client, base, among('employeeNumber', numbers.map(String)))).toEqual(found)
    const others = await find(
      client,
      base,
      `(&(uid=u1*)${numbers.map((n) => `(!(title=Title ${n}))`).join('')})`,
    )
    expect(others.length).toBeGreaterThan(9000)
    expect(performance.now() - begun).toBeLessThan(8000)
  })
})
