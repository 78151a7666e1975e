/** Values that are not text, very long ones, very wide filters, and names that JavaScript gives a meaning to. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGateway, type Gateway } from '../../src/index.js'
import { LdapClient, type LdapFilter, type SearchOptions } from '../../src/ldap/index.js'
import { codeOf, outcomeOf, type Reachable, runGateway } from '../fault/running.js'
import { loadStaff, password, people, service, staffConfig, suffix, tell } from '../fault/staff.js'
import { mariadbDatabase, postgresDatabase } from '../servers/shared.js'
import { bool, enumerated, int, sequence, tlv } from '../unit/ldap/tlv.js'
import { search, Wire } from '../unit/ldap/wire.js'

const COUNT = 300
const user = `uid=user.1,${people}`
const file = join(tmpdir(), `vitrine-values-${process.pid}.sqlite`)
const equal = (attribute: string, value: string | Buffer): LdapFilter => ({
  tag: 'equality',
  attribute,
  value: Buffer.from(value),
})

/** Octets that are no UTF-8 (RFC 3629 section 3). */
const notText = {
  'a lone surrogate': Buffer.from('eda080', 'hex'),
  'a pair of surrogates': Buffer.from('eda081edb080', 'hex'),
  'an overlong slash': Buffer.from('c0af', 'hex'),
  'an overlong NUL': Buffer.from('c080', 'hex'),
  'an overlong quote': Buffer.from('e080a7', 'hex'),
  'a bare continuation': Buffer.from('80', 'hex'),
  'a cut sequence': Buffer.from('757365722e31c3', 'hex'),
  'beyond Unicode': Buffer.from('f4908080', 'hex'),
  'five octets': Buffer.from('f888808080', 'hex'),
  'no text at all': Buffer.from('fffe0001', 'hex'),
}

describe.each([
  ['MariaDB', mariadbDatabase],
  ['PostgreSQL', postgresDatabase],
  [
    'SQLite',
    async () => {
      rmSync(file, { force: true })
      return `sqlite:${file}`
    },
  ],
])('%s', (_name, database) => {
  let gateway: Reachable
  let client: LdapClient

  beforeAll(async () => {
    const url = await database()
    await loadStaff(url, COUNT)
    gateway = await runGateway(staffConfig(url))
    client = await gateway.connect()
    // Large messages are for those who have bound.
    await client.bind(service.dn, service.password)
  })

  afterAll(async () => {
    await gateway?.close()
    rmSync(file, { force: true })
  })

  const ask = (filter: LdapFilter | string, options: SearchOptions = {}) =>
    outcomeOf(client, people, { filter, attributes: ['uid'], timeoutMs: 20_000, ...options })

  it.each(Object.entries(notText))('%s is in no text and no name', async (_what, octets) => {
    for (const attribute of ['uid', 'cn', 'mail', 'description']) {
      const filters: readonly LdapFilter[] = [
        equal(attribute, octets),
        { tag: 'substrings', attribute, initial: octets, any: [] },
        { tag: 'substrings', attribute, any: [octets] },
        { tag: 'greaterOrEqual', attribute, value: octets },
        { tag: 'approx', attribute, value: octets },
      ]
      for (const filter of filters) {
        expect(await ask(filter)).toMatchObject({ code: 0, entries: 0 })
        const both: LdapFilter = { tag: 'or', filters: [filter, equal('uid', 'user.1')] }
        expect(await ask(both)).toMatchObject({ code: 0, entries: 1 })
      }
      expect(await codeOf(client.compare(user, attribute, octets))).toBe(21)
    }
    const escaped = [...octets].map((octet) => `\\${octet.toString(16).padStart(2, '0')}`).join('')
    for (const dn of [`uid=${escaped},${people}`, `ou=${escaped},${suffix}`])
      expect([32, 34]).toContain(await codeOf(client.searchAll(dn)))
    const raw = (base: Buffer, attribute: Buffer, wanted: Buffer) =>
      sequence(
        int(1),
        tlv(
          0x63,
          tlv(0x04, base),
          ...[enumerated(2), enumerated(0), int(0), int(0), bool(false)],
          tlv(0x87, attribute),
          sequence(tlv(0x04, wanted)),
        ),
      )
    const [uid, base] = [Buffer.from('uid'), Buffer.from(people)]
    for (const request of [raw(octets, uid, uid), raw(base, octets, uid), raw(base, uid, octets)]) {
      const wire = await Wire.connect(gateway.port)
      wire.send(request)
      const [answer] = await wire.messages(1)
      expect(answer).toMatchObject({ op: 'searchResultDone', messageId: 1, code: 2 })
      wire.send(search(2, '(uid=user.1)', people))
      expect((await wire.messages(3)).at(-1)).toMatchObject({ op: 'searchResultDone', messageId: 2, code: 0 })
      wire.destroy()
    }
    expect(await codeOf((await gateway.connect()).bind(`uid=user.2,${people}`, octets))).toBe(49)
  })

  it('a megabyte as a value, a name, an attribute', { timeout: 60_000 }, async () => {
    const other = await gateway.connect()
    for (const unit of ['x', '%', ' ', '€', 'a b ', '\u0301']) {
      const long = unit.repeat(Math.floor(1_000_000 / Buffer.byteLength(unit)))
      const octets = Buffer.from(long)
      const filters: readonly LdapFilter[] = [
        equal('cn', long),
        { tag: 'substrings', attribute: 'cn', initial: octets, any: [] },
        { tag: 'substrings', attribute: 'cn', any: [octets], final: octets },
        { tag: 'greaterOrEqual', attribute: 'description', value: octets },
        equal('mail', long),
        equal(long, 'x'),
      ]
      for (const filter of filters) {
        const [{ code, entries, ms }, prompt] = await Promise.all([
          ask(filter),
          outcomeOf(other, people, { filter: '(uid=user.9)' }),
        ])
        // Spaces are insignificant: a million is one, and each text holds one.
        const one = unit === ' ' && filter.tag === 'substrings' && filter.final !== undefined
        expect([code, entries, unit]).toEqual([0, one ? COUNT : 0, unit])
        expect(ms).toBeLessThan(5000)
        expect(prompt).toMatchObject({ code: 0, entries: 1 })
        expect(prompt.ms).toBeLessThan(3000)
      }
    }
    const long = 'x'.repeat(1_000_000)
    for (const dn of [
      `uid=${long},${people}`,
      `uid=${long}`,
      `${long}=x,${people}`,
      'uid=a,'.repeat(150_000) + people,
    ])
      expect([32, 34]).toContain(await codeOf(client.searchAll(dn)))
    expect(await codeOf(client.compare(user, 'cn', long))).toBe(0)
    expect(await codeOf((await gateway.connect()).bind(user, 'x'.repeat(200_000)))).toBe(49)
  })

  it('substrings in thousands of pieces', { timeout: 60_000 }, async () => {
    for (const [piece, count] of [
      ['a', 2000],
      ['o', 20],
      ['lorem', 4000],
      ['%', 1000],
      ['m', 100_000],
    ] as const) {
      const any = Array.from({ length: count }, () => Buffer.from(piece))
      const { code, entries, ms } = await ask({ tag: 'substrings', attribute: 'description', any })
      // There are twelve times three of them in each text; a filter has 4,096 parts at most.
      expect([code, entries]).toEqual([count > 4096 ? 11 : 0, piece === 'o' ? COUNT : 0])
      expect(ms).toBeLessThan(5000)
    }
  })

  it.each([
    ['uid', (i: number) => `user.${i}`],
    ['cn', (i: number) => `User ${i}`],
    ['mail', (i: number) => `user.${i}@example.com`],
  ])('4,000 parts about %s', { timeout: 60_000 }, async (attribute, value) => {
    const parts = Array.from({ length: 4000 }, (_, i) => equal(attribute, value(i + 101)))
    const either: LdapFilter = { tag: 'or', filters: parts }
    expect(await ask(either)).toMatchObject({ code: 0, entries: 200 })
    expect(await ask({ tag: 'not', filter: either })).toMatchObject({ code: 0, entries: 100 })
    const none: LdapFilter = {
      tag: 'and',
      filters: parts.slice(0, 1990).map((filter) => ({ tag: 'not', filter })),
    }
    expect(await ask(none)).toMatchObject({ code: 0, entries: 100 })
    const starts = parts.slice(0, 1500).map(
      (_, i): LdapFilter => ({
        tag: 'substrings',
        attribute,
        initial: Buffer.from(value(i + 101)),
        any: [],
      }),
    )
    expect((await ask({ tag: 'or', filters: starts })).entries).toBe(200)
    // Each in the next: nesting is bounded.
    const nested = parts
      .slice(0, 90)
      .reduce((inner, part): LdapFilter => ({ tag: 'or', filters: [part, inner] }))
    expect(await ask(nested)).toMatchObject({ code: 0, entries: 90 })
    expect(await ask({ tag: 'or', filters: [...parts, ...parts] })).toMatchObject({ code: 11, entries: 0 })
  })

  it('500 requested attributes', async () => {
    const wanted = [
      ...Array.from({ length: 400 }, (_, i) => `x-unknown-${i}`),
      ...Array.from({ length: 50 }, () => 'uid'),
      ...Array.from({ length: 50 }, (_, i) => `cn;lang-${i}`),
      'mail',
    ]
    const { entries } = await client.searchAll(user, { scope: 'baseObject', attributes: wanted })
    expect(entries[0]?.attributes.map(({ type }) => type).sort()).toEqual(['mail', 'uid'])
  })

  it('names that every JavaScript object has', async () => {
    for (const name of [
      '__proto__',
      'constructor',
      'toString',
      'hasOwnProperty',
      'valueOf',
      '__defineGetter__',
    ]) {
      for (const filter of [
        equal(name, 'x'),
        { tag: 'present', attribute: name } as const,
        equal('objectClass', name),
      ]) {
        expect(await ask(filter)).toMatchObject({ code: 0, entries: 0 })
        expect(await ask({ tag: 'or', filters: [filter, equal('uid', 'user.1')] })).toMatchObject({
          entries: 1,
        })
      }
      for (const rule of [name, '1.2.3'])
        expect(
          await ask({ tag: 'extensible', rule, value: Buffer.from('x'), dnAttributes: true }),
        ).toMatchObject({ code: 0, entries: 0 })
      const { entries } = await client.searchAll(user, {
        scope: 'baseObject',
        attributes: [name, `@${name}`],
      })
      expect(entries[0]?.attributes).toEqual([])
      expect(await codeOf(client.compare(user, name, 'x'))).toBe(17)
      for (const dn of [`${name}=x,${people}`, `${name}=x`, `uid=${name},${people}`])
        expect([32, 34]).toContain(await codeOf(client.searchAll(dn)))
      expect(await codeOf((await gateway.connect()).bind(`${name}=x,${suffix}`, 'x'))).toBeOneOf([34, 49])
      expect(await codeOf(client.extended(name))).toBe(2)
    }
  })
})

describe('names that every JavaScript object has, in a configuration', () => {
  const names = ['constructor', 'toString', 'hasOwnProperty', 'valueOf', '__proto__']
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-names-'))
  const url = `sqlite:${join(folder, 'names.sqlite')}`

  beforeAll(async () => {
    const columns = names.map((name) => `"${name}" text`).join(', ')
    await tell(
      url,
      `create table "constructor" (id integer primary key, login text, ${columns}, kind text)`,
      `insert into "constructor" values (1, 'ann', 'a', 'b', 'c', 'd', 'e', 'toString')`,
      `insert into "constructor" values (2, 'bob', 'a', 'b', 'c', 'd', 'e', '__proto__')`,
      `insert into "constructor" values (3, 'cem', 'a', 'b', 'c', 'd', 'e', 'known')`,
    )
  })

  afterAll(() => rmSync(folder, { recursive: true }))

  /** A gateway for that table; the lines stand among its attributes. */
  async function configured(attributes: string, rdn = 'uid', source = 'constructor'): Promise<Gateway> {
    const path = join(folder, 'gateway.yaml')
    writeFileSync(
      path,
      `
suffix: ${suffix}
listen: { ldap: 0 }
log: { level: silent }
sources:
  ${source}: { type: sql, url: "${url}" }
access: [{ who: anonymous, views: "*" }]
views:
  - view: toString
    source: ${source}
    from: constructor
    key: id
    attributes:
      uid: login
${attributes}
    ldap: { base: ou=people, rdn: ${rdn}, objectClass: [inetOrgPerson] }
`,
    )
    return createGateway(path)
  }

  it('are names like any other', async () => {
    const gateway = await configured(`      description: [${names.map((name) => `"${name}"`).join(', ')}]
      constructor: { column: login, syntax: directoryString }
      employeeType: { column: kind, map: { known: yes-known, constructor: never } }
      departmentNumber: { column: kind, map: { toString: known } }`)
    const { ldap } = await gateway.listen()
    const client = await LdapClient.connect({ port: ldap?.port ?? 0 })
    const { entries } = await client.searchAll(people, { scope: 'singleLevel' })
    const shown = entries.map((entry) =>
      Object.fromEntries(
        entry.attributes
          .filter(({ type }) => type !== 'objectClass')
          .map(({ type, values }) => [`-${type}`, values.map(String).join()]),
      ),
    )
    expect(shown).toEqual([
      { '-uid': 'ann', '-description': 'a,b,c,d,e', '-constructor': 'ann', '-departmentNumber': 'known' },
      { '-uid': 'bob', '-description': 'a,b,c,d,e', '-constructor': 'bob' },
      { '-uid': 'cem', '-description': 'a,b,c,d,e', '-constructor': 'cem', '-employeeType': 'yes-known' },
    ])
    for (const [filter, dns] of [
      ['(constructor=ann)', 1],
      ['(employeeType=never)', 0],
      ['(departmentNumber=known)', 1],
    ] as const)
      expect((await client.searchAll(people, { filter })).entries).toHaveLength(dns)
    client.close()
    await gateway.close()
  })

  it('are refused where nothing has them', async () => {
    for (const name of names) {
      await expect(configured('', name), `rdn ${name}`).rejects.toThrow(/rdn/)
      await expect(configured(`      ${name}: login`.replace('__proto__', 'isPrototypeOf'))).rejects.toThrow(
        /schema/,
      )
      if (name !== 'toString')
        await expect(configured(`      manager: { ref: ${name}, column: id }`)).rejects.toThrow(/manager/)
    }
  })
})

describe('a password of any octets', () => {
  it('is the same only if it is the same', async () => {
    const url = await postgresDatabase()
    await loadStaff(url, 3)
    const gateway = await runGateway(
      staffConfig(url, {}, { limits: { bindFailures: { perDn: 100, perAddress: 1000 } } }),
    )
    for (const wrong of [
      `${password}\0`,
      `\0${password}`,
      `${password} `,
      password.toUpperCase(),
      password.slice(0, -1),
    ])
      expect(await codeOf((await gateway.connect()).bind(user, wrong))).toBe(49)
    expect(await codeOf((await gateway.connect()).bind(user, password))).toBe(0)
    await gateway.close()
  })
})
