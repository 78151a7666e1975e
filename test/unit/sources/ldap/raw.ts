/** A server for the tests that says what it is told to, octet by octet, whether it is LDAP or not. */
import { createServer, type Socket } from 'node:net'
import { decodeMessage, encodeMessage, Framer, type LdapMessage } from '../../../../src/ldap/index.js'
import type { Started } from './serving.js'

const TLS_HANDSHAKE = 0x16

export interface Raw {
  readonly port: number
  /** Connections that are open. */
  readonly open: Set<Socket>
  /** Messages that came, on all connections. */
  readonly received: LdapMessage[]
}

/** `answer` is given each message, and writes what it wants; `greeted` hears of what begins a TLS handshake. */
export async function startRaw(
  started: Started,
  answer: (message: LdapMessage, socket: Socket) => void,
  port = 0,
  greeted: (socket: Socket) => void = () => undefined,
): Promise<Raw> {
  const open = new Set<Socket>()
  const received: LdapMessage[] = []
  const server = createServer((socket) => {
    open.add(socket)
    const framer = new Framer()
    socket.on('close', () => open.delete(socket))
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk: Buffer) => {
      if (chunk[0] === TLS_HANDSHAKE) return greeted(socket)
      framer.push(chunk)
      while (framer.next()) {
        const message = decodeMessage(framer.buffer.subarray(framer.start, framer.end))
        received.push(message)
        answer(message, socket)
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  started.add(() => {
    for (const socket of open) socket.destroy()
    return new Promise((resolve) => server.close(resolve))
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { port: address.port, open, received }
}

/** What answers a message as a server should; undefined for what has no answer. */
export function proper(message: LdapMessage): Buffer | undefined {
  const { messageId } = message
  const result = { messageId, code: 0, matchedDN: '', message: '', controls: [] }
  switch (message.op) {
    case 'bindRequest':
      return encodeMessage({ op: 'bindResponse', ...result })
    case 'searchRequest':
      return Buffer.concat([
        encodeMessage({
          op: 'searchResultEntry',
          messageId,
          dn: message.base,
          attributes: [{ type: 'cn', values: [Buffer.from('x'.repeat(100))] }],
          controls: [],
        }),
        encodeMessage({ op: 'searchResultDone', ...result }),
      ])
    default:
      return undefined
  }
}
