/** `tls`, `requireTls` and what is served: what is taken, and what is told where it does not fit together. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readTls, validityWarning } from '../../../src/config/tls-material.js'
import { Authority } from '../../servers/authority.js'
import { programPath } from '../../servers/programs.js'
import { gateway, load, problems } from './files.js'

let authority: Authority
let files: Readonly<
  Record<'server.pem' | 'server.key' | 'other.key' | 'locked.key' | 'ca.pem' | 'old.pem' | 'old.key', string>
>

beforeAll(async () => {
  authority = await Authority.make()
  const server = await authority.issue({ names: ['DNS:ldap.example.com'] })
  const other = await authority.issue({})
  const old = await authority.issue({ days: -1 })
  const locked = execFileSync(programPath('openssl'), [
    ...['pkcs8', '-topk8', '-in', server.key, '-passout', 'pass:sesame'],
  ])
  files = {
    'server.pem': readFileSync(server.cert, 'utf8'),
    'server.key': readFileSync(server.key, 'utf8'),
    'other.key': readFileSync(other.key, 'utf8'),
    'locked.key': locked.toString(),
    'ca.pem': readFileSync(authority.cert, 'utf8'),
    'old.pem': readFileSync(old.cert, 'utf8'),
    'old.key': readFileSync(old.key, 'utf8'),
  }
})

afterAll(() => authority.remove())

const withTls = (tls: string, more = '') => ({ ...files, 'gateway.yaml': `${gateway}tls: ${tls}\n${more}` })
const told = async (tls: string, more = '') => problems(withTls(tls, more))

describe('tls', () => {
  it('takes files relative to the configuration, or what is in them', async () => {
    const config = await load(withTls('{ certificate: server.pem, key: server.key }'))
    expect(config.tls).toMatchObject({
      certificate: expect.stringMatching(/^\/.*\/server\.pem$/),
      clientCertificates: 'none',
      minVersion: 'TLSv1.2',
      identities: [],
    })
    const inline = await load(
      withTls(
        `{ certificate: "\${file:server.pem}", key: "\${file:locked.key}", passphrase: sesame, clientCa: ca.pem, clientCertificates: require, minVersion: 1.3, ciphers: "ECDHE+AESGCM" }`,
      ),
    )
    expect(inline.tls).toMatchObject({
      certificate: files['server.pem'].trimEnd(),
      passphrase: 'sesame',
      clientCertificates: 'require',
      minVersion: 'TLSv1.3',
    })
  })

  it.each([
    [
      '{ certificate: nowhere.pem, key: server.key }',
      '5:21  tls.certificate: "nowhere.pem" cannot be read: there is no such file. Check the path; it is relative to the configuration that names it.',
    ],
    [
      '{ certificate: server.key, key: server.key }',
      '5:21  tls.certificate: "server.key" holds a key instead of a certificate. Give a file in PEM format, which begins with -----BEGIN CERTIFICATE-----.',
    ],
    [
      '{ certificate: server.pem, key: server.pem }',
      '5:38  tls.key: "server.pem" holds no private key. Give a file in PEM format, which begins with -----BEGIN PRIVATE KEY-----.',
    ],
    [
      '{ certificate: server.pem, key: other.key }',
      '5:38  tls.key: "other.key" does not fit the certificate. Give the key that belongs to it; the gateway\'s own certificate comes first in its file, before those of its signers.',
    ],
    [
      '{ certificate: server.pem, key: locked.key }',
      '5:38  tls.key: "locked.key" is encrypted. Give the passphrase that opens it under tls.passphrase.',
    ],
    [
      '{ certificate: server.pem, key: locked.key, passphrase: wrong }',
      '5:62  tls.passphrase: does not open the key. Give the one with which the key was encrypted.',
    ],
    [
      '{ certificate: server.pem, key: server.key, ciphers: NONE-SUCH }',
      '5:59  tls.ciphers: names no cipher that is known. Write names that openssl ciphers -v lists, with colons between them.',
    ],
    [
      '{ certificate: server.pem, key: server.key, minVersion: 1.1 }',
      '5:62  tls.minVersion: "1.1" is no version of TLS that is spoken here. Write 1.2 or 1.3.',
    ],
    [
      '{ certificate: server.pem, key: server.key, clientCertificates: request }',
      '5:6  tls.clientCa: is missing. Say who signs the certificates of clients.',
    ],
    [
      '{ certificate: server.pem, key: server.key, clientCa: ca.pem }',
      '5:60  tls.clientCa: is of no use without certificates of clients. Write clientCertificates: request.',
    ],
    [
      '{ certificate: server.pem, key: server.key, clientCa: ca.pem, clientCertificates: request, identities: [ { subject: "CN={cn},O=x", dn: "uid={name},dc=x" } ] }',
      '5:141  tls.identities[0].dn: {name} does not stand in the subject. Write one of: {cn}.',
    ],
    [
      '{ certificate: server.pem, key: server.key, clientCa: ca.pem, clientCertificates: request, identities: [ { subject: "{cn}", dn: "uid=x" } ] }',
      '5:122  tls.identities[0].subject: "{cn}" is not a DN. Write attribute=value,…, e.g. dc=example,dc=com.',
    ],
  ])('%s is answered with what is wrong', async (tls, expected) => {
    expect(await told(tls)).toEqual([`gateway.yaml:${expected}`.replace(/"1\.1"/, '1.1')])
  })

  it('never shows what is in a key', async () => {
    const [text = ''] = await told(`{ certificate: server.pem, key: "\${file:other.key}" }`)
    expect(text).toContain('does not fit')
    expect(text).not.toContain('BEGIN')
  })

  it('tells of a certificate that is or soon will be of no use', async () => {
    const tls = {
      certificate: files['old.pem'],
      key: files['old.key'],
      clientCertificates: 'none',
      minVersion: 'TLSv1.2',
      identities: [],
    } as const
    expect(validityWarning(await readTls(tls), Date.now())).toMatch(/has expired: it was valid until 20/)
    const good = await readTls({ ...tls, certificate: files['server.pem'], key: files['server.key'] })
    const day = 86_400_000
    expect(validityWarning(good, Date.now())).toBeUndefined()
    expect(validityWarning(good, Date.now() + 20 * day)).toMatch(/expires on/)
    expect(validityWarning(good, Date.now() - 2 * day)).toMatch(/is not valid before/)
  })
})

describe('what is served', () => {
  const plain = (more: string) => problems({ 'gateway.yaml': `${gateway}${more}\n` })

  it('needs a certificate for ldaps, and where TLS is required', async () => {
    expect(await plain('listen: { ldaps: 636 }')).toEqual([
      'gateway.yaml:5:18  listen.ldaps: needs a certificate. Give certificate and key under tls.',
    ])
    expect(await plain('requireTls: true')).toEqual([
      'gateway.yaml:5:13  requireTls: needs a certificate. Give certificate and key under tls.',
    ])
  })

  it('is encrypted beyond the machine, unless that is waived by name', async () => {
    for (const host of ['0.0.0.0', '[::]', 'ldap.example.com', '192.0.2.1'])
      expect(await plain(`listen: { ldap: "${host}:389" }`)).toEqual([
        'gateway.yaml:5:17  listen.ldap: is open to other machines, and there is no TLS. Give certificate and key under tls; or write requireTls: false, where passwords may be sent in clear.',
      ])
    const required = async (more: string) =>
      (await load({ ...files, 'gateway.yaml': `${gateway}${more}\n` })).requireTls
    const tls = 'tls: { certificate: server.pem, key: server.key }'
    expect(await required('listen: { ldap: "0.0.0.0:389" }\nrequireTls: false')).toBe(false)
    expect(await required(`listen: { ldap: "0.0.0.0:389" }\n${tls}`)).toBe(true)
    expect(await required(`listen: { ldap: "0.0.0.0:389" }\nrequireTls: false\n${tls}`)).toBe(false)
    for (const host of ['127.0.0.1', 'localhost', '[::1]', '127.1.2.3']) {
      expect(await required(`listen: { ldap: "${host}:389" }`)).toBe(false)
      expect(await required(`listen: { ldap: "${host}:389" }\nrequireTls: true\n${tls}`)).toBe(true)
    }
  })

  it('is encrypted beyond the machine over HTTP, too, unless proxies are named or that is waived', async () => {
    const tls = 'tls: { certificate: server.pem, key: server.key }'
    for (const host of ['0.0.0.0', '[::]', '192.0.2.1'])
      for (const more of ['', `\n${tls}`])
        expect(
          await problems({ ...files, 'gateway.yaml': `${gateway}listen: { http: "${host}:80" }${more}\n` }),
        ).toEqual([
          'gateway.yaml:5:17  listen.http: is open to other machines, and nothing encrypts it. Serve it under https; or name the proxies that encrypt before it under trustedProxies; or write requireTls: false, where passwords and tokens may be sent in clear.',
        ])
    for (const fine of [
      'listen: { http: "0.0.0.0:80" }\nrequireTls: false',
      'listen: { http: "0.0.0.0:80", trustedProxies: [ 10.0.0.0/8 ] }',
      'listen: { http: "localhost:80" }',
    ])
      await load({ 'gateway.yaml': `${gateway}${fine}\n` })
  })

  it('knows proxies by networks', async () => {
    const { listen } = await load({
      'gateway.yaml': `${gateway}listen: { ldap: 389, proxyProtocol: [ 10.0.0.0/8, "::1", "fd00::/8" ] }\n`,
    })
    expect(listen.proxyProtocol).toEqual(['10.0.0.0/8', '::1', 'fd00::/8'])
    expect(await plain('listen: { proxyProtocol: [ 10.0.0.0/33, proxy.example.com, "" ] }')).toEqual(
      [
        '5:28  listen.proxyProtocol[0]: "10.0.0.0/33"',
        '5:41  listen.proxyProtocol[1]: "proxy.example.com"',
        '5:60  listen.proxyProtocol[2]: ""',
      ].map(
        (place) =>
          `gateway.yaml:${place} is neither an address nor a network. Write e.g. 192.0.2.1, 10.0.0.0/8 or 2001:db8::/32.`,
      ),
    )
  })
})
