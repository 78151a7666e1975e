/** ldapts, the client of most Node applications, against the gateway. */
import { Client, InvalidCredentialsError, NoSuchObjectError } from 'ldapts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { accounts, admin, companyConfig, companySql, living, people, personDn, suffix } from './company.js'
import { type Database, runSql, type Serving, serve, sources } from './serving.js'

describe.each(sources)('ldapts over %s', (_name, create) => {
  let database: Database
  let serving: Serving
  let client: Client

  beforeAll(async () => {
    database = await create()
    await runSql(database.url, companySql())
    serving = await serve(companyConfig(database.url))
  })

  afterAll(async () => {
    await serving?.close()
    await database?.remove()
  })

  beforeEach(() => {
    client = new Client({ url: serving.url, timeout: 10_000 })
  })

  afterEach(() => client.unbind())

  it('signs a user in as applications do: service bind, search by login, bind as what was found', async () => {
    await client.bind(admin.dn, admin.password)
    const { searchEntries } = await client.search(suffix, {
      filter: '(&(objectClass=person)(mail=KVaughan@example.com))',
    })
    expect(searchEntries.map((entry) => entry.dn)).toEqual([personDn('kvaughan')])
    await client.bind(searchEntries[0]?.dn ?? '', 'bribery')
    await expect(client.bind(searchEntries[0]?.dn ?? '', 'Bribery')).rejects.toThrow(InvalidCredentialsError)
  })

  it('binds with names and passwords that are not ASCII', async () => {
    await client.bind(personDn('jürgen'), 'schlüssel')
    await expect(client.bind(personDn('jürgen'), 'schlussel')).rejects.toThrow(InvalidCredentialsError)
  })

  it('pages through everything, whole or page by page', async () => {
    const { searchEntries } = await client.search(people, { scope: 'one', paged: { pageSize: 4 } })
    expect(searchEntries.map((entry) => entry.uid)).toEqual(living.map((account) => account.login))
    const sizes: number[] = []
    for await (const page of client.searchPaginated(people, { scope: 'one', paged: { pageSize: 10 } })) {
      sizes.push(page.searchEntries.length)
    }
    expect(sizes).toEqual([10, 10, 9])
  })

  it('gets values of several kinds: one, many, none', async () => {
    const { searchEntries } = await client.search(personDn('bjensen'), {
      scope: 'base',
      attributes: ['objectClass', 'sn', 'pager', 'memberOf'],
    })
    expect(searchEntries).toEqual([
      {
        dn: personDn('bjensen'),
        objectClass: ['top', 'person', 'organizationalPerson', 'inetOrgPerson'],
        sn: 'Jensen',
        pager: [],
        memberOf: 'cn=Technology,ou=teams,dc=example,dc=com',
      },
    ])
  })

  it('hears of limits and missing entries as errors of their own', async () => {
    // This client takes the entries within a limit that it has set itself for an answer.
    expect((await client.search(people, { sizeLimit: 3 })).searchEntries).toHaveLength(3)
    await expect(client.search(personDn('nobody'))).rejects.toThrow(NoSuchObjectError)
  })

  it('compares', async () => {
    expect(await client.compare(personDn('bjensen'), 'cn', 'barbara  jensen')).toBe(true)
    expect(await client.compare(personDn('bjensen'), 'cn', 'barbara')).toBe(false)
  })

  it('asks who it is', async () => {
    const whoami = async () => (await client.exop('1.3.6.1.4.1.4203.1.11.3')).value
    await client.bind(personDn('bjensen'), 'hifalutin')
    expect(await whoami()).toBe(`dn:${personDn('bjensen')}`)
  })

  it('cannot write what is only read', async () => {
    await client.bind(admin.dn, admin.password)
    const person = { objectClass: 'inetOrgPerson', cn: 'New', sn: 'New' }
    await expect(client.add(personDn('new'), person)).rejects.toMatchObject({ code: 50 })
    await expect(client.del(personDn('bjensen'))).rejects.toMatchObject({ code: 50 })
    await expect(client.modifyDN(personDn('bjensen'), 'uid=other')).rejects.toMatchObject({ code: 50 })
  })

  it('runs many searches at a time on one connection, each with its own answer', async () => {
    await client.bind(admin.dn, admin.password)
    const logins = accounts.filter((account) => account.deleted === undefined).map((account) => account.login)
    const answers = await Promise.all(
      logins.map((login) => client.search(people, { filter: `(uid=${login})`, attributes: ['uid'] })),
    )
    expect(answers.map(({ searchEntries }) => searchEntries.map((entry) => entry.uid))).toEqual(
      logins.map((login) => [login]),
    )
  })
})
