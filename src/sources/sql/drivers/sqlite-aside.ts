/** An SQLite file that is written in a thread of its own: statements are sent there, and told back when they have run. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { RawRows } from '../driver.js'

/** As `Database`, but nobody waits for a statement in vain: each step resolves when it is done. */
export interface AsideDatabase {
  all(sql: string, bindings: readonly unknown[]): Promise<RawRows>
  exec(sql: string): Promise<void>
  close(): void
}

/** What is asked of the thread: a statement with bindings, or a script without. Answered in the order of asking. */
export interface Asked {
  readonly sql: string
  readonly bindings?: readonly unknown[]
}

/** What comes back: rows, or what was thrown with what tells its kind. */
export type Told = { readonly rows: RawRows } | { readonly thrown: Thrown }

export interface Thrown {
  readonly message: string
  readonly code?: unknown
  readonly rawCode?: unknown
  readonly errcode?: unknown
}

const THREAD = new URL('./sqlite-thread.js', import.meta.url)
/** The sources are not what a thread can run: where they are, everything runs in this one. */
export const hasThread = existsSync(fileURLToPath(THREAD))

export function openAside(file: string): AsideDatabase {
  return new Aside(file)
}

interface Waiting {
  resolve(rows: RawRows): void
  reject(error: Error): void
}

class Aside implements AsideDatabase {
  readonly #thread: Worker
  /** In the order of asking. */
  readonly #waiting: Waiting[] = []
  #ended: Error | undefined

  constructor(file: string) {
    this.#thread = new Worker(THREAD, { workerData: file, execArgv: [], resourceLimits: YOUNG })
    this.#thread.on('message', (told: Told) => this.#hear(told))
    this.#thread.on('error', (error: Error) => this.#end(error))
    this.#thread.on('exit', () => this.#end(gone()))
    // A process that has nothing else to do need not stay for it.
    this.#thread.unref()
  }

  all(sql: string, bindings: readonly unknown[]): Promise<RawRows> {
    return this.#ask({ sql, bindings })
  }

  async exec(sql: string): Promise<void> {
    await this.#ask({ sql })
  }

  close(): void {
    this.#end(gone())
    // It closes its file, which it would not where it is ended from here.
    this.#thread.ref()
    this.#thread.postMessage(undefined)
  }

  #ask(asked: Asked): Promise<RawRows> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended)
    return new Promise((resolve, reject) => {
      if (this.#waiting.push({ resolve, reject }) === 1) this.#thread.ref()
      this.#thread.postMessage(asked)
    })
  }

  #hear(told: Told): void {
    const waiting = this.#waiting.shift()
    if (this.#waiting.length === 0) this.#thread.unref()
    if ('rows' in told) waiting?.resolve(told.rows)
    else waiting?.reject(Object.assign(new Error(told.thrown.message), told.thrown))
  }

  #end(error: Error): void {
    this.#ended ??= error
    for (const { reject } of this.#waiting.splice(0)) reject(this.#ended)
    this.#thread.unref()
  }
}

/** Rows go to the file and are forgotten: a small nursery will do. In MB. */
const YOUNG = { maxYoungGenerationSizeMb: 2 }

const gone = () =>
  Object.assign(new Error('the thread that writes the file has ended'), { code: 'SQLITE_IOERR' })
