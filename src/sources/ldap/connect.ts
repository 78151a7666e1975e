/** A connection to one server: reached, encrypted and bound as the options say, or not at all. */
import { connect as connectSocket, type Socket } from 'node:net'
import { LdapClient } from '../../ldap/client.js'
import { secured, startTls } from '../../ldap/client-tls.js'
import type { LdapError } from '../../ldap/errors.js'
import type { LdapServerOptions, LdapSourceOptions } from './options.js'

/**
 * @param onClose hears once that the connection has ended
 * @throws LdapError
 */
export async function connect(
  server: LdapServerOptions,
  options: LdapSourceOptions,
  onClose: (error: LdapError | undefined) => void,
): Promise<LdapClient> {
  const { connectTimeout, operationTimeout, bind } = options
  const client = await LdapClient.connect({
    socket: () => socketTo(server, options),
    connectTimeoutMs: connectTimeout,
    timeoutMs: operationTimeout,
    onClose,
  })
  if (bind === undefined) return client
  try {
    await client.bind(bind.dn, bind.password, { timeoutMs: connectTimeout })
    return client
  } catch (error) {
    client.close()
    throw error
  }
}

async function socketTo(
  { host, port, security }: LdapServerOptions,
  { tls, connectTimeout }: LdapSourceOptions,
): Promise<Socket> {
  const socket = connectSocket({ host, port, noDelay: true })
  if (security === 'none') return socket
  // Verified against the name that the configuration calls the server by, unless it tells another.
  const named = { servername: host, ...tls }
  let timer: NodeJS.Timeout | undefined
  try {
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`no encrypted connection within ${connectTimeout} ms`)),
        connectTimeout,
      )
    })
    const encrypted = reached(socket).then(() =>
      security === 'ldaps' ? secured(socket, named) : startTls(socket, named),
    )
    return await Promise.race([encrypted, late])
  } catch (error) {
    socket.destroy()
    throw error
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
