/**
 * Tells other programs what became of synchronizations. What is to be told is kept with the copies until it has been
 * taken, so that it outlives the process: at least once, signed as Standard Webhooks are.
 */
import { createHmac, randomUUID } from 'node:crypto'
import type { Dispatcher } from 'undici'
import type { Log } from '../../model/log.js'
import { recordsOf } from '../cycle/problem-list.js'
import { httpClient } from '../http-client.js'
import type { Lease, Records } from '../store/store.js'
import type { Job } from './jobs.js'

/** What there is to tell: a run that changed something, one that did not, one that the guard held, or that failed. */
export type WebhookEvent = 'sync.changed' | 'sync.unchanged' | 'sync.held' | 'sync.failed'

export interface WebhookSettings {
  /** Unique among webhooks: what is still to be told is kept under it. */
  readonly name: string
  readonly url: string
  /** Signs what is sent: octets, at least 24. */
  readonly secret: Uint8Array
  readonly events: readonly WebhookEvent[]
  /** How long an answer may take, in milliseconds. */
  readonly timeout: number
  /** Certificates (PEM) that are trusted instead of the public ones. */
  readonly ca?: string | undefined
  /** Of an HTTP proxy. */
  readonly proxy?: string | undefined
}

interface Delivery {
  readonly webhook: string
  /** The same each time it is sent, so that whoever gets it twice can tell. */
  readonly id: string
  readonly body: string
  readonly created: string
  readonly attempts: number
  /** Not before. */
  readonly next: string
}

export interface WebhookParts {
  readonly webhooks: readonly WebhookSettings[]
  /** Where deliveries are kept. */
  readonly outbox: Records
  /** One process delivers at a time. */
  readonly acquire: (ms: number) => Promise<Lease | undefined>
  readonly log: Log
  readonly now?: () => Date
}

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** How long after each attempt the next one is made, in milliseconds; after the last it is given up. */
const DELAYS = [
  5 * SECOND,
  30 * SECOND,
  2 * MINUTE,
  10 * MINUTE,
  30 * MINUTE,
  HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
]
/** How often what others have left behind is looked for. */
const LOOK = MINUTE
const LEASE = MINUTE

/** What a job that has ended is as an event; undefined of one of which there is nothing to tell. */
export function eventOf(job: Job): WebhookEvent | undefined {
  if (job.dryRun || job.status === 'running' || job.status === 'skipped') return undefined
  if (job.status !== 'completed') return job.status === 'held' ? 'sync.held' : 'sync.failed'
  const tallies = Object.values(job.views)
  return tallies.some(({ add, update, remove }) => add + update + remove > 0)
    ? 'sync.changed'
    : 'sync.unchanged'
}

/** The header `webhook-signature` for these octets, as https://www.standardwebhooks.com has it. */
function signatureOf(id: string, timestamp: number, body: string, secret: Uint8Array): string {
  return `v1,${createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64')}`
}

export class Webhooks {
  readonly #parts: WebhookParts
  readonly #senders: ReadonlyMap<string, Sender>
  readonly #now: () => Date
  readonly #aborted = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #delivering: Promise<number> | undefined

  constructor(parts: WebhookParts) {
    this.#parts = parts
    this.#now = parts.now ?? (() => new Date())
    this.#senders = new Map(parts.webhooks.map((webhook) => [webhook.name, new Sender(webhook)]))
  }

  /** Keeps what is to be told of a job that has ended, to all who want to hear it. */
  async announce(job: Job): Promise<void> {
    const type = eventOf(job)
    if (type === undefined) return
    const now = this.#now().toISOString()
    const body = JSON.stringify({ type, timestamp: now, data: job })
    const deliveries = this.#parts.webhooks
      .filter(({ events }) => events.includes(type))
      .map(({ name }): Delivery => {
        return { webhook: name, id: `msg_${randomUUID()}`, body, created: now, attempts: 0, next: now }
      })
    if (deliveries.length === 0) return
    await this.#parts.outbox.putMany(
      deliveries.map((delivery) => ({ key: `${now} ${delivery.id}`, value: delivery })),
    )
    this.#wait(0)
  }

  /** Delivers what is due, and again from time to time. */
  start(): void {
    if (this.#senders.size === 0 || this.#timer !== undefined) return
    this.#timer = setTimeout(() => {}, 0).unref()
    this.#wait(0)
  }

  /** Ends what is being sent: it will be sent again. */
  async close(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#aborted.abort()
    await this.#delivering?.catch(() => {})
    await Promise.all([...this.#senders.values()].map((sender) => sender.close()))
  }

  /** Tries everything once that is due. Resolves with how much is left for later, or for another process. */
  deliver(): Promise<number> {
    this.#delivering ??= this.#deliverAll().finally(() => {
      this.#delivering = undefined
    })
    return this.#delivering
  }

  #wait(ms: number): void {
    if (this.#timer === undefined || this.#aborted.signal.aborted) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.deliver()
        .catch((error: unknown) => this.#parts.log.warn({ err: error }, 'webhooks cannot be called'))
        .then(() => this.#wait(Math.min(LOOK, Math.max(SECOND, this.#due - this.#now().getTime()))))
    }, ms).unref()
  }

  /** When the next delivery is due that this process knows of, in milliseconds since 1970. */
  #due = Number.POSITIVE_INFINITY

  async #deliverAll(): Promise<number> {
    this.#due = Number.POSITIVE_INFINITY
    let left = 0
    let lease: Lease | undefined
    try {
      for await (const { key, value } of recordsOf(this.#parts.outbox, '')) {
        const delivery = value as Delivery
        const due = Date.parse(delivery.next)
        if (this.#aborted.signal.aborted || due > this.#now().getTime()) {
          this.#due = Math.min(this.#due, due)
          left++
          continue
        }
        lease ??= await this.#parts.acquire(LEASE)
        // Somebody else is at it.
        if (lease === undefined || !(await lease.renew(LEASE))) return left + 1
        if (!(await this.#deliverOne(key, delivery))) left++
      }
      return left
    } finally {
      await lease?.release().catch(() => {})
    }
  }

  /** True if it needs no further attempt. */
  async #deliverOne(key: string, delivery: Delivery): Promise<boolean> {
    const { log, outbox } = this.#parts
    const { webhook, id, created } = delivery
    const about = { webhook, id, created }
    const sender = this.#senders.get(webhook)
    const failure = await sender?.send(delivery, this.#now(), this.#aborted.signal)
    if (this.#aborted.signal.aborted && failure !== undefined) return false
    const attempts = delivery.attempts + 1
    const delay = DELAYS[attempts - 1]
    if (sender === undefined || failure === undefined || failure.isFinal || delay === undefined) {
      if (sender === undefined)
        log.warn(about, `there is no webhook ${webhook} any more; what it was to be told is dropped`)
      else if (failure !== undefined)
        log.error(
          { ...about, attempts },
          `webhook ${webhook} was not told, and will not be: ${failure.message}`,
        )
      await outbox.delete(key)
      return true
    }
    log.warn({ ...about, attempts }, `webhook ${webhook} was not told: ${failure.message}; it is tried again`)
    const wait = Math.max(delay * (1 + Math.random() / 5), failure.retryAfter ?? 0)
    const next = this.#now().getTime() + wait
    this.#due = Math.min(this.#due, next)
    await outbox.put(key, { ...delivery, attempts, next: new Date(next).toISOString() } satisfies Delivery)
    return false
  }
}

interface Failure {
  readonly message: string
  /** Will it never be taken? */
  readonly isFinal: boolean
  /** For how long the receiver wants to be left alone, in milliseconds. */
  readonly retryAfter?: number
}

class Sender {
  readonly #webhook: WebhookSettings
  readonly #dispatcher: Dispatcher

  constructor(webhook: WebhookSettings) {
    const { ca, proxy } = webhook
    const { Agent, ProxyAgent } = httpClient()
    const tls = ca === undefined ? {} : { ca }
    this.#webhook = webhook
    this.#dispatcher =
      proxy === undefined ? new Agent({ connect: tls }) : new ProxyAgent({ uri: proxy, requestTls: tls })
  }

  /** Undefined if it has been taken. */
  async send({ id, body }: Delivery, at: Date, closed: AbortSignal): Promise<Failure | undefined> {
    const { url, secret, timeout } = this.#webhook
    const timestamp = Math.floor(at.getTime() / 1000)
    try {
      const answer = await httpClient().request(url, {
        dispatcher: this.#dispatcher,
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'user-agent': 'vitrine',
          'webhook-id': id,
          'webhook-timestamp': String(timestamp),
          'webhook-signature': signatureOf(id, timestamp, body, secret),
        },
        body,
        signal: AbortSignal.any([closed, AbortSignal.timeout(timeout)]),
      })
      await answer.body.dump({ limit: 64 * 1024 }).catch(() => {})
      if (answer.statusCode >= 200 && answer.statusCode < 300) return undefined
      const retryAfter = retryAfterOf(answer.headers['retry-after'], at)
      return {
        message: `it answered ${answer.statusCode}`,
        // 410 Gone: it does not want to hear any more.
        isFinal: answer.statusCode === 410,
        ...(retryAfter !== undefined && { retryAfter }),
      }
    } catch (error) {
      return { message: messageOf(error), isFinal: false }
    }
  }

  close(): Promise<void> {
    return this.#dispatcher.destroy()
  }
}

/** Milliseconds, a day at most (RFC 9110 10.2.3). */
function retryAfterOf(header: string | string[] | undefined, now: Date): number | undefined {
  const text = typeof header === 'string' ? header.trim() : ''
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * SECOND : Date.parse(text) - now.getTime()
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), 24 * HOUR)
}

/** The innermost cause says most. */
function messageOf(error: unknown): string {
  let innermost = error
  while (innermost instanceof Error && innermost.cause instanceof Error) innermost = innermost.cause
  return innermost instanceof Error ? innermost.message : String(innermost)
}
