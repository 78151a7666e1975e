/** ldapjs' client half, which older Node applications use, against the gateway. */
import ldapjs from 'ldapjs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { admin, companyConfig, companySql, living, people, personDn, suffix, teamDn } from './company.js'
import { type Database, runSql, type Serving, serve, sources } from './serving.js'

interface Found {
  readonly dn: string
  readonly attributes: Readonly<Record<string, readonly string[]>>
}

describe.each(sources)('ldapjs over %s', (_name, create) => {
  let database: Database
  let serving: Serving
  let client: ldapjs.Client

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
    client = ldapjs.createClient({ url: serving.url, timeout: 10_000 })
  })

  afterEach(() => new Promise<void>((resolve) => client.unbind(() => resolve())))

  const bind = (dn: string, password: string): Promise<void> =>
    new Promise((resolve, reject) => {
      client.bind(dn, password, (error) => (error ? reject(error) : resolve()))
    })

  const search = (base: string, options: ldapjs.SearchOptions): Promise<readonly Found[]> =>
    new Promise((resolve, reject) => {
      const entries: Found[] = []
      client.search(base, options, (error, response) => {
        if (error) return reject(error)
        response.on('searchEntry', ({ pojo }) => {
          entries.push({
            dn: pojo.objectName,
            attributes: Object.fromEntries(pojo.attributes.map(({ type, values }) => [type, values])),
          })
        })
        response.on('error', reject)
        response.on('end', () => resolve(entries))
      })
    })

  it('binds, finds a person and reads them', async () => {
    await bind(admin.dn, admin.password)
    expect(await search(suffix, { scope: 'sub', filter: '(&(uid=kvaughan)(!(mail=x*)))' })).toEqual([
      {
        dn: personDn('kvaughan'),
        attributes: {
          objectClass: ['top', 'person', 'organizationalPerson', 'inetOrgPerson'],
          uid: ['kvaughan'],
          cn: ['Kirsten Vaughan'],
          sn: ['Vaughan'],
          givenName: ['Kirsten'],
          mail: ['kvaughan@example.com'],
          manager: [personDn('bjensen')],
          memberOf: [teamDn('Optics')],
        },
      },
    ])
  })

  it('is refused for a wrong password, a locked account and an unknown one alike', async () => {
    const refusals = await Promise.all(
      [
        ['bjensen', 'wrong'],
        ['scarter', 'sprain'],
        ['nobody', 'wrong'],
      ].map(([login = '', password = '']) => bind(personDn(login), password).catch((error: Error) => error)),
    )
    expect(refusals.map((error) => (error as { code?: number } | undefined)?.code)).toEqual([49, 49, 49])
    expect(new Set(refusals.map(String)).size).toBe(1)
  })

  it('pages', async () => {
    const entries = await search(people, { scope: 'one', paged: { pageSize: 7 }, attributes: ['uid'] })
    expect(entries.map((entry) => entry.attributes.uid?.[0])).toEqual(living.map((a) => a.login))
  })

  it('hears of missing entries and limits', async () => {
    await expect(search(personDn('nobody'), { scope: 'base' })).rejects.toMatchObject({ code: 32 })
    await expect(search(people, { scope: 'sub', sizeLimit: 2 })).rejects.toMatchObject({ code: 4 })
  })

  it('compares', async () => {
    const compare = (value: string) =>
      new Promise((resolve, reject) => {
        client.compare(personDn('bjensen'), 'sn', value, (error, matched) =>
          error ? reject(error) : resolve(matched),
        )
      })
    expect(await compare('jensen')).toBe(true)
    expect(await compare('vaughan')).toBe(false)
  })

  it('follows nested groups with an extensible match', async () => {
    const filter = `(memberOf:1.2.840.113556.1.4.1941:=${teamDn('Technology')})`
    const entries = await search(people, { scope: 'sub', filter, attributes: ['uid'] })
    expect(entries.map((entry) => entry.attributes.uid?.[0])).toEqual([
      'bjensen',
      'kvaughan',
      'scarter',
      'jürgen',
    ])
  })
})
