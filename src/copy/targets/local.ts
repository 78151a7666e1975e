/**
 * The local store as a target. Beside what entries hold, their rows say under which key their source knows them and what
 * they came to when they were put; who is gone is remembered in records, so that a returning person is the same one.
 */
import type { Filter } from '../../model/filter.js'
import type { Context } from '../../model/request.js'
import type { EntryId } from '../../model/value.js'
import type { Cell, Column, Field, FieldFilter, Row, Table } from '../../sources/source.js'
import type { SourceEntry } from '../cycle/plan.js'
import type { Key, StoreTable } from '../store/store.js'
import { type CopiedView, KEY, UUID_COLUMN } from '../views/tables.js'
import { BesideCycle } from './beside.js'
import { type Gone, goneAs, goneFrom } from './departed.js'
import {
  DISABLED,
  LocalCycle,
  type LocalOptions,
  type LocalView,
  type StoreWriting,
  textsOf,
} from './local-cycle.js'
import type { Called, CyclePlan, Known, Target, TargetCycle } from './target.js'

const SOURCE_KEY = 'entry_source_key'
const HASH = 'entry_hash'

/** Keys and values that are asked for at a time. */
const AT_ONCE = 128

/** What the local store is called among targets. */
export const LOCAL = 'local'

/** A table of the store with what a cycle has to know of its rows. */
export function trackedTable(table: StoreTable): StoreTable {
  const columns: StoreTable['columns'] = [
    ...table.columns,
    { name: SOURCE_KEY, kind: 'text', exact: true },
    { name: HASH, kind: 'text', exact: true },
  ]
  return { ...table, columns }
}

/** Columns that hold what names the entries of a view; none where that takes more than the row itself. */
export function namingColumns(copied: CopiedView, naming: readonly string[]): readonly string[] {
  const columns = naming.flatMap((name) => {
    const [first] = copied.attributes.find((one) => one.name === name)?.kept ?? []
    return first?.in === 'cell' ? [first.column] : []
  })
  return columns.length === naming.length ? columns : []
}

export class LocalTarget implements Target {
  readonly name = LOCAL
  readonly atomic = true
  readonly #options: LocalOptions
  /** By view, then key. */
  readonly #gone = new Map<string, ReadonlyMap<string, Gone>>()

  constructor(options: LocalOptions) {
    this.#options = options
  }

  async *known(view: string, ctx: Context): AsyncIterable<readonly Known[]> {
    const gone = await this.#loadGone(view)
    const departed = new Map([...gone.values()].map((one) => [one.id, one]))
    for await (const some of this.#search(view, { op: 'const', value: true }, ctx)) {
      // Whoever went back to an old snapshot has brought them back.
      for (const { id } of some) departed.delete(id)
      yield some
    }
    yield [...departed.values()].map((one) => this.#ofGone(one))
  }

  async lookup(view: string, of: readonly Called[], ctx: Context): Promise<readonly Known[]> {
    const here = await this.#present(
      view,
      of.map(({ id }) => id),
      ctx,
    )
    for (const { key } of of) {
      const gone = await this.#goneAs(view, key)
      if (gone !== undefined && !here.has(gone.id)) here.set(gone.id, this.#ofGone(gone))
    }
    return [...here.values()]
  }

  async #present(view: string, ids: readonly EntryId[], ctx: Context): Promise<Map<EntryId, Known>> {
    const { rows } = this.#view(view)
    const keys = ids.flatMap((id): Key[] => {
      try {
        return [rows.keyOf(id)]
      } catch {
        return []
      }
    })
    const here = new Map<EntryId, Known>()
    for await (const some of this.#search(view, (table) => isAmong(table, KEY, keys), ctx))
      for (const one of some) here.set(one.id, one)
    return here
  }

  async find(
    view: string,
    attr: string,
    values: readonly string[],
    ctx: Context,
  ): Promise<ReadonlyMap<string, readonly Known[]>> {
    const wanted = new Map(values.map((value) => [value.toLowerCase(), value]))
    const ids = new Map<EntryId, string>()
    for (let at = 0; at < values.length; at += AT_ONCE) {
      if ((await this.#options.store.current()) === 0) break
      const of = values.slice(at, at + AT_ONCE).map((value): Filter => ({ op: 'eq', attr, value }))
      for await (const entries of this.#options.stored(view, ctx, { filter: { op: 'or', of } })) {
        for (const { entry } of entries) {
          const value = textsOf(entry.attributes.get(attr)).flatMap(
            (text) => wanted.get(text.toLowerCase()) ?? [],
          )[0]
          if (value !== undefined) ids.set(entry.id, value)
        }
      }
    }
    const found = new Map<string, Known[]>()
    const add = (value: string, known: Known) => found.set(value, [...(found.get(value) ?? []), known])
    for (const known of (await this.#present(view, [...ids.keys()], ctx)).values()) {
      const value = ids.get(known.id)
      if (value !== undefined) add(value, known)
    }
    for (const gone of (await this.#goneOf(view)).values()) {
      const value = (gone.values[attr] ?? []).flatMap((text) => wanted.get(text.toLowerCase()) ?? [])[0]
      if (value !== undefined && !ids.has(gone.id)) add(value, this.#ofGone(gone))
    }
    return found
  }

  async stored(
    view: string,
    ids: readonly EntryId[],
    ctx: Context,
  ): Promise<ReadonlyMap<EntryId, SourceEntry>> {
    const found = new Map<EntryId, SourceEntry>()
    for (let at = 0; at < ids.length; at += AT_ONCE) {
      const of = ids.slice(at, at + AT_ONCE).map((id): Filter => ({ op: 'key', id }))
      for await (const entries of this.#options.stored(view, ctx, { filter: { op: 'or', of } }))
        for (const one of entries) found.set(one.entry.id, one)
    }
    return found
  }

  async begin({ lease, job, views }: CyclePlan, ctx: Context): Promise<TargetCycle> {
    const { store } = this.#options
    const cycle = await store.begin({ ...(lease && { lease }), note: job })
    for (const view of views) {
      await cycle.put(this.#view(view).rows.table, [])
      await this.#loadGone(view)
    }
    return this.#cycle(cycle, ctx)
  }

  /** As one that `begin` gives, but what is put and removed comes into the current snapshot itself when it is committed. */
  beside(ctx: Context): TargetCycle {
    return this.#cycle(new BesideCycle(this.#options.store), ctx)
  }

  #cycle(cycle: StoreWriting, ctx: Context): TargetCycle {
    const uuids = (view: string, known: readonly Known[]) => this.#uuids(view, known, ctx)
    return new LocalCycle(cycle, this.#options, this.#gone, uuids, ctx)
  }

  #view(name: string): LocalView {
    const view = this.#options.views.get(name)
    if (view === undefined) throw new RangeError(`view ${name} is not copied`)
    return view
  }

  /** What the rows that satisfy the filter say of themselves. */
  async *#search(
    view: string,
    filter: FieldFilter | ((table: Table) => FieldFilter),
    ctx: Context,
  ): AsyncIterable<readonly Known[]> {
    const { rows, naming } = this.#view(view)
    const columns = [KEY, SOURCE_KEY, HASH, ...naming]
    for await (const found of this.#rows(view, columns, filter, ctx))
      yield found.map(([key, sourceKey, hash, ...names]) => {
        const id = rows.idOf(key as Cell)
        const text = typeof hash === 'string' ? hash : ''
        const name =
          names.every((one) => one !== null) && names.length > 0 ? names.join('+').toLowerCase() : undefined
        const own = typeof sourceKey === 'string' ? sourceKey : id
        const { owner } = this.#options
        // There are as many as there are entries: most are made small.
        if (name !== undefined && !text.includes(DISABLED))
          return { key: own, id, hash: text, state: 'present', owner, name }
        const [, at] = text.split(DISABLED)
        return {
          key: own,
          id,
          hash: text,
          state: at === undefined ? 'present' : 'disabled',
          owner,
          ...(name !== undefined && { name }),
          ...(at !== undefined && { since: new Date(at) }),
        }
      })
  }

  async *#rows(
    view: string,
    names: readonly string[],
    filter: FieldFilter | ((table: Table) => FieldFilter),
    ctx: Context,
  ): AsyncIterable<readonly Row[]> {
    const { store } = this.#options
    // So that what other processes have committed is seen.
    if ((await store.current()) === 0) return
    const table = await store.source.describe(this.#view(view).rows.table)
    if (table?.key === undefined || !names.every((name) => table.columns.has(name))) return
    const fields = names.flatMap((name): Field[] => {
      const column = table.columns.get(name)
      return column === undefined ? [] : [{ kind: 'column', column }]
    })
    const asked = typeof filter === 'function' ? filter(table) : filter
    yield* store.source.search({ table, key: table.key, where: [], filter: asked, fields }, ctx)
  }

  /** The UUIDs that entries have in the store, whatever their sources say now. */
  async #uuids(view: string, known: readonly Known[], ctx: Context): Promise<ReadonlyMap<EntryId, string>> {
    const { rows } = this.#view(view)
    const keys = known.map(({ id }) => rows.keyOf(id))
    const found = new Map<EntryId, string>()
    for (let at = 0; at < keys.length; at += AT_ONCE) {
      const filter = (table: Table) => isAmong(table, KEY, keys.slice(at, at + AT_ONCE))
      for await (const some of this.#rows(view, [KEY, UUID_COLUMN], filter, ctx))
        for (const [key, uuid] of some) if (typeof uuid === 'string') found.set(rows.idOf(key as Cell), uuid)
    }
    for (const { key, id, state } of known) {
      const uuid = state === 'gone' ? (await this.#goneAs(view, key))?.uuid : undefined
      if (uuid !== undefined && !found.has(id)) found.set(id, uuid)
    }
    return found
  }

  /** As a cycle that is running has found it, if one is. */
  async #goneOf(view: string): Promise<ReadonlyMap<string, Gone>> {
    return this.#gone.get(view) ?? this.#loadGone(view)
  }

  async #goneAs(view: string, key: string): Promise<Gone | undefined> {
    const loaded = this.#gone.get(view)
    return loaded === undefined ? goneAs(this.#options.store, view, key) : loaded.get(key)
  }

  async #loadGone(view: string): Promise<ReadonlyMap<string, Gone>> {
    const gone = await goneFrom(this.#options.store, view)
    this.#gone.set(view, gone)
    return gone
  }

  #ofGone({ key, id, name, since }: Gone): Known {
    const more = { owner: this.#options.owner, since: new Date(since), ...(name !== undefined && { name }) }
    return { key, id, hash: '', state: 'gone', ...more }
  }
}

function isAmong(table: Table, name: string, values: readonly Key[]): FieldFilter {
  const column = table.columns.get(name) as Column
  if (values.length === 0) return { op: 'const', value: false }
  return { op: 'test', on: column, test: { test: 'oneOf', values }, negated: false }
}
