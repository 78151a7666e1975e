/** Stands before an LDAP server, notes what it is asked, and lets tests do something between two requests. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { decodeMessage, Framer } from '../../src/ldap/index.js'
import { HOST } from './server.js'

export type Recorded = ReturnType<typeof decodeMessage>

export interface Recorder {
  /** `ldap://` */
  readonly url: string
  /** Forgets what has been noted, and the octets. */
  clear(): void
  /** What has been asked since, binds and searches included. */
  readonly requests: readonly Recorded[]
  /** Octets that the server has answered with since. */
  readonly answered: number
  /** Done once, before the next request of this kind is passed on. */
  before(op: Recorded['op'], work: () => Promise<void>): void
  /** Does a request wait for such work? */
  readonly isHolding: boolean
  close(): Promise<void>
}

export async function startRecorder(server: {
  readonly host: string
  readonly port: number
}): Promise<Recorder> {
  const open = new Set<Socket>()
  const hooks = new Map<Recorded['op'], () => Promise<void>>()
  let requests: Recorded[] = []
  let answered = 0
  let holding = 0
  const note = async (pdu: Buffer) => {
    const message = decodeMessage(pdu)
    requests.push(message)
    const work = hooks.get(message.op)
    hooks.delete(message.op)
    if (work === undefined) return
    holding += 1
    await work().finally(() => {
      holding -= 1
    })
  }
  const listener = createServer((client) => {
    const upstream = connect(server.port, server.host)
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(socket)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        open.delete(socket)
        other.destroy()
      })
    }
    upstream.on('data', (octets) => {
      answered += octets.length
      client.write(octets)
    })
    const framer = new Framer()
    let turn = Promise.resolve()
    client.on('data', (octets) => {
      framer.push(octets)
      while (framer.next()) {
        const pdu = Buffer.from(framer.buffer.subarray(framer.start, framer.end))
        turn = turn.then(() => note(pdu)).then(() => void upstream.write(pdu))
        turn.catch((error: Error) => client.destroy(error))
      }
    })
  })
  await new Promise<void>((resolve) => listener.listen(0, HOST, resolve))
  return {
    url: `ldap://${HOST}:${(listener.address() as AddressInfo).port}`,
    get requests() {
      return requests
    },
    get answered() {
      return answered
    },
    get isHolding() {
      return holding > 0
    },
    clear() {
      requests = []
      answered = 0
    },
    before: (op, work) => void hooks.set(op, work),
    close: () =>
      new Promise((resolve) => {
        listener.close(() => resolve())
        for (const socket of open) socket.destroy()
      }),
  }
}
