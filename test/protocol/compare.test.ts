/** Compare (RFC 4511 4.10): every answer it has. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LdapClient, LdapError } from '../../src/ldap/index.js'
import { companyConfig, companySql, people, personDn, suffix, teamDn, teams } from './company.js'
import { type Database, runSql, type Serving, serve, sources } from './serving.js'

describe.each(sources)('compare over %s', (_name, create) => {
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

  const ask = async (dn: string, attribute: string, value: string) => {
    try {
      return await client.compare(dn, attribute, value)
    } catch (error) {
      if (error instanceof LdapError) return error.code
      throw error
    }
  }

  it.each([
    ['the value', 'sn', 'Jensen', true],
    ['another case', 'SN', 'JENSEN', true],
    ['other spaces', 'cn', '  barbara   jensen ', true],
    ['an alias', 'surname', 'jensen', true],
    ['an OID', '2.5.4.4', 'jensen', true],
    ['another value', 'sn', 'Vaughan', false],
    ['a part of the value', 'sn', 'Jens', false],
    ['a pattern', 'sn', 'J*', false],
    ['SQL wildcards', 'sn', 'Jens%', false],
    ['an object class', 'objectClass', 'PERSON', true],
    ['an object class by OID', 'objectClass', '2.5.6.6', true],
    ['another object class', 'objectClass', 'device', false],
    ['a reference', 'memberOf', teamDn('Technology'), true],
    ['a reference in another spelling', 'memberOf', `2.5.4.3=TECHNOLOGY, OU=Teams, ${suffix}`, true],
    ['a reference to another', 'memberOf', teamDn('Optics'), false],
    ['a reference to nobody', 'memberOf', teamDn('No Team'), false],
    ['a reference to elsewhere', 'memberOf', 'cn=Technology,dc=org', false],
    ['a reference to a deleted row', 'memberOf', teamDn('Closed'), false],
    ['a supertype', 'name', 'Barbara Jensen', true],
    ['a supertype with another value', 'name', 'Nobody', false],
    ['an attribute that the entry lacks', 'telephoneNumber', '1', 16],
    ['a reference that the entry lacks', 'manager', personDn('kvaughan'), 16],
    ['a reference that the entry lacks, to nobody', 'manager', personDn('nobody'), 16],
    ['an attribute that is not mapped', 'pager', '1', 16],
    ['an attribute that nobody knows', 'noSuchAttribute', '1', 17],
    ['a value that the syntax refuses', 'manager', 'no name', 21],
  ])('%s', async (_what, attribute, value, answer) => {
    expect(await ask(personDn('bjensen'), attribute, value)).toBe(answer)
  })

  it.each(['userPassword', 'sn', 'pager', 'memberOf'])(
    'of an entry that is not there, tells that, whatever is asked: %s',
    async (attribute) => {
      expect(await ask(personDn('nobody'), attribute, teamDn('Technology'))).toBe(32)
    },
  )

  it('asks of groups with many members', async () => {
    expect(await ask(teamDn('Lenses, Mirrors'), 'member', personDn('jürgen'))).toBe(true)
    expect(await ask(teamDn('Lenses, Mirrors'), 'member', personDn('bjensen'))).toBe(false)
    expect(await ask(teamDn('Technology'), 'member', personDn('gone'))).toBe(false)
    expect(await ask(teamDn('Technology'), 'member', teamDn('Optics'))).toBe(true)
    expect(await ask(teamDn('Empty'), 'member', personDn('bjensen'))).toBe(16)
    expect(await ask(teamDn('Technology'), 'distinguishedName', teamDn('Optics'))).toBe(true)
    expect(await ask(teamDn('Technology'), 'distinguishedName', 'cn=x,dc=org')).toBe(false)
    expect(await ask(teamDn('Empty'), 'distinguishedName', 'cn=x,dc=org')).toBe(16)
  })

  it('asks of containers', async () => {
    expect(await ask(people, 'ou', 'PEOPLE')).toBe(true)
    expect(await ask(teams, 'ou', 'people')).toBe(false)
    expect(await ask(teams, 'sn', 'x')).toBe(16)
  })

  it('noSuchObject for what is not there, invalidDNSyntax for what is no name', async () => {
    expect(await ask(personDn('nobody'), 'sn', 'x')).toBe(32)
    expect(await ask(personDn('gone'), 'sn', 'Gone')).toBe(32)
    expect(await ask(`cn=x,${personDn('bjensen')}`, 'sn', 'x')).toBe(32)
    expect(await ask('dc=org', 'dc', 'org')).toBe(32)
    expect(await ask('no name', 'sn', 'x')).toBe(34)
  })

  it('never compares a secret', async () => {
    for (const value of ['hifalutin', '{SSHA}']) {
      expect([16, 50]).toContain(await ask(personDn('bjensen'), 'userPassword', value))
    }
    expect(await ask(personDn('bjensen'), 'userPassword', 'x')).toBe(
      await ask(personDn('nopass'), 'userPassword', 'x'),
    )
  })
})
