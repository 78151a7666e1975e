/**
 * What PostgreSQL's sessions are notified of, heard on one connection beside the pool, which is made again whenever it is lost.
 * Whoever listens is told when nothing can be heard.
 */
import type { Client, ClientConfig } from 'pg'
import type { Ear } from '../../source.js'

/** Milliseconds before the connection is made again: doubled each time, and back to the first once it was there. */
const FIRST_PAUSE = 200
const LONGEST_PAUSE = 5000
/** Milliseconds after which a silent server is asked whether it is there, and then given up. */
const SILENCE = 5000

export class Notifications {
  readonly #options: ClientConfig
  readonly #ears = new Map<string, Set<Ear>>()
  #client: Client | undefined
  #isConnecting = false
  #isHearing = false
  #pause = FIRST_PAUSE
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(options: ClientConfig) {
    this.#options = options
  }

  /** @returns what ends it */
  listen(channel: string, ear: Ear): () => void {
    const ears = this.#ears.get(channel) ?? new Set<Ear>()
    const isNew = ears.size === 0
    this.#ears.set(channel, ears.add(ear))
    const client = this.#client
    if (client === undefined && this.#timer === undefined && !this.#isConnecting) void this.#connect()
    else if (client !== undefined && this.#isHearing && isNew)
      this.#begin(client, [channel]).catch(() => this.#lost(client))
    else if (this.#isHearing) ear.hears()
    return () => {
      ears.delete(ear)
      if (ears.size > 0) return
      this.#ears.delete(channel)
      if (this.#ears.size === 0) this.#end()
    }
  }

  close(): void {
    this.#isClosed = true
    this.#end()
  }

  async #connect(): Promise<void> {
    this.#timer = undefined
    this.#isConnecting = true
    const { default: pg } = await import('pg')
    this.#isConnecting = false
    if (this.#isClosed || this.#ears.size === 0) return
    const client = new pg.Client(this.#options)
    this.#client = client
    const lost = () => this.#lost(client)
    client.on('error', lost)
    client.on('end', lost)
    client.on('notification', ({ channel }) => {
      if (this.#client === client) for (const ear of this.#ears.get(channel) ?? []) ear.heard()
    })
    const patience = setTimeout(lost, (this.#options.connectionTimeoutMillis ?? 0) + SILENCE)
    patience.unref()
    try {
      await client.connect()
      // Those that are listened to in the meantime are among them.
      await this.#begin(client, this.#ears.keys())
      if (this.#client !== client) return
      this.#isHearing = true
      this.#pause = FIRST_PAUSE
      this.#watch(client)
    } catch {
      lost()
    } finally {
      clearTimeout(patience)
    }
  }

  async #begin(client: Client, channels: Iterable<string>): Promise<void> {
    for (const channel of channels) {
      await client.query(`LISTEN ${client.escapeIdentifier(channel)}`)
      if (this.#client === client) for (const ear of this.#ears.get(channel) ?? []) ear.hears()
    }
  }

  /** A server that is gone without a word is noticed, too. */
  #watch(client: Client): void {
    this.#timer = setTimeout(() => {
      const patience = setTimeout(() => this.#lost(client), SILENCE)
      patience.unref()
      const answered = client.query('SELECT 1').finally(() => clearTimeout(patience))
      answered.then(
        () => this.#client === client && this.#watch(client),
        () => this.#lost(client),
      )
    }, SILENCE)
    this.#timer.unref()
  }

  #lost(client: Client): void {
    if (this.#client !== client) return
    this.#end()
    for (const ears of this.#ears.values()) for (const ear of ears) ear.deaf()
    if (this.#isClosed || this.#ears.size === 0) return
    this.#timer = setTimeout(() => void this.#connect(), this.#pause)
    this.#timer.unref()
    this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE)
  }

  #end(): void {
    const client = this.#client
    this.#client = undefined
    this.#isHearing = false
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (client === undefined) return
    // Not waited for: it may be gone, or say nothing any more.
    client.end().catch(() => undefined)
    const { connection } = client as unknown as { connection?: { stream?: { destroy(): void } } }
    setTimeout(() => connection?.stream?.destroy(), 1000).unref()
  }
}
