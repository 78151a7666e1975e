/** Paged results (RFC 2696): every page size, foreign cookies, several pagings at a time, restarts. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  controlType,
  findControl,
  type LdapClient,
  LdapError,
  pagedResultsControl,
  parsePagedResults,
  type SearchOptions,
} from '../../src/ldap/index.js'
import {
  accounts,
  admin,
  companyConfig,
  companySql,
  living,
  people,
  personDn,
  suffix,
  teams,
} from './company.js'
import { type Database, outcome, runSql, type Serving, serve, sources } from './serving.js'

const NONE: Buffer = Buffer.alloc(0)
const cookieSecret = 'the same secret on all replicas'
const total = 3 + living.length + 6

interface Page {
  readonly code: number
  readonly dns: readonly string[]
  readonly cookie: Buffer
}

async function page(
  client: LdapClient,
  base: string,
  size: number,
  cookie: Buffer = NONE,
  options: SearchOptions = {},
): Promise<Page> {
  const dns: string[] = []
  try {
    const control = pagedResultsControl({ size, cookie }, true)
    const { entries, done } = await client.searchAll(base, {
      attributes: ['1.1'],
      ...options,
      controls: [control],
    })
    dns.push(...entries.map((entry) => entry.dn))
    const answer = findControl(done.controls, controlType.pagedResults)
    if (answer === undefined) throw new Error('a page came without its control')
    return { code: 0, dns, cookie: Buffer.from(parsePagedResults(answer).cookie) }
  } catch (error) {
    if (!(error instanceof LdapError)) throw error
    return { code: error.code, dns, cookie: NONE }
  }
}

async function allPages(client: LdapClient, base: string, size: number, options: SearchOptions = {}) {
  const pages: (readonly string[])[] = []
  let cookie: Buffer = NONE
  do {
    const next = await page(client, base, size, cookie, options)
    expect(next.code).toBe(0)
    pages.push(next.dns)
    cookie = next.cookie
  } while (cookie.length > 0 && pages.length < 1000)
  return pages
}

describe.each(sources)('paged results over %s', (_name, create) => {
  let database: Database
  let serving: Serving
  let client: LdapClient
  let whole: readonly string[]

  beforeAll(async () => {
    database = await create()
    await runSql(database.url, companySql())
    serving = await serve(companyConfig(database.url, { cookieSecret }))
    client = await serving.connect()
    whole = (await outcome(client, suffix)).dns
    expect(whole).toHaveLength(total)
  })

  afterAll(async () => {
    await serving?.close()
    await database?.remove()
  })

  it('every page size gives every entry once, in full pages, across containers', async () => {
    for (let size = 1; size <= total + 1; size++) {
      const pages = await allPages(client, suffix, size)
      expect(pages.flat()).toEqual(whole)
      expect(pages.slice(0, -1).every((dns) => dns.length === size)).toBe(true)
      expect(pages).toHaveLength(Math.ceil(total / size))
    }
  })

  it.each([
    '(uid=staff*)',
    '(sn>=Ring)',
    '(|(uid=*1)(cn=E*))',
    '(!(telephoneNumber=*))',
    '(cn=*a*e*)',
    '(objectClass=organizationalUnit)',
    '(description=*)',
  ])('%s, also where the database cannot decide it alone', async (filter) => {
    const { dns } = await outcome(client, suffix, { filter })
    for (const size of [1, 2, 3, 5, 8]) {
      const pages = await allPages(client, suffix, size, { filter })
      expect(pages.flat()).toEqual(dns)
      expect(pages).toHaveLength(Math.max(1, Math.ceil(dns.length / size)))
    }
  })

  it('the size may change from page to page, and size 0 gives the paging up', async () => {
    const first = await page(client, people, 3)
    const second = await page(client, people, 7, first.cookie)
    const rest = await page(client, people, 1000, second.cookie)
    expect([...first.dns, ...second.dns, ...rest.dns]).toEqual((await outcome(client, people)).dns)
    expect(await page(client, people, 0, first.cookie)).toEqual({ code: 0, dns: [], cookie: NONE })
  })

  it('pages are never longer than the gateway allows', async () => {
    const small = await serve(companyConfig(database.url, { limits: { pageSize: 4 } }))
    try {
      const pages = await allPages(await small.connect(), suffix, 1000)
      expect(pages.flat()).toEqual(whole)
      expect(Math.max(...pages.map((dns) => dns.length))).toBe(4)
    } finally {
      await small.close()
    }
  })

  it('a cookie that was changed in any octet is refused', async () => {
    const { cookie } = await page(client, people, 3)
    for (let i = 0; i < cookie.length; i++) {
      const changed = Buffer.from(cookie)
      changed[i] = (changed[i] ?? 0) ^ 1
      expect(await page(client, people, 3, changed)).toMatchObject({ code: 53, dns: [] })
    }
    for (const changed of [
      cookie.subarray(1),
      cookie.subarray(0, -1),
      cookie.subarray(0, 16),
      cookie.subarray(0, 5),
      Buffer.concat([cookie, Buffer.from(' ')]),
      Buffer.from('x'),
    ]) {
      expect(await page(client, people, 3, changed)).toMatchObject({ code: 53, dns: [] })
    }
    expect(await page(client, people, 3, cookie)).toMatchObject({ code: 0 })
  })

  it('a cookie is good for its own search only: same base, scope, filter and asker', async () => {
    const { cookie } = await page(client, suffix, 3, NONE, { filter: '(uid=*)' })
    const refused = { code: 53, dns: [] }
    expect(await page(client, people, 3, cookie, { filter: '(uid=*)' })).toMatchObject(refused)
    expect(await page(client, suffix, 3, cookie, { filter: '(sn=*)' })).toMatchObject(refused)
    expect(
      await page(client, suffix, 3, cookie, { filter: '(uid=*)', scope: 'subordinateSubtree' }),
    ).toMatchObject(refused)
    const other = await serving.connect(admin.dn, admin.password)
    expect(await page(other, suffix, 3, cookie, { filter: '(uid=*)' })).toMatchObject(refused)
    expect(await page(client, suffix, 3, cookie, { filter: '(uid=*)' })).toMatchObject({ code: 0 })
  })

  it('another gateway goes on with the same cookieSecret, and refuses with another', async () => {
    const first = await page(client, suffix, 10)
    const replica = await serve(companyConfig(database.url, { cookieSecret }))
    const stranger = await serve(companyConfig(database.url))
    try {
      const rest = await page(await replica.connect(), suffix, 1000, first.cookie)
      expect([...first.dns, ...rest.dns]).toEqual(whole)
      expect(await page(await stranger.connect(), suffix, 10, first.cookie)).toMatchObject({
        code: 53,
        dns: [],
      })
    } finally {
      await replica.close()
      await stranger.close()
    }
  })

  it('pagings on two connections, and two on one, do not disturb each other', async () => {
    const other = await serving.connect()
    const pagings = [
      { client, base: people, size: 2 },
      { client, base: teams, size: 1 },
      { client: other, base: people, size: 3 },
      { client: other, base: suffix, size: 4 },
    ].map((paging) => ({ ...paging, cookie: NONE, isOver: false, dns: [] as string[] }))
    while (pagings.some((paging) => !paging.isOver)) {
      await Promise.all(
        pagings
          .filter((paging) => !paging.isOver)
          .map(async (paging) => {
            const next = await page(paging.client, paging.base, paging.size, paging.cookie)
            paging.dns.push(...next.dns)
            paging.cookie = next.cookie
            paging.isOver = next.cookie.length === 0
          }),
      )
    }
    for (const { base, dns } of pagings) expect(dns).toEqual((await outcome(client, base)).dns)
  })

  it('rows that come and go between pages neither repeat nor hide others', async () => {
    const first = await page(client, people, 5, NONE, { filter: '(uid=*)' })
    await runSql(
      database.url,
      "insert into accounts (id, login, last_name, status) values (900, 'late', 'Late', 'A')",
    )
    await runSql(database.url, 'update accounts set deleted_at = 1 where id = 2')
    const rest = await page(client, people, 1000, first.cookie, { filter: '(uid=*)' })
    await runSql(database.url, 'delete from accounts where id = 900')
    await runSql(database.url, 'update accounts set deleted_at = null where id = 2')
    expect([...first.dns, ...rest.dns]).toEqual([
      ...accounts
        .filter((account) => account.deleted === undefined)
        .map((account) => personDn(account.login)),
      personDn('late'),
    ])
  })

  it("the client's size limit counts over all pages", async () => {
    const options = { sizeLimit: 12 }
    const first = await page(client, suffix, 5, NONE, options)
    const second = await page(client, suffix, 5, first.cookie, options)
    const third = await page(client, suffix, 5, second.cookie, options)
    expect([first, second, third].map(({ code, dns }) => [code, dns.length])).toEqual([
      [0, 5],
      [0, 5],
      // What the client was sent before the refusal is lost in `searchAll`.
      [4, 0],
    ])
    const control = pagedResultsControl({ size: 5, cookie: second.cookie }, true)
    const last = await outcome(client, suffix, { attributes: ['1.1'], ...options, controls: [control] })
    expect(last).toMatchObject({ code: 4, dns: whole.slice(10, 12) })
    expect((await allPages(client, suffix, 5, { sizeLimit: total })).flat()).toEqual(whole)
  })

  it('the limit of the gateway cannot be paged around', async () => {
    const limited = await serve(companyConfig(database.url, { limits: { size: 7 } }))
    try {
      const client = await limited.connect()
      const first = await page(client, people, 4)
      const control = pagedResultsControl({ size: 4, cookie: first.cookie }, true)
      const second = await outcome(client, people, { attributes: ['1.1'], controls: [control] })
      expect([first.code, first.dns.length, second.code, second.dns.length]).toEqual([0, 4, 4, 3])
    } finally {
      await limited.close()
    }
  })

  it('a malformed control is a protocol error', async () => {
    const value = Buffer.from('30', 'hex')
    const controls = [{ type: controlType.pagedResults, critical: true, value }]
    expect((await outcome(client, people, { controls })).code).toBe(2)
  })
})
