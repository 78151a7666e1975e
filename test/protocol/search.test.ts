/** What a search answers besides entries: result codes, limits, how far a name leads; and that every DN leads back. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LdapClient } from '../../src/ldap/index.js'
import { populationConfig } from '../data/gateway.js'
import { makePopulation } from '../data/people.js'
import { companyConfig, companySql, living, people, personDn, suffix, teamDn, teams } from './company.js'
import {
  type Database,
  loadPopulation,
  outcome,
  read,
  remoteSources,
  runSql,
  type Serving,
  serve,
  sources,
} from './serving.js'
import { blockTable } from './table-lock.js'

describe.each(sources)('searches over %s', (_name, create) => {
  let database: Database
  let serving: Serving
  let client: LdapClient

  beforeAll(async () => {
    database = await create()
    await runSql(database.url, companySql())
    serving = await serve(companyConfig(database.url))
    client = await serving.connect()
  })

  afterAll(async () => {
    await serving?.close()
    await database?.remove()
  })

  it.each([
    ['a person who is not there', `uid=nobody,${people}`, people],
    ['a deleted one', personDn('gone'), people],
    ['below a person', `cn=x,${personDn('bjensen')}`, personDn('bjensen')],
    ['far below a person', `cn=y,cn=x,${personDn('bjensen')}`, personDn('bjensen')],
    ['below a person who is not there', `cn=x,uid=nobody,${people}`, people],
    ['an RDN that nobody can have', `mail=x,${people}`, people],
    ['an RDN of two attributes', `uid=bjensen+sn=Jensen,${people}`, people],
    ['a container that is not there', `ou=devices,${suffix}`, suffix],
    ['below it', `uid=x,ou=devices,${suffix}`, suffix],
    ['another tree', 'dc=example,dc=org', ''],
    ['above the suffix', 'dc=com', ''],
  ])('noSuchObject: %s', async (_what, base, matchedDN) => {
    for (const scope of ['baseObject', 'singleLevel', 'wholeSubtree'] as const) {
      expect(await outcome(client, base, { scope })).toEqual({ code: 32, matchedDN, dns: [] })
    }
  })

  it.each(['x', 'uid=', 'uid=a,,dc=example', '=a', 'uid=a\\zz', 'uid="a', ',', 'uid=#0', 'a b=c'])(
    'invalidDNSyntax: %j',
    async (text) => {
      const { code } = await outcome(client, `${text},${suffix}`, { scope: 'baseObject' })
      expect(code).toBe(34)
    },
  )

  it('success without entries where the base is there and the filter selects nothing', async () => {
    const nothing = { code: 0, matchedDN: '', dns: [] }
    for (const base of [suffix, people, personDn('bjensen')]) {
      expect(await outcome(client, base, { filter: '(sn=Nobody)' })).toEqual(nothing)
      expect(await outcome(client, base, { filter: '(noSuchAttribute=*)' })).toEqual(nothing)
      expect(await outcome(client, base, { filter: '(!(noSuchAttribute=*))' })).toEqual(nothing)
      expect(await outcome(client, base, { filter: '(|)' })).toEqual(nothing)
    }
    expect(await outcome(client, personDn('bjensen'), { scope: 'singleLevel' })).toEqual(nothing)
  })

  it('absolute true: every entry', async () => {
    expect((await outcome(client, people, { scope: 'singleLevel', filter: '(&)' })).dns).toHaveLength(
      living.length,
    )
  })

  it('sizeLimitExceeded with as many entries as asked for, at any place of the tree', async () => {
    const total = 3 + living.length + 6
    const { dns } = await outcome(client, suffix)
    expect(dns).toHaveLength(total)
    for (let sizeLimit = 1; sizeLimit <= total + 1; sizeLimit++) {
      expect(await outcome(client, suffix, { sizeLimit })).toEqual({
        code: sizeLimit < total ? 4 : 0,
        matchedDN: '',
        dns: dns.slice(0, sizeLimit),
      })
    }
  })

  it('no sizeLimitExceeded where there are just so many', async () => {
    for (const [filter, sizeLimit] of [
      ['(uid=bjensen)', 1],
      ['(ou=people)', 1],
      ['(cn=Empty)', 1],
      ['(objectClass=organizationalUnit)', 2],
      ['(|(uid=ring.*)(cn=Egg))', 3],
      ['(sn=Staff)', 21],
    ] as const) {
      const { code, dns } = await outcome(client, suffix, { filter, sizeLimit })
      expect([filter, code, dns.length]).toEqual([filter, 0, sizeLimit])
    }
  })

  it("the configured limit stands above the client's", async () => {
    const limited = await serve(companyConfig(database.url, { limits: { size: 5 } }))
    try {
      const client = await limited.connect()
      for (const [sizeLimit, count] of [
        [0, 5],
        [3, 3],
        [9, 5],
      ] as const) {
        const { code, dns } = await outcome(client, people, { sizeLimit })
        expect([code, dns.length]).toEqual([4, count])
      }
      expect(await outcome(client, suffix, { filter: '(uid=ring.*)' })).toMatchObject({ code: 0 })
    } finally {
      await limited.close()
    }
  })

  it('unavailableCriticalExtension for an unknown control that is critical, and only then', async () => {
    const control = { type: '1.2.3.4.5', critical: true }
    expect(await outcome(client, suffix, { controls: [control] })).toEqual({
      code: 12,
      matchedDN: '',
      dns: [],
    })
    expect(
      await outcome(client, people, { scope: 'baseObject', controls: [{ ...control, critical: false }] }),
    ).toEqual({ code: 0, matchedDN: '', dns: [people] })
  })

  it('takes suffix and containers in any spelling', async () => {
    for (const base of [
      'DC=Example, DC=COM',
      '0.9.2342.19200300.100.1.25=example,dc=com',
      'domainComponent=example,dc=com',
      'dc=\\65xample,dc=c\\6f\\6D',
      'dc=#04076578616d706c65,dc=com',
    ]) {
      expect(await outcome(client, `OU=People,${base}`, { scope: 'baseObject' })).toMatchObject({
        dns: [people],
      })
      expect(await outcome(client, base, { scope: 'singleLevel' })).toMatchObject({ dns: [people, teams] })
    }
  })

  it('shows containers as entries with what their names say', async () => {
    expect(await read(client, teams)).toEqual({ objectClass: ['organizationalUnit', 'top'], ou: ['teams'] })
    expect(await read(client, suffix)).toMatchObject({ dc: ['example'] })
    expect(await read(client, teams, ['hasSubordinates', 'entryDN'])).toEqual({
      entryDN: [teams],
      hasSubordinates: ['TRUE'],
    })
  })

  it('finds entries by entryDN, in any spelling', async () => {
    const filter = (dn: string) => `(entryDN=${dn.replaceAll('\\', '\\5c')})`
    expect((await outcome(client, suffix, { filter: filter(`UID=BJENSEN, ${people}`) })).dns).toEqual([
      personDn('bjensen'),
    ])
    expect((await outcome(client, suffix, { filter: filter(teamDn('Lenses, Mirrors')) })).dns).toEqual([
      teamDn('Lenses, Mirrors'),
    ])
    expect((await outcome(client, suffix, { filter: filter(people) })).dns).toEqual([people])
  })
})

describe.each(sources)('DNs over %s', (_name, create) => {
  let database: Database
  let serving: Serving
  let client: LdapClient

  beforeAll(async () => {
    database = await create()
    await loadPopulation(database.url, makePopulation({ seed: 7, people: 120, groups: 40 }))
    serving = await serve(populationConfig(database.url))
    client = await serving.connect()
  })

  afterAll(async () => {
    await serving?.close()
    await database?.remove()
  })

  it('each DN that is returned leads back to its entry alone, however it is escaped', async () => {
    const { entries } = await client.searchAll(suffix, { attributes: ['uid', 'cn'] })
    expect(entries).toHaveLength(163)
    for (const { dn, attributes } of entries) {
      const [, type = '', parent = ''] = /^(\w+)=.*?((?:,ou=\w+)?,dc=example,dc=com)$/s.exec(dn) ?? []
      const value = attributes.find((attribute) => attribute.type === type)?.values[0]
      const spellings = [dn, dn.replace(type, type.toUpperCase()), dn.replaceAll(',ou=', ' , OU = ')]
      if (value !== undefined) {
        const hex = value.toString('hex')
        const coded = hex.replaceAll(/../g, '\\$&')
        spellings.push(`${type}=${coded}${parent}`, `${type}=${coded.toUpperCase()}${parent}`)
        spellings.push(`${type}=#04${value.length.toString(16).padStart(2, '0')}${hex}${parent}`)
      }
      const found = await Promise.all(
        spellings.map((spelling) => outcome(client, spelling, { scope: 'baseObject', attributes: ['1.1'] })),
      )
      expect(found.map(({ code, dns }, i) => [spellings[i], code, ...dns])).toEqual(
        spellings.map((spelling) => [spelling, 0, dn]),
      )
    }
  })

  it('the DNs of references are the DNs of entries', async () => {
    const { entries } = await client.searchAll(suffix, { attributes: ['member', 'memberOf', 'manager'] })
    const known = new Set(entries.map((entry) => entry.dn))
    const referred = entries.flatMap((entry) => entry.attributes.flatMap(({ values }) => values.map(String)))
    expect(referred.length).toBeGreaterThan(200)
    expect(referred.filter((dn) => !known.has(dn))).toEqual([])
  })
})

// SQLite, in the gateway's own process, has nobody to wait for.
describe.each(remoteSources)('time limits over %s', (_name, create) => {
  let database: Database
  let serving: Serving
  let client: LdapClient

  beforeAll(async () => {
    database = await create()
    await runSql(database.url, companySql())
    serving = await serve(companyConfig(database.url))
    client = await serving.connect()
  })

  afterAll(async () => {
    await serving?.close()
    await database?.remove()
  })

  it('timeLimitExceeded when the time that the client gives is over', async () => {
    const release = await blockTable(database.url, 'accounts')
    try {
      const begin = performance.now()
      expect(await outcome(client, people, { scope: 'singleLevel', timeLimit: 1 })).toMatchObject({
        code: 3,
        dns: [],
      })
      expect(performance.now() - begin).toBeGreaterThan(900)
      expect(performance.now() - begin).toBeLessThan(5000)
    } finally {
      await release()
    }
    // The connection, and the ones to the database, are none the worse for it.
    expect(await outcome(client, people, { filter: '(uid=bjensen)', timeLimit: 5 })).toMatchObject({
      dns: [personDn('bjensen')],
    })
  })
})
