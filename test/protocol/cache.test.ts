/** What is kept of answers, as clients see it: how old an answer may be, whose it is, and what is never kept. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LdapClient } from '../../src/ldap/index.js'
import { sqliteDatabase } from '../mappings/databases.js'
import { binding, cachedStaff, fillStaff, serveCached, ssha } from './caching.js'
import type { Served } from './scim/serving.js'
import { codeOf, runSql } from './serving.js'
import { admin, crewDn, people, personDn } from './staff.js'

const database = sqliteDatabase()
let served: Served
let boss: LdapClient
let nobody: LdapClient

beforeAll(async () => {
  await fillStaff(database.url)
  served = await serveCached(cachedStaff(database.url, { ttl: '1h' }))
  boss = await served.connect(admin.dn, admin.password)
  nobody = await LdapClient.connect(served.ldap)
})

afterAll(async () => {
  nobody?.close()
  await served?.close()
  await database.remove()
})

const sql = (statement: string) => runSql(database.url, statement)

/** What is shown of one attribute of whom the filter finds. */
async function values(client: LdapClient, filter: string, attribute: string): Promise<readonly string[]> {
  const { entries } = await client.searchAll(people, { filter, attributes: [attribute] })
  return entries.flatMap((entry) => entry.attributes.flatMap((a) => a.values.map(String))).sort()
}

const title = (client: LdapClient, login: string) => values(client, `(uid=${login})`, 'title')
const asked = (attributes: string) => ({ filter: 'userName eq "dee"', attributes })

describe('what is kept', () => {
  it('is given again, however the source changes, over LDAP and SCIM', async () => {
    expect(await values(boss, '(uid=dee)', 'sn')).toEqual(['Dyer'])
    const { text } = await served.get('/Users', asked('name.familyName'))
    expect(text).toContain('Dyer')
    await sql(`update staff set last_name = 'Dyson' where login = 'dee'`)
    expect(await values(boss, '(uid=dee)', 'sn')).toEqual(['Dyer'])
    expect((await served.get('/Users', asked('name.familyName'))).text).toBe(text)
    // What was not asked before is asked now.
    expect(await values(boss, '(&(uid=dee)(sn=*))', 'sn')).toEqual(['Dyson'])
  })

  it('is also that nobody is there', async () => {
    expect(await values(boss, '(uid=new)', 'cn')).toEqual([])
    await sql(`insert into staff (id, login, full_name, last_name) values (90, 'new', 'New Man', 'Man')`)
    expect(await values(boss, '(uid=new)', 'cn')).toEqual([])
    await sql('delete from staff where id = 90')
  })

  it('is not given to those who want it from the source (RFC 6171)', async () => {
    expect(await title(boss, 'ann')).toEqual(['Chief'])
    await sql(`update staff set title = 'Head' where login = 'ann'`)
    const dontUseCopy = { type: '1.3.6.1.1.22', critical: true }
    const options = { filter: '(uid=ann)', attributes: ['title'], controls: [dontUseCopy] }
    const { entries } = await boss.searchAll(people, options)
    expect(entries[0]?.attributes[0]?.values.map(String)).toEqual(['Head'])
    await sql(`update staff set title = 'Chief' where login = 'ann'`)
  })

  it('is not given to those who may see something else', async () => {
    expect(await title(boss, 'ann')).toEqual(['Chief'])
    expect(await title(nobody, 'ann')).toEqual([])
    expect(await title(boss, 'ann')).toEqual(['Chief'])
    await sql(`update staff set title = 'Clerk' where login = 'eve'`)
    const eve = await served.connect(binding.dn, binding.password)
    expect(await title(eve, 'eve')).toEqual(['Clerk'])
    expect(await title(eve, 'ann')).toEqual([])
    expect(await title(nobody, 'eve')).toEqual([])
    expect(await title(boss, 'eve')).toEqual(['Clerk'])
    expect(await values(nobody, '(title=Clerk)', 'cn')).toEqual([])
    expect(await values(eve, '(title=Clerk)', 'cn')).toEqual(['Eve Eaton'])
  })
})

describe('what is written here', () => {
  it('is seen at once, over LDAP and SCIM, whichever it was written over', async () => {
    expect(await title(boss, 'bob')).toEqual([])
    expect((await served.get('/Users', { filter: 'userName eq "bob"' })).text).not.toContain('Builder')
    await boss.modify(personDn('bob'), [{ operation: 'replace', type: 'title', values: ['Builder'] }])
    expect(await title(boss, 'bob')).toEqual(['Builder'])
    const { body } = await served.get('/Users', { filter: 'userName eq "bob"' })
    expect(body.Resources?.[0]).toMatchObject({ title: 'Builder' })
    const id = body.Resources?.[0]?.id
    await served.patch(`/Users/${id}`, [{ op: 'replace', path: 'title', value: 'Baker' }])
    expect(await title(boss, 'bob')).toEqual(['Baker'])
    expect((await served.get(`/Users/${id}`)).body).toMatchObject({ title: 'Baker' })
  })

  it('is seen wherever others refer to it', async () => {
    const crews = () => values(boss, '(uid=dee)', 'memberOf')
    expect(await crews()).toEqual([])
    await boss.modify(crewDn('red'), [{ operation: 'add', type: 'member', values: [personDn('dee')] }])
    expect(await crews()).toEqual([crewDn('red')])
    await boss.modifyDn(crewDn('red'), 'cn=scarlet', { deleteOldRdn: true })
    expect(await crews()).toEqual([crewDn('scarlet')])
    await boss.modifyDn(crewDn('scarlet'), 'cn=red', { deleteOldRdn: true })
  })

  it('is done to what is there now, not to what was kept', async () => {
    expect(await values(boss, '(uid=tom)', 'cn')).toEqual([])
    await sql(`insert into staff (id, login, full_name, last_name) values (91, 'tom', 'Tom', 'Tom')`)
    const change = { operation: 'replace', type: 'title', values: ['Tailor'] } as const
    expect(await codeOf(boss.modify(personDn('tom'), [change]))).toBe(0)
    expect(await title(boss, 'tom')).toEqual(['Tailor'])
    const { body } = await served.get('/Users', { filter: 'userName eq "tom"' })
    const [resource] = body.Resources ?? []
    await sql('update staff set version = version + 1 where id = 91')
    const tag = { headers: { 'if-match': resource?.meta?.version ?? '' } }
    const patch = [{ op: 'replace', path: 'title', value: 'Tanner' }]
    expect((await served.patch(`/Users/${resource?.id}`, patch, tag)).status).toBe(412)
    await boss.delete(personDn('tom'))
    expect(await values(boss, '(uid=tom)', 'cn')).toEqual([])
  })
})

it('passwords, comparisons and rights are never kept', async () => {
  expect(await served.bind(binding.dn, binding.password)).toBe(0)
  expect(await boss.compare(personDn('dee'), 'cn', 'Dee Dyer')).toBe(true)
  await sql(
    `update staff set password = '${ssha('another')}', full_name = 'Dee D.' where login in ('eve', 'dee')`,
  )
  expect(await served.bind(binding.dn, binding.password)).toBe(49)
  expect(await served.bind(binding.dn, 'another')).toBe(0)
  expect(await boss.compare(personDn('dee'), 'cn', 'Dee Dyer')).toBe(false)
})

it('nobody is shown what was before a write that has been answered, however many ask meanwhile', async () => {
  const readers = await Promise.all(Array.from({ length: 4 }, () => served.connect(admin.dn, admin.password)))
  let [written, isOver] = [0, false]
  const reading = readers.map(async (reader, i) => {
    let reads = 0
    for (; !isOver; reads++) {
      const due = written
      // The very same search, one that asks for more, and SCIM.
      const shown =
        i < 2
          ? (await values(reader, '(uid=cid)', 'title'))[0]
          : i === 2
            ? (await values(reader, `(|(uid=cid)(title=${due}))`, 'title'))[0]
            : (await served.get('/Users', { filter: 'userName eq "cid"' })).body.Resources?.[0]?.title
      expect(Number(shown ?? 0)).toBeGreaterThanOrEqual(due)
    }
    return reads
  })
  while (written < 60) {
    const title = String(written + 1)
    await boss.modify(personDn('cid'), [{ operation: 'replace', type: 'title', values: [title] }])
    written++
    // Sometimes there is time for an answer to be kept.
    if (written % 3 === 0) await values(boss, '(uid=cid)', 'title')
  }
  isOver = true
  for (const reads of await Promise.all(reading)) expect(reads).toBeGreaterThan(10)
})

describe('another configuration', () => {
  it('begins with nothing', async () => {
    expect(await values(boss, '(uid=cid)', 'sn')).toEqual(['Cooper'])
    await sql(`update staff set last_name = 'Cope' where login = 'cid'`)
    expect(await values(boss, '(uid=cid)', 'sn')).toEqual(['Cooper'])
    await served.gateway.reload()
    expect(await values(boss, '(uid=cid)', 'sn')).toEqual(['Cope'])
  })
})
