/** Rules for the members of groups, for entries that filters choose, for networks, and for who may bind. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GatewayInput } from '../../src/index.js'
import {
  controlType,
  findControl,
  type LdapClient,
  pagedResultsControl,
  parsePagedResults,
} from '../../src/ldap/index.js'
import {
  admin,
  companyConfig,
  companySql,
  idOf,
  people,
  personDn,
  suffix,
  teamDn,
  teamId,
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

const NO_SUCH_OBJECT = 32
const INVALID_CREDENTIALS = 49
const INSUFFICIENT_ACCESS = 50
const audit = { dn: `cn=audit,${suffix}`, password: 'audit' }
const passwords: Readonly<Record<string, string>> = {
  bjensen: 'hifalutin',
  kvaughan: 'bribery',
  jürgen: 'schlüssel',
}

describe.each(sources)('rules over %s', (name, create) => {
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
    const serviceAccounts = [admin, audit].map(({ dn, password }) => ({
      dn,
      password: `{CLEARTEXT}${password}`,
    }))
    const serving = await serve(companyConfig(database.url, { access, serviceAccounts }))
    open.push(serving)
    return serving
  }
  const as = (serving: Serving, login: string) => serving.connect(personDn(login), passwords[login])
  const dns = (...logins: readonly string[]) => logins.map(personDn).sort()
  const seen = (client: LdapClient, filter = '(uid=*)') => find(client, people, `(&(uid=*)${filter})`)

  async function pagesOf(client: LdapClient, size: number): Promise<readonly string[]> {
    const all: string[] = []
    let cookie: Buffer = Buffer.alloc(0)
    do {
      const page = await client.searchAll(people, {
        filter: '(uid=*)',
        attributes: ['1.1'],
        controls: [pagedResultsControl({ size, cookie })],
      })
      expect(page.entries.length).toBeLessThanOrEqual(size)
      all.push(...page.entries.map(({ dn }) => dn))
      const control = findControl(page.done.controls, controlType.pagedResults)
      cookie = control === undefined ? Buffer.alloc(0) : Buffer.from(parsePagedResults(control).cookie)
    } while (cookie.length > 0)
    return all.sort()
  }

  describe('for the members of a group', () => {
    it('count for those who are in it, and for nobody else', async () => {
      const serving = await under([{ who: { group: teamDn('Technology') }, views: 'people' }])
      expect(await seen(await as(serving, 'bjensen'))).toHaveLength(29)
      expect(await outcome(await as(serving, 'kvaughan'), people)).toMatchObject({ code: NO_SUCH_OBJECT })
      expect(await outcome(await serving.connect(), people)).toMatchObject({ code: INSUFFICIENT_ACCESS })
      const client = await serving.connect(admin.dn, admin.password)
      expect(await outcome(client, people)).toMatchObject({ code: NO_SUCH_OBJECT })
      expect(await codeOf(client.compare(personDn('bjensen'), 'sn', 'jensen'))).toBe(NO_SUCH_OBJECT)
    })

    it('count for members of groups in it where that is said', async () => {
      const serving = await under([
        { who: { group: teamDn('Technology'), nested: true }, views: 'people', attributes: ['cn'] },
        {
          who: [{ group: teamDn('Lenses, Mirrors') }, { group: teamDn('Egg') }],
          views: 'people',
          attributes: ['sn'],
        },
      ])
      const shown = async (login: string) =>
        Object.keys((await read(await as(serving, login), personDn('bjensen'), ['cn', 'sn'])) ?? {}).sort()
      expect(await shown('bjensen')).toEqual(['cn'])
      expect(await shown('kvaughan')).toEqual(['cn'])
      expect(await shown('jürgen')).toEqual(['cn', 'sn'])
    })

    if (name !== 'a directory')
      it('count from the moment somebody is in it, and no longer', async () => {
        const serving = await under([
          { who: { group: teamDn('Empty') }, views: 'people', attributes: ['cn'] },
        ])
        const client = await as(serving, 'kvaughan')
        const ids = [teamId('Empty'), idOf('kvaughan')] as const
        expect(await outcome(client, people)).toMatchObject({ code: NO_SUCH_OBJECT })
        await runSql(database.url, `insert into team_members values (${ids[0]}, ${ids[1]});`)
        expect(await seen(client)).toHaveLength(29)
        await runSql(
          database.url,
          `delete from team_members where team_id = ${ids[0]} and account_id = ${ids[1]};`,
        )
        expect(await outcome(client, people)).toMatchObject({ code: NO_SUCH_OBJECT })
      })
  })

  describe('with a filter', () => {
    it('let those entries be found that it selects, whatever is asked', async () => {
      const serving = await under([{ who: admin.dn, views: 'people', filter: '(|(sn=Ring)(sn=Vaughan))' }])
      const client = await serving.connect(admin.dn, admin.password)
      const all = dns('kvaughan', 'ring.a', 'ring.b')
      expect(await seen(client)).toEqual(all)
      expect(await seen(client, '(!(sn=Ring))')).toEqual(dns('kvaughan'))
      expect(await seen(client, '(sn=Jensen)')).toEqual([])
      expect(await seen(client, '(|(sn=Jensen)(!(sn=Jensen)))')).toEqual(all)
      expect(await outcome(client, personDn('bjensen'))).toMatchObject({ code: NO_SUCH_OBJECT })
      expect(await read(client, personDn('bjensen'))).toBeUndefined()
      expect(await client.compare(personDn('ring.a'), 'sn', 'Ring')).toBe(true)
      const refused = ['bjensen', 'nobody'].map((login) => codeOf(client.compare(personDn(login), 'sn', 'x')))
      expect(await Promise.all(refused)).toEqual([NO_SUCH_OBJECT, NO_SUCH_OBJECT])
      expect(await pagesOf(client, 2)).toEqual(all)
    })

    it('may ask for what whoever asks has: managers see who works for them', async () => {
      const serving = await under([
        { who: 'self', views: 'people', attributes: ['cn'] },
        { who: 'authenticated', views: 'people', filter: '(manager={principal.dn})' },
        { who: 'authenticated', views: 'people', attributes: ['sn'], filter: '(sn={principal.sn})' },
      ])
      const manager = await as(serving, 'kvaughan')
      expect(await seen(manager)).toEqual(dns('kvaughan', 'scarter'))
      expect(await read(manager, personDn('scarter'), ['cn', 'mail', 'manager'])).toEqual({
        cn: ['Sam Carter'],
        mail: ['scarter@example.com'],
        manager: [personDn('kvaughan')],
      })
      expect(await read(manager, personDn('kvaughan'), ['cn', 'sn', 'mail'])).toEqual({
        cn: ['Kirsten Vaughan'],
        sn: ['Vaughan'],
      })
      expect(await seen(manager, '(mail=kvaughan@example.com)')).toEqual([])
      expect(await seen(manager, '(mail=*)')).toEqual(dns('scarter'))
      expect(await seen(await as(serving, 'bjensen'))).toEqual(dns('bjensen', 'kvaughan'))
      // Whoever has none of it is like nobody.
      const account = await serving.connect(admin.dn, admin.password)
      expect(await outcome(account, people, { filter: '(uid=*)' })).toMatchObject({ dns: [] })
    })

    it('say of each attribute by which entries it may be seen and searched', async () => {
      const serving = await under([
        { who: 'anonymous', views: 'people', attributes: ['cn'] },
        { who: 'anonymous', views: 'people', attributes: ['mail'], filter: '(sn=Ring)' },
        { who: 'anonymous', views: 'people', attributes: ['sn'], filter: '(manager=*)' },
      ])
      const client = await serving.connect()
      const { entries } = await client.searchAll(people, { filter: '(cn=*)', attributes: ['mail', 'sn'] })
      const shown = Object.fromEntries(
        entries.map(({ dn, attributes }) => [dn, attributes.map(({ type }) => type).sort()]),
      )
      expect(shown[personDn('ring.a')]).toEqual(['mail', 'sn'])
      expect(shown[personDn('kvaughan')]).toEqual(['sn'])
      expect(shown[personDn('bjensen')]).toEqual([])
      expect(await seen(client, '(mail=*)')).toEqual(dns('ring.a', 'ring.b'))
      expect(await seen(client, '(!(mail=ring.a@example.com))')).toEqual(dns('ring.b'))
      expect(await seen(client, '(!(mail=nobody@example.com))')).toEqual(dns('ring.a', 'ring.b'))
      expect(await seen(client, '(|(sn=Jensen)(sn=Vaughan))')).toEqual(dns('kvaughan'))
      expect(await seen(client, '(&(!(sn=Vaughan))(!(sn=Staff)))')).not.toContain(personDn('bjensen'))
      expect(await client.compare(personDn('ring.a'), 'mail', 'ring.a@example.com')).toBe(true)
      expect(await codeOf(client.compare(personDn('bjensen'), 'mail', 'x'))).toBe(INSUFFICIENT_ACCESS)
    })

    it('hide the names of entries that it does not select wherever they are referred to', async () => {
      const serving = await under([
        { who: 'anonymous', views: 'people' },
        { who: 'anonymous', views: 'teams', filter: '(!(cn=Optics))' },
        { who: audit.dn, views: 'teams' },
      ])
      const client = await serving.connect()
      expect(await read(client, personDn('kvaughan'), ['memberOf'])).toEqual({})
      expect(await read(client, teamDn('Technology'), ['member'])).toEqual({ member: [personDn('bjensen')] })
      expect(await read(client, teamDn('Lenses, Mirrors'), ['memberOf'])).toEqual({})
      expect(await seen(client, `(memberOf=${teamDn('Optics')})`)).toEqual([])
      expect(await seen(client, `(!(memberOf=${teamDn('Optics')}))`)).toEqual([])
      expect(await seen(client, `(memberOf=${teamDn('Technology')})`)).toEqual(dns('bjensen'))
      expect(await find(client, teams, `(member=${teamDn('Optics')})`)).toEqual([])
      const chain = `(memberOf:1.2.840.113556.1.4.1941:=${teamDn('Technology')})`
      expect(await seen(client, chain)).toEqual([])
      expect(await codeOf(client.compare(personDn('kvaughan'), 'memberOf', teamDn('Optics')))).toBe(
        INSUFFICIENT_ACCESS,
      )
      const whole = await serving.connect(audit.dn, audit.password)
      expect(await read(whole, personDn('kvaughan'), ['memberOf'])).toEqual({ memberOf: [teamDn('Optics')] })
    })
  })

  describe('who may bind', () => {
    it('is told by rules where there are any, and others are answered as if they were wrong', async () => {
      const serving = await under([
        { who: { group: teamDn('Optics') }, allow: 'bind', views: 'people' },
        { who: 'anonymous', allow: 'bind', views: 'people', filter: '(sn=Jensen)' },
      ])
      const client = await serving.connect()
      expect(await codeOf(client.bind(personDn('kvaughan'), 'bribery'))).toBe(0)
      expect(await codeOf(client.bind(personDn('bjensen'), 'hifalutin'))).toBe(0)
      for (const [login, password] of [
        ['kvaughan', 'wrong'],
        ['jürgen', 'schlüssel'],
        ['jürgen', 'wrong'],
        ['nobody', 'x'],
      ] as const)
        expect(await codeOf(client.bind(personDn(login), password))).toBe(INVALID_CREDENTIALS)
      expect(await codeOf(client.bind(admin.dn, admin.password))).toBe(0)
    })

    it('is everybody with a password where none are, as for views that none mention', async () => {
      const serving = await under([{ who: 'anonymous', allow: 'bind', views: 'teams' }])
      expect(await codeOf((await serving.connect()).bind(personDn('bjensen'), 'hifalutin'))).toBe(0)
    })
  })

  it('count for some networks only where that is said', async () => {
    const serving = await under([
      { who: 'anonymous', views: 'people', attributes: ['cn'], from: ['127.0.0.0/8', '::1'] },
      { who: 'anonymous', views: 'people', attributes: ['sn'], from: '10.0.0.0/8' },
      { who: 'anonymous', views: 'people', attributes: ['mail'], secure: true },
    ])
    expect(await read(await serving.connect(), personDn('bjensen'), ['cn', 'sn', 'mail'])).toEqual({
      cn: ['Barbara Jensen'],
    })
  })

  it('name attributes by classes, and what users do not write', async () => {
    const serving = await under([
      { who: 'anonymous', views: 'people', attributes: ['@person'], except: ['userPassword'] },
      { who: audit.dn, views: 'people', attributes: ['operational'] },
    ])
    const names = async (client: LdapClient) =>
      Object.keys((await read(client, personDn('bjensen'), ['*', 'entryUUID'])) ?? {}).sort()
    expect(await names(await serving.connect())).toEqual(['cn', 'objectClass', 'sn', 'uid'])
    expect(await names(await serving.connect(audit.dn, audit.password))).toContain('entryUUID')
  })
})
