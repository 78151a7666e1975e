/** Groups: members and memberships as DNs, in filters in any spelling, nested to any depth, large, and without the deleted. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LdapClient } from '../../src/ldap/index.js'
import { companyConfig, companySql, people, personDn, suffix, teamDn, teamId, teams } from './company.js'
import { type Database, find, outcome, read, runSql, type Serving, serve, sources } from './serving.js'

const IN_CHAIN = '1.2.840.113556.1.4.1941'
const LARGE = 5000

describe.each(sources)('groups over %s', (_name, create) => {
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

  const escaped = (dn: string) => dn.replaceAll('\\', '\\5c')
  const select = (attribute: string, dn: string) => find(client, suffix, `(${attribute}=${escaped(dn)})`)
  const persons = (...logins: string[]) => logins.map(personDn)
  const sorted = (...dns: string[]) => dns.sort()

  it('shows members and memberships from both sides, without the deleted', async () => {
    expect(await read(client, teamDn('Technology'), ['member', 'memberOf'])).toEqual({
      member: sorted(teamDn('Optics'), personDn('bjensen')),
    })
    expect(await read(client, teamDn('Optics'), ['member', 'memberOf'])).toEqual({
      member: sorted(teamDn('Lenses, Mirrors'), personDn('kvaughan')),
      memberOf: [teamDn('Technology')],
    })
    expect(await read(client, teamDn('Empty'), ['member', 'memberOf'])).toEqual({})
    expect(await read(client, personDn('bjensen'), ['memberOf'])).toEqual({
      memberOf: [teamDn('Technology')],
    })
    expect(await read(client, personDn('staff3'), ['memberOf'])).toEqual({})
    expect(await read(client, personDn('nopass'), ['manager'])).toEqual({})
  })

  it.each([
    ['as it is shown', 'cn=Lenses\\, Mirrors,ou=teams,dc=example,dc=com'],
    ['in another case', 'CN=LENSES\\, mirrors,OU=Teams,DC=EXAMPLE,DC=com'],
    ['with a code for the comma', 'cn=Lenses\\2c Mirrors,ou=teams,dc=example,dc=com'],
    ['in quotes', 'cn="Lenses, Mirrors",ou=teams,dc=example,dc=com'],
    ['with spaces', ' cn = Lenses\\,  Mirrors , ou = teams , dc = example , dc = com '],
    ['by OIDs', '2.5.4.3=Lenses\\, Mirrors,2.5.4.11=teams,dc=example,dc=com'],
    ['by aliases', 'commonName=Lenses\\, Mirrors,organizationalUnitName=teams,dc=example,dc=com'],
    [
      'all in codes',
      'cn=\\4c\\65\\6e\\73\\65\\73\\2c\\20\\4d\\69\\72\\72\\6f\\72\\73,ou=\\74eams,dc=example,dc=com',
    ],
  ])('finds memberships by DN: %s', async (_how, dn) => {
    expect(await select('memberOf', dn)).toEqual(sorted(...persons('scarter', 'jürgen')))
    expect(await select('member', dn)).toEqual([teamDn('Optics')])
    expect(await select(`memberOf:${IN_CHAIN}:`, dn)).toEqual(sorted(...persons('scarter', 'jürgen')))
    expect(await select('member:distinguishedNameMatch:', dn)).toEqual([teamDn('Optics')])
  })

  it.each([
    ['nobody', `uid=nobody,${people}`],
    ['a deleted person', personDn('gone')],
    ['a deleted team', teamDn('Closed')],
    ['a container', people],
    ['another tree', 'uid=bjensen,ou=people,dc=example,dc=org'],
    ['an entry of the other kind', `uid=Technology,ou=teams,${suffix}`],
    ['no name at all', 'bjensen'],
    ['a pattern', `uid=*,${people}`],
  ])('nothing refers to %s', async (_what, dn) => {
    const value = dn.replaceAll('*', '\\2a')
    for (const attribute of ['member', 'memberOf', 'manager']) {
      expect(await find(client, suffix, `(${attribute}=${value})`)).toEqual([])
      expect(await find(client, suffix, `(${attribute}:${IN_CHAIN}:=${value})`)).toEqual([])
    }
  })

  it('presence and absence of references', async () => {
    expect(await find(client, teams, '(&(cn=*)(!(member=*)))')).toEqual([teamDn('Empty')])
    expect(await find(client, teams, '(memberOf=*)')).toEqual(
      sorted(...['Optics', 'Lenses, Mirrors', 'Egg', 'Hen'].map(teamDn)),
    )
    expect(await find(client, people, '(memberOf=*)')).toEqual(
      sorted(...persons('bjensen', 'kvaughan', 'scarter', 'jürgen', 'staff1', 'staff2')),
    )
    expect(await find(client, people, `(&(manager=*)(!(manager=${personDn('bjensen')})))`)).toEqual(
      sorted(...persons('scarter', 'jürgen', 'ring.a', 'ring.b', 'own.boss')),
    )
  })

  it('a negated reference selects those without any too', async () => {
    const others = await find(client, people, `(&(uid=*)(!(memberOf=${teamDn('Optics')})))`)
    expect(others).toHaveLength(28)
    expect(others).not.toContain(personDn('kvaughan'))
    // Nobody is a member of what is not there.
    expect(await find(client, people, `(&(uid=*)(!(memberOf=${teamDn('No Team')})))`)).toHaveLength(29)
  })

  describe('in chain', () => {
    it.each([
      [
        'memberOf',
        teamDn('Technology'),
        [...persons('bjensen', 'kvaughan', 'scarter', 'jürgen'), teamDn('Optics'), teamDn('Lenses, Mirrors')],
      ],
      [
        'memberOf',
        teamDn('Optics'),
        [...persons('kvaughan', 'scarter', 'jürgen'), teamDn('Lenses, Mirrors')],
      ],
      ['memberOf', teamDn('Empty'), []],
      ['member', personDn('jürgen'), [teamDn('Lenses, Mirrors'), teamDn('Optics'), teamDn('Technology')]],
      ['member', personDn('bjensen'), [teamDn('Technology')]],
      ['member', teamDn('Lenses, Mirrors'), [teamDn('Optics'), teamDn('Technology')]],
      ['manager', personDn('bjensen'), persons('kvaughan', 'scarter', 'jürgen')],
      ['manager', personDn('scarter'), persons('jürgen')],
      ['manager', personDn('jürgen'), []],
    ] as const)('%s, %s', async (attribute, dn, expected) => {
      expect(await select(`${attribute}:${IN_CHAIN}:`, dn)).toEqual(sorted(...expected))
    })

    it('ends at circles', async () => {
      expect(await select(`memberOf:${IN_CHAIN}:`, teamDn('Egg'))).toEqual(
        sorted(...persons('staff1', 'staff2'), teamDn('Egg'), teamDn('Hen')),
      )
      expect(await select(`member:${IN_CHAIN}:`, teamDn('Egg'))).toEqual(sorted(teamDn('Egg'), teamDn('Hen')))
      expect(await select(`member:${IN_CHAIN}:`, personDn('staff2'))).toEqual(
        sorted(teamDn('Egg'), teamDn('Hen')),
      )
      expect(await select(`manager:${IN_CHAIN}:`, personDn('ring.a'))).toEqual(
        sorted(...persons('ring.a', 'ring.b')),
      )
      expect(await select(`manager:${IN_CHAIN}:`, personDn('own.boss'))).toEqual(persons('own.boss'))
    })

    it('does not lead through the deleted', async () => {
      // staff3 is in a deleted team within Technology; nopass reports to a deleted person who reported to bjensen.
      expect(await select(`memberOf:${IN_CHAIN}:`, teamDn('Technology'))).not.toContain(personDn('staff3'))
      expect(await select(`member:${IN_CHAIN}:`, personDn('staff3'))).toEqual([])
      expect(await select(`manager:${IN_CHAIN}:`, personDn('bjensen'))).not.toContain(personDn('nopass'))
    })

    it('combines with all else, negated too', async () => {
      const chain = `(memberOf:${IN_CHAIN}:=${teamDn('Technology')})`
      expect(await find(client, people, `(&(uid=*a*)${chain}(!(sn=carter)))`)).toEqual(persons('kvaughan'))
      expect(await find(client, people, `(&(uid=*)(!${chain}))`)).toHaveLength(25)
      expect(await find(client, suffix, `(|(uid=nopass)${chain})`)).toHaveLength(7)
      expect(await outcome(client, personDn('jürgen'), { scope: 'baseObject', filter: chain })).toMatchObject(
        {
          dns: [personDn('jürgen')],
        },
      )
      expect(await outcome(client, personDn('staff1'), { scope: 'baseObject', filter: chain })).toMatchObject(
        {
          code: 0,
          dns: [],
        },
      )
    })
  })

  it('members that are deleted vanish, and come back with their rows', async () => {
    await runSql(database.url, "update accounts set deleted_at = 'now' where login = 'scarter'")
    try {
      expect(await read(client, teamDn('Lenses, Mirrors'), ['member'])).toEqual({
        member: [personDn('jürgen')],
      })
      expect(await select('member', personDn('scarter'))).toEqual([])
      expect(await select(`memberOf:${IN_CHAIN}:`, teamDn('Optics'))).toEqual(
        sorted(...persons('kvaughan', 'jürgen'), teamDn('Lenses, Mirrors')),
      )
      expect(await select(`manager:${IN_CHAIN}:`, personDn('bjensen'))).toEqual(persons('kvaughan'))
    } finally {
      await runSql(database.url, "update accounts set deleted_at = null where login = 'scarter'")
    }
    expect(await select('member', personDn('scarter'))).toEqual([teamDn('Lenses, Mirrors')])
  })

  it('a deleted team is nobody’s any more', async () => {
    await runSql(database.url, "update teams set deleted_at = 'now' where name = 'Optics'")
    try {
      expect(await read(client, personDn('kvaughan'), ['memberOf'])).toEqual({})
      expect(await read(client, teamDn('Technology'), ['member'])).toEqual({ member: [personDn('bjensen')] })
      expect(await select(`memberOf:${IN_CHAIN}:`, teamDn('Technology'))).toEqual(persons('bjensen'))
    } finally {
      await runSql(database.url, "update teams set deleted_at = null where name = 'Optics'")
    }
  })

  describe(`a group of ${LARGE} members`, () => {
    const logins = Array.from({ length: LARGE }, (_, i) => `m${i + 1}`)

    beforeAll(async () => {
      const from = 10_000
      const rows = logins.map((login, i) => `(${from + i}, '${login}', 'Member', 'A')`)
      const links = logins.map((_, i) => `(${teamId('Empty')}, ${from + i})`)
      await runSql(
        database.url,
        `insert into accounts (id, login, last_name, status) values ${rows.join(', ')}`,
        `insert into team_members (team_id, account_id) values ${links.join(', ')}`,
        'create index memberships on team_members (account_id)',
      )
    })

    it('is shown whole', async () => {
      const group = await read(client, teamDn('Empty'), ['member'])
      expect(group?.member).toEqual(sorted(...logins.map(personDn)))
    })

    it('is found by its first and its last member', async () => {
      for (const login of ['m1', `m${LARGE}`]) {
        expect(await select('member', personDn(login))).toEqual([teamDn('Empty')])
        expect(await select(`member:${IN_CHAIN}:`, personDn(login))).toEqual([teamDn('Empty')])
        expect(await client.compare(teamDn('Empty'), 'member', personDn(login))).toBe(true)
      }
    })

    it('has every member found by it, whole or in pages', async () => {
      const filter = `(memberOf=${teamDn('Empty')})`
      expect(await find(client, people, filter)).toHaveLength(LARGE)
      const paged: string[] = []
      for await (const { dn } of client.searchPaged(people, { filter, pageSize: 700, attributes: ['1.1'] })) {
        paged.push(dn)
      }
      expect(paged).toEqual(logins.map(personDn))
      expect(await find(client, people, `(memberOf:${IN_CHAIN}:=${teamDn('Empty')})`)).toHaveLength(LARGE)
    })
  })
})
