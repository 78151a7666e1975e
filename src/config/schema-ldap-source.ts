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
    url: serverUrl,
    priority: wholeNumber(0, 65_535)
      .prefault(0)
      .describe('Servers of a higher number are asked only while none of a lower one can be reached'),
    weight: wholeNumber(0, 65_535)
      .prefault(1)
      .describe('Its share among those of one priority; 0: only if the others cannot be reached'),
  }),
])

const file = z.string().min(1)

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
    if (source.startTls && serversOf(source).some(({ url }) => parseLdapUrl(url)?.scheme === 'ldaps'))
      wrong('startTls', 'is for ldap:// only', 'ldaps:// is encrypted from the beginning; remove startTls.')
  })
  .describe('An LDAP directory')

type Given = z.output<typeof ldapSourceSchema>

/** A directory: its servers one by one, files by absolute path. Times in milliseconds. */
export type LdapSourceConfig = Frozen<ReturnType<typeof resolveLdapSource>>

function serversOf({ url }: Pick<Given, 'url'>) {
  return [url].flat().map((one) => (typeof one === 'string' ? { url: one, priority: 0, weight: 1 } : one))
}

export function resolveLdapSource(source: Given, baseDir: string) {
  const { startTls, ca, serverName, cert, key, minTlsVersion, verify, bindDn, password, bindByCertificate } =
    source
  const { referralServers, pool, ...rest } = withoutGiven(source)
  const hostOf = (url: string) => {
    const { host = '', port = 389 } = parseLdapUrl(url) ?? {}
    return { host, port }
  }
  const servers = serversOf(source).map(({ url, priority, weight }) => {
    const encrypted = startTls ? ('startTls' as const) : ('none' as const)
    const security = parseLdapUrl(url)?.scheme === 'ldaps' ? ('ldaps' as const) : encrypted
    return { ...hostOf(url), security, priority, weight }
  })
  const at = (path: string | undefined, name: string) =>
    path === undefined ? {} : { [name]: resolve(baseDir, path) }
  const bind = bindByCertificate
    ? ({ mechanism: 'external' } as const)
    : bindDn === undefined
      ? undefined
      : ({ mechanism: 'simple', dn: bindDn, password: password ?? '' } as const)
  return {
    ...rest,
    ...pool,
    servers,
    tls: {
      minVersion: minTlsVersion,
      verify,
      ...(serverName !== undefined && { serverName }),
      ...(at(ca, 'ca') as { ca?: string }),
      ...(at(cert, 'cert') as { cert?: string }),
      ...(at(key, 'key') as { key?: string }),
    },
    ...(bind !== undefined && { bind }),
    referralServers: referralServers.map(hostOf),
  }
}

/** Without what is told in another shape. */
function withoutGiven({
  type,
  identity,
  referrals,
  referralServers,
  pool,
  connectTimeout,
  operationTimeout,
  healthInterval,
  idleTimeout,
}: Given) {
  return {
    type,
    identity,
    referrals,
    referralServers,
    pool,
    connectTimeout,
    operationTimeout,
    healthInterval,
    idleTimeout,
  }
}
