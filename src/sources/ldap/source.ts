/** A directory as a source: its places are tables, its entries rows, and questions become its filters. */
import { VitrineError } from '../../model/errors.js'
import type { Log } from '../../model/log.js'
import type { Context } from '../../model/request.js'
import { AtOnce } from '../at-once.js'
import type {
  Cell,
  Collection,
  Explanation,
  FieldFilter,
  Finding,
  Health,
  Operand,
  Order,
  Row,
  Source,
  SourceQuery,
  SourceWrite,
  Support,
  Table,
  Test,
} from '../source.js'
import { EVERY, NONE, supportOf } from './assertion.js'
import type { Columns, LdapColumn } from './columns.js'
import { explained } from './explain.js'
import { Identities, type IdentityOptions } from './identities.js'
import { KeyLists } from './keys.js'
import { type LdapLookup, Lookups, lookupOf } from './lookups.js'
import type { LdapSourceOptions } from './options.js'
import { isOwn, Questions } from './question.js'
import { read } from './reader.js'
import { type Place, Reading } from './reading.js'
import { risksOf } from './risks.js'
import { attributesFor, ownRows, rowsOf } from './rows.js'
import { isSortable } from './sorted.js'
import { readColumns } from './subschema.js'
import { type LdapTable, tableAt } from './tables.js'
import { Turns } from './turns.js'
import { Upstream } from './upstream.js'
import { LdapWrite } from './write.js'

/** Rows of one batch, where their related rows are asked for together. */
const BATCH = 100
/** More than a page are expected. */
const MANY = 100_000

/** @param log hears why a directory refused a password, which nobody else is told */
export function createLdapSource(options: LdapSourceOptions & IdentityOptions, log?: Log): Source {
  const upstream = new Upstream(options)
  return new LdapSource(upstream, new Identities(upstream, options.identity, log), risksOf(options))
}

class LdapSource implements Source {
  readonly #upstream: Upstream
  readonly #identities: Identities
  readonly #risks: readonly Finding[]
  readonly #keyLists = new KeyLists()
  readonly #lookups: Lookups
  readonly write: SourceWrite

  constructor(upstream: Upstream, identities: Identities, risks: readonly Finding[]) {
    this.#upstream = upstream
    this.#risks = risks
    this.#identities = identities
    this.#lookups = new Lookups(new Reading(upstream))
    this.write = new LdapWrite((ctx) => this.#identities.of(ctx))
  }

  #readingFor(ctx: Context): Reading {
    return new Reading(this.#identities.of(ctx))
  }

  verify(_: Collection, key: Exclude<Cell, null>, password: Uint8Array, ctx: Context): Promise<boolean> {
    return this.#identities.verify(String(key), password, ctx)
  }

  async describe(name: string): Promise<Table | undefined> {
    return tableAt(name, await this.#columns())
  }

  /** All tables of one reading of the schema share it. */
  #described: { readonly at: number; readonly columns: Promise<Columns> } | undefined

  #columns(): Promise<Columns> {
    const now = performance.now()
    if (this.#described === undefined || now - this.#described.at > DESCRIBED_FOR) {
      const columns = readColumns(this.#upstream)
      columns.catch(() => {
        this.#described = undefined
      })
      this.#described = { at: now, columns }
    }
    return this.#described.columns
  }

  support(on: Operand, test: Test): Support {
    if ('concat' in on) return 'none'
    const support = supportOf(on as LdapColumn, test)
    // Another value than the one that is read may be what is found.
    return on.values !== undefined && support === 'exact' && test.test !== 'present' ? 'superset' : support
  }

  /** Of one value several things cannot be asked together, nor what it is not. */
  decides({ relation, of }: Extract<FieldFilter, { op: 'some' }>): boolean {
    return !isOwn(relation) || isPlain(of)
  }

  search(query: SourceQuery, ctx: Context): AsyncIterable<readonly Row[]> {
    const lookup = this.#identities.isService(ctx) ? lookupOf(query) : undefined
    if (lookup === undefined) return this.#asked(query, ctx)
    return new AtOnce(
      () => this.#looked(query, lookup, ctx),
      () => this.#asked(query, ctx),
    )
  }

  /**
   * Undefined where the query has to go alone. The signal is made only if somebody looks at it: here only those who wait
   * for long.
   */
  async #looked(query: SourceQuery, lookup: LdapLookup, ctx: Context): Promise<readonly Row[] | undefined> {
    const shared = this.#lookups.of(query, lookup)
    if (shared === undefined) return undefined
    const found = await shared.queue.find(lookup, ctx)
    if (found === 'tooMany') {
      shared.notUniqueSince = performance.now()
      return undefined
    }
    const entries = query.limit === undefined ? found : found.slice(0, query.limit)
    return (
      ownRows(entries, query.fields) ??
      rowsOf(entries, query.fields, placeOf(query), this.#readingFor(ctx), ctx)
    )
  }

  async *#asked(query: SourceQuery, ctx: Context): AsyncGenerator<readonly Row[], void> {
    const place = placeOf(query)
    const { signal } = ctx
    const reading = this.#readingFor(ctx)
    const question = await new Questions(reading, signal).of(query.filter, place)
    if (question.filter === NONE) return
    const asked = { place, filter: question.filter, attributes: attributesFor(query.fields), signal }
    const kept = { lists: this.#keyLists, of: this.#identities.nameOf(ctx) }
    let left = query.limit ?? Number.POSITIVE_INFINITY
    for await (const found of new Turns(query, asked, reading, kept).found(question)) {
      for (let at = 0; at < found.length && left > 0; at += BATCH) {
        const entries = found.slice(at, at + Math.min(BATCH, left))
        left -= entries.length
        yield await rowsOf(entries, query.fields, place, reading, ctx)
      }
      if (left <= 0) return
    }
  }

  async count(query: SourceQuery, ctx: Context): Promise<number> {
    const place = placeOf(query)
    const { signal } = ctx
    const reading = this.#readingFor(ctx)
    const { filter, names } = await new Questions(reading, signal).of(query.filter, place)
    if (filter === NONE) return 0
    const asked = { place, filter, attributes: [], signal }
    if (names !== undefined) return (await reading.named([...names], asked)).size
    let count = 0
    for await (const entries of reading.entries({ ...asked, expected: MANY })) count += entries.length
    return count
  }

  orders(order: Order): boolean {
    return isSortable(order)
  }

  explain(query: SourceQuery): readonly Explanation[] {
    return explained(query)
  }

  /** What servers have indexes for they do not tell; that there is nothing where entries should be, they do. */
  async advise(query: SourceQuery): Promise<readonly Finding[]> {
    const { location, columns } = placeOf(query).table
    const request = {
      base: location.base,
      scope: 'baseObject',
      filter: EVERY,
      attributes: ['1.1'],
      missingBaseIsEmpty: true,
    } as const
    for await (const _ of read(this.#upstream, request)) return this.#risks
    return [
      ...this.#risks,
      {
        severity: 'error',
        message: `there is no entry ${location.base}, or the gateway may not see it`,
        remedy: `Correct the base in from:, or let ${columns.dialect.isActiveDirectory ? 'the account' : 'the bind DN'} read it`,
      },
    ]
  }

  state() {
    return this.#upstream.state
  }

  async health(): Promise<Health> {
    try {
      await this.#upstream.use((client) => client.searchAll('', { scope: 'baseObject', attributes: ['1.1'] }))
      return { ok: true }
    } catch (error) {
      return {
        ok: false,
        detail: error instanceof VitrineError ? error.message : String(error),
      }
    }
  }

  async close(): Promise<void> {
    this.#upstream.close()
  }
}

/** Views that are compiled together describe their tables one after the other. */
const DESCRIBED_FOR = 5000

const placeOf = ({ table, where }: Pick<SourceQuery, 'table' | 'where'>): Place => ({
  table: table as LdapTable,
  where,
})

function isPlain(filter: FieldFilter): boolean {
  switch (filter.op) {
    case 'or':
      return filter.of.every(isPlain)
    case 'test':
      return !filter.negated
    case 'const':
      return true
    default:
      return false
  }
}
