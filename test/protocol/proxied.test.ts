/** Proxied authorization (RFC 4370): whoever may act as others does so with their rights alone, and as long as they are there. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Control,
  controlType,
  type LdapClient,
  proxiedAuthorizationControl,
} from '../../src/ldap/index.js'
import { accounts, companyConfig, companySql, people, personDn, suffix, teamDn } from './company.js'
import { codeOf, type Database, runSql, type Serving, serve, sources } from './serving.js'

const app = { dn: `cn=app,${suffix}`, password: 'secret' }
const other = { dn: `cn=other,${suffix}`, password: 'secret' }
const jensen = personDn('bjensen')
const as = (authzId: string) => [proxiedAuthorizationControl(authzId)]

describe.each(sources)('over %s', (_name, create) => {
  let database: Database
  let serving: Serving
  let client: LdapClient

  beforeAll(async () => {
    database = await create()
    await runSql(database.url, companySql())
    serving = await serve(
      companyConfig(database.url, {
        serviceAccounts: [app, other].map(({ dn, password }) => ({
          dn,
          password: `{CLEARTEXT}${password}`,
        })),
        access: [
          { who: app.dn, allow: 'proxy', views: 'people' },
          { who: 'authenticated', views: 'people', attributes: ['uid', 'sn'] },
          { who: 'self', views: 'people', attributes: ['mail'] },
        ],
      }),
    )
    client = await serving.connect(app.dn, app.password)
  })
  afterAll(async () => {
    await serving?.close()
    await database?.remove()
  })

  const whoAmI = async (by: LdapClient, controls: readonly Control[]) => {
    const { value } = await by.extended('1.3.6.1.4.1.4203.1.11.3', undefined, { controls })
    return String(value ?? '')
  }
  const mailOf = async (controls: readonly Control[]) => {
    const { entries } = await client.searchAll(jensen, {
      scope: 'baseObject',
      attributes: ['mail'],
      controls,
    })
    return entries[0]?.attributes.map(({ values }) => String(values[0]))
  }

  it.each([
    [`dn:${jensen}`, `dn:${jensen}`],
    ['dn:UID = BJENSEN, OU=People, dc=example,dc=com', `dn:${jensen}`],
    ['u:kvaughan', `dn:${personDn('kvaughan')}`],
    ['', ''],
    ['dn:', ''],
    [`dn:${app.dn}`, `dn:${app.dn}`],
  ])('as %s one is %s', async (authzId, told) => {
    expect((await whoAmI(client, as(authzId))).toLowerCase()).toBe(told.toLowerCase())
    expect(await whoAmI(client, [])).toBe(`dn:${app.dn}`)
  })

  it('what one sees and may ask is what the other does', async () => {
    expect(await mailOf([])).toEqual([])
    expect(await mailOf(as(`dn:${jensen}`))).toEqual(['bjensen@example.com'])
    expect(await mailOf(as('u:kvaughan'))).toEqual([])
    const compare = (controls: readonly Control[]) =>
      codeOf(client.compare(jensen, 'mail', 'bjensen@example.com', { controls }))
    expect(await compare([])).not.toBe(0)
    expect(await compare(as('u:bjensen'))).toBe(0)
    // The anonymous may do nothing here.
    expect(await codeOf(client.searchAll(people, { controls: as('') }))).toBe(50)
  })

  it.each([
    ['nobody', `dn:${personDn('nobody')}`],
    ['one who is locked', `dn:${personDn('scarter')}`],
    ['one who is deleted', `dn:${personDn('gone')}`],
    ['a group', `dn:${teamDn('Optics')}`],
    ['a container', `dn:${people}`],
    ['what is elsewhere', 'dn:uid=bjensen,dc=example,dc=org'],
    ['another service account', `dn:${other.dn}`],
    ['no user', 'u:nobody'],
    ['no name', 'u:'],
    ['no DN', 'dn:what'],
    ['nothing known', 'x:bjensen'],
  ])('one cannot be %s', async (_whom, authzId) => {
    expect(await codeOf(whoAmI(client, as(authzId)))).toBe(123)
    expect(await codeOf(client.searchAll(jensen, { controls: as(authzId) }))).toBe(123)
  })

  it('only those may who are said to', async () => {
    for (const who of [
      await serving.connect(other.dn, other.password),
      await serving.connect(jensen, 'hifalutin'),
    ]) {
      expect(await codeOf(whoAmI(who, as('u:kvaughan')))).toBe(123)
      // But everybody may be nobody.
      expect(await whoAmI(who, as(''))).toBe('')
    }
    const anonymous = await serving.connect()
    for (const authzId of ['u:kvaughan', '', 'dn:'])
      expect(await codeOf(whoAmI(anonymous, as(authzId)))).toBe(123)
    const self = await serving.connect(jensen, 'hifalutin')
    expect(await whoAmI(self, as(`dn:${jensen}`))).toBe(`dn:${jensen}`)
  })

  it('the control is critical, has a value, comes once and not with a bind', async () => {
    const [control] = as('u:bjensen')
    if (control === undefined) throw new Error('there is no control')
    expect(await codeOf(whoAmI(client, [{ ...control, critical: false }]))).toBe(2)
    expect(await codeOf(whoAmI(client, [{ type: controlType.proxiedAuthorization, critical: true }]))).toBe(2)
    expect(await codeOf(whoAmI(client, [control, control]))).toBe(2)
    const fresh = await serving.connect()
    expect(await codeOf(fresh.bind(app.dn, app.password, { controls: [control] }))).toBe(12)
  })

  it('a name that is taken away is gone with the next operation', async () => {
    expect(await whoAmI(client, as('u:kvaughan'))).not.toBe('')
    const id = accounts.findIndex(({ login }) => login === 'kvaughan') + 1
    await runSql(database.url, `update accounts set status = 'L' where id = ${id}`)
    try {
      expect(await codeOf(whoAmI(client, as('u:kvaughan')))).toBe(123)
    } finally {
      await runSql(database.url, `update accounts set status = 'A' where id = ${id}`)
    }
  })
})
