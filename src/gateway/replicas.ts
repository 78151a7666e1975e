/**
 * What replicas tell each other of what they have written, over a channel of Redis or Valkey. While it is away nothing is heard,
 * and whoever keeps answers is told so; what could not be told is made up for once it is there again.
 */
import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import type { ReplicasConfig } from '../config/schema-cache.js'
import type { Ear } from '../directory/layers/cache/cache.js'
import type { Log } from '../model/log.js'

/** Milliseconds that a write waits at most until the others can be expected to know of it. */
const PATIENCE = 1000
/** Milliseconds between looks whether a silent server is there, and that it may take to say so. */
const SILENCE = 5000
/** Milliseconds between attempts to reach it at most. */
const LONGEST_PAUSE = 1000
/** Milliseconds after which all others have reached it, too, who can, and have told what they could not tell before. */
const RETURN = 1500

/** A message; without views it is about all. */
interface Told {
  readonly by: string
  readonly views?: readonly string[]
}

export interface ReplicaEvents extends Pick<Ear, 'hears' | 'deaf'> {
  /** Others have written these views; undefined: perhaps any. */
  written(views: readonly string[] | undefined): void
}

export class Replicas {
  readonly #config: ReplicasConfig
  readonly #events: ReplicaEvents
  readonly #log: Log
  /** By which its own messages are known. */
  readonly #self = randomUUID()
  #hearing: Redis | undefined
  #telling: Redis | undefined
  /** Is there anything that the others were not told? */
  #owes = false
  #isHeard = false
  #wasLost = false
  #returning: NodeJS.Timeout | undefined
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(config: ReplicasConfig, events: ReplicaEvents, log: Log) {
    this.#config = config
    this.#events = events
    this.#log = log
  }

  start(): void {
    void this.#connect()
  }

  /** Resolves when the others can be expected to know, or it cannot be told now. */
  async tell(views: readonly string[]): Promise<void> {
    try {
      if (this.#telling?.status !== 'ready') throw new Error('there is no connection')
      await this.#publish({ by: this.#self, views })
    } catch {
      this.#owes = true
      // Others could be hearing while this one is not.
      if (this.#telling?.status === 'ready') void this.#makeUp()
    }
  }

  close(): void {
    this.#isClosed = true
    clearInterval(this.#timer)
    clearTimeout(this.#returning)
    this.#hearing?.disconnect()
    this.#telling?.disconnect()
  }

  async #connect(): Promise<void> {
    const { Redis } = await import('ioredis')
    if (this.#isClosed) return
    const { password, channel } = this.#config
    const url = new URL(this.#config.url)
    if (password !== undefined) url.password = encodeURIComponent(password)
    const options = {
      connectTimeout: SILENCE,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      retryStrategy: (times: number) => Math.min(100 * times, LONGEST_PAUSE),
    }
    const hearing = new Redis(url.href, { ...options, autoResubscribe: false, commandTimeout: SILENCE })
    const telling = new Redis(url.href, { ...options, commandTimeout: PATIENCE })
    this.#hearing = hearing
    this.#telling = telling
    for (const one of [hearing, telling]) one.on('error', this.#failed)
    hearing.on('ready', () => {
      hearing.subscribe(channel).then(
        () => {
          this.#returning = setTimeout(() => this.#hears(), this.#wasLost ? RETURN : 0)
          this.#returning.unref()
        },
        () => hearing.disconnect(true),
      )
    })
    hearing.on('close', () => this.#deaf())
    hearing.on('message', (_channel: string, text: string) => this.#heard(text))
    telling.on('ready', () => void this.#makeUp())
    this.#timer = setInterval(() => {
      // A server that is gone without a word is noticed, too.
      for (const one of [hearing, telling])
        if (one.status === 'ready') one.ping().catch(() => one.disconnect(true))
    }, SILENCE)
    this.#timer.unref()
  }

  readonly #failed = (error: Error): void => {
    this.#log.debug({ err: error }, 'replicas cannot be reached')
  }

  #hears(): void {
    if (!this.#isHeard) this.#log.info({}, 'what replicas write is heard')
    this.#isHeard = true
    this.#events.hears()
  }

  #deaf(): void {
    clearTimeout(this.#returning)
    this.#wasLost = true
    if (this.#isHeard && !this.#isClosed)
      this.#log.warn({}, 'what replicas write cannot be heard: until it can, no answers are kept')
    this.#isHeard = false
    this.#events.deaf()
  }

  #heard(text: string): void {
    let told: Told | undefined
    try {
      told = JSON.parse(text) as Told
    } catch {
      // Whatever it was meant to say.
      this.#events.written(undefined)
      return
    }
    if (told?.by === this.#self) return
    const { views } = told ?? {}
    this.#events.written(Array.isArray(views) ? views : undefined)
  }

  async #makeUp(): Promise<void> {
    if (!this.#owes) return
    this.#owes = false
    try {
      await this.#publish({ by: this.#self })
    } catch {
      this.#owes = true
    }
  }

  async #publish(told: Told): Promise<void> {
    await this.#telling?.publish(this.#config.channel, JSON.stringify(told))
  }
}
