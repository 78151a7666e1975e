/** Who may see what: nothing without a rule, rules only add, and what may not be seen cannot be found out either. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GatewayInput } from '../../src/index.js'
import type { LdapClient } from '../../src/ldap/index.js'
import {
  admin,
  companyConfig,
  companySql,
  living,
  people,
  personDn,
  suffix,
  teamDn,
  teams,
} from './company.js'
import {
  codeOf,
  type Database,
  find,
  outcome,
  read,
  runSql,
  type Serving,
  serve,
  sources,
} from './serving.js'

type Rules = NonNullable<GatewayInput['access']>

const audit = { dn: `cn=audit,${suffix}`, password: '{CLEARTEXT}audit' }

describe.each(sources)('access over %s', (_name, create) => {
  let database: Database
  const open: Serving[] = []

  beforeAll(async () => {
    database = await create()
    await runSql(database.url, companySql())
  })

  afterAll(async () => {
    await Promise.all(open.map((serving) => serving.close()))
    await database?.remove()
  })

  async function under(access: Rules): Promise<Serving> {
    const accounts = [{ dn: admin.dn, password: `{CLEARTEXT}${admin.password}` }, audit]
    const serving = await serve(companyConfig(database.url, { access, serviceAccounts: accounts }))
    open.push(serving)
    return serving
  }

  const jensen = (serving: Serving) => serving.connect(personDn('bjensen'), 'hifalutin')
  const everyPerson = living.map((account) => personDn(account.login)).sort()
  const names = (found: object | undefined) => Object.keys(found ?? {}).sort()

  it('without a rule there is nothing: the anonymous are told to bind, the others that nothing is there', async () => {
    const serving = await under([])
    const anonymous = await serving.connect()
    for (const base of [
      suffix,
      people,
      personDn('bjensen'),
      personDn('nobody'),
      `cn=x,${personDn('bjensen')}`,
    ]) {
      expect(await outcome(anonymous, base)).toEqual({ code: 50, matchedDN: '', dns: [] })
      for (const client of [await jensen(serving), await serving.connect(admin.dn, admin.password)]) {
        expect(await outcome(client, base)).toEqual({ code: 32, matchedDN: '', dns: [] })
      }
    }
    for (const client of [anonymous, await jensen(serving)]) {
      expect(await codeOf(client.compare(personDn('bjensen'), 'sn', 'Jensen'))).toBe(
        await codeOf(client.compare(personDn('nobody'), 'sn', 'Jensen')),
      )
    }
  })

  it('without a rule one can bind, and read the root DSE and the schema', async () => {
    const serving = await under([])
    const client = await jensen(serving)
    expect(await client.whoAmI()).toBe(`dn:${personDn('bjensen')}`)
    const anonymous = await serving.connect()
    expect(await read(anonymous, '', ['namingContexts'])).toEqual({ namingContexts: [suffix] })
    expect(names(await read(anonymous, 'cn=Subschema', ['attributeTypes']))).toEqual(['attributeTypes'])
  })

  describe('a public address book: some attributes of one view', () => {
    let client: LdapClient

    beforeAll(async () => {
      client = await (
        await under([{ who: 'anonymous', views: 'people', attributes: ['cn', 'mail'] }])
      ).connect()
    })

    it('shows what it names, and what tells kind and name', async () => {
      for (const attributes of [[], ['*'], ['*', '+'], ['@inetOrgPerson']]) {
        const shown = names(await read(client, personDn('bjensen'), attributes))
        expect(shown.filter((name) => !/^(entryDN|hasSub|structural|subschema)/.test(name))).toEqual([
          'cn',
          'mail',
          'objectClass',
          'uid',
        ])
      }
      expect(await read(client, personDn('bjensen'), ['sn', 'memberOf', 'entryUUID'])).toEqual({})
    })

    it('gives whole DNs, which lead back to the entries', async () => {
      const found = await outcome(client, people, { scope: 'singleLevel', attributes: ['mail'] })
      expect([...found.dns].sort()).toEqual(everyPerson)
      for (const dn of everyPerson) expect(await outcome(client, dn)).toMatchObject({ code: 0, dns: [dn] })
    })

    it('shows nothing of the other view, not even its container', async () => {
      expect(await outcome(client, teams)).toMatchObject({ code: 50, dns: [] })
      expect(await outcome(client, teamDn('Optics'))).toMatchObject({ code: 50, dns: [] })
      expect((await outcome(client, suffix, { scope: 'singleLevel' })).dns).toEqual([people])
      expect(await find(client, suffix, '(cn=Optics)')).toEqual([])
      expect(await find(client, suffix, '(|(uid=bjensen)(cn=*))')).toEqual(everyPerson)
    })

    it.each([
      '(sn=Jensen)',
      '(!(sn=Jensen))',
      '(sn=*)',
      '(!(sn=*))',
      '(sn=J*)',
      '(sn>=A)',
      '(sn~=jensen)',
      '(2.5.4.4=Jensen)',
      '(sn:caseExactMatch:=Jensen)',
      '(employeeNumber=S-1)',
      '(!(employeeNumber=S-1))',
      '(&(cn=*)(employeeNumber=*))',
      '(&(cn=*)(!(employeeNumber=*)))',
      `(memberOf=${teamDn('Technology')})`,
      `(!(memberOf=${teamDn('Technology')}))`,
      `(memberOf:1.2.840.113556.1.4.1941:=${teamDn('Technology')})`,
      `(manager=${personDn('bjensen')})`,
      `(manager:1.2.840.113556.1.4.1941:=${personDn('bjensen')})`,
      '(name=Jensen)',
      '(:caseExactMatch:=Jensen)',
      '(givenName=Barbara)',
      '(userPassword=*)',
      '(!(userPassword=*))',
      '(!(userPassword=x))',
      '(entryUUID=*)',
    ])('%s finds nobody', async (filter) => {
      expect(await outcome(client, people, { scope: 'singleLevel', filter })).toEqual({
        code: 0,
        matchedDN: '',
        dns: [],
      })
    })

    it('an attribute that may not be searched makes its part of a filter Undefined, not the whole', async () => {
      expect(await find(client, people, '(|(sn=Jensen)(mail=kvaughan@*))')).toEqual([personDn('kvaughan')])
      expect(await find(client, people, '(name=Barbara Jensen)')).toEqual([personDn('bjensen')])
    })

    it('compares what may be compared, and answers alike for all the rest', async () => {
      expect(await client.compare(personDn('bjensen'), 'cn', 'barbara jensen')).toBe(true)
      const refused: number[] = []
      for (const login of ['bjensen', 'kvaughan']) {
        for (const value of ['Jensen', 'x'])
          refused.push(await codeOf(client.compare(personDn(login), 'sn', value)))
      }
      expect(refused).toEqual([50, 50, 50, 50])
      // That nobody is there, a comparison of cn would tell as well.
      for (const attribute of ['cn', 'sn'])
        expect(await codeOf(client.compare(personDn('nobody'), attribute, 'x'))).toBe(32)
    })
  })

  it('authenticated: everybody who has bound, and no others', async () => {
    const serving = await under([{ who: 'authenticated', views: '*', except: ['employeeNumber'] }])
    expect(await outcome(await serving.connect(), suffix)).toMatchObject({ code: 50, dns: [] })
    for (const client of [await jensen(serving), await serving.connect(admin.dn, admin.password)]) {
      expect((await outcome(client, suffix)).dns).toHaveLength(38)
      expect(names(await read(client, personDn('bjensen')))).not.toContain('employeeNumber')
      expect(await find(client, people, '(employeeNumber=*)')).toEqual([])
    }
  })

  it('self: an entry sees itself alone', async () => {
    const serving = await under([{ who: 'self', views: '*' }])
    const client = await jensen(serving)
    expect((await outcome(client, suffix)).dns).toEqual([suffix, people, personDn('bjensen')])
    expect(await read(client, personDn('bjensen'), ['mail', 'employeeNumber'])).toEqual({
      mail: ['bjensen@example.com'],
      employeeNumber: ['S-1'],
    })
    expect(await find(client, people, '(mail=bjensen@example.com)')).toEqual([personDn('bjensen')])
    expect(await find(client, people, '(mail=kvaughan@example.com)')).toEqual([])
    expect(await outcome(client, personDn('kvaughan'))).toMatchObject({ code: 32, dns: [] })
    expect(await client.compare(personDn('bjensen'), 'employeeNumber', 's-1')).toBe(true)
    expect(await codeOf(client.compare(personDn('kvaughan'), 'sn', 'Vaughan'))).toBe(32)
    expect(await outcome(await serving.connect(), people)).toMatchObject({ code: 50 })
    // A service account has no entry.
    expect(await outcome(await serving.connect(admin.dn, admin.password), suffix)).toMatchObject({
      code: 32,
      dns: [],
    })
  })

  it('self adds to what everybody sees, for the own entry only', async () => {
    const serving = await under([
      { who: 'authenticated', views: 'people', attributes: ['cn'] },
      { who: 'self', views: 'people' },
    ])
    const client = await jensen(serving)
    const { entries } = await client.searchAll(people, {
      filter: '(cn=*)',
      attributes: ['cn', 'mail', 'employeeNumber'],
    })
    expect(entries).toHaveLength(living.length)
    for (const { dn, attributes } of entries) {
      expect([dn, attributes.map(({ type }) => type).sort()]).toEqual([
        dn,
        dn === personDn('bjensen') ? ['cn', 'employeeNumber', 'mail'] : ['cn'],
      ])
    }
  })

  it('a DN: this service account or entry, in any spelling, and nobody else', async () => {
    const serving = await under([
      { who: `CN=Admin, ${suffix}`, views: 'teams' },
      { who: [`UID=KVAUGHAN,${people}`, audit.dn], views: 'people', attributes: ['cn'] },
    ])
    const adminClient = await serving.connect(admin.dn, admin.password)
    expect((await outcome(adminClient, suffix, { scope: 'singleLevel' })).dns).toEqual([teams])
    for (const client of [
      await serving.connect(personDn('kvaughan'), 'bribery'),
      await serving.connect(audit.dn, 'audit'),
    ]) {
      expect(names(await read(client, personDn('bjensen'), ['cn', 'mail']))).toEqual(['cn'])
      expect(await outcome(client, teams)).toMatchObject({ code: 32 })
    }
    expect(await outcome(await jensen(serving), suffix)).toMatchObject({ code: 32 })
    expect(await outcome(await serving.connect(), suffix)).toMatchObject({ code: 50 })
  })

  it('rights one by one: to find takes search and read, to compare takes compare', async () => {
    const serving = await under([
      { who: admin.dn, views: 'people', allow: ['search', 'compare'] },
      { who: audit.dn, views: 'people', allow: 'read' },
      { who: personDn('bjensen'), views: 'people', allow: ['search', 'read'] },
    ])
    const adminClient = await serving.connect(admin.dn, admin.password)
    expect(await outcome(adminClient, people, { filter: '(uid=*)' })).toMatchObject({ dns: [] })
    expect(await adminClient.compare(personDn('bjensen'), 'sn', 'jensen')).toBe(true)
    const auditClient = await serving.connect(audit.dn, 'audit')
    expect(await outcome(auditClient, people, { filter: '(uid=*)' })).toMatchObject({ dns: [] })
    expect(await codeOf(auditClient.compare(personDn('bjensen'), 'sn', 'jensen'))).toBe(32)
    const client = await jensen(serving)
    expect(await find(client, people, '(uid=kvaughan)')).toEqual([personDn('kvaughan')])
    expect(await codeOf(client.compare(personDn('bjensen'), 'sn', 'jensen'))).toBe(32)
  })

  it('rules only add: what one excepts another may give, by whatever name', async () => {
    const serving = await under([
      { who: 'anonymous', views: 'people', except: ['surname', 'rfc822Mailbox'] },
      { who: 'authenticated', views: 'people', attributes: ['2.5.4.4'] },
      { who: 'anonymous', views: 'people', allow: 'search', attributes: ['mail'] },
    ])
    const anonymous = await serving.connect()
    expect(await read(anonymous, personDn('bjensen'), ['cn', 'sn', 'mail'])).toEqual({
      cn: ['Barbara Jensen'],
    })
    expect(await find(anonymous, people, '(sn=jensen)')).toEqual([])
    expect(await find(anonymous, people, '(mail=bjensen@example.com)')).toEqual([personDn('bjensen')])
    const client = await jensen(serving)
    expect(await read(client, personDn('bjensen'), ['cn', 'sn', 'mail'])).toEqual({
      cn: ['Barbara Jensen'],
      sn: ['Jensen'],
    })
    expect(await find(client, people, '(sn=jensen)')).toEqual([personDn('bjensen')])
  })

  it('a password is never shown, searched or compared, whatever a rule says', async () => {
    const serving = await under([
      { who: 'anonymous', views: '*' },
      { who: ['self', admin.dn], views: '*', attributes: ['userPassword', 'uid'] },
    ])
    for (const client of [
      await serving.connect(),
      await jensen(serving),
      await serving.connect(admin.dn, admin.password),
    ]) {
      for (const attributes of [
        [],
        ['*', '+'],
        ['userPassword'],
        ['2.5.4.35'],
        ['@person'],
        ['userPassword;binary'],
      ]) {
        for (const typesOnly of [true, false]) {
          const { entries } = await client.searchAll(people, { attributes, typesOnly })
          expect(entries.length).toBeGreaterThan(20)
          const types = entries.flatMap((entry) => entry.attributes.map(({ type }) => type))
          expect(types.filter((type) => /password|2\.5\.4\.35/i.test(type))).toEqual([])
        }
      }
      for (const filter of ['=*', '=x', '={SSHA}*', '=*SHA*', '>=a', '~=x', ':octetStringMatch:=x']) {
        expect(await find(client, people, `(userPassword${filter})`)).toEqual([])
        expect(await find(client, people, `(&(uid=*)(!(userPassword${filter})))`)).toEqual([])
      }
      expect(await codeOf(client.compare(personDn('bjensen'), 'userPassword', 'hifalutin'))).toBe(
        await codeOf(client.compare(personDn('nopass'), 'userPassword', 'hifalutin')),
      )
    }
  })

  it('a connection that binds anew has only the rights of its new name', async () => {
    const serving = await under([
      { who: admin.dn, views: '*' },
      { who: 'self', views: 'people' },
    ])
    const client = await serving.connect(admin.dn, admin.password)
    expect((await outcome(client, people)).dns).toHaveLength(1 + living.length)
    await client.bind(personDn('bjensen'), 'hifalutin')
    expect((await outcome(client, people)).dns).toEqual([people, personDn('bjensen')])
    await client.bind('', '')
    expect(await outcome(client, people)).toMatchObject({ code: 50, dns: [] })
  })

  it('rules only add: what one may do with one’s own entry is not less for what one may do with all', async () => {
    const serving = await under([
      { who: 'self', views: 'people', allow: ['read', 'search'] },
      { who: 'authenticated', views: 'people', allow: 'search' },
    ])
    const client = await jensen(serving)
    expect(await find(client, people, '(uid=*)')).toEqual([personDn('bjensen')])
    const named = await under([
      { who: 'self', views: 'people' },
      { who: 'authenticated', views: 'people', attributes: ['cn'] },
    ])
    const other = await jensen(named)
    expect(await find(other, people, '(mail=bjensen@example.com)')).toEqual([personDn('bjensen')])
    expect(await find(other, people, '(mail=kvaughan@example.com)')).toEqual([])
    const both = [personDn('bjensen'), personDn('kvaughan')].sort()
    expect(await find(other, people, '(|(cn=*Vaughan)(mail=bjensen@example.com))')).toEqual(both)
    expect(await find(other, people, '(|(cn=*)(mail=bjensen@example.com))')).toEqual(everyPerson)
  })

  it('names of entries in a view to which one has no right are told nowhere', async () => {
    const serving = await under([
      { who: 'authenticated', views: 'people' },
      { who: admin.dn, views: 'teams', attributes: ['cn'] },
    ])
    const filter = `(memberOf=${teamDn('Technology')})`
    const client = await jensen(serving)
    expect(await read(client, personDn('bjensen'), ['memberOf'])).toEqual({})
    expect(await find(client, people, filter)).toEqual([])
    expect(await find(client, people, `(&(uid=*)(!${filter}))`)).toEqual([])
    expect(await codeOf(client.compare(personDn('bjensen'), 'memberOf', teamDn('Technology')))).toBe(50)
    expect(await codeOf(client.compare(teams, 'ou', 'teams'))).toBe(32)
    expect(await client.compare(people, 'ou', 'people')).toBe(true)
    const adminClient = await serving.connect(admin.dn, admin.password)
    expect(Object.keys((await read(adminClient, personDn('bjensen'), ['memberOf'])) ?? {})).toEqual([
      'memberOf',
    ])
    expect(await find(adminClient, people, filter)).toContain(personDn('bjensen'))
    expect(await adminClient.compare(personDn('bjensen'), 'memberOf', teamDn('Technology'))).toBe(true)
  })

  it('compares the part of a supertype that may be compared', async () => {
    const serving = await under([{ who: 'anonymous', views: 'people', attributes: ['cn'] }])
    const client = await serving.connect()
    expect(await client.compare(personDn('bjensen'), 'name', 'Barbara Jensen')).toBe(true)
    expect(await client.compare(personDn('bjensen'), 'name', 'Jensen')).toBe(false)
    expect(await codeOf(client.compare(personDn('bjensen'), 'sn', 'Jensen'))).toBe(50)
  })
})
