/** A database that can be away: reached by way of a port of its own, which is closed and opened again. */
import { createConnection, createServer, type Socket } from 'node:net'

export interface Relay {
  /** The database's URL, by way of the relay. */
  readonly url: string
  /** Nobody reaches the database, and who did no longer does. */
  cut(): Promise<void>
  mend(): Promise<void>
}

export async function relay(url: string, port: number): Promise<Relay> {
  const target = new URL(url)
  const sockets = new Set<Socket>()
  const kept = (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
    return socket
  }
  const server = createServer((client) => {
    const upstream = kept(createConnection(Number(target.port || port), target.hostname))
    kept(client).pipe(upstream).pipe(client)
    client.on('close', () => upstream.destroy())
    upstream.on('close', () => client.destroy())
  })
  const listen = (at: number) => new Promise<void>((done) => server.listen(at, '127.0.0.1', done))
  await listen(0)
  const address = server.address()
  const own = typeof address === 'object' ? (address?.port ?? 0) : 0
  const relayed = new URL(url)
  relayed.hostname = '127.0.0.1'
  relayed.port = String(own)
  return {
    url: relayed.href,
    cut: () =>
      new Promise((done) => {
        server.close(() => done())
        for (const socket of sockets) socket.destroy()
      }),
    mend: () => listen(own),
  }
}
