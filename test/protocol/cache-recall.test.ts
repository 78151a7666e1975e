/** The very same search again costs little: what is due to everybody is done all the same. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createGateway } from '../../src/index.js'
import { LdapClient } from '../../src/ldap/index.js'
import { sqliteDatabase } from '../mappings/databases.js'
import { binding, cachedStaff, fillStaff } from './caching.js'
import { codeOf, runSql } from './serving.js'
import { admin, people } from './staff.js'

const folder = mkdtempSync(join(tmpdir(), 'vitrine-recall-'))
const log = join(folder, 'access.log')
const database = sqliteDatabase()
const cleanUp: (() => unknown)[] = []

beforeAll(() => fillStaff(database.url))
afterAll(async () => {
  for (const undo of cleanUp.reverse()) await undo()
  await database.remove()
  rmSync(folder, { recursive: true })
})

async function serve(overrides: Parameters<typeof cachedStaff>[2], ttl = '1h') {
  const gateway = await createGateway(cachedStaff(database.url, { ttl }, overrides))
  cleanUp.push(() => gateway.close())
  const { ldap, ops } = await gateway.listen()
  const client = await LdapClient.connect({ port: ldap?.port ?? 0 })
  cleanUp.push(() => client.close())
  return {
    gateway,
    client,
    metrics: async () => (await fetch(`http://127.0.0.1:${ops?.port}/metrics`)).text(),
  }
}

const ann = { filter: '(uid=ann)', attributes: ['cn', 'title'] }

it('it is counted and logged', async () => {
  const { client, metrics } = await serve({
    listen: { ldap: 0, ops: 0 },
    log: { level: 'silent', access: log },
  })
  await client.bind(admin.dn, admin.password)
  for (let i = 0; i < 5; i++) expect((await client.searchAll(people, ann)).entries).toHaveLength(1)
  const text = await metrics()
  expect(text).toMatch(/vitrine_operations_total\{protocol="ldap",operation="search",result="0"\} 5/)
  expect(text).toMatch(/vitrine_entries_sent_total\{[^}]*search[^}]*\} 5/)
  expect(text).toMatch(/vitrine_cache_answers_total\{view="people",from="cache"\} 4/)
  expect(text).toMatch(/vitrine_cache_answers_total\{view="people",from="source"\} 1/)
  expect(text).toMatch(/vitrine_cache_answers\{view="people"\} 1/)
  expect(text).toMatch(/vitrine_cache_hearing\{view="crews"\} 1/)
  await sleep(600)
  const lines = readFileSync(log, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as object)
  const searches = lines.filter((line) => 'filter' in line)
  expect(searches).toHaveLength(5)
  expect(searches[4]).toMatchObject({ filter: '(uid=?)', base: people, result: 0, entries: 1, who: admin.dn })
  expect(new Set(searches.map((line) => (line as { request?: string }).request)).size).toBe(5)
})

it('it is refused to those who ask too often', async () => {
  const { client } = await serve({ limits: { rate: { perAddress: 20 } } })
  const codes: number[] = []
  for (let i = 0; i < 60; i++) codes.push(await codeOf(client.searchAll(people, ann)))
  expect(codes.slice(0, 20)).toEqual(new Array(20).fill(0))
  expect(codes).toContain(51)
})

it('it is answered for whoever is bound by then, and no longer than its time', async () => {
  const { client } = await serve({}, '300ms')
  const shown = async () => {
    const { entries } = await client.searchAll(people, { filter: '(uid=eve)', attributes: ['title'] })
    return entries.flatMap((entry) => entry.attributes.flatMap((one) => one.values.map(String)))
  }
  const title = async (one: string) =>
    runSql(database.url, `update staff set title = '${one}' where login = 'eve'`)
  await title('Old')
  for (let i = 0; i < 2; i++) {
    expect(await shown()).toEqual([])
    await client.bind(binding.dn, binding.password)
    expect(await shown()).toEqual(['Old'])
    await client.bind(admin.dn, admin.password)
    expect(await shown()).toEqual(['Old'])
    await client.bind('', '')
  }
  await client.bind(admin.dn, admin.password)
  await shown()
  await title('New')
  await sleep(320)
  expect(await shown()).toEqual(['New'])
})

it('whoever is gone from another configuration is not answered from the old one', async () => {
  const { gateway, client } = await serve({})
  await client.bind(admin.dn, admin.password)
  for (let i = 0; i < 2; i++) expect((await client.searchAll(people, ann)).entries).toHaveLength(1)
  const nobody = { access: [], serviceAccounts: [] }
  await gateway.reload(cachedStaff(database.url, { ttl: '1h' }, { ...nobody, listen: { ldap: 0 }, scim: {} }))
  expect(
    await codeOf(client.searchAll(people, ann).then(({ entries }) => expect(entries).toEqual([]))),
  ).not.toBe(0)
})
