/** A directory behind the gateway, read over SCIM: filters, order and pages, members and groups, versions, and outages. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { controlType } from '../../../src/ldap/controls.js'
import { staff, startDirectory, teams, type Upstream } from './directory.js'
import { type Body, ENTERPRISE, refusal, SEARCH, type Served, values } from './serving.js'

const MANY = 2000
const numbers = Array.from({ length: MANY }, (_, i) => i)
const nameOf = (n: number) => `u${String(n).padStart(4, '0')}`
const dnOf = (uid: string) => `uid=${uid},${staff}`

const line = (name: string, value: string) =>
  /^[ -~]*$/.test(value) ? `${name}: ${value}` : `${name}:: ${Buffer.from(value).toString('base64')}`

const record = (dn: string, attributes: Readonly<Record<string, string | readonly string[]>>) =>
  [
    line('dn', dn),
    ...Object.entries(attributes).flatMap(([name, all]) => [all].flat().map((one) => line(name, one))),
    '',
  ].join('\n')

const person = (uid: string, attributes: Readonly<Record<string, string | readonly string[]>>) =>
  record(dnOf(uid), { objectClass: 'inetOrgPerson', uid, cn: uid, ...attributes })

/** Minutes of a day, as the directory writes times. */
const created = (minutes: number) =>
  `20260101${String(Math.floor(minutes / 60)).padStart(2, '0')}${String(minutes % 60).padStart(2, '0')}00Z`

const ldif = [
  ...numbers.map((n) =>
    person(nameOf(n), {
      sn: `Many${n % 50}`,
      createTimestamp: created(n % 50),
      employeeType: 'many',
      ...(n % 2 === 0 && { title: 'Even' }),
    }),
  ),
  person('ada', {
    sn: 'Lovelace',
    displayName: 'Countess',
    createTimestamp: created(61),
    givenName: 'Ada',
    title: 'Analyst (100%)',
    mail: ['ada@example.org', 'countess@example.com'],
    employeeNumber: '7',
    userPassword: 'Notes of 1843',
  }),
  person('bob', {
    sn: 'Babbage',
    createTimestamp: created(60),
    givenName: 'Bob',
    mail: 'bob@example.com',
    title: 'Engineer',
    manager: dnOf('ada'),
  }),
  person('Ödön', {
    sn: 'Öde*n',
    createTimestamp: created(62),
    givenName: 'Ödön',
    telephoneNumber: '+36 1 234',
  }),
  record(`cn=Engines,${teams}`, {
    objectClass: 'groupOfNames',
    cn: 'Engines',
    description: 'All that turns',
    member: [dnOf('ada'), `cn=Mills,${teams}`, 'cn=printer,dc=example,dc=org'],
  }),
  record(`cn=Mills,${teams}`, { objectClass: 'groupOfNames', cn: 'Mills', member: dnOf('bob') }),
].join('\n')

let directory: Upstream
let service: Served
/** ids by userName or displayName. */
let ids: ReadonlyMap<string, string>

beforeAll(async () => {
  directory = await startDirectory(ldif, { modules: ['sssvlv'], config: ['overlay sssvlv'] })
  service = await directory.serve()
  const users = await service.get('/Users', { filter: 'not (userType eq "many")' })
  const groups = await service.get('/Groups')
  ids = new Map(
    [...(users.body.Resources ?? []), ...(groups.body.Resources ?? [])].map((r) => [
      String(r.userName ?? r.displayName),
      r.id ?? '',
    ]),
  )
})

afterAll(() => directory?.close())

const id = (name: string) => ids.get(name) ?? ''
const named = (body: Body) => (body.Resources ?? []).map(({ userName }) => userName ?? '')
const users = async (filter: string) => {
  const { status, text, body } = await service.get('/Users', { filter, count: 200 })
  expect(status, text).toBe(200)
  expect(body.totalResults).toBe(body.Resources?.length)
  return named(body).sort()
}

const few = '(not (userType eq "many"))'

describe('filters', () => {
  it.each([
    ['userName eq "ADA"', ['ada']],
    [`${few} and userName ne "ada"`, ['bob', 'Ödön']],
    ['name.familyName co "love"', ['ada']],
    ['name.familyName sw "BAB"', ['bob']],
    ['name.familyName ew "age"', ['bob']],
    ['name.familyName eq "öde*n"', ['Ödön']],
    ['name.familyName co "e*"', ['Ödön']],
    ['title co "(100%)"', ['ada']],
    [`${few} and title pr`, ['ada', 'bob']],
    [`${few} and not (title pr)`, ['Ödön']],
    [`${few} and title ne "Engineer"`, ['ada', 'Ödön']],
    [`${few} and userName gt "ada"`, ['bob', 'Ödön']],
    [`${few} and userName ge "BOB"`, ['bob', 'Ödön']],
    [`${few} and userName lt "bob"`, ['ada']],
    [`${few} and userName le "bob"`, ['ada', 'bob']],
    ['emails eq "countess@EXAMPLE.com"', ['ada']],
    ['emails.value ew "@example.com"', ['ada', 'bob']],
    ['emails[type eq "work" and value co "ada"]', ['ada']],
    ['emails[type eq "home"]', []],
    ['emails[value sw "ada" and value ew ".com"]', []],
    ['emails.value sw "ada" and emails.value ew ".com"', ['ada']],
    ['phoneNumbers.value eq "+3612 34"', ['Ödön']],
    [`${ENTERPRISE}:employeeNumber eq "7"`, ['ada']],
    ['title eq "Engineer" or name.givenName eq "ada"', ['ada', 'bob']],
    [
      'not (title eq "Even") and userType eq "many" and userName sw "u000"',
      ['u0001', 'u0003', 'u0005', 'u0007', 'u0009'],
    ],
    ['nickName pr', []],
    ['meta.lastModified lt "2020-01-01T00:00:00Z"', []],
    [`${few} and meta.lastModified gt "2020-01-01T00:00:00Z"`, ['ada', 'bob', 'Ödön']],
  ])('%s', async (filter, expected) => {
    expect(await users(filter)).toEqual([...expected].sort())
  })

  it('by ids and references', async () => {
    expect(await users(`id eq "${id('bob')}"`)).toEqual(['bob'])
    expect(await users('id eq "x"')).toEqual([])
    expect(await users(`${few} and id ne "${id('bob')}"`)).toEqual(['ada', 'Ödön'])
    expect(await users(`${ENTERPRISE}:manager.value eq "${id('ada')}"`)).toEqual(['bob'])
    expect(await users(`groups.value eq "${id('Mills')}"`)).toEqual(['bob'])
    expect(await users('groups.display eq "engines"')).toEqual(['ada'])
    expect(await users('groups pr')).toEqual(['ada', 'bob'])
  })

  it('of groups', async () => {
    const groups = async (filter: string) =>
      ((await service.get('/Groups', { filter })).body.Resources ?? []).map((g) => g.displayName).sort()
    expect(await groups(`members.value eq "${id('ada')}"`)).toEqual(['Engines'])
    expect(await groups(`members[value eq "${id('Mills')}" and type eq "Group"]`)).toEqual(['Engines'])
    expect(await groups('displayName sw "m"')).toEqual(['Mills'])
  })

  it('that are wrong are refused', async () => {
    expect(await service.get('/Users', { filter: 'userName eq' })).toMatchObject(
      refusal(400, 'invalidFilter'),
    )
    expect(await service.get('/Users', { filter: 'unheard eq "x"' })).toMatchObject(
      refusal(400, 'invalidFilter'),
    )
  })

  it('by POST to .search', async () => {
    const { body } = await service.post('/Users/.search', {
      schemas: [SEARCH],
      filter: 'name.familyName eq "lovelace"',
      attributes: ['userName'],
    })
    expect(body).toMatchObject({ totalResults: 1, Resources: [{ id: id('ada'), userName: 'ada' }] })
    expect(body.Resources?.[0]?.name).toBeUndefined()
  })
})

describe.each([
  ['that sorts', true],
  ['that does not sort', false],
])('the order of people of a directory %s', (_, sorts) => {
  let own: Upstream | undefined
  let asked: Served
  let recorder: Upstream['recorder']

  beforeAll(async () => {
    if (!sorts) own = await startDirectory(ldif)
    asked = own === undefined ? service : await own.serve()
    recorder = (own ?? directory).recorder
  })

  afterAll(() => own?.close())

  const sorted = async (query: Readonly<Record<string, string | number>>) =>
    named((await asked.get('/Users', { attributes: 'userName', ...query })).body)

  it(`is made by the ${sorts ? 'directory' : 'gateway'}`, async () => {
    recorder.clear()
    const query = { sortBy: 'meta.created', filter: few }
    expect(await sorted({ ...query, count: 3 })).toEqual(['bob', 'ada', 'Ödön'])
    expect(await sorted({ ...query, sortOrder: 'descending', count: 1 })).toEqual(['Ödön'])
    const controls = recorder.requests.flatMap((r) => (r.controls ?? []).map(({ type }) => type))
    expect(controls.includes(controlType.sortRequest)).toBe(sorts)
  })

  it('is the same on all pages', async () => {
    const query = { filter: 'userType eq "many"', sortBy: 'meta.created', count: 200 }
    const all: string[] = []
    for (let startIndex = 1; startIndex <= MANY; startIndex += 200)
      all.push(...(await sorted({ ...query, startIndex })))
    expect([...all].sort()).toEqual(numbers.map(nameOf))
    const minutes = all.map((name) => Number(name.slice(1)) % 50)
    expect(minutes).toEqual(minutes.toSorted((one, other) => one - other))
  })

  it('of several values is that of the first, and without any comes last', async () => {
    expect(await sorted({ sortBy: 'emails', filter: few })).toEqual(['ada', 'bob', 'Ödön'])
    expect(await sorted({ sortBy: 'title', filter: few, sortOrder: 'descending' })).toEqual([
      'Ödön',
      'bob',
      'ada',
    ])
  })
})

describe('pages', () => {
  it('by place', async () => {
    const { body } = await service.get('/Users', {
      startIndex: MANY - 5,
      count: 100,
      attributes: 'userName',
    })
    expect(body).toMatchObject({ totalResults: MANY + 3, startIndex: MANY - 5, itemsPerPage: 9 })
    const none = await service.get('/Users', { startIndex: MANY + 100, count: 10 })
    expect(none.body.totalResults).toBe(MANY + 3)
    expect(none.body.Resources ?? []).toEqual([])
    expect((await service.get('/Users', { count: 0 })).body.totalResults).toBe(MANY + 3)
  })

  it('by cursor hold everybody once', async () => {
    const all: string[] = []
    let cursor: string | undefined = ''
    for (let pages = 0; cursor !== undefined && pages < 50; pages++) {
      const { body, status }: { body: Body; status: number } = await service.get('/Users', {
        cursor,
        count: 150,
        attributes: 'userName',
      })
      expect(status).toBe(200)
      expect(body.totalResults).toBe(MANY + 3)
      all.push(...named(body))
      cursor = body.nextCursor
    }
    expect([...all].sort()).toEqual([...numbers.map(nameOf), 'ada', 'bob', 'Ödön'].sort())
  })
})

describe('resources', () => {
  it('have what the directory holds', async () => {
    const { body, headers } = await service.get(`/Users/${id('ada')}`)
    expect(body).toMatchObject({
      id: id('ada'),
      userName: 'ada',
      name: { familyName: 'Lovelace', givenName: 'Ada', formatted: 'ada' },
      emails: [{ value: 'ada@example.org' }, { value: 'countess@example.com' }],
      groups: [{ value: id('Engines'), display: 'Engines', $ref: `${service.base}/Groups/${id('Engines')}` }],
      [ENTERPRISE]: { employeeNumber: '7' },
      meta: { resourceType: 'User', version: headers.get('etag') },
    })
    expect(body.password).toBeUndefined()
    const entry = await directory.read(dnOf('ada'), 'entryUUID', 'createTimestamp')
    expect(entry?.entryUUID).toBe(body.id)
    expect(body.meta?.created?.replace(/\D/g, '').slice(0, 14)).toBe(
      String(entry?.createTimestamp).slice(0, 14),
    )
    expect((await service.get(`/Users/${id('bob')}`)).body).toMatchObject({
      [ENTERPRISE]: { manager: { value: id('ada'), displayName: 'Countess' } },
    })
  })

  it('of groups have the members that are shown', async () => {
    const { body } = await service.get(`/Groups/${id('Engines')}`)
    expect(body.members).toHaveLength(2)
    expect(body.members).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ value: id('ada'), display: 'Countess', type: 'User' }),
        expect.objectContaining({ value: id('Mills'), display: 'Mills', type: 'Group' }),
      ]),
    )
    expect(values(body.members)).toEqual([id('ada'), id('Mills')].sort())
  })

  it('are shown in part, and asked for in part', async () => {
    directory.recorder.clear()
    const { body } = await service.get(`/Groups/${id('Engines')}?excludedAttributes=members,meta`)
    expect(body).toMatchObject({ displayName: 'Engines' })
    expect(body.members ?? body.meta).toBeUndefined()
    const asked = directory.recorder.requests.flatMap((r) => (r.op === 'searchRequest' ? r.attributes : []))
    expect(asked).not.toContain('member')
    const some = await service.get(`/Users/${id('ada')}?attributes=emails.value,name.familyName`)
    expect(some.body).toEqual({
      schemas: expect.any(Array),
      id: id('ada'),
      name: { familyName: 'Lovelace' },
      emails: [{ value: 'ada@example.org' }, { value: 'countess@example.com' }],
    })
  })

  it('have a version that changes with the entry', async () => {
    const { headers } = await service.get(`/Users/${id('bob')}`)
    const etag = headers.get('etag') ?? ''
    const again = () => service.get(`/Users/${id('bob')}`, {}, { headers: { 'if-none-match': etag } })
    expect(await again()).toMatchObject({ status: 304 })
    await directory.replace(dnOf('bob'), 'description', String(performance.now()))
    expect(await again()).toMatchObject({ status: 200 })
  })

  it('that are not there are not found', async () => {
    expect(await service.get('/Users/11111111-1111-4111-8111-111111111111')).toMatchObject(refusal(404))
    expect(await service.get('/Users/x')).toMatchObject(refusal(404))
    expect(await service.get(`/Groups/${id('ada')}`)).toMatchObject(refusal(404))
  })
})

it('is unavailable, not empty, where the directory is away', async () => {
  const own = await startDirectory()
  try {
    const asked = await own.serve()
    expect((await asked.get('/Users')).body).toMatchObject({ totalResults: 0 })
    await own.kill()
    for (const path of ['/Users', '/Users/11111111-1111-4111-8111-111111111111', '/Users?count=0'])
      expect(await asked.get(path)).toMatchObject(refusal(503))
    expect(await asked.remove('/Users/11111111-1111-4111-8111-111111111111')).toMatchObject(refusal(503))
  } finally {
    await own.close()
  }
})
