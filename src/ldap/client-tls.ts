/**
 * How a client comes to an encrypted connection: at once (ldaps), or by asking for it on a plain one (StartTLS, RFC 4511
 * 4.14). Nothing that came in clear is taken for what came encrypted.
 */
import type { Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'
import { decodeMessage } from './decode.js'
import { encodeMessage } from './encode.js'
import { LdapError } from './errors.js'
import { Framer } from './framing.js'
import { resultCode } from './result-code.js'

const START_TLS = '1.3.6.1.4.1.1466.20037'
/** Octets of the answer at most. */
const LONGEST_ANSWER = 64 * 1024

/** What `node:tls` is told of certificates and names; the socket is given by us. */
export type TlsOptions = Omit<ConnectionOptions, 'socket' | 'host' | 'port' | 'path'>

/**
 * The connection encrypted, after the handshake: its certificate has been verified as the options say. The socket is
 * connected and has been neither read nor written.
 * @throws Error of the handshake, after which the socket is destroyed
 */
export function secured(socket: Socket, options: TlsOptions): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const secure = connectTls({ ...options, socket })
    const fail = (error: Error) => {
      secure.destroy()
      socket.destroy()
      reject(error)
    }
    const closed = () => fail(new Error('the connection was closed during the TLS handshake'))
    secure.once('error', fail)
    secure.once('close', closed)
    secure.once('secureConnect', () => {
      secure.removeListener('error', fail)
      secure.removeListener('close', closed)
      resolve(secure)
    })
  })
}

/**
 * Asks for encryption on a connected socket, as the first that is said on it.
 * @throws LdapError with the server's code where it refuses, decodingError where it answers what it should not
 */
export async function startTls(socket: Socket, options: TlsOptions): Promise<TLSSocket> {
  await asked(socket)
  return secured(socket, options)
}

function asked(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    const framer = new Framer(LONGEST_ANSWER)
    const leave = () => {
      socket.removeListener('data', receive)
      socket.removeListener('error', fail)
      socket.removeListener('close', closed)
    }
    const fail = (error: unknown) => {
      leave()
      socket.destroy()
      reject(error)
    }
    const closed = () =>
      fail(new LdapError(resultCode.serverDown, 'the server closed the connection instead of starting TLS'))
    let left = 0
    const receive = (chunk: Buffer) => {
      left += chunk.length
      try {
        framer.push(chunk)
        if (!framer.next()) return
        left -= framer.end - framer.start
        const answer = decodeMessage(framer.buffer.subarray(framer.start, framer.end))
        if (answer.op !== 'extendedResponse' || answer.messageId !== 1)
          throw new LdapError(
            resultCode.decodingError,
            `unexpected ${answer.op} instead of an answer to StartTLS`,
          )
        if (answer.code !== resultCode.success)
          throw new LdapError(answer.code, `the server does not start TLS: ${answer.message}`)
        // Whoever stands between could have put it there, to be taken for what the server said encrypted.
        if (left > 0)
          throw new LdapError(resultCode.decodingError, 'the server went on in clear after StartTLS')
      } catch (error) {
        fail(error)
        return
      }
      leave()
      socket.pause()
      resolve()
    }
    socket.on('data', receive)
    socket.once('error', fail)
    socket.once('close', closed)
    socket.write(encodeMessage({ op: 'extendedRequest', messageId: 1, name: START_TLS, controls: [] }))
  })
}
