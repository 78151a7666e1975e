/** A proxy before a SCIM service, in moods that services have: too many requests, outages, cut connections, lost answers. */
import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'
import { closed, listening } from './services.js'

export type Mood =
  | 'fine'
  /** Refused with this status, and Retry-After if told. */
  | { readonly status: number; readonly retryAfter?: string; readonly body?: string }
  /** The connection is cut before the service hears of the request. */
  | 'cut'
  /** The service does what it is asked; its answer is lost. */
  | 'lost'
  /** The answer ends in the middle. */
  | 'half'
  /** So many milliseconds late, both ways. */
  | { readonly late: number }
  /** Something else happens first. */
  | { readonly first: () => Promise<unknown> }
  /** Answered with this instead of what the service says. */
  | { readonly instead: unknown }

export interface Seen {
  readonly method: string
  readonly path: string
  readonly body: string
  readonly headers: IncomingMessage['headers']
  readonly at: number
}

export interface MoodyService {
  readonly url: string
  /** What it makes of each request, in its turn from 0; `fine` unless told. */
  mood: (seen: Seen, turn: number) => Mood
  readonly seen: Seen[]
  /** How many requests were under way at a time, at most. */
  readonly most: number
  close(): Promise<void>
}

export async function moody(behind: string): Promise<MoodyService> {
  const target = new URL(behind)
  const seen: Seen[] = []
  let turn = 0
  let running = 0
  let most = 0
  const server = createServer((request, response) => {
    running += 1
    most = Math.max(most, running)
    response.on('close', () => {
      running -= 1
    })
    void bodyOf(request).then((body) => {
      const { method = '', url: path = '', headers } = request
      const one = { method, path: path.slice(target.pathname.length), body, headers, at: Date.now() }
      seen.push(one)
      answer(one, service.mood(one, turn++), request, response)
    })
  })
  const answer = (one: Seen, mood: Mood, request: IncomingMessage, response: ServerResponse) => {
    if (mood === 'cut') return request.socket.destroy()
    if (typeof mood === 'object' && 'status' in mood) {
      const { status, retryAfter, body } = mood
      response.writeHead(status, {
        'content-type': 'application/scim+json',
        ...(retryAfter !== undefined && { 'retry-after': retryAfter }),
      })
      return response.end(body ?? '')
    }
    if (typeof mood === 'object' && 'instead' in mood) {
      response.writeHead(200, { 'content-type': 'application/scim+json' })
      return response.end(JSON.stringify(mood.instead))
    }
    if (typeof mood === 'object' && 'first' in mood) {
      return mood.first().then(() => forward(one, mood, 0, request, response))
    }
    const late = typeof mood === 'object' && 'late' in mood ? mood.late : 0
    return setTimeout(() => forward(one, mood, late, request, response), late)
  }
  const forward = (
    { body }: Seen,
    mood: Mood,
    late: number,
    request: IncomingMessage,
    response: ServerResponse,
  ) => {
    const { method, url: path, headers } = request
    const on = send({ host: target.hostname, port: target.port, method, path, headers }, (reply) => {
      void bodyOf(reply).then((text) => {
        if (mood === 'lost') {
          request.socket.destroy()
          return
        }
        setTimeout(() => {
          response.writeHead(reply.statusCode ?? 500, {
            ...reply.headers,
            'content-length': Buffer.byteLength(text),
            connection: 'keep-alive',
          })
          if (mood !== 'half') {
            response.end(text)
            return
          }
          response.write(text.slice(0, text.length / 2))
          setTimeout(() => request.socket.destroy(), 20)
        }, late)
      })
    })
    on.on('error', () => request.socket.destroy())
    on.end(body)
  }
  await listening(server)
  const service: MoodyService = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${target.pathname}`,
    mood: () => 'fine',
    seen,
    get most() {
      return most
    },
    close: () => closed(server),
  }
  return service
}

async function bodyOf(message: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  try {
    for await (const part of message) parts.push(part as Buffer)
  } catch {
    // Whoever asked is gone.
  }
  return Buffer.concat(parts).toString('utf8')
}
