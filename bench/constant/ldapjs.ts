/** An ldapjs server that has one answer: what its wire layer costs. Nagle's algorithm is off, which helps it tenfold. */
import type { AddressInfo, Server } from 'node:net'
import ldapjs from 'ldapjs'
import { person } from './person.js'

interface Request {
  readonly filter: { readonly value?: string }
}

interface Response {
  send(entry: ReturnType<typeof person>): void
  end(): void
}

const server = ldapjs.createServer() as unknown as {
  readonly server: Server
  search(base: string, handler: (request: Request, response: Response, next: () => void) => void): void
  listen(port: number, host: string, ready: () => void): void
}

server.server.on('connection', (socket) => socket.setNoDelay(true))
server.search('dc=example,dc=com', ({ filter }, response, next) => {
  response.send(person(filter.value ?? ''))
  response.end()
  next()
})
server.listen(0, '127.0.0.1', () => {
  const { port } = server.server.address() as AddressInfo
  process.stdout.write(`listening on ldap://127.0.0.1:${port}\n`)
})
process.once('SIGTERM', () => process.exit(0))
