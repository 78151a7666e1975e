/** The demonstration's company, as somebody who tries it out meets it. */
import type { Client, Entry } from 'ldapts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { generateData } from '../../mappings/demo/generate.js'
import { mappingText, runSql, sqliteDatabase } from './databases.js'
import { allValues, checked, find, type Served, serve, valuesOf } from './served.js'

const suffix = 'dc=example,dc=com'
const people = `ou=people,${suffix}`
const groups = `ou=groups,${suffix}`

const database = sqliteDatabase()
let served: Served
let client: Client

beforeAll(async () => {
  await runSql(database.url, mappingText('demo/schema.sql'), mappingText('demo/data.sql'))
  served = await serve('demo', { listen: { http: '127.0.0.1:0' }, sources: { hr: { url: database.url } } })
  client = served.connect()
  await client.bind(`cn=admin,${suffix}`, 'secret')
})

afterAll(async () => {
  await served.close()
  await database.remove()
})

test('the committed data is what the generator writes', async () => {
  expect(mappingText('demo/data.sql')).toBe(await generateData())
})

test('a person has the attributes of an inetOrgPerson, from all the tables', async () => {
  expect(await find(client, people, '(uid=bjensen)')).toEqual([
    {
      dn: `uid=bjensen,${people}`,
      objectClass: ['top', 'person', 'organizationalPerson', 'inetOrgPerson'],
      uid: 'bjensen',
      cn: 'Barbara Jensen',
      sn: 'Jensen',
      givenName: 'Barbara',
      displayName: 'Barbara Jensen',
      mail: ['barbara.jensen@example.com', 'bjensen@example.com', 'barbara.jensen@example.org'],
      telephoneNumber: expect.anything(),
      mobile: expect.stringMatching(/^\+/),
      facsimileTelephoneNumber: expect.stringMatching(/^\+/),
      title: 'VP Engineering',
      ou: 'Engineering',
      departmentNumber: '2100',
      employeeNumber: '10035',
      employeeType: 'staff',
      preferredLanguage: 'en',
      roomNumber: expect.any(String),
      manager: `uid=sunal,${people}`,
      memberOf: expect.arrayContaining([`cn=everyone,${groups}`, `cn=engineering,${groups}`]),
      jpegPhoto: expect.anything(),
    },
  ])
})

test('nothing that applications search by is slow', async () => {
  process.env.DEMO_DB = database.url
  expect(await checked('demo')).toBe('4 views: 0 errors, 0 warnings\n')
})

test('a photo is an image, and times are generalized times', async () => {
  const [entry] = await find(client, people, '(uid=bjensen)', {
    attributes: ['jpegPhoto', 'createTimestamp', 'modifyTimestamp'],
    explicitBufferAttributes: ['jpegPhoto'],
  })
  const [photo, ...others] = [entry?.jpegPhoto ?? []].flat()
  expect(others).toEqual([])
  expect(Buffer.from(photo ?? '').subarray(0, 3)).toEqual(Buffer.from([0xff, 0xd8, 0xff]))
  const [created = '', modified = ''] = [
    ...valuesOf(entry, 'createTimestamp'),
    ...valuesOf(entry, 'modifyTimestamp'),
  ]
  expect(created).toMatch(/^20\d{12}Z$/)
  expect(modified >= created).toBe(true)
})

describe('binding', () => {
  test.each([
    ['bjensen', 'hifalutin', 'SSHA'],
    ['sunal', 'Boğaziçi 1863', 'bcrypt'],
    ['lnowak', 'zażółć gęślą jaźń', 'Argon2id'],
    ['sobrien', "it's a secret", 'PBKDF2'],
  ])('%s binds with the password %s, kept as %s, and with no other', async (uid, password) => {
    expect(await served.accepts(`uid=${uid},${people}`, password)).toBe(true)
    expect(await served.accepts(`uid=${uid},${people}`, `${password}.`)).toBe(false)
    expect(await served.accepts(`uid=${uid},${people}`, password.toUpperCase())).toBe(false)
  })

  test('everybody else binds with demo- and their uid', async () => {
    for (const uid of ['htanaka', 'znagy', 'ncohen', 'ljager', 'osjogren']) {
      expect(await served.accepts(`uid=${uid},${people}`, `demo-${uid}`)).toBe(true)
    }
  })

  test('a disabled account is shown and cannot bind', async () => {
    const [login] = [...(/\n {2}\(\d+, '(\w+)'.*'D', '/.exec(mappingText('demo/data.sql'))?.slice(1) ?? [])]
    expect(await find(client, people, `(uid=${login})`)).toHaveLength(1)
    expect(await served.accepts(`uid=${login},${people}`, `demo-${login}`)).toBe(false)
  })

  test('without it nothing is shown', async () => {
    const anonymous = served.connect()
    const shown = await find(anonymous, suffix, '(objectClass=*)').catch(() => [])
    expect(shown.filter((entry) => /^(uid|cn)=/.test(entry.dn))).toEqual([])
  })

  test('a person may read people and groups, and nobody a password', async () => {
    const own = served.connect()
    await own.bind(`uid=bjensen,${people}`, 'hifalutin')
    const entries = await find(own, suffix, '(objectClass=*)', { attributes: ['*', '+', 'userPassword'] })
    expect(entries.length).toBeGreaterThan(350)
    expect(allValues(entries, 'userPassword')).toEqual([])
    expect(await find(client, people, '(userPassword=*)')).toEqual([])
  })
})

describe('the company', () => {
  let everybody: readonly Entry[]
  let allGroups: readonly Entry[]

  beforeAll(async () => {
    everybody = await find(client, people, '(objectClass=person)')
    allGroups = await find(client, groups, '(objectClass=groupOfNames)')
  })

  test('has more than 300 people and 30 groups, each complete as its object class demands', () => {
    expect(everybody.length).toBeGreaterThan(300)
    expect(allGroups.length).toBeGreaterThan(30)
    for (const person of everybody) {
      expect(valuesOf(person, 'cn'), person.dn).toHaveLength(1)
      expect(valuesOf(person, 'sn'), person.dn).toHaveLength(1)
    }
    for (const group of allGroups) expect(valuesOf(group, 'member'), group.dn).not.toEqual([])
  })

  test('has people without what most have', async () => {
    for (const attribute of ['mail', 'title', 'telephoneNumber', 'roomNumber', 'givenName', 'employeeType']) {
      const without = everybody.filter((entry) => valuesOf(entry, attribute).length === 0)
      expect(without.length, attribute).toBeGreaterThan(0)
      const found = await find(client, people, `(&(objectClass=person)(!(${attribute}=*)))`)
      expect(allValues(found, 'uid'), attribute).toEqual(allValues(without, 'uid'))
    }
  })

  test('shows nobody who has been deleted, neither as an entry nor as a member', () => {
    const deleted = [...mappingText('demo/data.sql').matchAll(/\n {2}\(\d+, '(\w+)'.*:\d\d'\)[,;]/g)]
    const withDate = deleted.filter(([row]) => !row.includes('NULL)')).map(([, login]) => login)
    expect(withDate.length).toBeGreaterThan(5)
    expect(allValues(everybody, 'uid').filter((uid) => withDate.includes(uid))).toEqual([])
    const members = allValues(allGroups, 'member')
    expect(withDate.filter((uid) => members.includes(`uid=${uid},${people}`))).toEqual([])
  })

  test('has everyone in the group everyone', () => {
    const everyone = allGroups.find((group) => group.dn === `cn=everyone,${groups}`)
    expect(valuesOf(everyone, 'member')).toEqual(everybody.map((entry) => entry.dn).sort())
  })

  test('refers only to entries that exist', () => {
    const all = [...everybody, ...allGroups]
    const names = new Set(all.map((entry) => entry.dn))
    for (const attribute of ['manager', 'member', 'memberOf', 'owner']) {
      const referred = allValues(all, attribute)
      expect(referred.length, attribute).toBeGreaterThan(5)
      expect(
        referred.filter((dn) => !names.has(dn)),
        attribute,
      ).toEqual([])
    }
  })

  test('is one tree of managers', () => {
    const managerOf = new Map(everybody.map((entry) => [entry.dn, valuesOf(entry, 'manager')[0]]))
    for (const entry of everybody) {
      let at = entry.dn
      for (let steps = 0; steps < 5; steps++) at = managerOf.get(at) ?? at
      expect(at).toBe(`uid=sunal,${people}`)
    }
  })

  test('says on both sides who is in which group', () => {
    const pairs = (
      entries: readonly Entry[],
      attribute: string,
      pair: (dn: string, value: string) => string,
    ) => entries.flatMap((entry) => valuesOf(entry, attribute).map((value) => pair(entry.dn, value))).sort()
    const all = [...everybody, ...allGroups]
    expect(pairs(all, 'memberOf', (dn, group) => `${dn} in ${group}`)).toEqual(
      pairs(all, 'member', (group, dn) => `${dn} in ${group}`),
    )
  })

  test('is found through groups within groups', async () => {
    const chain = '1.2.840.113556.1.4.1941'
    const found = await find(client, people, `(memberOf:${chain}:=cn=all-departments,${groups})`, {
      attributes: ['uid'],
    })
    expect(allValues(found, 'uid')).toEqual(allValues(everybody, 'uid'))
    const technical = await find(client, people, `(memberOf:${chain}:=cn=technology,${groups})`)
    expect(allValues(technical, 'departmentNumber')).toEqual(['2100', '2200', '2300', '2400', '4400'])
  })

  test('is found through managers of managers, and groups by whom they hold', async () => {
    const chain = '1.2.840.113556.1.4.1941'
    const below = await find(client, people, `(manager:${chain}:=uid=sunal,${people})`, {
      attributes: ['uid'],
    })
    expect(allValues(below, 'uid')).toEqual(allValues(everybody, 'uid').filter((uid) => uid !== 'sunal'))
    const holding = await find(client, groups, `(member:${chain}:=uid=bjensen,${people})`, {
      attributes: ['cn'],
    })
    expect(allValues(holding, 'cn')).toEqual(
      expect.arrayContaining(['all-departments', 'engineering', 'everyone', 'technology', 'vpn-users']),
    )
    expect(allValues(holding, 'cn')).not.toContain('commercial')
  })

  test('is found in every script, and by awkward names', async () => {
    const found = async (filter: string) => allValues(await find(client, suffix, filter), 'uid')
    expect(await found('(cn=selin ünal)')).toEqual(['sunal'])
    expect(await found('(displayName=田中 花子)')).toContain('htanaka')
    expect(await found('(sn=παπαδόπουλος)')).not.toEqual([])
    expect(await found("(&(sn=o'brien)(givenName=SIOBHÁN))")).toContain('sobrien')
    expect(await found('(&(employeeType=contractor)(title=*engineer))')).not.toEqual([])
    for (const group of allGroups) {
      const [entry] = await find(client, group.dn, '(objectClass=*)', { scope: 'base' })
      expect(entry?.dn).toBe(group.dn)
    }
    expect(allGroups.map((group) => group.dn)).toContain(`cn=Sales\\, EMEA,${groups}`)
  })
})
