/** A client of bare octets for the tests: sends what it is told and collects what comes, decoded. */
import { connect, type Socket } from 'node:net'
import {
  decodeMessage,
  encodeMessage,
  Framer,
  type LdapMessage,
  parseFilter,
} from '../../../src/ldap/index.js'

export class Wire {
  readonly socket: Socket
  readonly received: LdapMessage[] = []
  readonly closed: Promise<void>
  private readonly framer = new Framer()
  private wake: () => void = () => {}

  private constructor(socket: Socket) {
    this.socket = socket
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()))
    socket.on('error', () => {})
    socket.on('close', () => this.wake())
    socket.on('data', (chunk: Buffer) => {
      this.framer.push(chunk)
      while (this.framer.next()) {
        const { buffer, start, end } = this.framer
        this.received.push(decodeMessage(buffer.subarray(start, end)))
      }
      this.wake()
    })
  }

  static async connect(port: number): Promise<Wire> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', reject)
    })
    return new Wire(socket)
  }

  send(...messages: readonly (LdapMessage | Buffer)[]): void {
    this.socket.write(
      Buffer.concat(messages.map((message) => (Buffer.isBuffer(message) ? message : encodeMessage(message)))),
    )
  }

  /** What has been received once there are `count` messages; rejects if the connection ends before. */
  async messages(count: number): Promise<readonly LdapMessage[]> {
    while (this.received.length < count) {
      if (this.socket.destroyed) throw new Error(`closed after ${this.received.length} of ${count} messages`)
      await new Promise<void>((resolve) => {
        this.wake = resolve
      })
    }
    return this.received
  }

  destroy(): void {
    this.socket.destroy()
  }
}

export function search(messageId: number, filter = '(uid=ann)', base = 'dc=example'): LdapMessage {
  return {
    op: 'searchRequest',
    messageId,
    base,
    scope: 'wholeSubtree',
    derefAliases: 'neverDerefAliases',
    sizeLimit: 0,
    timeLimit: 0,
    typesOnly: false,
    filter: parseFilter(filter),
    attributes: [],
    controls: [],
  }
}

export function bind(messageId: number, name = '', password = ''): LdapMessage {
  return {
    op: 'bindRequest',
    messageId,
    version: 3,
    name,
    authentication: { mechanism: 'simple', password: Buffer.from(password) },
    controls: [],
  }
}

export function abandon(messageId: number, target: number): LdapMessage {
  return { op: 'abandonRequest', messageId, target, controls: [] }
}

export const NOTICE_OF_DISCONNECTION = '1.3.6.1.4.1.1466.20036'
