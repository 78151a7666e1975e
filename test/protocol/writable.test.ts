/** What mappings let be written, over LDAP and SCIM, and what writes that meet each other come to. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createGateway, type GatewayInput } from '../../src/index.js'
import { type LdapClient, resultCode } from '../../src/ldap/index.js'
import { sqliteDatabase } from '../mappings/databases.js'
import { codeOf, type Database, databases, read, runSql, type Serving, serve } from './serving.js'
import { admin, crewDn, people, personDn, staffConfig, staffSql } from './staff.js'

const replace = (client: LdapClient, dn: string, type: string, ...values: string[]) =>
  codeOf(client.modify(dn, [{ operation: 'replace', type, values }]))

/** The configuration with something else said of people. */
function withPeople(config: GatewayInput, more: object): GatewayInput {
  const [first, ...others] = config.views
  return { ...config, views: [{ ...(first as object), ...more }, ...others] } as GatewayInput
}

describe('a mapping', () => {
  let database: Database
  let serving: Serving | undefined

  beforeAll(async () => {
    database = sqliteDatabase()
    await runSql(database.url, staffSql(database.url))
  })

  afterEach(() => serving?.close())
  afterAll(() => database?.remove())

  const writing = async (writable: unknown) => {
    serving = await serve(withPeople(staffConfig(database.url), { writable }))
    return serving.connect(admin.dn, admin.password)
  }
  const newcomer = ['inetOrgPerson', 'posixAccount']
  const add = (client: LdapClient, login: string) =>
    codeOf(
      client.add(personDn(login), [
        { type: 'objectClass', values: newcomer },
        ...['cn', 'sn', 'homeDirectory'].map((type) => ({ type, values: ['x'] })),
        ...['uidNumber', 'gidNumber'].map((type) => ({ type, values: ['7'] })),
      ]),
    )

  it.each([undefined, false])('that says writable: %s lets nothing be written', async (writable) => {
    const client = await writing(writable)
    const { unwillingToPerform } = resultCode
    expect(await replace(client, personDn('ann'), 'title', 'New')).toBe(unwillingToPerform)
    expect(await replace(client, personDn('ann'), 'userPassword', 'new')).toBe(unwillingToPerform)
    expect(await codeOf(client.delete(personDn('ann')))).toBe(unwillingToPerform)
    expect(await codeOf(client.modifyDn(personDn('ann'), 'uid=anna'))).toBe(unwillingToPerform)
    expect(await add(client, 'new')).toBe(unwillingToPerform)
    expect(await replace(client, crewDn('red'), 'description', 'A crew')).toBe(0)
    expect(await replace(client, personDn('nobody'), 'title', 'New')).toBe(resultCode.noSuchObject)
  })

  it('may name attributes, which alone are written', async () => {
    const client = await writing(['title', 'userPassword'])
    expect(await replace(client, personDn('ann'), 'title', 'Named')).toBe(0)
    expect(await replace(client, personDn('ann'), 'userPassword', 'named')).toBe(0)
    expect(await replace(client, personDn('ann'), 'sn', 'Unnamed')).toBe(resultCode.constraintViolation)
    expect(
      await codeOf(
        client.modify(personDn('ann'), [
          { operation: 'replace', type: 'title', values: ['Both'] },
          { operation: 'replace', type: 'sn', values: ['Both'] },
        ]),
      ),
    ).toBe(resultCode.constraintViolation)
    expect(await read(client, personDn('ann'), ['title', 'sn'])).toEqual({ title: ['Named'], sn: ['Archer'] })
    expect(await add(client, 'new')).toBe(resultCode.unwillingToPerform)
    expect(await codeOf(client.delete(personDn('ann')))).toBe(resultCode.unwillingToPerform)
  })

  it('may let entries be added, or deleted, or neither', async () => {
    const adding = await writing({ attributes: true, add: true })
    expect(await add(adding, 'added')).toBe(0)
    expect(await codeOf(adding.delete(personDn('added')))).toBe(resultCode.unwillingToPerform)
    await serving?.close()
    const deleting = await writing({ delete: true })
    expect(await replace(deleting, personDn('added'), 'title', 'x')).toBe(resultCode.unwillingToPerform)
    expect(await codeOf(deleting.delete(personDn('added')))).toBe(0)
  })

  it.each([
    [['title', 'memberOf'], /writable\[1\].*memberOf cannot be written/],
    [{ attributes: ['titel'] }, /writable\.attributes\[0\].*titel is not among.*Did you mean title/],
    ['all', /writable/],
  ])('that says writable: %j is refused', async (writable, message) => {
    const config = withPeople(staffConfig(database.url), { writable })
    await expect(createGateway(config)).rejects.toThrow(message)
  })
})

describe.each(databases)('writes to %s', (_name, create) => {
  let database: Database
  let serving: Serving
  let clients: readonly LdapClient[]
  let client: LdapClient

  beforeAll(async () => {
    database = await create()
    await runSql(database.url, staffSql(database.url))
    serving = await serve(staffConfig(database.url))
    clients = await Promise.all(Array.from({ length: 4 }, () => serving.connect(admin.dn, admin.password)))
    client = clients[0] as LdapClient
  })

  afterAll(async () => {
    await serving?.close()
    await database?.remove()
  })

  it('at the same time are all done, one after the other', async () => {
    const before = Number((await read(client, personDn('ann'), ['uidNumber']))?.uidNumber?.[0])
    const one = { operation: 'increment', type: 'uidNumber', values: ['1'] } as const
    const codes = await Promise.all(
      clients.flatMap((each) => Array.from({ length: 5 }, () => codeOf(each.modify(personDn('ann'), [one])))),
    )
    expect(codes).toEqual(codes.map(() => 0))
    expect(await read(client, personDn('ann'), ['uidNumber'])).toEqual({ uidNumber: [String(before + 20)] })
  })

  it('of one member at the same time succeed once', async () => {
    const change = (operation: 'add' | 'delete') =>
      Promise.all(
        clients.map((each) =>
          codeOf(each.modify(crewDn('red'), [{ operation, type: 'member', values: [personDn('eve')] }])),
        ),
      )
    expect((await change('add')).sort()).toEqual([0, 20, 20, 20])
    expect((await change('delete')).sort()).toEqual([0, 16, 16, 16])
  })

  it('of different attributes at the same time lose nothing', async () => {
    const mails = Array.from({ length: 12 }, (_, i) => `m${i}@example.com`)
    const codes = await Promise.all(
      mails.map((mail, i) =>
        codeOf(
          (clients[i % clients.length] as LdapClient).modify(personDn('dee'), [
            { operation: 'add', type: 'mail', values: [mail] },
          ]),
        ),
      ),
    )
    expect(codes).toEqual(mails.map(() => 0))
    expect((await read(client, personDn('dee'), ['mail']))?.mail).toEqual([...mails].sort())
  })

  it('keep the version of entries moving', async () => {
    const versions = async () => {
      const found = []
      const request = { view: 'people', filter: { op: 'eq', attr: 'uid', value: 'bob' } as const }
      const ctx = { principal: { kind: 'anonymous' } as const, signal: new AbortController().signal }
      for await (const entries of serving.gateway.directory.search({ ...request, attributes: 'all' }, ctx))
        found.push(...entries.map(({ version }) => version))
      return found
    }
    const before = await versions()
    expect(await replace(client, personDn('bob'), 'title', 'Once more')).toBe(0)
    expect(await versions()).not.toEqual(before)
  })

  it('keep references when names change, and take them away with the entry', async () => {
    await client.modify(crewDn('blue'), [{ operation: 'add', type: 'member', values: [personDn('bob')] }])
    await client.modifyDn(personDn('bob'), 'uid=robert')
    const members = async () => (await read(client, crewDn('blue'), ['member']))?.member
    expect(await members()).toContain(personDn('robert'))
    expect(await codeOf(client.delete(personDn('robert')))).toBe(0)
    expect(await members()).not.toContain(personDn('robert'))
  })

  it('leave a name that is in use alone, and keep the old one only where there is room', async () => {
    expect(await codeOf(client.modifyDn(personDn('cid'), 'uid=ann'))).toBe(resultCode.entryAlreadyExists)
    expect(await codeOf(client.modifyDn(personDn('cid'), 'uid=sid', { deleteOldRdn: false }))).toBe(
      resultCode.unwillingToPerform,
    )
    expect(await codeOf(client.modifyDn(personDn('cid'), 'cn=Cid'))).toBe(resultCode.namingViolation)
    const elsewhere = { newSuperior: people.replace('people', 'crews') }
    expect(await codeOf(client.modifyDn(personDn('cid'), 'uid=cid', elsewhere))).toBe(
      resultCode.affectsMultipleDSAs,
    )
    expect(await read(client, personDn('cid'), ['uid'])).toEqual({ uid: ['cid'] })
  })
})

it('a member more or less of a great group is one row, whatever the others are', {
  timeout: 60_000,
}, async () => {
  const database = sqliteDatabase()
  const count = 50_000
  await runSql(
    database.url,
    staffSql(database.url),
    `with recursive n(i) as (select 100 union all select i + 1 from n where i < ${99 + count})
     insert into staff (id, login, full_name, last_name) select i, 'p' || i, 'P', 'P' from n;
     insert into crew_members select 1, id from staff where id >= 100;`,
  )
  const serving = await serve(staffConfig(database.url))
  const client = await serving.connect(admin.dn, admin.password)
  const change = (operation: 'add' | 'delete', ...logins: string[]) =>
    codeOf(client.modify(crewDn('red'), [{ operation, type: 'member', values: logins.map(personDn) }]))
  await client.searchAll(crewDn('red'), { scope: 'baseObject', attributes: ['cn'] })
  const whole = performance.now()
  const { entries } = await client.searchAll(crewDn('red'), { scope: 'baseObject', attributes: ['member'] })
  const reading = performance.now() - whole
  expect(entries[0]?.attributes[0]?.values).toHaveLength(count + 2)
  expect(await change('add', 'eve')).toBe(0)
  const start = performance.now()
  expect(await change('add', 'eve')).toBe(resultCode.attributeOrValueExists)
  expect(await change('add', 'dee', 'p200')).toBe(resultCode.attributeOrValueExists)
  expect(await change('add', 'dee')).toBe(0)
  expect(await change('delete', 'p200', 'cid')).toBe(resultCode.noSuchAttribute)
  expect(await change('delete', 'p200')).toBe(0)
  expect(await change('delete', 'p200')).toBe(resultCode.noSuchAttribute)
  expect((performance.now() - start) / 6).toBeLessThan(Math.max(reading, 100))
  await serving.close()
  await database.remove()
})
