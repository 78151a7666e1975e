/** SASL binds: by certificate (EXTERNAL) and by user name and password (PLAIN), and what the root DSE says of them. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createGateway, type Gateway, type GatewayInput } from '../../src/index.js'
import {
  type Control,
  LdapClient,
  type LdapError,
  proxiedAuthorizationControl,
} from '../../src/ldap/index.js'
import { runSql, sqliteDatabase } from '../mappings/databases.js'
import { Authority, type Certificate } from '../servers/authority.js'
import { ldapToolOverTls } from './client-programs.js'
import { admin, companyConfig, companySql, personDn } from './company.js'
import { codeOf } from './serving.js'

const database = sqliteDatabase()
let authority: Authority
let server: Certificate
let gateways: Gateway[] = []
let clients: LdapClient[] = []

beforeAll(async () => {
  await runSql(database.url, companySql())
  authority = await Authority.make()
  server = await authority.issue({ names: ['DNS:localhost', 'IP:127.0.0.1'] })
})

afterEach(async () => {
  for (const client of clients) client.close()
  for (const gateway of gateways) await gateway.close()
  clients = []
  gateways = []
})

afterAll(async () => {
  await database.remove()
  authority?.remove()
})

const identities = [
  { subject: 'CN=admin,O=tests', dn: admin.dn },
  { subject: 'cn={name}, ou=People, o=tests', dn: 'uid={name},ou=people,dc=example,dc=com' },
  { subject: 'E={name}@example.com', dn: 'uid={name},ou=people,dc=example,dc=com' },
  { subject: 'CN={name},OU=Nobody,O=tests', dn: 'uid={name},dc=elsewhere' },
]

interface Ports {
  readonly ldap: number
  readonly ldaps: number
}

async function serve(more: Partial<GatewayInput> = {}): Promise<Ports> {
  const gateway = await createGateway({
    ...companyConfig(database.url),
    listen: { ldap: 0, ldaps: 0 },
    tls: {
      certificate: server.cert,
      key: server.key,
      clientCa: authority.cert,
      clientCertificates: 'request',
      identities,
    },
    log: { level: 'silent' },
    ...more,
  })
  gateways.push(gateway)
  const { ldap, ldaps } = await gateway.listen()
  return { ldap: ldap?.port ?? 0, ldaps: ldaps?.port ?? 0 }
}

async function over(port: number, secure: boolean, shown?: Certificate): Promise<LdapClient> {
  const identity = shown && { cert: readFileSync(shown.cert), key: readFileSync(shown.key) }
  const socket = secure
    ? connectTls({
        port,
        host: '127.0.0.1',
        servername: 'localhost',
        ca: readFileSync(authority.cert),
        ...identity,
      })
    : connect({ port, host: '127.0.0.1' })
  await once(socket, secure ? 'secureConnect' : 'connect')
  const client = await LdapClient.connect({ socket: async () => socket, timeoutMs: 20_000 })
  clients.push(client)
  return client
}

const empty = Buffer.alloc(0)
const certified = async (ports: Ports, subject: string) =>
  over(ports.ldaps, true, await authority.issue({ subject }))
const plain = (authzid: string, user: string, password: string) =>
  Buffer.from(`${authzid}\0${user}\0${password}`)
const plainAs = async (ports: Ports, ...credentials: Parameters<typeof plain>) => {
  const client = await over(ports.ldaps, true)
  const code = await codeOf(client.saslBind('PLAIN', plain(...credentials)))
  return code === 0 ? client.whoAmI() : code
}

async function mechanisms(client: LdapClient): Promise<readonly string[]> {
  const attributes = ['supportedSASLMechanisms']
  const { entries } = await client.searchAll('', { scope: 'baseObject', attributes })
  return (entries[0]?.attributes[0]?.values ?? []).map(String)
}

describe('the root DSE', () => {
  it('names the mechanisms that the connection can use', async () => {
    const ports = await serve()
    expect(await mechanisms(await over(ports.ldap, false))).toEqual([])
    expect(await mechanisms(await over(ports.ldaps, true))).toEqual(['PLAIN'])
    expect(await mechanisms(await certified(ports, '/CN=x'))).toEqual(['EXTERNAL', 'PLAIN'])
    const { ldap } = await serve({ listen: { ldap: 0 }, tls: undefined })
    expect(await mechanisms(await over(ldap, false))).toEqual(['PLAIN'])
  })
})

describe('EXTERNAL', () => {
  const who = async (ports: Ports, subject: string, authzid = '') => {
    const client = await certified(ports, subject)
    const code = await codeOf(client.saslBind('EXTERNAL', Buffer.from(authzid)))
    return code === 0 ? client.whoAmI() : code
  }

  it('binds as the account or the entry that the subject stands for', async () => {
    const ports = await serve()
    expect(await who(ports, '/O=tests/CN=admin')).toBe(`dn:${admin.dn}`)
    expect(await who(ports, '/O=Tests/OU=people/CN=bjensen')).toBe(`dn:${personDn('bjensen')}`)
    expect(await who(ports, '/emailAddress=kvaughan@example.com')).toBe(`dn:${personDn('kvaughan')}`)
    const client = await certified(ports, '/O=tests/OU=people/CN=bjensen')
    await client.saslBind('external', empty)
    const { entries } = await client.searchAll(personDn('bjensen'), { attributes: ['cn'] })
    expect(entries).toHaveLength(1)
  })

  it('is refused to whoever is locked, gone, or was never there', async () => {
    const ports = await serve()
    for (const name of ['scarter', 'gone', 'nobody', 'bjensen,ou=people', '*'])
      expect(await who(ports, `/O=tests/OU=people/CN=${name}`)).toBe(49)
    expect(await who(ports, '/O=tests/OU=Nobody/CN=bjensen')).toBe(49)
  })

  it('is for those entries only that rules let bind, where they say so', async () => {
    const { access = [] } = companyConfig(database.url)
    const ports = await serve({
      access: [...access, { who: personDn('kvaughan'), allow: 'bind', views: 'people' }],
    })
    expect(await who(ports, '/O=tests/OU=people/CN=kvaughan')).toBe(`dn:${personDn('kvaughan')}`)
    expect(await who(ports, '/O=tests/OU=people/CN=bjensen')).toBe(49)
    expect(await plainAs(ports, '', 'bjensen', 'hifalutin')).toBe(49)
  })

  it('binds as the certificate where no pattern fits, with nothing but what rules say', async () => {
    const ports = await serve()
    expect(await who(ports, '/DC=com/O=tests, Inc./CN=printer 7+serialNumber=12')).toBe(
      'dn:serialNumber=12+CN=printer 7,O=tests\\, Inc.,DC=com',
    )
    expect(await who(ports, '/O=tests/OU=people/OU=more/CN=bjensen')).toBe(
      'dn:CN=bjensen,OU=more,OU=people,O=tests',
    )
  })

  it('may do what rules say of certificates of its kind, and of nobody else', async () => {
    const printers = { certificate: 'CN=*,OU=printers,O=tests' }
    const ports = await serve({
      access: [
        { who: printers, views: ['people'], attributes: ['cn', 'uid'], secure: true },
        { who: { certificate: 'CN=switch,O=tests' }, views: ['people'], allow: ['proxy'] },
        { who: personDn('bjensen'), views: ['people'], attributes: ['sn'] },
      ],
    })
    const asked = async (subject: string, controls: readonly Control[] = []) => {
      const client = await certified(ports, subject)
      await client.saslBind('EXTERNAL', empty)
      const options = { attributes: ['cn', 'sn', 'mail'], scope: 'baseObject' as const, controls }
      return client.searchAll(personDn('bjensen'), options).then(
        ({ entries }) => entries.flatMap(({ attributes }) => attributes.map(({ type }) => type)),
        (error: LdapError) => error.code,
      )
    }
    expect(await asked('/O=tests/OU=printers/CN=third floor')).toEqual(['cn'])
    for (const other of ['/O=tests/OU=printers/OU=old/CN=x', '/O=tests/CN=x', '/O=other/OU=printers/CN=x'])
      expect(await asked(other)).toEqual(expect.any(Number))
    const acting = [proxiedAuthorizationControl(`dn:${personDn('bjensen')}`)]
    expect(await asked('/O=tests/CN=switch', acting)).toEqual(['sn'])
    expect(await asked('/O=tests/OU=printers/CN=third floor', acting)).toBe(123)
  })

  it('acts as itself only, unless it has the right to act as others', async () => {
    const ports = await serve()
    const subject = '/O=tests/OU=people/CN=bjensen'
    expect(await who(ports, subject, `dn:UID=BJensen, ou=people,dc=example,dc=com`)).toBe(
      `dn:${personDn('bjensen')}`,
    )
    expect(await who(ports, subject, 'u:bjensen')).toBe(`dn:${personDn('bjensen')}`)
    for (const other of [
      `dn:${personDn('kvaughan')}`,
      'u:kvaughan',
      'dn:no name',
      'u:nobody',
      `dn:${admin.dn}`,
    ])
      expect(await who(ports, subject, other)).toBe(50)
  })

  it('needs a certificate, and waits for what the client has to say', async () => {
    const ports = await serve()
    expect(await codeOf((await over(ports.ldap, false)).saslBind('EXTERNAL', empty))).toBe(7)
    expect(await codeOf((await over(ports.ldaps, true)).saslBind('EXTERNAL', empty))).toBe(7)
    const client = await certified(ports, '/O=tests/CN=admin')
    const challenge = await client.saslBind('EXTERNAL')
    expect(challenge).toMatchObject({ code: 14, serverSaslCreds: empty })
    expect(await client.whoAmI()).toBe('')
    await client.saslBind('EXTERNAL', empty)
    expect(await client.whoAmI()).toBe(`dn:${admin.dn}`)
    expect(await codeOf(client.saslBind('EXTERNAL', Buffer.from('u:nobody')))).toBe(50)
    expect(await client.whoAmI()).toBe('')
  })

  it('is what ldapwhoami -Y EXTERNAL does', async () => {
    const ports = await serve()
    const { cert, key } = await authority.issue({ subject: '/O=tests/OU=people/CN=jürgen' })
    const shown = { LDAPTLS_CACERT: authority.cert, LDAPTLS_CERT: cert, LDAPTLS_KEY: key }
    for (const at of [
      ['-H', `ldaps://127.0.0.1:${ports.ldaps}`],
      ['-ZZ', '-H', `ldap://127.0.0.1:${ports.ldap}`],
    ])
      expect(await ldapToolOverTls('ldapwhoami', shown, ...at, '-Y', 'EXTERNAL', '-Q')).toMatchObject({
        code: 0,
        stdout: `dn:${personDn('jürgen')}\n`,
      })
  })
})

describe('PLAIN', () => {
  it('binds by user name or by DN', async () => {
    const ports = await serve()
    expect(await plainAs(ports, '', 'bjensen', 'hifalutin')).toBe(`dn:${personDn('bjensen')}`)
    expect(await plainAs(ports, '', 'u:BJENSEN', 'hifalutin')).toBe(`dn:${personDn('bjensen')}`)
    expect(await plainAs(ports, '', 'jürgen', 'schlüssel')).toBe(`dn:${personDn('jürgen')}`)
    expect(await plainAs(ports, '', `dn:${personDn('kvaughan')}`, 'bribery')).toBe(
      `dn:${personDn('kvaughan')}`,
    )
    expect(await plainAs(ports, '', `dn:${admin.dn}`, admin.password)).toBe(`dn:${admin.dn}`)
  })

  it('looks user names up where it is told to', async () => {
    const ports = await serve({ sasl: { users: [{ view: 'people', attribute: 'mail' }] } })
    expect(await plainAs(ports, '', 'KVaughan@example.com', 'bribery')).toBe(`dn:${personDn('kvaughan')}`)
    expect(await plainAs(ports, '', 'kvaughan', 'bribery')).toBe(49)
  })

  it('is refused alike for a wrong password, an unknown name, and whoever is locked or gone', async () => {
    const ports = await serve()
    for (const [user, password] of [
      ['bjensen', 'wrong'],
      ['nobody', 'hifalutin'],
      ['scarter', 'sprain'],
      ['gone', 'farewell'],
      ['bjensen', ''],
      ['', 'hifalutin'],
      ['*', 'hifalutin'],
      [admin.dn, admin.password],
      ['dn:cn=nobody,dc=nowhere', 'x'],
    ] as const)
      expect(await plainAs(ports, '', user, password)).toBe(49)
    expect(await plainAs(ports, '', 'dn:no name', 'x')).toBe(34)
  })

  it('acts as itself only', async () => {
    const ports = await serve()
    const own = `dn:${personDn('bjensen')}`
    for (const authzid of ['bjensen', 'u:bjensen', own])
      expect(await plainAs(ports, authzid, 'bjensen', 'hifalutin')).toBe(own)
    for (const authzid of ['kvaughan', `dn:${personDn('kvaughan')}`, `dn:${admin.dn}`])
      expect(await plainAs(ports, authzid, 'bjensen', 'hifalutin')).toBe(50)
  })

  it('is not spoken in clear where there is TLS, and waits for what the client has to say', async () => {
    const ports = await serve()
    const clear = await over(ports.ldap, false)
    expect(await codeOf(clear.saslBind('PLAIN', plain('', 'bjensen', 'hifalutin')))).toBe(13)
    expect(await codeOf(clear.saslBind('PLAIN'))).toBe(13)
    const client = await over(ports.ldaps, true)
    expect(await client.saslBind('plain')).toMatchObject({ code: 14, serverSaslCreds: empty })
    await client.saslBind('PLAIN', plain('', 'bjensen', 'hifalutin'))
    expect(await client.whoAmI()).toBe(`dn:${personDn('bjensen')}`)
    const local = await over((await serve({ listen: { ldap: 0 }, tls: undefined })).ldap, false)
    await local.saslBind('PLAIN', plain('', 'bjensen', 'hifalutin'))
    expect(await local.whoAmI()).toBe(`dn:${personDn('bjensen')}`)
  })

  it('is malformed without its two NULs', async () => {
    const client = await over((await serve()).ldaps, true)
    for (const octets of ['', 'bjensen', 'a\0b', 'a\0b\0c\0d'])
      expect(await codeOf(client.saslBind('PLAIN', Buffer.from(octets)))).toBe(2)
    expect(await codeOf(client.saslBind('PLAIN', Buffer.from([0, 0xff, 0, 0x61])))).toBe(2)
  })

  it('is what ldapwhoami -Y PLAIN does, and counts for the throttle as other binds do', async () => {
    const ports = await serve({ limits: { bindFailures: { perDn: 2 } } })
    const whoami = (password: string) =>
      ldapToolOverTls(
        'ldapwhoami',
        { LDAPTLS_CACERT: authority.cert },
        ...['-H', `ldaps://127.0.0.1:${ports.ldaps}`, '-Y', 'PLAIN', '-Q', '-U', 'bjensen', '-w', password],
      )
    expect((await whoami('wrong')).code).toBe(49)
    expect(await whoami('hifalutin')).toMatchObject({ code: 0, stdout: `dn:${personDn('bjensen')}\n` })
    expect((await whoami('wrong')).code).toBe(49)
    expect((await whoami('wrong')).code).toBe(49)
    expect((await whoami('hifalutin')).code).toBe(51)
  })
})

it('another mechanism is not supported, and leaves the session anonymous', async () => {
  const client = await over((await serve()).ldaps, true)
  await client.bind(admin.dn, admin.password)
  for (const mechanism of ['DIGEST-MD5', 'SCRAM-SHA-256', '']) {
    expect(await codeOf(client.saslBind(mechanism, empty))).toBe(7)
    expect(await client.whoAmI()).toBe('')
  }
})

it('user names are looked up only where entries can bind', async () => {
  const refused = (view: string, attribute: string) =>
    serve({ sasl: { users: [{ view, attribute }] } }).then(
      () => 'taken',
      (error: Error) => error.message,
    )
  expect(await refused('persons', 'uid')).toMatch(
    /sasl\.users\[0\]\.view: persons is no view\. Name one of: people/,
  )
  expect(await refused('teams', 'cn')).toMatch(/sasl\.users\[0\]\.view: entries of teams cannot bind/)
  expect(await refused('people', 'title')).toMatch(
    /sasl\.users\[0\]\.attribute: title is no attribute of view people\. Name one of: uid/,
  )
})
