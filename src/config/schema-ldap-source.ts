/** The grammar of a directory under `sources`: its servers, how they are reached, and as whom. */
import { resolve } from 'node:path'
import { z } from 'zod'
import { parseLdapUrl } from '../ldap/url.js'
import { duration } from './duration.js'
import type { Frozen } from './freeze.js'
import { complain, flag, wholeNumber } from './scalar.js'

const serverUrl = z.string().superRefine((text, ctx) => {
  const url = parseLdapUrl(text)
  const wrong = (message: string, remedy: string) =>
    ctx.addIssue({ code: 'custom', ...complain({ message, remedy }) })
  if (url === undefined || url.host === '')
    wrong('is not the URL of an LDAP server', 'Write ldap://HOST:PORT or ldaps://HOST:PORT.')
  else if ((url.dn ?? '') !== '')
    wrong('names an entry of the server', 'Say in the mapping, with from:, where its entries are.')
})

const server = z.union([
  serverUrl,
  z.strictObject({
    url: serverUrl.describe('ldap://HOST:PORT or ldaps://HOST:PORT'),
    priority: wholeNumber(0, 65_535)
      .prefault(0)
      .describe('Servers of a higher number are asked only while none of a lower one can be reached'),
    weight: wholeNumber(0, 65_535)
      .prefault(1)
      .describe('Its share among those of one priority; 0: only if the others cannot be reached'),
  }),
])

const file = z.string().min(1)

/** What is told of certificates. */
const tlsKeys = ['ca', 'serverName', 'cert', 'key'] as const

export const ldapSourceSchema = z
  .strictObject({
    type: z.literal('ldap').describe('An LDAP directory'),
    url: z
      .union([serverUrl, z.array(server).min(1)])
      .describe('ldap://HOST:PORT or ldaps://HOST:PORT; several servers of one directory as a list'),
    startTls: flag().prefault(false).describe('Encrypt connections of ldap:// before anything else is said'),
    ca: file
      .optional()
      .describe("PEM file of whoever signs the servers' certificates; unless given, whom Node.js trusts"),
    serverName: z
      .string()
      .min(1)
      .optional()
      .describe("The name in the servers' certificates, where it is not their host"),
    cert: file.optional().describe("PEM file of the gateway's own certificate"),
    key: file.optional().describe('PEM file of its key'),
    minTlsVersion: z.enum(['TLSv1.2', 'TLSv1.3']).prefault('TLSv1.2').describe('The lowest version of TLS'),
    verify: flag()
      .prefault(true)
      .describe('false takes any certificate, so that anybody in between may read and change everything'),
    bindDn: z.string().min(1).optional().describe('Whom the gateway is there; anonymous unless given'),
    password: z.string().min(1).optional().describe('The password of bindDn'),
    bindByCertificate: flag()
      .prefault(false)
      .describe('The gateway is whom its certificate names (SASL EXTERNAL)'),
    identity: z
      .enum(['service', 'user', 'proxy'])
      .prefault('service')
      .describe(
        'As whom searches are done: the account of the gateway, the person who asks on a connection of his own, or the account on his behalf (RFC 4370)',
      ),
    referrals: z
      .enum(['report', 'ignore', 'follow'])
      .prefault('report')
      .describe(
        'What answers that refer to other servers become: an error, nothing, or further questions there',
      ),
    referralServers: z
      .array(serverUrl)
      .prefault([])
      .describe('Servers that follow may ask too; they are given the password of bindDn'),
    pageSize: wholeNumber(1, 100_000)
      .prefault(1000)
      .describe('Entries per page of a long search; servers give fewer where they allow no more'),
    pool: z
      .strictObject({
        connections: wholeNumber(1, 1000)
          .prefault(4)
          .describe('Connections for short operations, many on each at a time'),
        streams: wholeNumber(1, 1000).prefault(8).describe('Long searches at a time, a connection for each'),
        binds: wholeNumber(1, 1000)
          .prefault(8)
          .describe('Passwords checked at a time, a connection for each'),
        sessions: wholeNumber(1, 100_000)
          .prefault(100)
          .describe('With identity: user, people who have a connection of their own'),
      })
      .prefault({})
      .describe('Connections to these servers'),
    connectTimeout: duration().prefault('5s').describe('How long reaching, encrypting and binding may take'),
    operationTimeout: duration()
      .prefault('10s')
      .describe('How long a server may say nothing while it has something to answer'),
    healthInterval: duration()
      .prefault('30s')
      .describe('How long a connection may be unused before it is tried'),
    idleTimeout: duration().prefault('5m').describe('How long a connection that is not needed is kept'),
  })
  .superRefine((source, ctx) => {
    const wrong = (path: string, message: string, remedy: string) =>
      ctx.addIssue({ code: 'custom', path: [path], ...complain({ message, remedy }) })
    const { bindDn, password, bindByCertificate, cert, key } = source
    if (bindDn !== undefined && password === undefined)
      wrong('password', 'is missing for bindDn', 'Give it, or remove bindDn.')
    if (bindDn === undefined && password !== undefined)
      wrong('bindDn', 'is missing for the password', 'Say whose password it is.')
    if ((cert === undefined) !== (key === undefined))
      wrong(cert === undefined ? 'cert' : 'key', 'is missing', 'cert and key belong together.')
    if (bindByCertificate && (cert === undefined || bindDn !== undefined))
      wrong(
        'bindByCertificate',
        'needs cert and key, and no bindDn',
        'Give the certificate, or bindDn with a password.',
      )
    const isPlain = (url: string) => parseLdapUrl(url)?.scheme === 'ldap'
    const servers = serversOf(source)
    if (source.startTls && servers.some(({ url }) => !isPlain(url)))
      wrong('startTls', 'is for ldap:// only', 'ldaps:// is encrypted from the beginning; remove startTls.')
    if (!source.startTls && servers.every(({ url }) => isPlain(url)))
      for (const name of tlsKeys)
        if (source[name] !== undefined)
          wrong(name, 'is of no use without encryption', 'Write ldaps://, or startTls: true.')
    const named = new Set<string>()
    for (const { url } of servers) {
      const { host, port } = hostOf(url)
      if (named.has(`${host}:${port}`)) wrong('url', 'names a server twice', 'Remove one of the two.')
      named.add(`${host}:${port}`)
    }
    if (source.referralServers.length > 0 && source.referrals !== 'follow')
      wrong('referralServers', 'is for referrals: follow only', 'Remove one of them.')
  })
  .describe('An LDAP directory')

type Given = z.output<typeof ldapSourceSchema>

/** A directory: its servers one by one, files by absolute path. Times in milliseconds. */
export type LdapSourceConfig = Frozen<ReturnType<typeof resolveLdapSource>>

function serversOf({ url }: Pick<Given, 'url'>) {
  return [url].flat().map((one) => (typeof one === 'string' ? { url: one, priority: 0, weight: 1 } : one))
}

export function resolveLdapSource(source: Given, baseDir: string) {
  const { url: _, startTls, ca, cert, key, serverName, minTlsVersion, verify, ...more } = source
  const { bindDn, password = '', bindByCertificate, referralServers, pool, ...rest } = more
  const simple = bindDn === undefined ? undefined : ({ mechanism: 'simple', dn: bindDn, password } as const)
  const bind = bindByCertificate ? ({ mechanism: 'external' } as const) : simple
  const path = (text: string) => resolve(baseDir, text)
  return {
    ...rest,
    ...pool,
    servers: serversOf(source).map(({ url, priority, weight }) => {
      const isEncrypted = parseLdapUrl(url)?.scheme === 'ldaps'
      const security: 'ldaps' | 'startTls' | 'none' = isEncrypted ? 'ldaps' : startTls ? 'startTls' : 'none'
      return { ...hostOf(url), security, priority, weight }
    }),
    tls: {
      minVersion: minTlsVersion,
      verify,
      ...(serverName === undefined ? {} : { serverName }),
      ...(ca === undefined ? {} : { ca: path(ca) }),
      ...(cert === undefined ? {} : { cert: path(cert) }),
      ...(key === undefined ? {} : { key: path(key) }),
    },
    ...(bind === undefined ? {} : { bind }),
    referralServers: referralServers.map(hostOf),
  }
}

function hostOf(url: string): { readonly host: string; readonly port: number } {
  const { host = '', port = 389 } = parseLdapUrl(url) ?? {}
  return { host: host.toLowerCase(), port }
}
