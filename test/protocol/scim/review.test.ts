/** What must hold for mappings and access rules other than the demonstration's: nothing is lost, shown or done twice. */
import { describe, expect, it } from 'vitest'
import { BULK, ENTERPRISE, found, GROUP, refusal, SEARCH, USER, values } from './serving.js'
import { dnOf, type Rules, serving, users, withAttributes } from './tables.js'

const serve = serving()

describe('versions', () => {
  it('that are times tell two changes within a second apart', async () => {
    const { as } = await serve(
      [
        `create table users (id integer primary key, login text unique, title text, changed datetime)`,
        `insert into users values (1, 'a', 'x', '2020-01-01 00:00:00.000')`,
      ],
      [withAttributes({ title: 'title', modifyTimestamp: 'changed' }, { version: 'changed' })],
    )
    const admin = as('admin')
    const [{ id = '' } = {}] = (await admin.get('/Users')).body.Resources ?? []
    const set = (value: string) => admin.patch(`/Users/${id}`, [{ op: 'replace', path: 'title', value }])
    const seen = [await set('one'), await set('two'), await set('three')].map((a) => a.headers.get('etag'))
    expect(new Set(seen).size).toBe(3)
  })
})

describe('passwords', () => {
  it('that are not to be written are refused, at once', async () => {
    const { as } = await serve(
      [
        'create table users (id integer primary key, login text unique, pw text)',
        `insert into users values (1, 'a', 'x')`,
      ],
      [withAttributes({ userPassword: { column: 'pw', verifyOnly: true, readOnly: true } })],
    )
    const admin = as('admin')
    const [{ id = '' } = {}] = (await admin.get('/Users')).body.Resources ?? []
    const answer = await admin.patch(`/Users/${id}`, [{ op: 'replace', path: 'password', value: 'new' }])
    expect(answer).toMatchObject(refusal(400, 'mutability'))
  }, 10_000)
})

describe('references that stand in the table of those they refer to', () => {
  const statements = [
    'create table departments (id integer primary key, name text unique)',
    'create table users (id integer primary key, login text unique, department integer, manager integer)',
    `insert into departments values (1, 'Sales')`,
    `insert into users values (1, 'boss', 1, null), (2, 'clerk', 1, 1)`,
  ]
  const departments = {
    view: 'departments',
    source: 'db',
    from: 'departments',
    writable: true,
    key: 'id',
    attributes: { cn: 'name', member: { ref: 'users', table: 'users', on: 'department', value: 'id' } },
    scim: { resource: 'Group' },
  }

  it('never delete nor create those', async () => {
    const { as } = await serve(statements, [users, departments])
    const admin = as('admin')
    const [group] = (await admin.get('/Groups')).body.Resources ?? []
    expect(group?.members).toHaveLength(2)
    const [first] = group?.members ?? []
    await admin.patch(`/Groups/${group?.id}`, [{ op: 'remove', path: `members[value eq "${first?.value}"]` }])
    expect((await admin.get('/Users')).body.totalResults).toBe(2)
    await admin.remove(`/Groups/${group?.id}`)
    expect((await admin.get('/Users')).body.totalResults).toBe(2)
  })

  it('as those of managers are', async () => {
    const { as } = await serve(statements, [
      withAttributes({
        manager: { ref: 'users', column: 'manager' },
        seeAlso: { ref: 'users', table: 'users', on: 'manager', value: 'id' },
      }),
    ])
    const admin = as('admin')
    const [boss] = await found(admin, '/Users', 'userName eq "boss"')
    await admin.remove(`/Users/${boss}`)
    expect(await found(admin, '/Users', 'userName eq "clerk"')).toHaveLength(1)
  })
})

describe('what the writer may not read', () => {
  const statements = [
    'create table users (id integer primary key, login text unique, title text)',
    'create table mails (person integer, address text, kind text)',
    `insert into users values (1, 'a', 'chief')`,
    `insert into mails values (1, 'old@example.com', 'work')`,
  ]
  const view = withAttributes({
    title: 'title',
    mail: { table: 'mails', on: 'person', value: 'address', parts: { type: 'kind' } },
  })
  const rules: Rules = [
    { who: dnOf('writer'), allow: ['write'], views: '*' },
    { who: dnOf('writer'), allow: ['read', 'search'], views: '*', attributes: ['uid'] },
  ]

  it('stays where something is added to it, or left out of a PUT', async () => {
    const { as } = await serve(statements, [view], rules)
    const [writer, admin] = [as('writer'), as('admin')]
    const [id = ''] = await found(admin, '/Users', 'userName eq "a"')
    const added = [{ value: 'new@example.com', type: 'work' }]
    const patched = await writer.patch(`/Users/${id}`, [{ op: 'add', path: 'emails', value: added }])
    expect(patched).toMatchObject(refusal(403))
    const mails = values((await admin.get(`/Users/${id}`)).body.emails)
    expect(mails).toEqual(['old@example.com'])
    await writer.put(`/Users/${id}`, { schemas: [USER], userName: 'a' })
    const { body } = await admin.get(`/Users/${id}`)
    expect(values(body.emails)).toEqual(mails)
    expect(body.title).toBe('chief')
    await writer.patch(`/Users/${id}`, [
      { op: 'replace', path: 'emails', value: added },
      { op: 'add', path: 'title', value: 'clerk' },
    ])
    const after = (await admin.get(`/Users/${id}`)).body
    expect({ emails: values(after.emails), title: after.title }).toEqual({
      emails: ['new@example.com'],
      title: 'clerk',
    })
  })
})

describe('changes', () => {
  it('are refused to those who may not ask when entries change', async () => {
    const { as } = await serve(
      [
        'create table users (id integer primary key, login text unique, changed timestamp)',
        `insert into users values (1, 'a', '2026-01-02 03:04:05')`,
      ],
      [withAttributes({ modifyTimestamp: 'changed' })],
      [
        { who: dnOf('reader'), allow: ['read', 'search'], views: ['users'], except: ['modifyTimestamp'] },
        { who: dnOf('writer'), allow: ['read'], views: ['users'] },
        { who: dnOf('writer'), allow: ['search'], views: ['users'], attributes: ['modifyTimestamp'] },
      ],
    )
    const since = { since: '2026-01-01T00:00:00Z' }
    const refused = await as('reader').get('/Users/.changes', since)
    expect(refused).toMatchObject(refusal(403))
    expect(refused.body.detail).toBe('changes are told to those who may search modifyTimestamp')
    for (const account of ['writer', 'admin'])
      expect((await as(account).get('/Users/.changes', since)).body.totalResults).toBe(1)
    const [own] = (await as('reader').get('/Users')).body.Resources ?? []
    expect(own).toMatchObject({ userName: 'a' })
  })
})

describe('what references are called', () => {
  const statements = [
    'create table users (id integer primary key, login text unique, shown text)',
    'create table hosts (id integer primary key, name text)',
    'create table teams (id integer primary key, name text)',
    'create table team_users (team integer, member integer)',
    'create table team_hosts (team integer, member integer)',
    `insert into users values (1, 'a', 'Secret Agent')`,
    `insert into hosts values (1, 'vault')`,
    `insert into teams values (1, 'Team')`,
    'insert into team_users values (1, 1)',
    'insert into team_hosts values (1, 1)',
  ]
  const views = [
    withAttributes({ displayName: 'shown' }),
    {
      view: 'hosts',
      source: 'db',
      from: 'hosts',
      writable: true,
      key: 'id',
      attributes: { cn: 'name' },
      scim: { resource: 'Host', endpoint: '/Hosts', attributes: { displayName: { attribute: 'cn' } } },
    },
    {
      view: 'teams',
      source: 'db',
      from: 'teams',
      writable: true,
      key: 'id',
      attributes: {
        cn: 'name',
        member: [
          { ref: 'users', table: 'team_users', on: 'team', value: 'member' },
          { ref: 'hosts', table: 'team_hosts', on: 'team', value: 'member' },
        ],
      },
      scim: { resource: 'Group' },
    },
  ]

  it('is neither shown nor found without the right to read it there', async () => {
    const { as } = await serve(statements, views, [
      { who: dnOf('reader'), allow: ['read', 'search'], views: ['teams'] },
      { who: dnOf('reader'), allow: ['read', 'search'], views: ['users'], attributes: ['uid'] },
    ])
    const reader = as('reader')
    const { text } = await reader.get('/Groups')
    expect(text).not.toContain('Secret Agent')
    expect(text).not.toContain('vault')
    expect(await found(reader, '/Groups', 'members.display sw "Secret"')).toEqual([])
    expect(await found(reader, '/Groups', 'members[display sw "vau"]')).toEqual([])
    const admin = as('admin')
    expect((await admin.get('/Groups')).text).toContain('Secret Agent')
    expect(await found(admin, '/Groups', 'members.display sw "Secret"')).toHaveLength(1)
  })

  const writing: Rules = [
    { who: dnOf('writer'), allow: ['read', 'search', 'write'], views: ['teams', 'users'] },
  ]

  it('members that the writer may not know of stay members', async () => {
    const { as } = await serve(statements, views, writing)
    const [writer, admin] = [as('writer'), as('admin')]
    const [id = ''] = await found(admin, '/Groups', 'displayName eq "Team"')
    const { body } = await writer.get(`/Groups/${id}`)
    expect(body.members).toHaveLength(1)
    expect(
      (await writer.put(`/Groups/${id}`, body, { headers: { 'if-match': body.meta?.version ?? '' } })).status,
    ).toBe(200)
    expect((await admin.get(`/Groups/${id}`)).body.members).toHaveLength(2)
    expect((await writer.patch(`/Groups/${id}`, [{ op: 'remove', path: 'members' }])).status).toBe(200)
    expect((await admin.get(`/Groups/${id}`)).body.members).toHaveLength(1)
    const removed = await writer.patch(`/Groups/${id}`, [
      { op: 'remove', path: 'members[display eq "vault"]' },
    ])
    expect(removed.status).toBeLessThan(500)
    expect((await admin.get(`/Groups/${id}`)).body.members).toHaveLength(1)
  })
})

describe('ids', () => {
  it('find what they are of, whatever the keys are', async () => {
    const { as } = await serve(
      [
        'create table users (id text primary key, login text unique)',
        'create table boxes (id blob primary key, name text)',
        `insert into users values ('0F0E0D0C-0B0A-4908-8706-050403020100', 'caps'), ('short', 's'), ('much longer than that', 'l'), ('12', 'n'), ('0f0e0d0c-0b0a-4908-8706-050403020101', 'small')`,
        `insert into boxes values (x'01020304', 'a'), (x'000102030405060708090a0b0c0d0e0f', 'b')`,
      ],
      [
        users,
        {
          view: 'boxes',
          source: 'db',
          from: 'boxes',
          writable: true,
          key: 'id',
          attributes: { cn: 'name' },
          scim: { resource: 'Box', endpoint: '/Boxes', attributes: { displayName: { attribute: 'cn' } } },
        },
      ],
    )
    const admin = as('admin')
    for (const path of ['/Users', '/Boxes']) {
      const all = (await admin.get(path)).body.Resources ?? []
      expect(all.length).toBeGreaterThan(1)
      const ids = all.map(({ id = '' }) => id).sort()
      const [first = '', last = ''] = [ids[0], ids.at(-1)]
      const foundBy = async (filter: string) => (await found(admin, path, filter)).toSorted()
      expect(await foundBy(`id eq "${first}" or id eq "${last}" or id eq "nobody"`)).toEqual([first, last])
      expect(await foundBy(ids.map((id) => `id eq "${id}"`).join(' or '))).toEqual(ids)
      expect(await foundBy(`id eq "${first}" or displayName eq "no"`)).toEqual([first])
      expect(await foundBy('id pr')).toEqual(ids)
      for (const filter of [`id ne "${first}"`, `not (id eq "${first}")`, `id pr and not (id eq "${first}")`])
        expect(await foundBy(filter), filter).toEqual(ids.slice(1))
      expect(await foundBy(ids.map((id) => `id ne "${id}"`).join(' and '))).toEqual([])
      expect(await foundBy('id ne "nobody"')).toEqual(ids)
      const where = { filter: `id sw "${first.slice(0, 2)}"` }
      expect(await admin.get(path, where)).toMatchObject(refusal(400, 'invalidFilter'))
      for (const { id } of all) {
        const { status, body } = await admin.get(`${path}/${encodeURIComponent(id ?? '')}`)
        expect({ status, id: body.id }, `${path}/${id}`).toEqual({ status: 200, id })
        expect(await found(admin, path, `id eq "${id}"`), `${path}/${id}`).toEqual([id])
      }
    }
  })
})

describe('the conditions of a view', () => {
  it('hold for what is written through it', async () => {
    const { as } = await serve(
      [
        'create table users (id integer primary key, login text unique, kind text)',
        `insert into users values (1, 'a', 'staff'), (2, 'root', 'admin')`,
      ],
      [withAttributes({ employeeType: 'kind' }, { where: { kind: ['staff', 'guest'] } })],
    )
    const admin = as('admin')
    const made = await admin.post('/Users', { schemas: [USER], userName: 'b', userType: 'admin' })
    expect(made).toMatchObject(refusal(400, 'invalidValue'))
    const [id = ''] = await found(admin, '/Users', 'userName eq "a"')
    const type = (value: string) => admin.patch(`/Users/${id}`, [{ op: 'replace', path: 'userType', value }])
    expect(await type('admin')).toMatchObject(refusal(400, 'invalidValue'))
    expect((await type('guest')).status).toBe(200)
    expect((await admin.post('/Users', { schemas: [USER], userName: 'c', userType: 'staff' })).status).toBe(
      201,
    )
    expect((await admin.get('/Users')).body.totalResults).toBe(2)
  })
})

describe('an attribute in a column and in further rows', () => {
  it('keeps all of what a PUT gives it', async () => {
    const { as } = await serve(
      [
        'create table users (id integer primary key, login text unique, mail text)',
        'create table mails (person integer, address text, kind text)',
        `insert into users values (1, 'a', 'first@example.com')`,
        `insert into mails values (1, 'second@example.com', 'home')`,
      ],
      [
        withAttributes({
          mail: ['mail', { table: 'mails', on: 'person', value: 'address', parts: { type: 'kind' } }],
        }),
      ],
    )
    const admin = as('admin')
    const [id = ''] = await found(admin, '/Users', 'userName eq "a"')
    const emails = [
      { value: 'first@example.com', type: 'work' },
      { value: 'second@example.com', type: 'home' },
      { value: 'third@example.com', type: 'work' },
    ]
    const { body } = await admin.put(`/Users/${id}`, { schemas: [USER], userName: 'a', emails })
    expect(body.emails).toEqual(expect.arrayContaining(emails))
  })
})

describe('text of a kind that takes long to look through', () => {
  it('takes no longer than other text', async () => {
    const { as } = await serve(
      ['create table users (id integer primary key, login text unique)', `insert into users values (1, 'a')`],
      [users],
    )
    const admin = as('admin')
    const begun = performance.now()
    const attributes = ['['.repeat(49_000)]
    expect((await admin.post('/.search', { schemas: [SEARCH], attributes })).status).toBe(200)
    const path = `/Users${'/'.repeat(300_000)}1`
    const bulk = { schemas: [BULK], Operations: [{ method: 'DELETE', path }] }
    expect((await admin.post('/Bulk', bulk)).body.Operations?.[0]?.status).toBe('404')
    expect(performance.now() - begun).toBeLessThan(3000)
  }, 60_000)
})

describe('entries with UUIDs of their own', () => {
  it('are referred to by them', async () => {
    const uuid = (n: number) => `0f0e0d0c-0b0a-4908-8706-05040302010${n}`
    const { as } = await serve(
      [
        'create table users (id integer primary key, uid text unique, login text unique, manager integer)',
        'create table teams (id integer primary key, uid text unique, name text)',
        'create table team_users (team integer, member integer)',
        `insert into users values (1, '${uuid(1)}', 'a', null), (2, '${uuid(2)}', 'b', null)`,
        `insert into teams values (1, '${uuid(3)}', 'Team')`,
      ],
      [
        withAttributes({ manager: { ref: 'users', column: 'manager' } }, { uuid: 'uid' }),
        {
          view: 'teams',
          source: 'db',
          from: 'teams',
          writable: true,
          key: 'id',
          uuid: 'uid',
          attributes: {
            cn: 'name',
            member: { ref: 'users', table: 'team_users', on: 'team', value: 'member' },
          },
          scim: { resource: 'Group' },
        },
      ],
    )
    const admin = as('admin')
    const members = [{ value: uuid(1) }, { value: uuid(2) }]
    const put = await admin.put(`/Groups/${uuid(3)}`, { schemas: [GROUP], displayName: 'Team', members })
    expect(values(put.body.members)).toEqual([uuid(1), uuid(2)])
    const manager = { path: `${ENTERPRISE}:manager`, value: { value: uuid(1) } }
    const set = await admin.patch(`/Users/${uuid(2)}`, [{ op: 'replace', ...manager }])
    expect(set.body[ENTERPRISE]).toMatchObject({ manager: { value: uuid(1) } })
    const gone = await admin.patch(`/Groups/${uuid(3)}`, [
      { op: 'replace', path: 'members', value: [{ value: uuid(2) }] },
    ])
    expect(values(gone.body.members)).toEqual([uuid(2)])
    expect(
      await admin.patch(`/Users/${uuid(2)}`, [
        { op: 'replace', path: `${ENTERPRISE}:manager`, value: { value: uuid(9) } },
      ]),
    ).toMatchObject(refusal(400, 'invalidValue'))
  }, 20_000)
})

describe('members in a column and in further rows', () => {
  it('are told apart when members come and go', async () => {
    const { as } = await serve(
      [
        'create table users (id integer primary key, login text unique)',
        'create table teams (id integer primary key, name text, leader integer)',
        'create table team_users (team integer, member integer)',
        `insert into users values (1, 'a'), (2, 'b'), (3, 'c')`,
        `insert into teams values (1, 'Team', 1)`,
        'insert into team_users values (1, 2)',
      ],
      [
        users,
        {
          view: 'teams',
          source: 'db',
          from: 'teams',
          writable: true,
          key: 'id',
          attributes: {
            cn: 'name',
            member: [
              { ref: 'users', column: 'leader' },
              { ref: 'users', table: 'team_users', on: 'team', value: 'member' },
            ],
          },
          scim: { resource: 'Group' },
        },
      ],
    )
    const admin = as('admin')
    const [a = '', b = '', c = ''] = await found(admin, '/Users', 'userName pr')
    const [team = ''] = await found(admin, '/Groups', 'displayName pr')
    const members = async () => values((await admin.get(`/Groups/${team}`)).body.members)
    expect(await members()).toEqual([a, b].sort())
    await admin.patch(`/Groups/${team}`, [{ op: 'add', path: 'members', value: [{ value: c }] }])
    expect(await members()).toEqual([a, b, c].sort())
    await admin.patch(`/Groups/${team}`, [{ op: 'remove', path: `members[value eq "${a}"]` }])
    expect(await members()).toEqual([b, c].sort())
  })
})
