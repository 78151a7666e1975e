/** A small HTTP client that keeps a number of connections busy, one request each; it knows what our servers send. */
import { connect, type Socket } from 'node:net'

export interface Answered {
  readonly status: number
  readonly body: string
}

/**
 * Sends `count` requests, as many at a time as there are connections.
 * @throws Error for the first answer that is not 200
 */
export async function load(
  connections: readonly Connection[],
  count: number,
  path: (n: number) => string,
): Promise<void> {
  let next = 0
  await Promise.all(
    connections.map(async (connection) => {
      while (next < count) {
        const asked = path(next++)
        const { status, body } = await connection.get(asked)
        if (status !== 200) throw new Error(`${asked} was answered ${status}: ${body}`)
      }
    }),
  )
}

export class Connection {
  readonly #socket: Socket
  readonly #fields: string
  #received: Buffer[] = []
  #waiting: { resolve(answered: Answered): void; reject(error: unknown): void } | undefined

  private constructor(socket: Socket, fields: string) {
    this.#socket = socket
    this.#fields = fields
    socket.setNoDelay(true)
    socket.on('data', (chunk) => {
      this.#received.push(chunk)
      this.#look()
    })
    socket.on('error', (error) => this.#waiting?.reject(error))
    socket.on('close', () => this.#waiting?.reject(new Error('the server has closed the connection')))
  }

  static open(port: number, token: string): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.removeListener('error', reject)
        const fields = `Host: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\nAccept: application/scim+json\r\n\r\n`
        resolve(new Connection(socket, fields))
      })
    })
  }

  get(path: string): Promise<Answered> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      this.#socket.write(`GET ${path} HTTP/1.1\r\n${this.#fields}`)
    })
  }

  close(): void {
    this.#socket.destroy()
  }

  #look(): void {
    let [first = NOTHING] = this.#received
    let end = first.indexOf('\r\n\r\n')
    if (end < 0) {
      first = Buffer.concat(this.#received)
      this.#received = [first]
      end = first.indexOf('\r\n\r\n')
      if (end < 0) return
    }
    const head = first.toString('latin1', 0, end)
    const from = end + 4
    const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1])
    if (Number.isNaN(length)) this.#waiting?.reject(new Error(`an answer without content-length: ${head}`))
    if (this.#received.reduce((sum, chunk) => sum + chunk.length, -from) < length) return
    const body = Buffer.concat(this.#received).toString('utf8', from)
    const waiting = this.#waiting
    this.#received = []
    this.#waiting = undefined
    waiting?.resolve({ status: Number(head.slice(9, 12)), body })
  }
}

const NOTHING = Buffer.alloc(0)
