/**
 * SQLite as a driver. Statements run in this process and hold its loop while they do, so batches are kept small by the
 * caller and statements few; those of whoever writes much run in a thread of their own.
 */
import { statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { sqlite } from '../dialects/sqlite.js'
import type { Driver, DriverOptions, Query } from '../driver.js'
import { translateError } from '../errors.js'
import { type AsideDatabase, hasThread, openAside } from './sqlite-aside.js'
import { type Database, openSqlite } from './sqlite-file.js'
import { describe, indexes, readers } from './sqlite-schema.js'
import { Queue, Turns } from './turns.js'

const fileOf = (url: string) =>
  url.startsWith('file:') ? fileURLToPath(url) : url.replace(/^sqlite:(\/\/)?/, '')

/** The time to plan a statement grows with the square of its tests, and holds the loop. */
const MOST_TESTS = 100

/** Tells a file from another of the same name. Throws ENOENT where there is none: libsql would make one. */
function identityOf(file: string): string {
  if (file === ':memory:') return file
  const { dev, ino } = statSync(file)
  return `${dev} ${ino}`
}

/** How long a file may be locked by others before that is told, in milliseconds. */
const PATIENCE = 2000
const LONGEST_PAUSE = 20

/** Waits for others to leave the file, without holding the loop; what runs in it waits for its turn, too. */
async function patiently<T>(
  run: () => T | Promise<T>,
  turns: Turns | undefined,
  signal?: AbortSignal,
): Promise<T> {
  const deadline = performance.now() + PATIENCE
  for (let pause = 1; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    if (turns !== undefined) await turns.mine()
    signal?.throwIfAborted()
    try {
      const result = run()
      return result instanceof Promise ? await result : result
    } catch (error) {
      const translated = translateError(error)
      if (translated.code !== 'busy' || performance.now() > deadline) throw translated
    }
    await sleep(pause * (0.5 + Math.random()))
  }
}

/** A connection to the file that now stands there, if need be opened again: it may have been replaced or taken away. */
class Connection<D extends Pick<Database, 'close'>> {
  readonly #file: string
  readonly #open: (file: string) => D
  #database: D | undefined
  #opened: string | undefined
  /** What stands there has been looked at in this turn of the loop. */
  #looked = false

  constructor(file: string, open: (file: string) => D) {
    this.#file = file
    this.#open = open
  }

  current(): D {
    if (this.#looked && this.#database !== undefined) return this.#database
    const found = identityOf(this.#file)
    if (found !== this.#opened) this.close()
    this.#database ??= this.#open(this.#file)
    this.#opened = found
    this.#looked = true
    setImmediate(() => {
      this.#looked = false
    })
    return this.#database
  }

  close(): void {
    this.#database?.close()
    this.#database = undefined
    this.#looked = false
  }
}

export function sqliteDriver(options: DriverOptions): Driver {
  const file = fileOf(options.url)
  const reading = new Connection(file, (name) => openSqlite(name, 'read'))
  const isAside = options.writesMuch === true && hasThread
  const writing = new Connection<Writable>(file, (name) =>
    isAside ? openAside(name) : openSqlite(name, 'write'),
  )
  const turns = new Turns()
  const queue = new Queue(options.pool.acquireTimeout)
  const query: Driver['query'] = ({ sql, bindings }, signal) =>
    patiently(() => reading.current().all(sql, bindings), turns, signal)
  const transaction: Driver['transaction'] = (work, signal) =>
    queue.run(() => transact(writing, isAside ? undefined : turns, work, signal), signal)
  return {
    dialect: sqlite,
    mostTests: MOST_TESTS,
    query,
    transaction,
    read: (kind) => readers[kind],
    describe: (table) => describe(table, query),
    indexes: (table) => indexes(table, query),
    close: async () => {
      reading.close()
      writing.close()
    },
  }
}

type Writable = Database | AsideDatabase

async function transact<T>(
  connection: Connection<Writable>,
  turns: Turns | undefined,
  work: (query: Query) => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  const database = await patiently(
    async () => {
      const current = connection.current()
      await current.exec('BEGIN IMMEDIATE')
      return current
    },
    turns,
    signal,
  )
  try {
    const result = await work(({ sql, bindings }) =>
      patiently(() => database.all(sql, bindings), turns, signal),
    )
    await patiently(() => database.exec('COMMIT'), turns, signal)
    return result
  } catch (error) {
    try {
      await database.exec('ROLLBACK')
    } catch {
      // Some failures have ended the transaction themselves.
      connection.close()
    }
    // The file was taken away after it had been looked at: the next one looks again, were it in the same turn.
    if (translateError(error).code === 'unavailable') connection.close()
    throw error
  }
}
