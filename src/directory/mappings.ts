/**
 * The compiled mappings of a source. They need its tables described, so they are compiled when first wanted and
 * again as long as the source cannot be asked; a gateway starts, and says so, while its source is away. Tables may
 * change under a running gateway: they are described again in the background, and compiled if they differ.
 */
import { compileMappings } from '../mapping/compile.js'
import { tablesOf } from '../mapping/given.js'
import type { Mapping } from '../mapping/mapping.js'
import { MappingError } from '../mapping/problem.js'
import type { MappingSpec } from '../mapping/schema.js'
import { VitrineError } from '../model/errors.js'
import type { Log } from '../model/log.js'
import type { Schema } from '../schema/schema.js'
import type { Batches, BatchIterator } from '../sources/batch-iterator.js'
import { AWAY } from '../sources/joined.js'
import { NoTable, type Source, type Table } from '../sources/source.js'

/** How old descriptions of tables may grow, in milliseconds. */
const MAX_AGE = 30_000
/** The same while a table is not described because its source is away. */
const AWAY_AGE = 3000
/** How often failing queries may have them made anew, in milliseconds. */
const MIN_AGE = 1000

type Compiled = ReadonlyMap<string, Mapping>
type Tables = ReadonlyMap<string, Table | NoTable | undefined>

export interface SourceMappingsOptions {
  /** Is told when tables no longer fit their mappings. */
  readonly log?: Log
  /** Milliseconds that only grow. */
  readonly clock?: () => number
}

/** The mappings over a source, as those need them who ask it. */
export interface Mappings {
  readonly source: Source
  /** At once where it is compiled. @throws VitrineError only */
  of(view: string): Mapping | Promise<Mapping>
  /** What is compiled at present. */
  known(view: string): Mapping | undefined
}

export class SourceMappings implements Mappings {
  readonly source: Source
  readonly #asked: Source
  readonly #specs: readonly MappingSpec[]
  readonly #schema: Schema
  readonly #log: Log | undefined
  readonly #clock: () => number
  #compiled: Compiled | undefined
  #compiling: Promise<Compiled> | undefined
  /** The tables of the last attempt to compile, as text; and when they were last described, or that began. */
  #described = ''
  #describedAt = 0
  #refreshing = false
  #isAway = false

  constructor(
    source: Source,
    specs: readonly MappingSpec[],
    schema: Schema,
    options: SourceMappingsOptions = {},
  ) {
    this.source = watched(source, () => this.#refreshAfter(MIN_AGE))
    this.#asked = source
    this.#specs = specs
    this.#schema = schema
    this.#log = options.log
    this.#clock = options.clock ?? (() => performance.now())
  }

  /** @throws MappingError, or `unavailable` while the source cannot be asked */
  async compile(): Promise<Compiled> {
    if (this.#compiled !== undefined) return this.#compiled
    this.#compiling ??= this.#compileFirst().finally(() => {
      this.#compiling = undefined
    })
    return this.#compiling
  }

  /** @throws VitrineError only: a mapping that does not fit its source is an error of the gateway, not of the client */
  of(view: string): Mapping | Promise<Mapping> {
    const compiled = this.#compiled
    if (compiled === undefined) return this.compile().then((made) => mappingOf(made, view), asVitrineError)
    this.#refreshAfter(this.#isAway ? AWAY_AGE : MAX_AGE)
    return mappingOf(compiled, view)
  }

  /** What is compiled at present. */
  known(view: string): Mapping | undefined {
    return this.#compiled?.get(view)
  }

  async #compileFirst(): Promise<Compiled> {
    this.#describedAt = this.#clock()
    const tables = await this.#describe()
    this.#described = textOf(tables)
    this.#compiled = await this.#compile(tables)
    return this.#compiled
  }

  async #describe(): Promise<Tables> {
    const tables = new Map<string, Table | NoTable | undefined>()
    for (const name of new Set(this.#specs.flatMap((spec) => [...tablesOf(spec)])))
      tables.set(name, await this.#asked.describe(name).catch(wrongName))
    this.#isAway = [...tables.values()].includes(AWAY)
    return tables
  }

  async #compile(tables: Tables): Promise<Compiled> {
    const verifies = this.#asked.verify !== undefined
    const describe = async (table: string) => tables.get(table)
    const mappings = await compileMappings(this.#specs, this.#schema, describe, verifies)
    return new Map(mappings.map((m) => [m.view, m]))
  }

  /** Nobody waits for it. */
  #refreshAfter(age: number): void {
    if (this.#compiled === undefined || this.#refreshing || this.#clock() - this.#describedAt < age) return
    this.#refreshing = true
    this.#refresh()
      .catch((error: unknown) => {
        // A source that cannot be asked now is asked again; everything else is for operators.
        if (VitrineError.from(error).code !== 'internalError') return
        this.#log?.warn({ err: error }, 'tables have changed and no longer fit; they are asked as they were')
      })
      .finally(() => {
        this.#refreshing = false
      })
  }

  async #refresh(): Promise<void> {
    this.#describedAt = this.#clock()
    const tables = await this.#describe()
    const described = textOf(tables)
    if (described === this.#described) return
    this.#described = described
    this.#compiled = await this.#compile(tables)
    this.#log?.info({}, 'tables have changed; their mappings are compiled again')
  }
}

function mappingOf(compiled: Compiled, view: string): Mapping {
  const mapping = compiled.get(view)
  if (mapping === undefined)
    throw new VitrineError('internalError', { detail: `view ${view} is not compiled` })
  return mapping
}

/** The source, telling when it could not make sense of a query: its tables may no longer be what they were. */
function watched(source: Source, failed: () => void): Source {
  const tell = (error: unknown): never => {
    if (error instanceof VitrineError && error.code === 'internalError') failed()
    throw error
  }
  const { write } = source
  const removeAll = write?.removeAll?.bind(write)
  const verify = source.verify?.bind(source)
  const ordersStrictly = source.ordersStrictly?.bind(source)
  return {
    ...(source.mostTests !== undefined && { mostTests: source.mostTests }),
    describe: (table) => source.describe(table),
    support: (on, test) => source.support(on, test),
    ...(source.decides !== undefined && { decides: source.decides.bind(source) }),
    ...(source.answering !== undefined && { answering: source.answering.bind(source) }),
    search: (query, ctx) => new Telling(source.search(query, ctx), tell),
    count: (query, ctx) => source.count(query, ctx).catch(tell),
    orders: (order) => source.orders(order),
    ...(ordersStrictly !== undefined && {
      ordersStrictly: (query, ctx) => ordersStrictly(query, ctx).catch(tell),
    }),
    explain: (query) => source.explain(query),
    advise: (query) => source.advise(query),
    health: () => source.health(),
    close: () => source.close(),
    ...(verify !== undefined && { verify: (...asked) => verify(...asked).catch(tell) }),
    ...(write !== undefined && {
      write: {
        ...(write.rehearses === true && { rehearses: true as const }),
        insert: (...asked) => write.insert(...asked).catch(tell),
        update: (...asked) => write.update(...asked).catch(tell),
        remove: (...asked) => write.remove(...asked).catch(tell),
        ...(removeAll !== undefined && { removeAll: (...asked) => removeAll(...asked).catch(tell) }),
      },
    }),
  }
}

/** The same batches, at the cost of a promise each. */
class Telling<T> implements BatchIterator<T> {
  readonly #iterator: Batches<T>
  readonly #tell: (error: unknown) => never

  constructor(batches: AsyncIterable<T>, tell: (error: unknown) => never) {
    this.#iterator = batches[Symbol.asyncIterator]()
    this.#tell = tell
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  get isOver(): boolean {
    return this.#iterator.isOver === true
  }

  next(): Promise<IteratorResult<T>> {
    return this.#iterator.next().then(undefined, this.#tell)
  }

  async return(): Promise<IteratorResult<T>> {
    await this.#iterator.return?.()
    return { done: true, value: undefined }
  }
}

/** Equal where the tables are described alike. */
function textOf(tables: Tables): string {
  const columns = [...tables].map(([name, table]) => [
    name,
    table instanceof NoTable ? table.message : table && [table.key?.name, ...table.columns.values()],
  ])
  return JSON.stringify(columns, (_key, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  )
}

function wrongName(error: unknown): NoTable {
  if (error instanceof NoTable) return error
  throw error
}

function asVitrineError(error: unknown): never {
  if (error instanceof MappingError)
    throw new VitrineError('unavailable', { detail: error.message, cause: error })
  throw VitrineError.from(error)
}
