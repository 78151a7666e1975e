/**
 * TLS on sockets that a server accepted: the handshake, whose certificate the client showed, and the certificate of the
 * server. When a connection is encrypted is left to others.
 */
import type { X509Certificate } from 'node:crypto'
import type { Socket } from 'node:net'
import { createSecureContext, type SecureContext, type SecureContextOptions, TLSSocket } from 'node:tls'

/** What `node:tls` is told of keys, certificates, versions and ciphers, and whether clients show certificates of theirs. */
export interface ServerTlsOptions extends SecureContextOptions {
  /**
   * `request`: a client may show a certificate; one that `ca` does not vouch for counts as none. `require`: without one
   * that `ca` vouches for there is no connection. Both need `ca`. `none` by default.
   */
  readonly clientCertificates?: 'none' | 'request' | 'require'
}

/** An encrypted connection, after the handshake. */
export interface SecuredSocket {
  readonly socket: TLSSocket
  /** The client's, verified; undefined where it showed none that is good. */
  readonly certificate: X509Certificate | undefined
}

export class ServerTls {
  private readonly context: SecureContext
  private readonly clientCertificates: 'none' | 'request' | 'require'

  /** @throws Error where key and certificate do not fit, or one of them cannot be understood */
  constructor(options: ServerTlsOptions) {
    this.context = contextOf(options)
    this.clientCertificates = options.clientCertificates ?? 'none'
  }

  /** Rejects, with the socket destroyed, where the handshake fails or takes longer than `timeoutMs`. */
  handshake(raw: Socket, timeoutMs: number): Promise<SecuredSocket> {
    const { context, clientCertificates } = this
    return new Promise((resolve, reject) => {
      const socket = new TLSSocket(raw, {
        isServer: true,
        secureContext: context,
        requestCert: clientCertificates !== 'none',
        rejectUnauthorized: clientCertificates === 'require',
      })
      const fail = (error: Error) => {
        leave()
        socket.on('error', ignore)
        socket.destroy()
        raw.destroy()
        reject(error)
      }
      const closed = () => fail(new Error('the connection was closed during the TLS handshake'))
      const timer = setTimeout(() => fail(new Error(`no TLS handshake within ${timeoutMs} ms`)), timeoutMs)
      const done = () => {
        const shown = socket.getPeerX509Certificate()
        const fault = shown === undefined ? undefined : faultOf(socket)
        if (clientCertificates === 'require' && (shown === undefined || fault !== undefined)) {
          fail(new Error(`the client's certificate is not accepted: ${fault ?? 'there is none'}`))
          return
        }
        leave()
        resolve({ socket, certificate: fault === undefined ? shown : undefined })
      }
      const leave = () => {
        clearTimeout(timer)
        socket.removeListener('error', fail)
        socket.removeListener('close', closed)
        socket.removeListener('secure', done)
        raw.removeListener('close', closed)
      }
      socket.once('error', fail)
      socket.once('close', closed)
      socket.once('secure', done)
      raw.once('close', closed)
    })
  }
}

function contextOf(options: ServerTlsOptions): SecureContext {
  const { clientCertificates = 'none', ...more } = options
  // Without a list of its own, OpenSSL would take the certificates of every public authority for an identity.
  if (clientCertificates !== 'none' && more.ca === undefined)
    throw new TypeError(
      'clients can only be asked for certificates where it is said who signs them: ca is missing',
    )
  // Sessions are resumed only where they were begun: without a context, clients with certificates could not at all.
  return createSecureContext({ sessionIdContext: 'vitrine', ...more })
}

/**
 * Why a certificate is not good. `node:tls` tells it of its own listeners' sockets; of others, the handle knows. Where it
 * cannot be told, the certificate is not good.
 */
function faultOf(socket: TLSSocket): string | undefined {
  const { ssl } = socket as TLSSocket & { readonly ssl?: { verifyError?(): { code?: string } | null } }
  if (typeof ssl?.verifyError !== 'function') return 'it cannot be verified'
  const error = ssl.verifyError()
  return error === null || error === undefined ? undefined : (error.code ?? 'it cannot be verified')
}

function ignore(): void {}
