/** Every DN that is returned finds exactly its entry when it is sent back, however it is spelled (RFC 4514). */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LdapClient, parseDn, type Rdn } from '../../src/ldap/index.js'
import { Random } from '../data/random.js'
import { openSql, type Parameter } from '../data/sql-client.js'
import { type Database, databases, outcome, type Serving, serve } from '../protocol/serving.js'

const base = 'ou=odd,dc=example,dc=com'

/** Texts that are awkward in names, or differ from each other in nothing but what is awkward. */
const texts = [
  'plain',
  'Plain two',
  ' leading',
  'trailing ',
  '  both  two ',
  '#hash',
  '#0403626f62',
  'a#b',
  '"',
  '"quoted"',
  'a"b',
  '+',
  'a+b',
  'a,b',
  'a, b',
  ',',
  ';',
  'a;b',
  '<>',
  '<a>',
  '=',
  'a=b',
  'cn=x,ou=odd',
  '\\',
  'a\\b',
  '\\2c',
  '\\,',
  'tab\there',
  'line\nbreak',
  '\r',
  '\x01',
  'a\x01b',
  '\x02' + '1',
  '\x7f',
  'é',
  'e\u0301f',
  'ﬁ',
  'Straße',
  'İ',
  'ΣΑΣ',
  '日本',
  '😀',
  '😀+😀',
  '\u200b',
  '\u2028',
  '\ufeffx',
  '*',
  '(a)',
  '%',
  '_',
  "'",
  '--',
  '$',
  'x'.repeat(200),
  ',+"\\<>;= #',
  '\u00a0',
  'a\u00a0',
]
const types = {
  cn: ['cn', 'CN', 'commonName', '2.5.4.3'],
  ou: ['ou', 'OU', 'organizationalUnitName', '2.5.4.11'],
} as const
const folded = new Set(['cn', 'ou', 'dc'])

const view = (name: string, rdn: string | readonly string[], where: string) => ({
  view: name,
  source: 'hr',
  from: 'odd',
  key: 'id',
  attributes: {
    cn: 'name',
    ou: 'unit',
    uidNumber: 'number',
    acmeWhen: { column: 'moment', syntax: 'generalizedTime' },
    acmeOctets: { column: 'octets', syntax: 'octetString' },
  },
  ldap: {
    base: `cn=${where},ou=odd`,
    rdn: typeof rdn === 'string' ? rdn : [...rdn],
    objectClass: ['top', 'device', 'extensibleObject'],
  },
})
const views = [
  view('texts', 'cn', 'texts'),
  view('pairs', ['cn', 'ou'], 'pairs'),
  view('numbers', 'uidNumber', 'numbers'),
  view('moments', 'acmeWhen', 'moments'),
  view('octets', 'acmeOctets', 'octets'),
  view('all', ['acmeOctets', 'ou', 'acmeWhen', 'uidNumber'], 'all'),
]

const rows: Parameter[][] = texts.map((text, i) => [
  i,
  text,
  texts[(i * 7 + 3) % texts.length] ?? '',
  i === 0 ? -2_000_000_000 : i === 1 ? 0 : i * 1001,
  new Date(Date.UTC(2020, 0, 1 + i, i % 24, i, 59)),
  Buffer.from(i === 0 ? [0] : i % 3 === 0 ? [0xff, i] : i % 3 === 1 ? [i, 0x2c, 0x20] : [0x20, i, 0x00]),
])

describe.each(databases)('names over %s', (name, create) => {
  let database: Database
  let serving: Serving
  let client: LdapClient
  const dns: string[] = []

  beforeAll(async () => {
    database = await create()
    const sql = await openSql(database.url)
    const [binary, moment] =
      name === 'PostgreSQL'
        ? ['bytea', 'timestamp']
        : name === 'SQLite'
          ? ['blob', 'timestamp']
          : ['varbinary(20)', 'datetime']
    const collation = name === 'MariaDB' ? ' character set utf8mb4' : ''
    await sql.run(
      `create table odd (id integer primary key, name varchar(250)${collation}, unit varchar(250)${collation}, number integer, moment ${moment}, octets ${binary})`,
    )
    const timeOf = (row: Parameter) =>
      row instanceof Date ? row.toISOString().slice(0, 19).replace('T', ' ') : row
    await sql.insert(
      'odd',
      ['id', 'name', 'unit', 'number', 'moment', 'octets'],
      rows.map((row) => row.map(timeOf)),
    )
    await sql.close()
    serving = await serve({
      suffix: 'dc=example,dc=com',
      listen: { ldap: 0 },
      log: { level: 'silent' },
      sources: { hr: { type: 'sql', url: database.url } },
      access: [{ who: 'anonymous', views: '*' }],
      views,
    })
    client = await serving.connect()
    dns.push(...(await outcome(client, base, { filter: '(objectClass=device)' })).dns)
  })

  afterAll(async () => {
    await serving?.close()
    await database?.remove()
  })

  it('every row has a name in every view', () => {
    expect(dns).toHaveLength(views.length * texts.length)
    expect(new Set(dns).size).toBe(dns.length)
  })

  it('each finds its entry again, in any spelling', { timeout: 60_000 }, async () => {
    const anything = fc.tuple(fc.integer({ min: 0, max: 1_000_000 }), fc.nat(), fc.boolean())
    await fc.assert(
      fc.asyncProperty(anything, async ([seed, at, isBelow]) => {
        const dn = dns[at % dns.length] ?? ''
        const spelled = spell(new Random(seed), parseDn(dn))
        expect(await outcome(client, spelled)).toEqual({ code: 0, matchedDN: '', dns: [dn] })
        if (!isBelow) return
        const { code, matchedDN } = await outcome(client, `cn=below,${spelled}`)
        expect([code, matchedDN]).toEqual([32, dn])
      }),
      { numRuns: 300 },
    )
    for (const dn of dns) expect(await outcome(client, dn)).toMatchObject({ code: 0, dns: [dn] })
  })
})

/** Another spelling of the same name. */
function spell(random: Random, rdns: readonly Rdn[]): string {
  return rdns
    .map((rdn) =>
      random
        .sample(rdn, rdn.length)
        .map(({ type, value }) => {
          const name = random.pick(types[type as keyof typeof types] ?? [type, type.toUpperCase()])
          return `${space(random)}${name}${space(random)}=${space(random)}${spellValue(random, value, folded.has(type))}${space(random)}`
        })
        .join('+'),
    )
    .join(random.chance(0.9) ? ',' : ';')
}

const space = (random: Random) => random.pick(['', '', '', ' ', '  '])

function spellValue(random: Random, value: string | Buffer, folds: boolean): string {
  const octets = typeof value === 'string' ? Buffer.from(value, 'utf8') : value
  const tag = random.pick(['04', '0c', '13'])
  if (typeof value !== 'string' || random.chance(0.1)) {
    const length = octets.length < 128 ? octets.toString('hex').length / 2 : octets.length
    const head =
      length < 128 ? length.toString(16).padStart(2, '0') : `82${length.toString(16).padStart(4, '0')}`
    if (random.chance(0.5)) return `#${tag}${head}${octets.toString('hex')}`
    return hex(octets)
  }
  const text =
    folds && random.chance(0.3)
      ? value.replace(/[a-z]/g, (c) => (random.chance(0.5) ? c.toUpperCase() : c))
      : value
  if (random.chance(0.2) && !text.includes('\0')) return `"${text.replace(/["\\]/g, '\\$&')}"`
  const share = random.pick([0, 0.3, 1])
  return [...text]
    .map((c, i, all) => {
      const isEdge = i === 0 || i === all.length - 1
      const must = /["+,;<>\\\0]/.test(c) || (isEdge && c === ' ') || (i === 0 && c === '#')
      if (random.chance(share)) return hex(Buffer.from(c, 'utf8'))
      if (must) return c !== '\0' && random.chance(0.7) ? `\\${c}` : hex(Buffer.from(c, 'utf8'))
      return '=#" '.includes(c) && random.chance(0.5) ? `\\${c}` : c
    })
    .join('')
}

const hex = (octets: Buffer) => octets.toString('hex').replace(/../g, '\\$&')
