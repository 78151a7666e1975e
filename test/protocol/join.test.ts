/** People that two databases hold together, as LDAP and SCIM clients see, search and change them. */
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Gateway } from '../../src/index.js'
import { type ClientChange, LdapClient, noOpControl } from '../../src/ldap/index.js'
import { openSql, type SqlClient } from '../data/sql-client.js'
import { sqliteDatabase } from '../mappings/databases.js'
import { mariadbDatabase, postgresDatabase } from '../servers/shared.js'
import { copyAll, gatewayFor } from './copied.js'
import {
  admin,
  config,
  groups,
  type JoinOf,
  loadAccounts,
  loadEmployees,
  people,
  TOKEN,
} from './joined-people.js'
import { type Scim, scim } from './scim/serving.js'
import { codeOf, find, read } from './serving.js'

const dnsOf = (...names: readonly string[]) => names.map((name) => `uid=${name},${people}`)
const INVALID_CREDENTIALS = 49
const numbered = (employeeNumber: string) => ({
  'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { employeeNumber },
})

describe.each([
  ['MariaDB with PostgreSQL', mariadbDatabase, postgresDatabase],
  ['PostgreSQL with SQLite', postgresDatabase, async () => sqliteDatabase().url],
  ['a copy of MariaDB with SQLite', mariadbDatabase, async () => sqliteDatabase().url],
] as const)('%s', (name, ofAccounts, ofEmployees) => {
  let accounts: string
  let employees: string
  let gateway: Gateway | undefined
  let client: LdapClient
  let service: Scim
  const opened: LdapClient[] = []
  let forget: (() => void) | undefined

  async function start(join: JoinOf = {}): Promise<void> {
    if (name.startsWith('a copy')) forget = copyAll(accounts, employees)
    gateway = await gatewayFor(config(accounts, employees, join))
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
    forget?.()
    forget = undefined
  })

  const found = async (filter: string, base = people) =>
    (await find(client, base, filter)).filter((dn) => dn !== base)

  describe('read', () => {
    beforeAll(async () => {
      accounts = await ofAccounts()
      employees = await ofEmployees()
      await loadAccounts(accounts)
      await loadEmployees(employees)
    })

    it('shows what both hold, by a key that is compared ignoring case; of several rows the first', async () => {
      await start({ optional: true })
      const [ada, carl, dora, eve] = await Promise.all(
        dnsOf('ada', 'carl', 'dora', 'eve').map((dn) =>
          read(client, dn, ['employeeNumber', 'title', 'telephoneNumber', 'description']),
        ),
      )
      expect(ada).toEqual({
        employeeNumber: ['10'],
        title: ['Countess'],
        telephoneNumber: ['+49 30 1', '+49 30 2'],
        description: ['Byron, research'],
      })
      expect(carl).toMatchObject({ employeeNumber: ['30'], title: ['First of two'] })
      expect(dora).toEqual({ description: ['Lind,'] })
      expect(eve).toEqual({ description: ['Nord,'] })
    })

    it('selects by what either holds, and by both', async () => {
      await start({ optional: true })
      expect(await found('(departmentNumber=RESEARCH)')).toEqual(dnsOf('ada'))
      expect(await found('(departmentNumber=sales)')).toEqual(dnsOf('bob', 'carl'))
      expect(await found('(!(departmentNumber=sales))')).toEqual(dnsOf('ada', 'dora', 'eve'))
      expect(await found('(!(title=*))')).toEqual(dnsOf('bob', 'dora', 'eve'))
      expect(await found('(|(uid=eve)(departmentNumber=research))')).toEqual(dnsOf('ada', 'eve'))
      expect(await found('(|(!(departmentNumber=*))(&(uid=a*)(employeeNumber=10)))')).toEqual(
        dnsOf('ada', 'dora', 'eve'),
      )
      expect(await found('(&(sn=Byron)(!(departmentNumber=research)))')).toEqual([])
      expect(await found('(telephoneNumber=+49301)')).toEqual(dnsOf('ada'))
      expect(await found('(telephoneNumber=+49 30*)')).toEqual(dnsOf('ada', 'carl'))
      expect(await found('(!(telephoneNumber=*))')).toEqual(dnsOf('bob', 'dora', 'eve'))
      expect(await found('(description=moss, sales)')).toEqual(dnsOf('bob'))
      expect(await found('(title=Second of two)')).toEqual([])
    })

    it('refers to people from groups and from people, and asks for them', async () => {
      await start({ optional: true })
      expect(await read(client, `cn=engine,${groups}`, ['member'])).toEqual({
        member: dnsOf('ada', 'bob', 'dora'),
      })
      expect(await found(`(member=${dnsOf('dora')})`, groups)).toEqual([`cn=engine,${groups}`])
      expect(await found(`(&(memberOf=cn=engine,${groups})(departmentNumber=sales))`)).toEqual(dnsOf('bob'))
      expect(await found(`(manager:1.2.840.113556.1.4.1941:=${dnsOf('ada')})`)).toEqual(
        dnsOf('bob', 'carl', 'dora', 'eve'),
      )
    })

    it('shows only who has a row everywhere where it is required, also as members', async () => {
      await start({ where: { status: 'active' } })
      expect(await found('(uid=*)')).toEqual(dnsOf('ada', 'carl'))
      expect(await read(client, `cn=engine,${groups}`, ['member'])).toEqual({ member: dnsOf('ada') })
      expect(await found(`(member=${dnsOf('dora')})`, groups)).toEqual([])
      expect(await found(`(member=${dnsOf('carl')})`, groups)).toEqual([`cn=loom,${groups}`])
      expect(await found(`(manager:1.2.840.113556.1.4.1941:=${dnsOf('ada')})`)).toEqual(dnsOf('carl'))
      expect(await codeOf(client.compare(String(dnsOf('bob')), 'sn', 'Moss'))).toBe(32)
    })

    it('lets nobody bind whom the other database disables', async () => {
      await start({ optional: true })
      const bind = (name: string) => codeOf(client.bind(String(dnsOf(name)), `${name}-password`))
      expect(await bind('ada')).toBe(0)
      expect(await bind('bob')).toBe(INVALID_CREDENTIALS)
    })

    it('is paged, sorted and counted over SCIM', async () => {
      await start({ optional: true })
      const list = async (query: Record<string, string | number>) => {
        const { status, body } = await service.get('/Users', query)
        expect(status).toBe(200)
        return [body.totalResults, (body.Resources ?? []).map((r) => r.userName)]
      }
      expect(await list({ sortBy: 'title' })).toEqual([5, ['ada', 'carl', 'bob', 'dora', 'eve']])
      expect(await list({ sortBy: 'userName', sortOrder: 'descending', filter: 'not (title pr)' })).toEqual([
        3,
        ['eve', 'dora', 'bob'],
      ])
      expect(await list({ filter: 'not (title pr)', count: 2 })).toEqual([3, ['bob', 'dora']])
      expect(await list({ filter: 'not (title pr)', count: 2, startIndex: 3 })).toEqual([3, ['eve']])
      expect(await list({ filter: 'phoneNumbers[value eq "+49 30 3"]' })).toEqual([1, ['carl']])
    })
  })

  describe('written', () => {
    let there: SqlClient
    beforeEach(async () => {
      accounts = await ofAccounts()
      employees = await ofEmployees()
      await loadAccounts(accounts)
      await loadEmployees(employees)
      there = await openSql(employees)
    })
    afterEach(() => there.close())

    const idOf = async (name: string) => {
      const { body } = await service.get('/Users', { filter: `userName eq "${name}"` })
      return String(body.Resources?.[0]?.id)
    }
    const patch = async (name: string, value: object) =>
      service.patch(`/Users/${await idOf(name)}`, [{ op: 'replace', value }])
    const employee = async (no: number) => {
      const dn = `(employeeNumber=${no})`
      const [entry] = (
        await client.searchAll(people, { filter: dn, attributes: ['title', 'uid', 'telephoneNumber'] })
      ).entries
      return Object.fromEntries((entry?.attributes ?? []).map((a) => [a.type, a.values.map(String).sort()]))
    }

    it('changes what each holds, together or alone', async () => {
      await start({ optional: true })
      expect(await patch('ada', { title: 'Analyst' })).toMatchObject({ status: 200 })
      expect(await patch('bob', { title: 'Seller', name: { familyName: 'Marsh' } })).toMatchObject({
        status: 200,
      })
      expect(
        await patch('carl', {
          phoneNumbers: [
            { value: '+49 30 3', type: 'work' },
            { value: '+49 30 4', type: 'work' },
          ],
        }),
      ).toMatchObject({ status: 200 })
      expect(await employee(10)).toMatchObject({ title: ['Analyst'], uid: ['ada'] })
      expect(await employee(20)).toMatchObject({ title: ['Seller'], uid: ['bob'] })
      expect(await employee(30)).toMatchObject({ telephoneNumber: ['+49 30 3', '+49 30 4'] })
      expect(await found('(sn=Marsh)')).toEqual(dnsOf('bob'))
    })

    it('leaves everything as it was where one of them refuses its part', async () => {
      await start({ optional: true })
      const before = await read(client, String(dnsOf('bob')))
      const answer = await patch('bob', { title: 'x'.repeat(80), name: { familyName: 'Marsh' } })
      expect(answer).toMatchObject({ status: 400 })
      expect(await read(client, String(dnsOf('bob')))).toEqual(before)
      expect(await patch('eve', { title: 'Nobody', name: { familyName: 'South' } })).toMatchObject({
        status: 400,
      })
      expect(await found('(sn=South)')).toEqual([])
    })

    it('adds a row to a database that has none yet', async () => {
      await start({ optional: true })
      const fay = {
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
        userName: 'fay',
        name: { familyName: 'Gray' },
        emails: [{ value: 'fay@example.com' }],
      }
      const refused = await service.post('/Users', { ...fay, title: 'x'.repeat(80), ...numbered('50') })
      expect(refused).toMatchObject({ status: 400 })
      expect(await found('(uid=fay)')).toEqual([])
      expect(await service.post('/Users', { ...fay, title: 'Cook', ...numbered('50') })).toMatchObject({
        status: 201,
      })
      expect(await employee(50)).toMatchObject({ title: ['Cook'], uid: ['fay'] })
      expect(
        await patch('dora', {
          title: 'Weaver',
          ...numbered('40'),
        }),
      ).toMatchObject({ status: 200 })
      expect(await employee(40)).toMatchObject({ title: ['Weaver'], uid: ['dora'] })
    })

    it('what one database alone does can be tried out, what takes both cannot', async () => {
      await start({ optional: true })
      const [ada = '', carl = ''] = dnsOf('ada', 'carl')
      const controls = [noOpControl()]
      const replaced = (type: string, value: string) =>
        ({ operation: 'replace', type, values: [value] }) as const
      const shown = () => Promise.all(dnsOf('ada', 'carl').map((dn) => read(client, dn)))
      const before = await shown()
      const tried = (...changes: ClientChange[]) => codeOf(client.modify(ada, changes, { controls }))
      expect(await tried(replaced('sn', 'King'))).toBe(16654)
      expect(await tried(replaced('title', 'Queen'))).toBe(16654)
      expect(await tried(replaced('title', 'x'.repeat(80)))).toBe(19)
      expect(await tried(replaced('sn', 'King'), replaced('title', 'Queen'))).toBe(53)
      const member = { operation: 'add', type: 'member', values: [carl] } as const
      expect(await codeOf(client.modify(`cn=engine,${groups}`, [member], { controls }))).toBe(16654)
      expect(await codeOf(client.delete(carl, { controls }))).toBe(16654)
      await gateway?.close()
      await start({ optional: true, owned: true })
      expect(await codeOf(client.delete(carl, { controls }))).toBe(53)
      expect(await shown()).toEqual(before)
    })

    it('deletes the entry, and what the other database has of it only where that is owned', async () => {
      await start({ optional: true })
      expect(await service.remove(`/Users/${await idOf('bob')}`)).toMatchObject({ status: 204 })
      expect(await found('(uid=bob)')).toEqual([])
      const count = async (no: number) =>
        Number((await there.run(`select count(*) as n from employees where emp_no = ${no}`))[0]?.['n'])
      expect(await count(20)).toBe(1)
      await gateway?.close()
      await start({ optional: true, owned: true })
      expect(await service.remove(`/Users/${await idOf('ada')}`)).toMatchObject({ status: 204 })
      expect(await count(10)).toBe(0)
    })
  })
})
