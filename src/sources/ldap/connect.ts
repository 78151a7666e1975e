/** A connection to one server: reached, encrypted and bound as the options say, or not at all. */
import { connect as connectSocket, type Socket } from 'node:net'
import { LdapClient } from '../../ldap/client.js'
import { secured, startTls } from '../../ldap/client-tls.js'
import { LdapError } from '../../ldap/errors.js'
import type { LdapServerOptions, LdapSourceOptions } from './options.js'
import { explainTls, tlsOptions } from './tls.js'

const KEEP_ALIVE_MS = 60_000

/** As whom a connection is bound: the source's account, or not yet. */
export type Identity = 'service' | 'nobody'

/**
 * @param onClose hears once that the connection has ended
 * @throws LdapError
 */
export async function connect(
  server: LdapServerOptions,
  options: LdapSourceOptions,
  identity: Identity,
  onClose: () => void,
): Promise<LdapClient> {
  const { connectTimeout, operationTimeout } = options
  const bind = identity === 'nobody' ? undefined : await bindOf(options)
  const deadline = performance.now() + connectTimeout
  const client = await LdapClient.connect({
    socket: () => socketTo(server, options),
    connectTimeoutMs: connectTimeout,
    timeoutMs: operationTimeout,
    onClose,
  })
  if (bind === undefined) return client
  const timeoutMs = Math.max(1, deadline - performance.now())
  try {
    if (bind.mechanism === 'simple') await client.bind(bind.dn, bind.password, { timeoutMs })
    else await external(client, timeoutMs)
    return client
  } catch (error) {
    client.close()
    throw error
  }
}

async function bindOf({ bind, credentials }: LdapSourceOptions): Promise<LdapSourceOptions['bind']> {
  const given = await credentials?.()
  return given === undefined ? bind : { mechanism: 'simple', ...given }
}

/** Whom the certificate names is known to the server already (RFC 4422 appendix A). */
async function external(client: LdapClient, timeoutMs: number): Promise<void> {
  const { code } = await client.saslBind('EXTERNAL', new Uint8Array(), { timeoutMs })
  if (code !== 0) throw new LdapError(code, 'the server wants more than a certificate to bind by')
}

async function socketTo(
  { host, port, security }: LdapServerOptions,
  { tls, connectTimeout }: LdapSourceOptions,
): Promise<Socket> {
  const given = security === 'none' ? undefined : await tlsOptions(tls, host)
  const socket = connectSocket({
    host,
    port,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_MS,
  })
  if (given === undefined) return socket
  let timer: NodeJS.Timeout | undefined
  try {
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`no encrypted connection within ${connectTimeout} ms`)),
        connectTimeout,
      )
    })
    const encrypted = reached(socket).then(() =>
      security === 'ldaps' ? secured(socket, given) : startTls(socket, given),
    )
    return await Promise.race([encrypted, late])
  } catch (error) {
    socket.destroy()
    throw error instanceof LdapError ? error : explainTls(error)
  } finally {
    clearTimeout(timer)
  }
}

function reached(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.removeListener('error', reject)
      resolve()
    })
  })
}
