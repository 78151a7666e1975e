/** Directories under `sources`: what may be written, what it becomes, and what is wrong with it. */
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { gateway, load, people, problems } from './files.js'

const files = (source: string) => ({
  'gateway.yaml': gateway.replace(/^ {2}hr: .*$/m, `  hr: { type: ldap, ${source} }`),
  'people.yaml': people,
})

async function resolved(source: string) {
  const config = await load(files(source))
  return { source: config.sources.hr, folder: dirname(config.file ?? '') }
}

describe('a directory', () => {
  it('has every default filled in', async () => {
    const { source } = await resolved('url: ldap://ldap.example.net')
    expect(source).toEqual({
      type: 'ldap',
      servers: [{ host: 'ldap.example.net', port: 389, security: 'none', priority: 0, weight: 1 }],
      tls: { minVersion: 'TLSv1.2', verify: true },
      identity: 'service',
      referrals: 'report',
      referralServers: [],
      pageSize: 1000,
      connections: 4,
      streams: 8,
      binds: 8,
      sessions: 100,
      connectTimeout: 5000,
      operationTimeout: 10_000,
      healthInterval: 30_000,
      idleTimeout: 300_000,
    })
  })

  it('may have several servers, each with its priority and weight', async () => {
    const { source } = await resolved(
      'url: [ "ldaps://DC1.example.net", { url: "ldaps://dc2.example.net:3269", priority: 1, weight: 5 }, "ldap://[::1]:1389" ]',
    )
    expect(source).toMatchObject({
      servers: [
        { host: 'dc1.example.net', port: 636, security: 'ldaps', priority: 0, weight: 1 },
        { host: 'dc2.example.net', port: 3269, security: 'ldaps', priority: 1, weight: 5 },
        { host: '::1', port: 1389, security: 'none', priority: 0, weight: 1 },
      ],
    })
  })

  it('finds its files from the file that names them', async () => {
    const { source, folder } = await resolved(
      'url: "ldap://a", startTls: true, ca: tls/ca.pem, cert: tls/me.pem, key: /etc/me.key, bindByCertificate: true, serverName: b, minTlsVersion: TLSv1.3, verify: "false"',
    )
    expect(source).toMatchObject({
      servers: [{ security: 'startTls' }],
      tls: {
        ca: join(folder, 'tls/ca.pem'),
        cert: join(folder, 'tls/me.pem'),
        key: '/etc/me.key',
        serverName: 'b',
        minVersion: 'TLSv1.3',
        verify: false,
      },
      bind: { mechanism: 'external' },
    })
  })

  it('is asked as whom it says', async () => {
    const { source } = await resolved(
      'url: "ldap://a", bindDn: "cn=gateway,dc=a", password: "p{}w", identity: user, referrals: follow, referralServers: [ "ldap://B:1389" ]',
    )
    expect(source).toMatchObject({
      bind: { mechanism: 'simple', dn: 'cn=gateway,dc=a', password: 'p{}w' },
      identity: 'user',
      referrals: 'follow',
      referralServers: [{ host: 'b', port: 1389 }],
    })
    expect(JSON.stringify(source)).not.toContain('bindDn')
  })
})

describe('what is wrong with a directory is told:', () => {
  it.each([
    [
      'url: "http://a"',
      'url: is not the URL of an LDAP server. Write ldap://HOST:PORT or ldaps://HOST:PORT.',
    ],
    ['url: "ldap://"', 'url: is not the URL of an LDAP server. Write ldap://HOST:PORT or ldaps://HOST:PORT.'],
    [
      'url: "ldap://a/dc=a"',
      'url: names an entry of the server. Say in the mapping, with from:, where its entries are.',
    ],
    ['url: [ "ldap://a", "ldap://A:389" ]', 'url: names a server twice. Remove one of the two.'],
    ['url: []', 'url: must not be empty.'],
    [
      'url: "ldaps://a", startTls: true',
      'startTls: is for ldap:// only. ldaps:// is encrypted from the beginning; remove startTls.',
    ],
    [
      'url: "ldap://a", ca: ca.pem',
      'ca: is of no use without encryption. Write ldaps://, or startTls: true.',
    ],
    ['url: "ldaps://a", cert: c.pem', 'key: is missing. cert and key belong together.'],
    ['url: "ldap://a", bindDn: cn=a', 'password: is missing for bindDn. Give it, or remove bindDn.'],
    ['url: "ldap://a", password: b', 'bindDn: is missing for the password. Say whose password it is.'],
    [
      'url: "ldaps://a", bindByCertificate: true',
      'bindByCertificate: needs cert and key, and no bindDn. Give the certificate, or bindDn with a password.',
    ],
    [
      'url: "ldap://a", referralServers: [ "ldap://b" ]',
      'referralServers: is for referrals: follow only. Remove one of them.',
    ],
    ['url: "ldap://a", bindDN: cn=a', 'bindDN: unknown key. Did you mean "bindDn"?'],
    ['url: "ldap://a", referrals: chase', 'referrals: "chase" is not "report", "ignore" or "follow".'],
    ['url: "ldap://a", pool: { binds: 0 }', 'pool.binds: 0 is no whole number from 1 to 1000.'],
  ])('%s', async (source, expected) => {
    const [only, ...others] = await problems(files(source))
    expect(others).toEqual([])
    expect(only?.replace(/^gateway\.yaml:\d+:\d+ {2}sources\.hr\./, '')).toBe(expected)
  })

  it('a kind of source that there is not', async () => {
    const [only] = await problems({
      ...files(''),
      'gateway.yaml': gateway.replace('type: sql', 'type: ldaps'),
    })
    expect(only).toMatch(/type.*ldaps.*sql.*ldap/)
  })
})
