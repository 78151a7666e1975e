/** Values as awkward as clients have them: kept to the last character and found again, or refused. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Body,
  databases,
  found,
  refusal,
  SEARCH,
  type Service,
  serveDemo,
  USER,
  unique,
} from './serving.js'

const ACME = 'urn:ietf:params:scim:schemas:extension:acme:2.0:User'

/** Texts with what escaping, collations and encodings are likely to get wrong. */
const text = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }),
  fc
    .array(
      fc.constantFrom(
        ...[
          'a',
          'A',
          ' ',
          '  ',
          "'",
          '"',
          '\\',
          '%',
          '_',
          '*',
          '(',
          ')',
          '!',
          '[',
          ']',
          ';',
          '--',
          '\n',
          '\t',
          '\r\n',
        ],
        ...[
          'ß',
          'ẞ',
          'ſ',
          'İ',
          'ı',
          'é',
          'e\u0301',
          'Ω',
          '中',
          '\u{1f600}',
          '\u200d',
          '\u00ad',
          '\u0000',
          '\u{10ffff}',
        ],
        ...['$1', '{}', '{x}', '?', ':x', '@x', '\u2028', '\ufeff', '\ud800'],
      ),
      { minLength: 1, maxLength: 8 },
    )
    .map((parts) => parts.join('')),
)

describe.each(databases)('values and %s', (_name, create) => {
  let scim: Service

  beforeAll(async () => {
    scim = await serveDemo(create)
  })
  afterAll(() => scim?.close())

  it('of text are kept as they came and found again, or refused', { timeout: 120_000 }, async () => {
    let kept = 0
    await fc.assert(
      fc.asyncProperty(text, async (value) => {
        const answer = await scim.post('/Users', {
          schemas: [USER],
          userName: unique('text'),
          displayName: value,
          nickName: value,
          emails: [{ value, type: 'work', display: value }],
          addresses: [{ formatted: value }],
          [ACME]: { skills: [value], desk: { building: value } },
        })
        expect([201, 400], answer.text).toContain(answer.status)
        if (answer.status === 400) return
        kept += 1
        const { body } = await scim.get(`/Users/${answer.body.id}`)
        expect(body).toEqual(answer.body)
        if (value.trim() === '') return
        expect(body).toMatchObject({
          displayName: value,
          nickName: value,
          emails: [{ value, type: 'work', display: value }],
          addresses: [{ formatted: value }],
          [ACME]: { skills: [value], desk: { building: value } },
        })
        const id = body.id ?? ''
        // Blanks at either end are nothing to the matching rules.
        const operators = value.trim() === value ? ['eq', 'co', 'sw', 'ew', 'ge', 'le'] : ['eq', 'ge', 'le']
        for (const path of ['displayName', 'nickName', 'addresses.formatted', `${ACME}:skills`]) {
          for (const op of operators) {
            const filter = `id eq "${id}" and ${path} ${op} ${JSON.stringify(value)}`
            const { status, body: list } = await scim.post('/Users/.search', { schemas: [SEARCH], filter })
            expect({ status, total: list.totalResults }, filter).toEqual({ status: 200, total: 1 })
          }
        }
      }),
      { numRuns: 12 },
    )
    expect(kept).toBeGreaterThan(5)
  })

  it('that are longer than there is room for are refused, not cut off', async () => {
    for (const length of [254, 10_000, 200_000]) {
      const displayName = 'x'.repeat(length)
      const { status, body, text } = await scim.post('/Users', {
        schemas: [USER],
        userName: unique('long'),
        displayName,
      })
      expect([201, 400], text.slice(0, 300)).toContain(status)
      if (status === 201) expect(body.displayName).toBe(displayName)
      else expect(body.scimType).toBe('invalidValue')
    }
  })

  it('of numbers are kept exactly, or refused', async () => {
    for (const badgeNumber of [
      0, -1, 1, 2_147_483_647, -2_147_483_648, 2_147_483_648, 9_007_199_254_740_991,
    ]) {
      const { status, body, text } = await scim.post('/Users', {
        schemas: [USER, ACME],
        userName: unique('number'),
        [ACME]: { badgeNumber },
      })
      expect([201, 400], `${badgeNumber}: ${text}`).toContain(status)
      if (status === 400) {
        expect(body.scimType).toBe('invalidValue')
        expect(Math.abs(badgeNumber)).toBeGreaterThan(2_147_483_646)
        continue
      }
      expect(body[ACME]).toEqual({ badgeNumber })
      expect(
        await found(scim, '/Users', `id eq "${body.id}" and ${ACME}:badgeNumber eq ${badgeNumber}`),
      ).toEqual([body.id])
    }
  })

  it('of times are the same moment afterwards, or refused', async () => {
    for (const hired of [
      '2016-02-23T00:00:00Z',
      '2016-02-23T00:00:00.000Z',
      '2016-02-23T02:00:00+02:00',
      '1969-12-31T00:00:00Z',
      '2016-02-23T15:35:22Z',
      '2016-02-23T15:35:22.123456Z',
    ]) {
      const { status, body, text } = await scim.post('/Users', {
        schemas: [USER, ACME],
        userName: unique('time'),
        [ACME]: { hired },
      })
      expect([201, 400], `${hired}: ${text}`).toContain(status)
      if (status === 400) expect(body.scimType).toBe('invalidValue')
      else expect(Date.parse(String((body[ACME] as Body).hired)), hired).toBe(Date.parse(hired))
    }
    for (const hired of ['2016-02-30T00:00:00Z', '2016-02-23', '2016-02-23T25:00:00Z', 'now', '0', '']) {
      const answer = await scim.post('/Users', {
        schemas: [USER, ACME],
        userName: unique('time'),
        [ACME]: { hired },
      })
      expect(answer, hired).toMatchObject(refusal(400, 'invalidValue'))
    }
  })

  it('of bytes are the same bytes afterwards', async () => {
    for (const bytes of [
      Buffer.alloc(1),
      Buffer.from([0, 255, 10, 13, 34, 39, 92]),
      Buffer.alloc(200, 0x80),
    ]) {
      const badgeKey = bytes.toString('base64')
      const { status, body, text } = await scim.post('/Users', {
        schemas: [USER, ACME],
        userName: unique('bytes'),
        [ACME]: { badgeKey },
      })
      expect(status, text).toBe(201)
      expect(body[ACME]).toEqual({ badgeKey })
    }
  })

  it('that are taken away are gone, a password included', async () => {
    const userName = unique('gone')
    const { id } = await scim.user({ userName, password: 'to be removed', displayName: 'Gone', title: 'T' })
    const dn = `uid=${userName},ou=people,dc=example,dc=com`
    expect(await scim.bind(dn, 'to be removed')).toBe(0)
    const removed = await scim.patch(`/Users/${id}`, [
      { op: 'remove', path: 'displayName' },
      { op: 'replace', path: 'title', value: null },
      { op: 'remove', path: 'password' },
    ])
    expect(removed.status, removed.text).toBe(200)
    expect(removed.body).not.toHaveProperty('displayName')
    expect(removed.body).not.toHaveProperty('title')
    expect(await scim.bind(dn, 'to be removed')).toBe(49)
    for (const filter of ['displayName eq "Gone"', 'displayName pr', 'title pr']) {
      expect(await found(scim, '/Users', `id eq "${id}" and ${filter}`)).toEqual([])
    }
  })

  it('that are needed to know what is meant are not left out', async () => {
    const { id } = await scim.user({ userName: unique('part') })
    const group = await scim.group({ displayName: unique('Part') })
    for (const [path, operation] of [
      [`/Users/${id}`, { op: 'add', path: 'emails', value: [{ type: 'work' }] }],
      [`/Groups/${group.id}`, { op: 'add', path: 'members', value: [{ display: 'somebody' }] }],
      [`/Users/${id}`, { op: 'replace', path: 'password', value: '' }],
    ] as const) {
      const before = (await scim.get(path)).body
      const answer = await scim.patch(path, [operation])
      expect(answer, JSON.stringify(operation)).toMatchObject(refusal(400, 'invalidValue'))
      expect((await scim.get(path)).body).toEqual(before)
    }
  })

  it('of a group that has none are none', async () => {
    const { id } = await scim.group({ displayName: unique('Empty') })
    expect(await found(scim, '/Groups', `id eq "${id}" and not (members pr)`)).toEqual([id])
    expect(await found(scim, '/Groups', `id eq "${id}" and members pr`)).toEqual([])
    const user = await scim.user({ userName: unique('member') })
    await scim.patch(`/Groups/${id}`, [{ op: 'add', path: 'members', value: [{ value: user.id }] }])
    expect(await found(scim, '/Groups', `id eq "${id}" and members pr`)).toEqual([id])
    expect(await found(scim, '/Users', `id eq "${user.id}" and groups pr`)).toEqual([user.id])
  })

  it('that refer to somebody can refer to somebody else', async () => {
    const [one, two] = await Promise.all([1, 2].map(() => scim.user({ userName: unique('mentor') })))
    const userName = unique('mentored')
    const { id } = await scim.user({ userName, [ACME]: { mentor: { value: one?.id } } })
    const put = await scim.put(`/Users/${id}`, {
      schemas: [USER, ACME],
      userName,
      [ACME]: { mentor: { value: two?.id } },
    })
    expect(put.status, put.text).toBe(200)
    expect(put.body[ACME]).toMatchObject({ mentor: { value: two?.id } })
    const patch = await scim.patch(`/Users/${id}`, [
      { op: 'replace', path: `${ACME}:mentor`, value: { value: one?.id } },
    ])
    expect(patch.status, patch.text).toBe(200)
    expect(patch.body[ACME]).toMatchObject({ mentor: { value: one?.id } })
    await scim.remove(`/Users/${one?.id}`)
    expect((await scim.get(`/Users/${id}`)).body).not.toHaveProperty([ACME])
  })
})
