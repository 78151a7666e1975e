/** Unions of views over LDAP and SCIM: two companies in two databases, shown as one. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  controlType,
  findControl,
  type LdapClient,
  noOpControl,
  pagedResultsControl,
  parsePagedResults,
  sortRequestControl,
} from '../../src/ldap/index.js'
import { sqliteDatabase } from '../mappings/databases.js'
import { mariadbDatabase } from '../servers/shared.js'
import {
  acquiredSql,
  admin,
  apart,
  companiesConfig,
  corporationSql,
  groupDn,
  groups,
  guid,
  people,
  personDn,
  suffix,
  TOKEN,
} from './companies.js'
import { copyAll } from './copied.js'
import { found, type Scim, scim, USER, values } from './scim/serving.js'
import { codeOf, find, outcome, read, runSql, type Serving, serve } from './serving.js'

const UNAVAILABLE_OTHER = 80
const INVALID_CREDENTIALS = 49

interface Companies {
  readonly serving: Serving
  readonly client: LdapClient
  readonly users: Scim
  readonly urls: readonly [corporation: string, acquired: string]
  close(): Promise<void>
}

/** Whether members are asked, or copies of them. */
const kinds: readonly (readonly [string, boolean])[] = [
  ['asked', false],
  ['copied', true],
]

async function companies(
  isCopied: boolean,
  options: Parameters<typeof companiesConfig>[2],
  ...changes: readonly string[]
): Promise<Companies> {
  const corporation = await mariadbDatabase()
  const acquired = sqliteDatabase()
  await runSql(corporation, corporationSql(corporation))
  await runSql(acquired.url, acquiredSql(), ...changes)
  const forget = isCopied ? copyAll(corporation, acquired.url) : undefined
  const config = companiesConfig(corporation, acquired.url, options)
  const serving = await serve(config)
  const client = await serving.connect(admin.dn, admin.password)
  const http = serving.http
  if (http === undefined) throw new Error('HTTP is not served')
  return {
    serving,
    client,
    users: scim(`http://${http.host}:${http.port}/scim/v2`, `Bearer ${TOKEN}`),
    urls: [corporation, acquired.url],
    close: async () => {
      await serving.close()
      forget?.()
      await acquired.remove()
    },
  }
}

async function pages(
  client: LdapClient,
  base: string,
  size: number,
): Promise<readonly (readonly string[])[]> {
  const all: string[][] = []
  let cookie: Buffer = Buffer.alloc(0)
  do {
    const controls = [pagedResultsControl({ size, cookie }, true)]
    const { entries, done } = await client.searchAll(base, {
      scope: 'singleLevel',
      attributes: ['1.1'],
      controls,
    })
    all.push(entries.map(({ dn }) => dn))
    const answer = findControl(done.controls, controlType.pagedResults)
    cookie = answer === undefined ? Buffer.alloc(0) : Buffer.from(parsePagedResults(answer).cookie)
  } while (cookie.length > 0 && all.length < 20)
  return all
}

const names = (list: { readonly Resources?: readonly { readonly userName?: string }[] }) =>
  (list.Resources ?? []).map(({ userName }) => userName)

describe.each(kinds)('of members that are %s and have nobody in common', (_kind, isCopied) => {
  let all: Companies
  beforeAll(async () => {
    all = await companies(isCopied, { create: 'acme' }, apart)
  })
  afterAll(() => all?.close())

  it('everybody is there, each by the mapping of their own database', async () => {
    const { client } = all
    expect(await find(client, people, '(objectClass=person)')).toEqual(
      ['ada', 'bob', 'carl', 'dora', 'emil'].map(personDn),
    )
    expect(await read(client, personDn('dora'), ['cn', 'telephoneNumber', 'memberOf', 'entryUUID'])).toEqual({
      cn: ['Dora Maar'],
      telephoneNumber: ['777 01'],
      memberOf: [groupDn('artists')],
      entryUUID: [guid(1)],
    })
    expect(await read(client, personDn('bob'), ['cn', 'manager'])).toEqual({
      cn: ['Bob Builder'],
      manager: [personDn('ada')],
    })
  })

  it('filters find people of both', async () => {
    const { client } = all
    expect(await find(client, people, '(&(sn=*)(!(telephoneNumber=*)))')).toEqual(
      ['ada', 'carl', 'emil'].map(personDn),
    )
    expect(await find(client, people, '(|(uid=EMIL)(mail=ada@*))')).toEqual(['ada', 'emil'].map(personDn))
    expect(await find(client, people, `(memberOf=${groupDn('artists')})`)).toEqual(
      ['dora', 'emil'].map(personDn),
    )
    expect(await find(client, groups, `(member=${personDn('dora')})`)).toEqual([groupDn('artists')])
    expect(await find(client, groups, `(member=${personDn('nobody')})`)).toEqual([])
    const uuid = String((await read(client, personDn('bob'), ['entryUUID']))?.entryUUID?.[0])
    expect(await find(client, suffix, `(entryUUID=${uuid})`)).toEqual([personDn('bob')])
    expect(await find(client, suffix, `(entryUUID=${guid(4)})`)).toEqual([personDn('emil')])
  })

  it.each([1, 2, 3, 4, 5, 6])('pages of %i hold each once, the first member first', async (size) => {
    const paged = await pages(all.client, people, size)
    expect(paged.flat()).toEqual(['ada', 'bob', 'carl', 'dora', 'emil'].map(personDn))
    expect(Math.max(...paged.map((page) => page.length))).toBe(Math.min(size, 5))
  })

  it('compare and bind ask the member that has the entry', async () => {
    const { client, serving } = all
    expect(await client.compare(personDn('dora'), 'sn', 'Maar')).toBe(true)
    expect(await client.compare(groupDn('artists'), 'member', personDn('emil'))).toBe(true)
    expect(await client.compare(groupDn('artists'), 'member', personDn('ada'))).toBe(false)
    expect(await codeOf(serving.connect(personDn('ada'), 'ada-secret'))).toBe(0)
    expect(await codeOf(serving.connect(personDn('dora'), 'dora-secret'))).toBe(0)
    expect(await codeOf(serving.connect(personDn('dora'), 'ada-secret'))).toBe(INVALID_CREDENTIALS)
    // Disabled in their databases.
    expect(await codeOf(serving.connect(personDn('carl'), 'carl-secret'))).toBe(INVALID_CREDENTIALS)
    expect(await codeOf(serving.connect(personDn('emil'), 'emil-secret'))).toBe(INVALID_CREDENTIALS)
    expect(await codeOf(serving.connect(personDn('nobody'), 'x'))).toBe(INVALID_CREDENTIALS)
  })

  it('SCIM lists, sorts and pages them as one resource type', async () => {
    const { users } = all
    const { body } = await users.get('/Users')
    expect(body.totalResults).toBe(5)
    expect(names(body)).toEqual(['ada', 'bob', 'carl', 'dora', 'emil'])
    expect(body.schemas).toHaveLength(1)
    const sorted = await users.get('/Users', { sortBy: 'name.familyName' })
    expect(names(sorted.body)).toEqual(['bob', 'carl', 'ada', 'dora', 'emil'])
    const down = await users.get('/Users', {
      sortBy: 'emails',
      sortOrder: 'descending',
      startIndex: 2,
      count: 3,
    })
    expect(names(down.body)).toEqual(['emil', 'dora', 'bob'])
    expect(down.body.totalResults).toBe(5)
    for (const startIndex of [1, 2, 3, 4, 5]) {
      const page = await users.get('/Users', { startIndex, count: 2 })
      expect(names(page.body)).toEqual(
        ['ada', 'bob', 'carl', 'dora', 'emil'].slice(startIndex - 1, startIndex + 1),
      )
    }
    const seen: (string | undefined)[] = []
    for (let cursor: string | undefined = ''; cursor !== undefined; ) {
      const page: Awaited<ReturnType<Scim['get']>> = await users.get('/Users', { cursor, count: 2 })
      seen.push(...names(page.body))
      expect(page.body.totalResults).toBe(5)
      cursor = page.body.nextCursor
    }
    expect(seen).toEqual(['ada', 'bob', 'carl', 'dora', 'emil'])
    expect((await users.get('/Users', { filter: 'active eq false' })).body.totalResults).toBe(2)
  })

  it('ids are those of the members, and lead back to them', async () => {
    const { users, client } = all
    for (const name of ['ada', 'dora']) {
      const [id = ''] = await found(users, '/Users', `userName eq "${name}"`)
      expect((await users.get(`/Users/${id}`)).body.userName).toBe(name)
      expect((await read(client, personDn(name), ['entryUUID']))?.entryUUID).toEqual([id])
    }
    expect(await found(users, '/Users', 'userName eq "dora"')).toEqual([guid(1)])
    for (const id of [guid(9), 'corp:1', 'acme:x', 'people', '%00'])
      expect((await users.get(`/Users/${encodeURIComponent(id)}`)).status).toBe(404)
    const [artists] =
      (await users.get('/Groups', { filter: 'displayName eq "artists"' })).body.Resources ?? []
    expect(values(artists?.members)).toEqual([guid(1), guid(4)])
    expect(artists?.members?.[0]?.$ref).toMatch(/\/Users\//)
    expect(await found(users, '/Groups', `members.value eq "${guid(4)}"`)).toEqual([artists?.id])
  })

  it('what is written goes to the member that has it, and new people to the one that takes them', async () => {
    const { users, urls, client, serving } = all
    const made = await users.user({
      userName: 'frida',
      name: { givenName: 'Frida', familyName: 'Kahlo' },
      emails: [{ value: 'frida@example.com' }],
      password: 'frida-secret',
    })
    expect(await find(client, people, '(uid=frida)')).toEqual([personDn('frida')])
    expect(await codeOf(serving.connect(personDn('frida'), 'frida-secret'))).toBe(0)
    const changed = await users.patch(`/Users/${made.id}`, [
      { op: 'replace', path: 'name.familyName', value: 'Kahlo y Calderón' },
    ])
    expect(changed.body.name?.familyName).toBe('Kahlo y Calderón')
    const [ada = ''] = await found(users, '/Users', 'userName eq "ada"')
    expect(
      (await users.patch(`/Users/${ada}`, [{ op: 'replace', path: 'active', value: false }])).body.active,
    ).toBe(false)
    expect(await codeOf(serving.connect(personDn('ada'), 'ada-secret'))).toBe(INVALID_CREDENTIALS)
    await users.patch(`/Users/${ada}`, [{ op: 'replace', path: 'active', value: true }])
    // A group of one company takes members of that company only.
    const [artists = ''] = await found(users, '/Groups', 'displayName eq "artists"')
    const joined = await users.patch(`/Groups/${artists}`, [
      { op: 'add', path: 'members', value: [{ value: made.id }] },
    ])
    expect(joined.status).toBe(200)
    expect(await find(client, people, `(memberOf=${groupDn('artists')})`)).toContain(personDn('frida'))
    const refused = await users.patch(`/Groups/${artists}`, [
      { op: 'add', path: 'members', value: [{ value: ada }] },
    ])
    expect(refused.status).toBe(400)
    const left = await users.patch(`/Groups/${artists}`, [
      { op: 'remove', path: `members[value eq "${made.id}"]` },
    ])
    expect(left.status).toBe(200)
    expect((await users.remove(`/Users/${made.id}`)).status).toBe(204)
    expect(await find(client, people, '(uid=frida)')).toEqual([])
    await runSql(urls[1], `delete from accounts where acct = 'frida'`)
  })

  it('who has bound as an entry of a union tries out what is then undone', async () => {
    const bound = await all.serving.connect(personDn('ada'), 'ada-secret')
    const before = await read(bound, personDn('ada'))
    const change = { operation: 'replace', type: 'sn', values: ['Nobody'] } as const
    const controls = [noOpControl()]
    expect(await codeOf(bound.modify(personDn('ada'), [change], { controls }))).toBe(16654)
    expect(await codeOf(bound.delete(personDn('ada'), { controls }))).toBe(16654)
    expect(await read(bound, personDn('ada'))).toEqual(before)
  })

  it('nobody can become the same as somebody of another member', async () => {
    const { users } = all
    const taken = [
      { userName: 'BOB', name: { familyName: 'x' } },
      { userName: 'new', name: { familyName: 'x' }, emails: [{ value: 'ADA@example.com' }] },
    ]
    for (const user of taken) {
      const { status, body } = await users.post('/Users', { schemas: [USER], ...user })
      expect([status, body.scimType]).toEqual([409, 'uniqueness'])
    }
    const [dora = ''] = await found(users, '/Users', 'userName eq "dora"')
    const changed = await users.patch(`/Users/${dora}`, [{ op: 'replace', path: 'userName', value: 'carl' }])
    expect(changed.status).toBe(409)
    expect(
      (await users.patch(`/Users/${dora}`, [{ op: 'replace', path: 'userName', value: 'DORA' }])).status,
    ).toBe(200)
    await users.patch(`/Users/${dora}`, [{ op: 'replace', path: 'userName', value: 'dora' }])
  })
})

describe.each(kinds)('of members that are %s and have people in common', (_kind, isCopied) => {
  it('these are an error unless something else is asked for', async () => {
    const all = await companies(isCopied, {})
    try {
      expect(await outcome(all.client, people, { scope: 'singleLevel' })).toMatchObject({
        code: UNAVAILABLE_OTHER,
      })
      expect(await outcome(all.client, personDn('bob'), { scope: 'baseObject' })).toMatchObject({
        code: UNAVAILABLE_OTHER,
      })
      const { status, body } = await all.users.get('/Users', { filter: 'userName eq "adele"' })
      expect(status).toBe(500)
      expect(body.detail).toBe(
        `people has two entries that are the same: acme:${guid(2)} and corp:1 agree in mail`,
      )
      expect(await find(all.client, people, '(uid=dora)')).toEqual([personDn('dora')])
      expect(await codeOf(all.serving.connect(personDn('bob'), 'bob-secret'))).not.toBe(0)
    } finally {
      await all.close()
    }
  })

  describe('that of the first', () => {
    let all: Companies
    beforeAll(async () => {
      all = await companies(isCopied, { duplicates: 'first' })
    })
    afterAll(() => all?.close())

    it('hides the others, whatever is asked', async () => {
      const { client, users } = all
      expect(await find(client, people, '(objectClass=person)')).toEqual(
        ['ada', 'bob', 'carl', 'dora', 'emil'].map(personDn),
      )
      expect(await find(client, people, '(uid=adele)')).toEqual([])
      expect(await find(client, people, '(telephoneNumber=777*)')).toEqual([personDn('dora')])
      expect((await read(client, personDn('bob'), ['mail']))?.mail).toEqual(['bob@example.com'])
      expect(await read(client, personDn('adele'))).toBeUndefined()
      expect((await users.get('/Users')).body.totalResults).toBe(5)
      expect((await users.get(`/Users/${guid(2)}`)).status).toBe(404)
      expect((await users.get(`/Users/${guid(3)}`)).status).toBe(404)
      expect(
        (await users.patch(`/Users/${guid(3)}`, [{ op: 'replace', path: 'name.familyName', value: 'x' }]))
          .status,
      ).toBe(404)
      for (const size of [1, 2, 3])
        expect((await pages(client, people, size)).flat()).toEqual(
          ['ada', 'bob', 'carl', 'dora', 'emil'].map(personDn),
        )
    })

    it('shows references to the hidden as references to who is shown instead', async () => {
      const { client, users } = all
      expect((await read(client, personDn('dora'), ['manager']))?.manager).toEqual([personDn('ada')])
      expect((await read(client, personDn('emil'), ['manager']))?.manager).toEqual([personDn('bob')])
      expect(await find(client, people, `(manager=${personDn('ada')})`)).toEqual([
        personDn('bob'),
        personDn('dora'),
      ])
      expect((await read(client, groupDn('artists'), ['member']))?.member).toEqual(
        ['ada', 'dora', 'emil'].map(personDn),
      )
      expect(await find(client, groups, `(member=${personDn('ada')})`)).toEqual(
        ['artists', 'engineering'].map(groupDn),
      )
      expect(await client.compare(groupDn('artists'), 'member', personDn('ada'))).toBe(true)
      const [ada = ''] = await found(users, '/Users', 'userName eq "ada"')
      const [artists] =
        (await users.get('/Groups', { filter: 'displayName eq "artists"' })).body.Resources ?? []
      expect(values(artists?.members)).toEqual([ada, guid(1), guid(4)].sort())
      expect(artists?.members?.find(({ value }) => value === ada)?.display).toBe('Ada Lovelace')
      expect((await found(users, '/Groups', `members.value eq "${ada}"`)).length).toBe(2)
      // The corporation's group of that name has precedence.
      expect((await read(client, groupDn('everybody'), ['member']))?.member).toEqual([personDn('carl')])
    })

    it('binds with the password of who is shown', async () => {
      const { serving } = all
      expect(await codeOf(serving.connect(personDn('bob'), 'bob-secret'))).toBe(0)
      for (const [uid, password] of [
        ['bob', 'robert-secret'],
        ['adele', 'adele-secret'],
      ] as const)
        expect(await codeOf(serving.connect(personDn(uid), password))).toBe(INVALID_CREDENTIALS)
    })

    it('takes a hidden account along when the person is deleted', async () => {
      const { users, client, serving } = all
      const [bob = ''] = await found(users, '/Users', 'userName eq "bob"')
      expect((await users.remove(`/Users/${bob}`)).status).toBe(204)
      expect(await find(client, people, '(uid=bob)')).toEqual([])
      expect(await codeOf(serving.connect(personDn('bob'), 'robert-secret'))).toBe(INVALID_CREDENTIALS)
    })
  })

  describe('merged', () => {
    let all: Companies
    beforeAll(async () => {
      all = await companies(isCopied, { duplicates: 'merge' })
    })
    afterAll(() => all?.close())

    it('complete each other, and filters ask the whole', async () => {
      const { client } = all
      const attributes = ['uid', 'sn', 'telephoneNumber']
      expect(await read(client, personDn('ada'), attributes)).toEqual({
        uid: ['ada'],
        sn: ['Lovelace'],
        telephoneNumber: ['777 02'],
      })
      expect((await read(client, personDn('bob'), attributes))?.telephoneNumber).toEqual(['555 01'])
      expect(await find(client, people, '(telephoneNumber=777*)')).toEqual(['ada', 'dora'].map(personDn))
      expect(await find(client, people, '(&(sn=lovelace)(telephoneNumber=777 02))')).toEqual([
        personDn('ada'),
      ])
      expect(await find(client, people, '(sn=byron)')).toEqual([])
      expect(await find(client, people, '(&(sn=*)(!(telephoneNumber=*)))')).toEqual(
        ['carl', 'emil'].map(personDn),
      )
    })

    it('are written to the first, which then has what it took from the other', async () => {
      const { users, urls } = all
      const [ada = ''] = await found(users, '/Users', 'userName eq "ada"')
      const before = await users.get(`/Users/${ada}`)
      expect(values(before.body.phoneNumbers)).toEqual(['777 02'])
      const asRead = await users.put(`/Users/${ada}`, before.body)
      expect(asRead.status).toBe(200)
      const { body, status } = await users.patch(
        `/Users/${ada}`,
        [{ op: 'replace', path: 'phoneNumbers[type eq "work"].value', value: '999' }],
        { headers: { 'if-match': String(asRead.headers.get('etag')) } },
      )
      expect([status, values(body.phoneNumbers)]).toEqual([200, ['999']])
      await runSql(urls[0], 'update staff set phone = null where id = 1')
      expect(values((await users.get(`/Users/${ada}`)).body.phoneNumbers)).toEqual(['777 02'])
      const removed = await users.patch(`/Users/${ada}`, [{ op: 'remove', path: 'phoneNumbers' }])
      expect([removed.status, removed.body.scimType]).toEqual([400, 'mutability'])
    })

    it('are sorted over LDAP, too, in pages and by the filter they were found by', async () => {
      const { client } = all
      const filter = '(|(telephoneNumber=*)(sn=*))'
      const order = sortRequestControl(
        [
          { attribute: 'telephoneNumber', reverse: true },
          { attribute: 'uid', reverse: false },
        ],
        true,
      )
      const uids = async (size: number) => {
        const found: string[] = []
        let cookie: Buffer = Buffer.alloc(0)
        do {
          const controls = [order, pagedResultsControl({ size, cookie }, true)]
          const { entries, done } = await client.searchAll(people, { filter, attributes: ['uid'], controls })
          found.push(...entries.map(({ attributes }) => String(attributes[0]?.values[0])))
          const page = findControl(done.controls, controlType.pagedResults)
          cookie = Buffer.from(page === undefined ? '' : parsePagedResults(page).cookie)
        } while (cookie.length > 0)
        return found
      }
      const whole = await uids(100)
      expect(whole).toHaveLength(5)
      expect(await uids(2)).toEqual(whole)
      const phones = await client.searchAll(people, { filter: '(telephoneNumber=*)', attributes: ['uid'] })
      const withPhones = phones.entries.map(({ attributes }) => String(attributes[0]?.values[0]))
      expect(new Set(whole.slice(-withPhones.length))).toEqual(new Set(withPhones))
    })

    it('are sorted by what they are completed by', async () => {
      const { users } = all
      const { body } = await users.get('/Users', { sortBy: 'phoneNumbers', count: 3 })
      expect(names(body)).toEqual(['bob', 'dora', 'ada'])
      expect(body.totalResults).toBe(5)
    })
  })
})
