/** Passwords set over LDAP: by the extended operation (RFC 3062), by modify, and by OpenLDAP's ldappasswd. */
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GatewayInput } from '../../src/index.js'
import {
  LdapClient,
  PASSWORD_MODIFY,
  parseGeneratedPassword,
  passwordModifyRequest,
  resultCode,
} from '../../src/ldap/index.js'
import { openSql } from '../data/sql-client.js'
import { ldapTool } from './client-programs.js'
import { codeOf, type Database, databases, read, runSql, type Serving, serve } from './serving.js'
import { admin, crewDn, people, personDn, staffConfig, staffSql } from './staff.js'

type Mapped = Extract<NonNullable<GatewayInput['views']>[number], { attributes?: unknown }>

type Wish = { readonly of?: string; readonly old?: string; readonly next?: string }

const change = (client: LdapClient, { of, old, next }: Wish) =>
  client.extended(
    PASSWORD_MODIFY,
    passwordModifyRequest({
      ...(of !== undefined && { userIdentity: of }),
      ...(old !== undefined && { oldPassword: Buffer.from(old) }),
      ...(next !== undefined && { newPassword: Buffer.from(next) }),
    }),
  )

describe.each(databases)('passwords in %s', (_name, create) => {
  let database: Database
  let serving: Serving
  let client: LdapClient

  beforeAll(async () => {
    database = await create()
    await runSql(database.url, staffSql(database.url))
    const config = staffConfig(database.url)
    const self = { who: 'self', views: '*' as const, allow: ['write' as const], attributes: ['userPassword'] }
    serving = await serve({ ...config, access: [...(config.access ?? []), self] })
    client = await serving.connect(admin.dn, admin.password)
  })

  afterAll(async () => {
    await serving?.close()
    await database?.remove()
  })

  const binds = async (login: string, password: string) => {
    const other = await LdapClient.connect({ host: serving.host, port: serving.port })
    const code = await codeOf(other.bind(personDn(login), password))
    other.close()
    return code === 0
  }
  const asked = (wish: Wish, who = client) => codeOf(change(who, wish))

  it('are set for the entry that is named, and bind from then on', async () => {
    expect(await binds('ann', 'first')).toBe(false)
    expect(await asked({ of: personDn('ann'), next: 'first' })).toBe(0)
    expect(await binds('ann', 'first')).toBe(true)
    expect(await asked({ of: `dn:${personDn('ANN')}`, next: 'second' })).toBe(0)
    expect(await binds('ann', 'first')).toBe(false)
    expect(await binds('ann', 'second')).toBe(true)
    expect(await asked({ of: 'u:ann', next: 'third' })).toBe(0)
    expect(await binds('ann', 'third')).toBe(true)
    expect((await read(client, personDn('ann'), ['*', '+', 'userPassword']))?.userPassword).toBeUndefined()
  })

  it('are set only if the old one is right, where it is given', async () => {
    await change(client, { of: personDn('bob'), next: 'right' })
    expect(await asked({ of: personDn('bob'), old: 'wrong', next: 'new' })).toBe(
      resultCode.unwillingToPerform,
    )
    expect(await binds('bob', 'right')).toBe(true)
    expect(await asked({ of: personDn('bob'), old: 'right', next: 'new' })).toBe(0)
    expect(await binds('bob', 'new')).toBe(true)
  })

  it('are made where none is given, and told', async () => {
    const { value } = await change(client, { of: personDn('cid') })
    const password = String(parseGeneratedPassword(value))
    expect(password).toMatch(/^\w{12,}$/)
    expect(await binds('cid', password)).toBe(true)
    const again = await change(client, { of: personDn('cid') })
    expect(String(parseGeneratedPassword(again.value))).not.toBe(password)
  })

  it('are changed by people themselves, and only their own', async () => {
    await change(client, { of: personDn('dee'), next: 'mine' })
    const dee = await serving.connect(personDn('dee'), 'mine')
    expect(await asked({ next: 'still mine' }, dee)).toBe(0)
    expect(await asked({ old: 'mine', next: 'no longer' }, dee)).toBe(resultCode.unwillingToPerform)
    expect(await asked({ old: 'still mine', next: 'very mine' }, dee)).toBe(0)
    expect(await binds('dee', 'very mine')).toBe(true)
    expect(await asked({ of: personDn('ann'), next: 'taken' }, dee)).toBe(resultCode.insufficientAccessRights)
    expect(await asked({ of: personDn('nobody'), next: 'taken' }, dee)).toBe(resultCode.noSuchObject)
    const title = { operation: 'replace', type: 'title', values: ['Queen'] } as const
    expect(await codeOf(dee.modify(personDn('dee'), [title]))).toBe(resultCode.insufficientAccessRights)
    const password = { operation: 'replace', type: 'userPassword', values: ['modified'] } as const
    expect(await codeOf(dee.modify(personDn('dee'), [password]))).toBe(0)
    expect(await binds('dee', 'modified')).toBe(true)
  })

  it.each<[string, Wish, number]>([
    ['nobody', { of: personDn('nobody'), next: 'x' }, resultCode.noSuchObject],
    ['an unknown user', { of: 'u:nobody', next: 'x' }, resultCode.noSuchObject],
    ['a group', { of: crewDn('red'), next: 'x' }, resultCode.objectClassViolation],
    ['a container', { of: people, next: 'x' }, resultCode.unwillingToPerform],
    ['a service account itself', { next: 'x' }, resultCode.unwillingToPerform],
    ['what is no name', { of: 'no name', next: 'x' }, resultCode.invalidDNSyntax],
    ['an empty password', { of: personDn('ann'), next: '' }, resultCode.unwillingToPerform],
  ])('are not set: %s', async (_told, wish, code) => {
    expect(await asked(wish)).toBe(code)
  })

  it('are not changed by those who have not bound', async () => {
    const anonymous = await serving.connect()
    expect(await asked({ of: personDn('ann'), old: 'third', next: 'x' }, anonymous)).toBe(
      resultCode.strongerAuthRequired,
    )
  })

  it('of a malformed request are left alone', async () => {
    expect(await codeOf(client.extended(PASSWORD_MODIFY, Buffer.from('zz')))).toBe(resultCode.protocolError)
  })

  it('are modified like other attributes', async () => {
    const dn = personDn('eve')
    const modify = (...changes: Parameters<LdapClient['modify']>[1]) => codeOf(client.modify(dn, changes))
    const type = 'userPassword'
    expect(await modify({ operation: 'delete', type, values: [] })).toBe(resultCode.noSuchAttribute)
    expect(await modify({ operation: 'add', type, values: ['one'] })).toBe(0)
    expect(await binds('eve', 'one')).toBe(true)
    expect(await modify({ operation: 'add', type, values: ['two'] })).toBe(resultCode.constraintViolation)
    expect(await modify({ operation: 'delete', type, values: ['wrong'] })).toBe(resultCode.noSuchAttribute)
    expect(
      await modify(
        { operation: 'delete', type, values: ['wrong'] },
        { operation: 'add', type, values: ['two'] },
      ),
    ).toBe(resultCode.noSuchAttribute)
    expect(await binds('eve', 'one')).toBe(true)
    expect(
      await modify(
        { operation: 'delete', type, values: ['one'] },
        { operation: 'add', type, values: ['two'] },
      ),
    ).toBe(0)
    expect(await binds('eve', 'two')).toBe(true)
    expect(await modify({ operation: 'replace', type, values: ['a', 'b'] })).toBe(
      resultCode.constraintViolation,
    )
    expect(await modify({ operation: 'delete', type, values: [] })).toBe(0)
    expect(await binds('eve', 'two')).toBe(false)
  })

  it('are stored as they are where they come hashed, as with OpenLDAP', async () => {
    const dn = personDn('eve')
    const set = (value: string) =>
      codeOf(client.modify(dn, [{ operation: 'replace', type: 'userPassword', values: [value] }]))
    const stored = async () => {
      const sql = await openSql(database.url)
      const [row] = await sql.run("select password from staff where login = 'eve'")
      await sql.close()
      return String(row?.password)
    }
    const salt = Buffer.from('salt')
    const ssha = `{ssha}${Buffer.concat([createHash('sha1').update('hidden').update(salt).digest(), salt]).toString('base64')}`
    expect(await set(ssha)).toBe(0)
    expect(await stored()).toBe(ssha)
    expect(await binds('eve', 'hidden')).toBe(true)
    expect(await binds('eve', ssha)).toBe(false)
    const crypt = '{CRYPT}$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5'
    expect(await set(crypt)).toBe(0)
    expect(await binds('eve', 'Hello world!')).toBe(true)
    // Nobody could bind by these.
    for (const value of ['{SSHA}short', '{CRYPT}none', '{SASL}eve@example.com'])
      expect(await set(value)).toBe(resultCode.constraintViolation)
    expect(await stored()).toBe(crypt)
    // These are passwords that look odd.
    for (const value of ['{ODD}one', '{"a":1}', '$5$saltstring$none', '{}', '{CLEARTEXT}word']) {
      expect(await set(value)).toBe(0)
      expect(await binds('eve', value)).toBe(true)
    }
    expect(await asked({ of: dn, next: ssha })).toBe(0)
    expect(await binds('eve', ssha)).toBe(true)
    expect(await binds('eve', 'hidden')).toBe(false)
  })

  it.each([
    ['refuse', undefined, resultCode.constraintViolation, false],
    ['hash', undefined, 0, true],
    [undefined, 'bcrypt', resultCode.constraintViolation, false],
    ['keep', 'bcrypt', 0, false],
  ] as const)(
    'are taken for what the mapping says: prehashed %s, hash %s',
    async (prehashed, hash, code, isPassword) => {
      const config = staffConfig(database.url)
      const [view, ...others] = config.views as readonly Mapped[]
      const column = {
        column: 'password',
        verifyOnly: true,
        ...(hash && { hash }),
        ...(prehashed && { prehashed }),
      }
      const attributes = { ...view?.attributes, userPassword: column }
      const other = await serve({ ...config, views: [{ ...(view as Mapped), attributes }, ...others] })
      try {
        const writer = await other.connect(admin.dn, admin.password)
        const odd = `odd ${prehashed} ${hash}`
        const value = `{SHA}${createHash('sha1').update(odd).digest('base64')}`
        const change = { operation: 'replace', type: 'userPassword', values: [value] } as const
        expect(await codeOf(writer.modify(personDn('dee'), [change]))).toBe(code)
        expect(await codeOf(other.connect(personDn('dee'), value))).toBe(isPassword ? 0 : 49)
        expect(await codeOf(other.connect(personDn('dee'), odd))).toBe(code === 0 && !isPassword ? 0 : 49)
      } finally {
        await other.close()
      }
    },
  )

  it('are set with ldappasswd', async () => {
    const bound = ['-D', admin.dn, '-w', admin.password]
    const set = await ldapTool('ldappasswd', serving.url, ...bound, '-s', 'from a tool', personDn('ann'))
    expect(set).toMatchObject({ code: 0, stderr: '' })
    expect(await binds('ann', 'from a tool')).toBe(true)
    const made = await ldapTool('ldappasswd', serving.url, ...bound, personDn('ann'))
    const password = /^New password: (\S+)$/m.exec(made.stdout)?.[1] ?? ''
    expect(await binds('ann', password)).toBe(true)
    const own = await ldapTool(
      ...(['ldappasswd', serving.url, '-D', personDn('ann'), '-w', password] as const),
      ...['-a', password, '-s', 'own'],
    )
    expect(own).toMatchObject({ code: 0 })
    expect(await binds('ann', 'own')).toBe(true)
  })

  it('the operation is announced', async () => {
    const dse = await read(client, '', ['supportedExtension'])
    expect(dse?.supportedExtension).toContain(PASSWORD_MODIFY)
  })
})
