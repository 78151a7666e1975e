/**
 * The HTTP frontend: its ports, and from them to the application that is current. It sees to it that what has been accepted
 * is answered when the gateway closes; what is answered is the application's affair.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import { Server as NetServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { SecureContextOptions } from 'node:tls'
import { Current } from '../frontends/current.js'
import type { Address, Frontend } from '../frontends/frontend.js'
import { type Port, Ports } from '../frontends/ports.js'

/** What answers requests. */
export interface HttpApp {
  /** To be awaited before the first request. */
  ready(): Promise<void>
  answer(request: IncomingMessage, response: ServerResponse): void
  /** What came over a connection was no HTTP; answers it, and ends the connection. */
  refuse(error: Error, connection: object): void
  close(): Promise<void>
}

/** The certificate of the server, and those that replace it. */
export interface HttpsSupply {
  readonly current: HttpsMaterial
  onChange(listener: (material: HttpsMaterial) => void): void
}

type HttpsMaterial = Pick<SecureContextOptions, 'cert' | 'key' | 'passphrase' | 'ciphers' | 'minVersion'>

export interface HttpFace {
  /** Made when it is first needed: nothing of HTTP is, where there is no port for it. */
  readonly app: () => Promise<HttpApp>
  readonly listen: { readonly http?: Address; readonly https?: Address; readonly ops?: Address }
  readonly tls?: HttpsSupply
}

/** Bytes of a request's line and header fields: a filter of a thousand terms fits. */
const LARGEST_HEADER = 256 * 1024
/** Milliseconds that a connection is kept for another request. */
const KEEP_ALIVE = 72_000
/** Milliseconds, when the gateway closes, in which clients that have connections may still ask something. */
const LAST_REQUESTS = 250

export function createHttpFrontend(first: HttpFace): Frontend<HttpFace> {
  return new HttpFrontend(first)
}

/** A face whose application is there, or is not needed. */
interface Served {
  readonly face: HttpFace
  readonly app: HttpApp | undefined
}

class HttpFrontend implements Frontend<HttpFace> {
  readonly #current: Current<Served>
  readonly #servers = new Set<Server>()
  readonly #ports = new Ports((protocol, address) => this.#open(protocol, address))
  #isListening = false
  connections = 0
  /** Requests that have not been answered. */
  #answering = 0
  #allAnswered: () => void = () => undefined
  /** The certificate that ports have that are opened now. */
  #tls: HttpsSupply | undefined

  constructor(first: HttpFace) {
    this.#current = new Current<Served>({ face: first, app: undefined })
  }

  async listen() {
    this.#isListening = true
    await (await this.prepare(this.#current.value.face)).commit()
    return this.#ports.addresses
  }

  async prepare(face: HttpFace) {
    if (!this.#isListening) return this.#without(face)
    const isWanted = Object.keys(wantedOf(face)).length > 0
    const app = isWanted ? await face.app() : undefined
    await app?.ready()
    const before = this.#tls
    this.#tls = face.tls
    let change: Awaited<ReturnType<Ports['change']>>
    try {
      change = await this.#ports.change(wantedOf(face))
    } catch (error) {
      this.#tls = before
      await app?.close()
      throw error
    }
    return {
      cancel: async () => {
        this.#tls = before
        await change.cancel()
        await app?.close()
      },
      commit: async () => {
        const old = this.#current.value.app
        const ended = this.#current.replace({ face, app })
        this.#follow(face)
        await Promise.all([ended, change.commit()])
        await old?.close()
      },
    }
  }

  /** The same while nobody can ask anything. */
  #without(face: HttpFace) {
    const commit = async () => void this.#current.replace({ face, app: undefined })
    return { commit, cancel: async () => undefined }
  }

  /** Connections that begin from now on have the certificate of this face, and those that replace it. */
  #follow(face: HttpFace): void {
    const show = (material: HttpsMaterial) => {
      if (this.#current.value.face !== face) return
      for (const server of this.#servers)
        if ('setSecureContext' in server) (server as TlsServer).setSecureContext(serving(material))
    }
    if (face.tls === undefined) return
    show(face.tls.current)
    face.tls.onChange(show)
  }

  async #open(protocol: string, { host, port }: Address): Promise<Port> {
    const options = { maxHeaderSize: LARGEST_HEADER, keepAliveTimeout: KEEP_ALIVE, requestTimeout: 0 }
    const answer = (request: IncomingMessage, response: ServerResponse) => {
      // What is left of a port that is closed is not waited for.
      if (!server.listening) response.setHeader('connection', 'close')
      this.#answer(request, response)
    }
    const tls = this.#tls
    const server: Server =
      protocol === 'https' && tls !== undefined
        ? createTlsServer({ ...serving(tls.current), ...options }, answer)
        : createServer(options, answer)
    server.on('clientError', (error, connection) => {
      const { app } = this.#current.value
      if (app === undefined) connection.destroy()
      else app.refuse(error, connection)
    })
    server.on('connection', (socket) => {
      this.connections++
      socket.once('close', () => {
        this.connections--
      })
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host, port }, () => {
        server.off('error', reject)
        resolve()
      })
    })
    this.#servers.add(server)
    server.once('close', () => this.#servers.delete(server))
    const bound = server.address()
    const address = { host, port: typeof bound === 'object' && bound !== null ? bound.port : port }
    return {
      address,
      close: () => new Promise((resolve) => server.close(() => resolve())),
    }
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const use = this.#current.begin()
    this.#answering++
    response.once('close', () => {
      use.end()
      if (--this.#answering === 0) this.#allAnswered()
    })
    const { app } = use.value
    if (app === undefined) response.destroy()
    else app.answer(request, response)
  }

  async close(grace: number): Promise<void> {
    const closed = Promise.all([...this.#servers].map(withoutNew))
    const isOver = new AbortController()
    const { signal } = isOver
    await Promise.race([
      this.#quiet(),
      sleep(grace, undefined, { signal, ref: false }).catch(() => undefined),
    ])
    isOver.abort()
    for (const server of this.#servers) server.closeAllConnections()
    await closed
    await this.#current.value.app?.close()
  }

  /** Resolves when clients have had the time to ask what they were about to, and all is answered. */
  async #quiet(): Promise<void> {
    if (this.#servers.size > 0) await sleep(LAST_REQUESTS)
    while (this.#answering > 0) {
      await new Promise<void>((resolve) => {
        this.#allAnswered = resolve
      })
    }
  }
}

/** Accepts no more, and leaves connections that are idle to whoever asks something over them yet, as `http.Server` does not. */
function withoutNew(server: Server): Promise<void> {
  return new Promise((resolve) => {
    NetServer.prototype.close.call(server, () => resolve())
  })
}

function wantedOf({ listen: { http, https, ops } }: HttpFace) {
  return { ...(http && { http }), ...(https && { https }), ...(ops && { ops }) }
}

/** Certificates of clients count over LDAP alone. */
function serving({ cert, key, passphrase, ciphers, minVersion }: HttpsMaterial): HttpsMaterial {
  return {
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(passphrase !== undefined && { passphrase }),
    ...(ciphers !== undefined && { ciphers }),
    ...(minVersion !== undefined && { minVersion }),
  }
}
