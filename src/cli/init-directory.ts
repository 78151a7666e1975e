/** What `vitrine init` makes of an LDAP directory: the worked mapping for its kind. */
import { readFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { resolve } from 'node:path'
import { type DirectoryFacts, lookAt } from '../init/directory.js'
import { oneLine, type Reached } from '../init/files.js'
import type { Outcome, Undecided } from '../init/proposed.js'
import { workedDirectory, workedFiles } from '../init/worked.js'
import { LdapClient, secured, startTls } from '../ldap/index.js'
import { parseLdapUrl } from '../ldap/url.js'
import { type InitOptions, passwordOf } from './init-options.js'

/** Milliseconds. */
const PATIENCE = 20_000

/** Rejects with what the directory says where it cannot be asked. */
export async function directoryOutcome(options: InitOptions): Promise<Outcome | Undecided> {
  const { url, bindDn } = options
  const { scheme = 'ldap', host = '', port = 389, dn = '' } = parseLdapUrl(url) ?? {}
  const password = await passwordOf(options)
  if ((bindDn === undefined) !== (password === undefined))
    return {
      reason:
        bindDn === undefined
          ? 'nobody is named whose password this is'
          : `there is no password for ${bindDn}`,
      remedy: 'Give both --bind-dn and --password-file, or neither.',
    }
  const facts = await factsOf(options, password, dn === '' ? undefined : dn)
  if (facts === undefined)
    return {
      reason: 'the directory names no place of its entries',
      remedy: 'Write it behind the URL: ldap://HOST:PORT/dc=example,dc=com.',
    }
  const worked = await workedDirectory(facts)
  const where = `${facts.base} at ${host}:${port}`
  if (worked === undefined)
    return {
      reason: `there are no people of a usual class below ${where}${bindDn === undefined ? ' for whoever asks anonymously' : ''}`,
      remedy:
        'Name an account that may read them with --bind-dn and --password-file, or another base behind the URL.',
    }
  const brackets = host.includes(':') ? `[${host}]` : host
  const reached: Reached = {
    source: {
      type: 'ldap',
      url: `${scheme}://${brackets}:${port}`,
      ...(options.startTls === true && { startTls: true }),
      ...(options.ca !== undefined && { ca: resolve(options.ca) }),
      ...(bindDn !== undefined && { bindDn }),
    },
    ...(password !== undefined && { password }),
  }
  const suffix = options.suffix ?? facts.base
  const origin = `${facts.vendor}, ${where}`
  const files = workedFiles(worked, { suffix, reached, origin: oneLine(origin) })
  return { origin, suffix, recognised: `${worked.title} (${classesText(facts)})`, files }
}

function classesText({ people, groups }: DirectoryFacts): string {
  const listed = (classes: ReadonlyMap<string, number>, names: readonly string[]) =>
    names.flatMap((name) => {
      const count = classes.get(name.toLowerCase())
      return count === undefined ? [] : [`${name}: ${count}`]
    })
  return [
    ...listed(people, ['inetOrgPerson', 'posixAccount', 'user']),
    ...listed(groups, ['groupOfNames', 'groupOfUniqueNames', 'posixGroup', 'group']),
  ].join(', ')
}

async function factsOf(
  { url, bindDn, ca, startTls: isStarted = false }: InitOptions,
  password: string | undefined,
  base: string | undefined,
): Promise<DirectoryFacts | undefined> {
  const { scheme, host = '', port = 389 } = parseLdapUrl(url) ?? {}
  const tls = {
    servername: host,
    minVersion: 'TLSv1.2' as const,
    ...(ca !== undefined && { ca: await readFile(ca) }),
  }
  const encrypted = scheme === 'ldaps' ? secured : isStarted ? startTls : undefined
  const client = await LdapClient.connect({
    host,
    port,
    timeoutMs: PATIENCE,
    connectTimeoutMs: PATIENCE,
    ...(encrypted !== undefined && { socket: async () => encrypted(await connected(host, port), tls) }),
  })
  try {
    if (bindDn !== undefined) await client.bind(bindDn, password ?? '')
    return await lookAt(client, base)
  } finally {
    client.close()
  }
}

function connected(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true, timeout: PATIENCE })
    socket.once('error', reject)
    socket.once('timeout', () => socket.destroy(new Error(`${host}:${port} does not answer`)))
    socket.once('connect', () => {
      socket.setTimeout(0)
      socket.removeListener('error', reject)
      resolve(socket)
    })
  })
}
