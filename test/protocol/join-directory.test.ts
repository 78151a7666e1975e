/** People that directories and databases hold together, as LDAP and SCIM clients see, search and change them. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createGateway, type Gateway, type GatewayInput } from '../../src/index.js'
import { LdapClient } from '../../src/ldap/index.js'
import { sqliteDatabase } from '../mappings/databases.js'
import { mariadbDatabase } from '../servers/shared.js'
import type { Slapd } from '../servers/slapd.js'
import {
  admin,
  directoryOnDirectory,
  directoryOnPersonnel,
  groups,
  loadEmployees,
  people,
  personnelOnDirectory,
  startCorp,
  TOKEN,
} from './joined-directory.js'
import { type Scim, scim } from './scim/serving.js'
import { codeOf, find, read } from './serving.js'

const dnOf = (name: string) => `uid=${name},${people}`
const dnsOf = (...names: readonly string[]) => names.map(dnOf)
const INVALID_CREDENTIALS = 49
const UNAVAILABLE = 52

let gateway: Gateway | undefined
let client: LdapClient
let service: Scim
const opened: LdapClient[] = []

async function start(config: GatewayInput): Promise<void> {
  gateway = await createGateway(config)
  const { ldap, http } = await gateway.listen()
  if (ldap === undefined || http === undefined) throw new Error('not everything is served')
  client = await LdapClient.connect({ host: ldap.host, port: ldap.port, timeoutMs: 20_000 })
  opened.push(client)
  await client.bind(admin.dn, admin.password)
  service = scim(`http://${http.host}:${http.port}/scim/v2`, `Bearer ${TOKEN}`)
}

afterEach(async () => {
  for (const one of opened.splice(0)) one.close()
  await gateway?.close()
  gateway = undefined
})

const found = async (filter: string, base = people) =>
  (await find(client, base, filter)).filter((dn) => dn !== base).sort()
const bind = (name: string, password = `${name}-password`) => codeOf(client.bind(dnOf(name), password))
const list = async (query: Record<string, string | number>) => {
  const { status, body } = await service.get('/Users', query)
  expect(status).toBe(200)
  return [body.totalResults, (body.Resources ?? []).map((r) => r.userName)]
}
const idOf = async (name: string) => {
  const { body } = await service.get('/Users', { filter: `userName eq "${name}"` })
  return String(body.Resources?.[0]?.id)
}
const patch = async (name: string, value: object) =>
  service.patch(`/Users/${await idOf(name)}`, [{ op: 'replace', value }])

describe.each([
  ['SQLite', async () => sqliteDatabase().url],
  ['MariaDB', mariadbDatabase],
] as const)('OpenLDAP and %s', (_name, database) => {
  let directory: Slapd
  let personnel: string

  describe('people of a directory whom a database completes', () => {
    beforeAll(async () => {
      directory = await startCorp()
      personnel = await database()
      await loadEmployees(personnel)
    })
    afterAll(() => directory.stop())

    it('are shown with what both hold, found by any of their addresses', async () => {
      await start(personnelOnDirectory(directory, personnel))
      expect(
        await read(client, dnOf('ada'), [
          'mail',
          'employeeNumber',
          'title',
          'telephoneNumber',
          'description',
        ]),
      ).toEqual({
        mail: ['Ada@Example.com', 'countess@example.com'],
        employeeNumber: ['10'],
        title: ['Countess'],
        telephoneNumber: ['+49 30 1', '+49 30 2'],
        description: ['Byron, research'],
      })
      expect(await read(client, dnOf('dora'), ['employeeNumber', 'mail'])).toEqual({
        mail: ['dora@example.com'],
      })
      expect(await read(client, dnOf('eve'), ['description', 'mail'])).toEqual({ description: ['Nord,'] })
    })

    it('are selected by what either holds, and by both', async () => {
      await start(personnelOnDirectory(directory, personnel))
      expect(await found('(departmentNumber=SALES)')).toEqual(dnsOf('bob', 'carl'))
      expect(await found('(!(departmentNumber=sales))')).toEqual(dnsOf('ada', 'dora', 'eve'))
      expect(await found('(|(uid=eve)(title=count*))')).toEqual(dnsOf('ada', 'eve'))
      expect(await found('(&(sn=m*)(departmentNumber=sales))')).toEqual(dnsOf('bob'))
      expect(await found('(&(mail=countess@example.com)(telephoneNumber=+49301))')).toEqual(dnsOf('ada'))
      expect(await found('(!(title=*))')).toEqual(dnsOf('bob', 'dora', 'eve'))
      expect(await found('(description=moss, sales)')).toEqual(dnsOf('bob'))
    })

    it('refer to each other and are members, both ways', async () => {
      await start(personnelOnDirectory(directory, personnel))
      expect(await read(client, `cn=engine,${groups}`, ['member'])).toEqual({
        member: dnsOf('ada', 'bob', 'dora'),
      })
      expect(await found(`(&(memberOf=cn=engine,${groups})(departmentNumber=sales))`)).toEqual(dnsOf('bob'))
      expect(await found(`(manager:1.2.840.113556.1.4.1941:=${dnOf('ada')})`)).toEqual(
        dnsOf('bob', 'carl', 'dora', 'eve'),
      )
      await gateway?.close()
      await start(personnelOnDirectory(directory, personnel, { optional: false }))
      expect(await found('(uid=*)')).toEqual(dnsOf('ada', 'bob', 'carl'))
      expect(await read(client, `cn=engine,${groups}`, ['member'])).toEqual({ member: dnsOf('ada', 'bob') })
      expect(await found(`(member=${dnOf('dora')})`, groups)).toEqual([])
      expect(await found(`(manager:1.2.840.113556.1.4.1941:=${dnOf('ada')})`)).toEqual(dnsOf('bob', 'carl'))
    })

    it('bind with the password of the directory', async () => {
      await start(personnelOnDirectory(directory, personnel))
      expect(await bind('ada')).toBe(0)
      expect(await bind('dora')).toBe(0)
      expect(await bind('ada', 'bob-password')).toBe(INVALID_CREDENTIALS)
      expect(await bind('bob')).toBe(INVALID_CREDENTIALS)
      expect(await bind('nobody')).toBe(INVALID_CREDENTIALS)
    })

    it('are paged, sorted and counted', async () => {
      await start(personnelOnDirectory(directory, personnel))
      expect(await list({ sortBy: 'title' })).toEqual([5, ['carl', 'ada', 'bob', 'dora', 'eve']])
      expect(await list({ sortBy: 'userName', sortOrder: 'descending', filter: 'not (title pr)' })).toEqual([
        3,
        ['eve', 'dora', 'bob'],
      ])
      expect(await list({ filter: 'not (title pr)', count: 2, startIndex: 3 })).toEqual([3, ['eve']])
      expect(await list({ filter: 'emails[value eq "ADA@example.com"] and title pr' })).toEqual([1, ['ada']])
      const paged: string[] = []
      const asked = { scope: 'singleLevel', filter: '(!(departmentNumber=research))', pageSize: 2 } as const
      for await (const { dn } of client.searchPaged(people, asked)) paged.push(dn)
      expect(paged).toEqual(dnsOf('bob', 'carl', 'dora', 'eve'))
    })
  })

  describe('people of a directory, changed with what a database holds', () => {
    beforeEach(async () => {
      directory = await startCorp()
      personnel = await database()
      await loadEmployees(personnel)
      await start(personnelOnDirectory(directory, personnel))
    })
    afterEach(() => directory.stop())

    it('alone or together', async () => {
      expect(await patch('bob', { title: 'Seller', name: { familyName: 'Marsh' } })).toMatchObject({
        status: 200,
      })
      expect(
        await patch('carl', {
          title: 'Cook',
          emails: [{ value: 'carl@example.com' }, { value: 'c@example.com' }],
          phoneNumbers: [
            { value: '+49 30 3', type: 'work' },
            { value: '+49 30 4', type: 'work' },
          ],
        }),
      ).toMatchObject({ status: 200 })
      expect(await read(client, dnOf('bob'), ['sn', 'title'])).toEqual({ sn: ['Marsh'], title: ['Seller'] })
      expect(await read(client, dnOf('carl'), ['mail', 'title', 'telephoneNumber'])).toEqual({
        mail: ['c@example.com', 'carl@example.com'],
        title: ['Cook'],
        telephoneNumber: ['+49 30 3', '+49 30 4'],
      })
    })

    it('are as they were where one of both refuses its part', async () => {
      const before = await read(client, dnOf('ada'))
      const tooLong = 'x'.repeat(80)
      expect(await patch('ada', { title: tooLong, name: { familyName: 'King' } })).toMatchObject({
        status: 400,
      })
      expect(await read(client, dnOf('ada'))).toEqual(before)
      // A name that is taken: the directory refuses when the database is done.
      expect(await patch('ada', { userName: 'bob', title: 'Queen' })).toMatchObject({ status: 409 })
      expect(await read(client, dnOf('ada'))).toEqual(before)
    })

    it('are renamed and given a password with it', async () => {
      expect(await patch('ada', { userName: 'lovelace', title: 'Queen', password: 'another' })).toMatchObject(
        {
          status: 200,
        },
      )
      expect(await read(client, dnOf('lovelace'), ['title'])).toEqual({ title: ['Queen'] })
      expect(await bind('lovelace', 'another')).toBe(0)
    })

    it('come and go', async () => {
      const fay = {
        schemas: [
          'urn:ietf:params:scim:schemas:core:2.0:User',
          'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
        ],
        userName: 'fay',
        displayName: 'Fay Gray',
        name: { familyName: 'Gray', formatted: 'Fay Gray' },
        emails: [{ value: 'fay@example.com' }, { value: 'gray@example.com' }],
        'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { employeeNumber: '50' },
      }
      const refused = await service.post('/Users', { ...fay, title: 'x'.repeat(80) })
      expect(refused).toMatchObject({ status: 400 })
      expect(await found('(uid=fay)')).toEqual([])
      expect(await service.post('/Users', { ...fay, title: 'Cook' })).toMatchObject({ status: 201 })
      expect(await found('(&(title=Cook)(employeeNumber=50))')).toEqual(dnsOf('fay'))
      expect(await service.remove(`/Users/${await idOf('fay')}`)).toMatchObject({ status: 204 })
      expect(await found('(uid=fay)')).toEqual([])
    })
  })

  describe('rows of a database that a directory completes', () => {
    beforeAll(async () => {
      directory = await startCorp()
      personnel = await database()
      await loadEmployees(personnel)
    })
    afterAll(() => directory.stop())

    it.each([
      ['any address', { mail: 'email' }],
      ['login', { uid: 'login' }],
    ] as const)('are found by %s', async (_by, on) => {
      await start(directoryOnPersonnel(directory, personnel, on))
      expect(await read(client, dnOf('ada'), ['sn', 'mail', 'displayName', 'title'])).toEqual({
        sn: ['Byron'],
        mail: ['Ada@Example.com', 'countess@example.com'],
        displayName: ['Byron, research'],
        title: ['Countess'],
      })
      expect(await found('(mail=COUNTESS@example.com)')).toEqual(dnsOf('ada'))
      expect(await found('(&(title=c*)(!(mail=countess@example.com)))')).toEqual(dnsOf('carl'))
      expect(await found('(!(sn=*))')).toEqual(dnsOf('nobody'))
      expect(await found('(&(departmentNumber=research)(sn=byron))')).toEqual(dnsOf('ada'))
      expect(await list({ filter: 'name.familyName pr', sortBy: 'name.familyName' })).toEqual([
        3,
        ['ada', 'carl', 'bob'],
      ])
      expect(await list({ filter: 'emails pr', count: 1, startIndex: 2 })).toEqual([3, ['bob']])
    })

    it('are changed in the directory', async () => {
      await start(directoryOnPersonnel(directory, personnel, { uid: 'login' }))
      const emails = [{ value: 'bob@example.com' }, { value: 'moss@example.com' }]
      expect(await patch('bob', { title: 'Seller', emails })).toMatchObject({ status: 200 })
      expect(await read(client, dnOf('bob'), ['mail', 'title'])).toEqual({
        mail: ['bob@example.com', 'moss@example.com'],
        title: ['Seller'],
      })
      // Nothing says where somebody whom the directory does not know should be there.
      const refused = await patch('nobody', { title: 'Somebody', emails: [{ value: 'x@example.com' }] })
      expect(refused).toMatchObject({ status: 403 })
      expect(await read(client, dnOf('nobody'), ['title'])).toEqual({ title: ['Unknown'] })
    })
  })
})

describe('a directory that is away', () => {
  it('takes with it what it holds, or everything, as the mapping says', async () => {
    const directory = await startCorp()
    const { url, remove } = sqliteDatabase()
    await loadEmployees(url)
    try {
      const on = { uid: 'login' }
      await start(directoryOnPersonnel(directory, url, on, { onFailure: 'absent', timeout: '1s' }))
      expect(await read(client, dnOf('ada'), ['sn', 'title'])).toEqual({ sn: ['Byron'], title: ['Countess'] })
      await directory.stop()
      expect(await read(client, dnOf('ada'), ['sn', 'title'])).toEqual({ title: ['Countess'] })
      expect(await codeOf(client.searchAll(people, { filter: '(sn=Byron)' }))).toBe(UNAVAILABLE)
      await gateway?.close()
      await start(directoryOnPersonnel(directory, url, on))
      expect(await codeOf(client.searchAll(people, { filter: '(title=*)' }))).toBe(UNAVAILABLE)
    } finally {
      await directory.stop()
      await remove()
    }
  })
})

describe('a directory that another one and a database complete', () => {
  it('shows, finds and lets in', async () => {
    const [own, other] = [await startCorp(), await startCorp()]
    const { url, remove } = sqliteDatabase()
    await loadEmployees(url)
    const there = await LdapClient.connect({ host: other.host, port: other.port })
    try {
      await there.bind(other.rootDn, other.rootPassword)
      await there.modify('uid=ada,ou=staff,dc=corp', [
        { operation: 'add', type: 'mail', values: ['other@example.com'] },
      ])
      await there.delete('uid=eve,ou=staff,dc=corp')
      await start(directoryOnDirectory(own, other, url))
      expect(await found('(uid=*)')).toEqual(dnsOf('ada', 'bob', 'carl', 'dora'))
      expect(await found('(&(mail=OTHER@example.com)(title=countess))')).toEqual(dnsOf('ada'))
      expect(await found(`(manager:1.2.840.113556.1.4.1941:=${dnOf('ada')})`)).toEqual(
        dnsOf('bob', 'carl', 'dora'),
      )
      expect(await list({ filter: 'emails pr', sortBy: 'title' })).toEqual([
        4,
        ['carl', 'ada', 'bob', 'dora'],
      ])
      expect(await bind('ada')).toBe(0)
      expect(await bind('eve')).toBe(INVALID_CREDENTIALS)
    } finally {
      there.close()
      await Promise.all([own.stop(), other.stop(), remove()])
    }
  })
})
