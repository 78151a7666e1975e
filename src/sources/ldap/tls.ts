/** From certificate files to what `node:tls` is told, and from what it says to what an operator can mend. */
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { checkServerIdentity } from 'node:tls'
import type { TlsOptions } from '../../ldap/client-tls.js'
import type { LdapTlsOptions } from './options.js'

/**
 * @param host the server, as the configuration calls it
 * @throws Error that names the file
 */
export async function tlsOptions(options: LdapTlsOptions, host: string): Promise<TlsOptions> {
  const { ca, cert, key, verify, minVersion } = options
  const [caText, certText, keyText] = await Promise.all([
    content(ca, 'CA'),
    content(cert, 'certificate'),
    content(key, 'key'),
  ])
  const name = options.serverName ?? host
  return {
    minVersion,
    rejectUnauthorized: verify,
    checkServerIdentity: (_, certificate) => checkServerIdentity(name, certificate),
    // An address is no name that a server could be asked for (RFC 6066 section 3).
    ...(isIP(name) === 0 ? { servername: name } : undefined),
    ...(caText === undefined ? undefined : { ca: caText }),
    ...(certText === undefined ? undefined : { cert: certText }),
    ...(keyText === undefined ? undefined : { key: keyText }),
  }
}

async function content(path: string | undefined, what: string): Promise<Buffer | undefined> {
  if (path === undefined) return undefined
  try {
    return await readFile(path)
  } catch (cause) {
    throw new Error(`the ${what} file ${path} cannot be read: ${codeOf(cause) ?? String(cause)}`, { cause })
  }
}

const explanations: Readonly<Record<string, string>> = {
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not signed by a CA that is trusted',
  UNABLE_TO_GET_ISSUER_CERT: 'its certificate is not signed by a CA that is trusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is not signed by a CA that is trusted',
  CERT_SIGNATURE_FAILURE: 'its certificate is not signed by a CA that is trusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by a CA that is not trusted',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by itself, and not trusted',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS at this port, or no version that is allowed',
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'it speaks no version of TLS that is allowed',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'it speaks no version of TLS that is allowed',
}

/** Why there is no encrypted connection. */
export function explainTls(error: unknown): Error {
  const text = error instanceof Error ? error.message : String(error)
  const explanation = explanations[codeOf(error) ?? '']
  return new Error(explanation === undefined ? text : `${explanation} (${text})`, { cause: error })
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
