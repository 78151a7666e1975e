/** A client's search in progress: an iterable whose consumer sets the pace. */
import type { ClientConnection, PendingOperation, RequestBody } from './client-connection.js'
import { canceled, errorOf, unexpected, Watch } from './client-operation.js'
import type { LdapResponse, SearchResultDone, SearchResultEntry } from './message.js'
import { resultCode } from './result-code.js'

export interface SearchStreamSettings {
  readonly body: RequestBody
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
  /** Entries that may wait for the consumer before the socket is held back. */
  readonly maxQueued: number
  readonly onReference: ((uris: readonly string[]) => void) | undefined
}

/**
 * The search is sent when the first entry is asked for. The iteration ends with the SearchResultDone as its
 * return value, or throws `LdapError`, a result code other than success included, after all entries that came
 * before. Leaving it early abandons the search. One consumer at a time.
 */
export class SearchStream implements AsyncIterableIterator<SearchResultEntry, SearchResultDone | undefined> {
  private readonly connection: ClientConnection
  private readonly settings: SearchStreamSettings
  private readonly pending: PendingOperation
  private queue: SearchResultEntry[] = []
  private taken = 0
  private messageId = 0
  private watch: Watch | undefined = undefined
  private done: SearchResultDone | undefined = undefined
  private error: unknown = undefined
  private over = false
  private wake: (() => void) | undefined = undefined

  constructor(connection: ClientConnection, settings: SearchStreamSettings) {
    this.connection = connection
    this.settings = settings
    this.pending = {
      isFull: () => this.queued >= settings.maxQueued,
      receive: (response) => this.receive(response),
      fail: (error) => this.finish(undefined, error),
    }
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<SearchResultEntry, SearchResultDone | undefined> {
    return this
  }

  async next(): Promise<IteratorResult<SearchResultEntry, SearchResultDone | undefined>> {
    while (this.queued === 0) {
      if (this.over) return this.result()
      await this.more()
    }
    const value = this.queue[this.taken++] as SearchResultEntry
    if (this.taken === this.queue.length) {
      this.queue = []
      this.taken = 0
    }
    // Reading goes on when half of what may wait is gone.
    if (this.queued === this.settings.maxQueued >> 1) this.connection.steerReading()
    return { done: false, value }
  }

  /** Stops the search; entries that wait are dropped. */
  async return(): Promise<IteratorResult<SearchResultEntry, SearchResultDone | undefined>> {
    this.stop()
    return { done: true, value: this.done }
  }

  /** The entries as they come, all that wait at a time. Not to be mixed with `next`. */
  async *batches(): AsyncGenerator<readonly SearchResultEntry[], SearchResultDone | undefined> {
    try {
      for (;;) {
        while (this.queued === 0) {
          if (this.over) return this.result().value
          await this.more()
        }
        const batch = this.queue
        this.queue = []
        this.connection.steerReading()
        yield batch
      }
    } finally {
      this.stop()
    }
  }

  private get queued(): number {
    return this.queue.length - this.taken
  }

  private result(): { done: true; value: SearchResultDone | undefined } {
    const { error } = this
    this.error = undefined
    if (error !== undefined) throw error
    return { done: true, value: this.done }
  }

  private more(): Promise<void> {
    if (this.messageId === 0) this.start()
    // The time that the consumer took is not the server's.
    else this.watch?.refresh()
    return new Promise((resolve) => {
      if (this.over) resolve()
      else this.wake = resolve
    })
  }

  private start(): void {
    const { body, timeoutMs, signal } = this.settings
    if (signal?.aborted) {
      this.over = true
      throw canceled(signal)
    }
    this.messageId = this.connection.send(body, this.pending)
    if (timeoutMs > 0 || signal !== undefined) {
      this.watch = new Watch(timeoutMs, signal, (error) => {
        // Who lets entries wait is not waiting for the server.
        if (error.code === resultCode.timeout && this.queued > 0) {
          this.watch?.refresh()
          return
        }
        this.connection.abandon(this.messageId)
        this.finish(undefined, error)
      })
    }
  }

  private receive(response: LdapResponse): boolean {
    switch (response.op) {
      case 'searchResultEntry':
        this.queue.push(response)
        break
      case 'searchResultReference':
        if (!this.tell(response.uris)) return false
        break
      case 'intermediateResponse':
        break
      case 'searchResultDone':
        this.finish(response, response.code === resultCode.success ? undefined : errorOf(response))
        return true
      default:
        throw unexpected(response)
    }
    this.watch?.refresh()
    this.awaken()
    return false
  }

  /** False if the caller's function threw, which ends the search. */
  private tell(uris: readonly string[]): boolean {
    try {
      this.settings.onReference?.(uris)
      return true
    } catch (error) {
      this.connection.abandon(this.messageId)
      this.finish(undefined, error)
      return false
    }
  }

  private finish(done: SearchResultDone | undefined, error: unknown): void {
    if (this.over) return
    this.over = true
    this.done = done
    this.error = error
    this.watch?.stop()
    this.awaken()
  }

  private stop(): void {
    this.queue = []
    this.taken = 0
    if (this.over) return
    this.finish(undefined, undefined)
    if (this.messageId !== 0) this.connection.abandon(this.messageId)
  }

  private awaken(): void {
    const { wake } = this
    this.wake = undefined
    wake?.()
  }
}
