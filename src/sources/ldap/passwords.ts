/** Whether a name and a password are good at the servers of a source. Nothing is remembered of either. */
import type { LdapClient } from '../../ldap/client.js'
import { LdapError } from '../../ldap/errors.js'
import { resultCode, resultCodeName } from '../../ldap/result-code.js'
import { isLost, isTimeout, translateLdapError } from './errors.js'
import type { Exclusive } from './exclusive.js'
import type { Servers } from './servers.js'

/** Hears why a password was not accepted: for the log, not for who gave it. */
export type OnRefusal = (reason: string) => void

/** Answers that concern whoever binds; 389 Directory Server says of locked accounts that it is unwilling. */
const refusals: ReadonlySet<number> = new Set([
  resultCode.invalidCredentials,
  resultCode.noSuchObject,
  resultCode.inappropriateAuthentication,
  resultCode.invalidDNSyntax,
  resultCode.unwillingToPerform,
  resultCode.constraintViolation,
])

/** Active Directory's sub-codes of invalidCredentials: Windows error numbers in hexadecimal. */
const activeDirectoryReasons: Readonly<Record<string, string>> = {
  '525': 'there is no such user',
  '52e': 'the password is wrong',
  '52f': 'an account restriction',
  '530': 'not at this time',
  '531': 'not from this computer',
  '532': 'the password has expired',
  '533': 'the account is disabled',
  '568': 'too many groups',
  '701': 'the account has expired',
  '773': 'the password must be changed first',
  '775': 'the account is locked',
}

/**
 * Binds the connection, which nobody else uses meanwhile. A name or password that is empty is not even asked for: a server
 * takes it for anonymous and succeeds (RFC 4513 5.1.2).
 * @throws LdapError where it is not about the name or the password
 */
export async function accepts(
  client: LdapClient,
  dn: string,
  password: string | Uint8Array,
  signal: AbortSignal | undefined,
  onRefusal: OnRefusal = () => undefined,
): Promise<boolean> {
  try {
    await client.bind(dn, password, signal === undefined ? {} : { signal })
    return true
  } catch (error) {
    if (!(error instanceof LdapError && refusals.has(error.code))) throw error
    onRefusal(reasonOf(error))
    return false
  }
}

export function isEmpty(dn: string, password: string | Uint8Array): boolean {
  return dn === '' || password.length === 0
}

function reasonOf({ code, message }: LdapError): string {
  const data = /\bdata ([0-9a-f]{3,8})\b/i.exec(message)?.[1]?.toLowerCase()
  return activeDirectoryReasons[data ?? ''] ?? `${resultCodeName(code)}: ${message}`
}

/** Checks on connections that serve nothing else, each of them one at a time. */
export class Passwords {
  readonly #servers: Servers
  readonly #connections: Exclusive

  constructor(servers: Servers, connections: Exclusive) {
    this.#servers = servers
    this.#connections = connections
  }

  /** @throws VitrineError where nobody can say */
  async verify(
    dn: string,
    password: string | Uint8Array,
    signal: AbortSignal | undefined,
    onRefusal: OnRefusal | undefined,
  ): Promise<boolean> {
    if (isEmpty(dn, password)) return false
    for (let tries = 1; ; tries++) {
      const connection = await this.#connections.take(signal)
      let isReusable = false
      try {
        const isRight = await accepts(connection.client, dn, password, signal, onRefusal)
        isReusable = true
        return isRight
      } catch (error) {
        if (isTimeout(error)) this.#servers.suspect(connection)
        // A connection that lay idle may have been closed by the server in this moment.
        if (!isLost(error) || tries > 1 || signal?.aborted) throw translateLdapError(error, signal)
      } finally {
        this.#connections.give(connection, isReusable)
      }
    }
  }
}
