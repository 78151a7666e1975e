/** What is kept of views over several databases, as clients see it: while nothing is wrong, and after one of them was killed. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { createGateway, type GatewayInput } from '../../src/index.js'
import { LdapClient } from '../../src/ldap/index.js'
import { runSql, sqliteDatabase } from '../mappings/databases.js'
import {
  acquiredSql,
  admin,
  companiesConfig,
  corporationSql,
  people,
  personDn,
} from '../protocol/companies.js'
import * as joined from '../protocol/joined-people.js'
import { codeOf } from '../protocol/serving.js'
import { startMariadb } from '../servers/mariadb.js'
import type { SqlServer } from '../servers/server.js'
import { eventually } from './running.js'

const UNAVAILABLE = 52
const TTL = 300

let server: SqlServer
let corporation: string
let employees: string
const acquired = sqliteDatabase()
const accounts = sqliteDatabase()
const closing: (() => unknown)[] = []

beforeAll(async () => {
  server = await startMariadb()
  corporation = await server.createDatabase('corporation')
  employees = await server.createDatabase('employees')
  await runSql(corporation, corporationSql(corporation))
  await joined.loadEmployees(employees)
  await runSql(acquired.url, acquiredSql())
  await joined.loadAccounts(accounts.url)
})
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})
afterAll(async () => {
  await server?.stop()
  await acquired.remove()
  await accounts.remove()
})

/** That view with what is kept of its answers. */
function keeping(config: GatewayInput, name: string, cache: object): GatewayInput {
  const views = config.views.map((view) =>
    typeof view === 'object' && 'view' in view && view.view === name ? { mapping: view, cache } : view,
  )
  return { ...config, views } as GatewayInput
}

async function serve(config: GatewayInput, account: { readonly dn: string; readonly password: string }) {
  const gateway = await createGateway(config)
  closing.push(() => gateway.close())
  const { ldap } = await gateway.listen()
  const client = await LdapClient.connect({ port: ldap?.port ?? 0, timeoutMs: 20_000 })
  closing.push(() => client.close())
  await client.bind(account.dn, account.password)
  const connect = async () => {
    const another = await LdapClient.connect({ port: ldap?.port ?? 0, timeoutMs: 20_000 })
    closing.push(() => another.close())
    return another
  }
  return { client, connect }
}

const union = (cache: object) =>
  serve(keeping(companiesConfig(corporation, acquired.url, { duplicates: 'first' }), 'people', cache), admin)
const join = (cache: object) =>
  serve(keeping(joined.config(accounts.url, employees, { owned: true }), 'people', cache), joined.admin)

/** Whom the filter finds, with one of their attributes. */
async function found(client: LdapClient, filter: string, attribute: string): Promise<readonly string[]> {
  const { entries } = await client.searchAll(people, { filter, attributes: [attribute] })
  return entries.flatMap(({ attributes }) => attributes.flatMap(({ values }) => values.map(String))).sort()
}

it('a union: what is written to a member is seen at once, what others write when its time is over', async () => {
  const { client } = await union({ ttl: '1h' })
  const phones = () => found(client, '(telephoneNumber=*)', 'telephoneNumber')
  expect(await phones()).toEqual(['555 01', '777 01'])
  await runSql(acquired.url, `update accounts set desk_phone = '777 99' where acct = 'dora'`)
  await runSql(corporation, `update staff set phone = '555 99' where login = 'bob'`)
  expect(await phones()).toEqual(['555 01', '777 01'])
  const change = { operation: 'replace', type: 'telephoneNumber', values: ['777 04'] } as const
  await client.modify(personDn('emil'), [change])
  expect(await phones()).toEqual(['555 99', '777 04', '777 99'])
})

it('a join: what is written to either database is seen at once, whichever table is asked about', async () => {
  const { client } = await join({ ttl: '1h' })
  const titles = () => found(client, '(departmentNumber=research)', 'title')
  expect(await titles()).toEqual(['Countess'])
  await runSql(employees, `update employees set dept = 'research' where emp_no = 30`)
  expect(await titles()).toEqual(['Countess'])
  const dn = `uid=ada,${people}`
  await client.modify(dn, [{ operation: 'replace', type: 'title', values: ['Analyst'] }])
  expect(await titles()).toEqual(['Analyst', 'First of two'])
  await client.modify(dn, [{ operation: 'replace', type: 'sn', values: ['Lovelace'] }])
  expect(await found(client, '(departmentNumber=research)', 'sn')).toEqual(['Hall', 'Lovelace'])
})

it.each([
  ['a union', union, '(uid=ada)', '(uid=carl)'],
  ['a join', join, '(departmentNumber=research)', '(departmentNumber=sales)'],
] as const)(
  '%s: what has grown old stands in for a database that was killed, nothing else does',
  async (name, view, known, unknown) => {
    const { client, connect } = await view({ ttl: `${TTL}ms`, staleIfError: '1h' })
    const short = await view({ ttl: `${TTL}ms` })
    const before = await found(client, known, 'cn')
    expect(before).not.toEqual([])
    expect(await found(short.client, known, 'cn')).toEqual(before)
    await server.kill()
    try {
      await sleep(TTL + 100)
      expect(await found(client, known, 'cn')).toEqual(before)
      expect(await codeOf(found(client, unknown, 'cn'))).toBe(UNAVAILABLE)
      expect(await codeOf(found(short.client, known, 'cn'))).toBe(UNAVAILABLE)
      // Whoever needs the database to be let in is not let in by what is kept.
      if (name === 'a union') {
        const ada = await connect()
        expect(await codeOf(ada.bind(personDn('ada'), 'ada-secret'))).toBe(UNAVAILABLE)
      }
    } finally {
      await server.restart()
    }
    const change = {
      'a union': [corporation, `update staff set first = 'Augusta' where login = 'ada'`],
      'a join': [employees, `update employees set dept = 'law' where emp_no = 10`],
    } as const
    await runSql(change[name][0], change[name][1])
    const now = () => found(client, known, 'cn')
    await eventually(8000, now, (seen) => String(seen) !== String(before))
  },
)
