/** One cycle into the local store: planned entries as rows, and who is removed remembered. */
import { VitrineError } from '../../model/errors.js'
import type { Filter } from '../../model/filter.js'
import type { Context } from '../../model/request.js'
import { type EntryId, scalarOf, type Value } from '../../model/value.js'
import type { SourceEntry } from '../cycle/plan.js'
import type { Reason } from '../cycle/problems.js'
import type { SnapshotNumber, Store, StoreCycle, StoreRecord, StoreRow } from '../store/store.js'
import type { CopiedRows } from '../views/rows.js'
import { type Gone, goneRecord } from './departed.js'
import type { Known, Outcome, Planned, Removal, TargetCycle } from './target.js'

/** A view as the store keeps it. */
export interface LocalView {
  readonly rows: CopiedRows
  /** Columns that hold what names its entries; none where that cannot be told from the row alone. */
  readonly naming: readonly string[]
  /** Attributes by which entries are known again. */
  readonly correlate: readonly string[]
  /** Do its entries have UUIDs in a column of their own? */
  readonly hasUuid: boolean
}

export interface LocalOptions {
  readonly store: Store
  readonly views: ReadonlyMap<string, LocalView>
  /** Entries as the store has them now. */
  stored(
    view: string,
    ctx: Context,
    where: { id: EntryId } | { filter: Filter },
  ): AsyncIterable<readonly SourceEntry[]>
  readonly owner: string
  readonly now?: () => Date
}

/** What of a cycle of the store writes. */
export type StoreWriting = Pick<StoreCycle, 'put' | 'remove' | 'rollback'> & {
  commit(records?: readonly StoreRecord[]): Promise<{ readonly number: SnapshotNumber }>
}

/** Marks the hash of an entry that was disabled; when stands behind it. */
export const DISABLED = '!'

export class LocalCycle implements TargetCycle {
  readonly #cycle: StoreWriting
  readonly #options: LocalOptions
  readonly #gone: Map<string, ReadonlyMap<string, Gone>>
  readonly #uuids: (view: string, known: readonly Known[]) => Promise<ReadonlyMap<EntryId, string>>
  readonly #ctx: Context
  /** By key of the record; undefined of who is back. */
  readonly #records = new Map<string, StoreRecord>()

  constructor(
    cycle: StoreWriting,
    options: LocalOptions,
    gone: Map<string, ReadonlyMap<string, Gone>>,
    uuids: (view: string, known: readonly Known[]) => Promise<ReadonlyMap<EntryId, string>>,
    ctx: Context,
  ) {
    this.#cycle = cycle
    this.#options = options
    this.#gone = gone
    this.#uuids = uuids
    this.#ctx = ctx
  }

  async put(view: string, entries: readonly Planned[]): Promise<readonly Outcome[]> {
    const { rows, hasUuid } = this.#view(view)
    const refused = new Map<string, Reason>()
    const put: { readonly planned: Planned; readonly row: StoreRow }[] = []
    const known = hasUuid ? entries.flatMap((one) => one.known ?? []) : []
    const uuids = known.length === 0 ? undefined : await this.#uuids(view, known)
    for (const planned of entries) {
      try {
        const merged = await this.#merged(view, planned)
        const uuid = uuids?.get(planned.id) ?? merged.uuid
        const row = rows.rowOf({ ...merged, ...(uuid !== undefined && { uuid }) })
        put.push({
          planned,
          row: tracked(row, planned.key === planned.id ? null : planned.key, planned.hash),
        })
      } catch (error) {
        refused.set(planned.key, reasonOf(error))
      }
    }
    const keyOf = new Map(put.map(({ planned }) => [planned.id, planned.key]))
    for (const one of await this.#cycle.put(
      rows.table,
      put.map(({ row }) => row),
    ))
      refused.set(keyOf.get(rows.idOf(one.key)) ?? '', reasonOf(one))
    for (const { planned } of put) {
      const before = planned.known
      if (before?.state === 'gone' && !refused.has(planned.key)) this.#record(goneRecord(view, before.key))
    }
    return entries.map(({ key }) => {
      const reason = refused.get(key)
      return reason === undefined ? { key, ok: true } : { key, ok: false, reason }
    })
  }

  async remove(view: string, entries: readonly Known[], how: Removal): Promise<readonly Outcome[]> {
    const { rows } = this.#view(view)
    if (how === 'disable') await this.#disable(view, entries)
    else {
      for (const known of entries) await this.#remember(view, known)
      await this.#cycle.remove(
        rows.table,
        entries.map(({ id }) => rows.keyOf(id)),
      )
    }
    return entries.map(({ key }) => ({ key, ok: true }))
  }

  async commit(records: readonly StoreRecord[] = []): Promise<{ readonly snapshot: number }> {
    const done = await this.#cycle.commit([...this.#records.values(), ...records])
    this.#gone.clear()
    return { snapshot: done.number }
  }

  rollback(): Promise<void> {
    return this.#cycle.rollback()
  }

  #view(name: string): LocalView {
    const view = this.#options.views.get(name)
    if (view === undefined) throw new RangeError(`view ${name} is not copied`)
    return view
  }

  async #stored(view: string, id: EntryId): Promise<SourceEntry | undefined> {
    for await (const [entry] of this.#options.stored(view, this.#ctx, { id })) return entry
    return undefined
  }

  /** With values that the store has of attributes of which the source says nothing, or not everything. */
  async #merged(view: string, planned: Planned): Promise<SourceEntry> {
    const { known } = planned
    const isAsItWas = known?.state === 'present' && known.hash === planned.hash
    if (planned.keep === undefined && !isAsItWas) return planned
    const stored = known?.state === 'gone' ? undefined : await this.#stored(view, planned.id)
    if (isAsItWas && stored !== undefined) return stored
    const attributes = new Map(planned.entry.attributes)
    for (const attr of planned.keep ?? []) {
      const own = attributes.get(attr) ?? []
      const texts = new Set(own.map((value) => JSON.stringify(value, jsonOf)))
      const others = stored?.entry.attributes.get(attr) ?? []
      const all = [...own, ...others.filter((value) => !texts.has(JSON.stringify(value, jsonOf)))]
      if (all.length > 0) attributes.set(attr, all)
    }
    return { ...planned, entry: { ...planned.entry, attributes } }
  }

  async #disable(view: string, entries: readonly Known[]): Promise<void> {
    const { rows } = this.#view(view)
    const changed = []
    for (const known of entries) {
      const stored = await this.#stored(view, known.id)
      if (stored === undefined) continue
      const hash = `${DISABLED}${this.#now()}`
      const key = known.key === known.id ? null : known.key
      changed.push(tracked(rows.rowOf({ ...stored, enabled: false }), key, hash))
    }
    const [refused] = await this.#cycle.put(rows.table, changed)
    if (refused !== undefined) throw refused
  }

  async #remember(view: string, { key, id, name }: Known): Promise<void> {
    const { correlate } = this.#view(view)
    const stored = await this.#stored(view, id)
    const values = Object.fromEntries(
      correlate.map((attr) => [attr, textsOf(stored?.entry.attributes.get(attr))] as const),
    )
    const uuid = stored?.uuid
    const gone: Gone = {
      view,
      key,
      id,
      values,
      since: this.#now(),
      ...(name !== undefined && { name }),
      ...(uuid !== undefined && { uuid }),
    }
    this.#record(goneRecord(view, key, gone))
  }

  #record(record: StoreRecord): void {
    this.#records.set(record.key, record)
  }

  #now(): string {
    return (this.#options.now?.() ?? new Date()).toISOString()
  }
}

/** A row with what a cycle has to know of it: the key of its source, where that is not its id, and what it came to. */
function tracked(row: StoreRow, sourceKey: string | null, hash: string): StoreRow {
  return { ...row, cells: [...row.cells, sourceKey, hash] }
}

export function textsOf(values: readonly Value[] = []): readonly string[] {
  return values.flatMap((value) => {
    const scalar = scalarOf(value)
    return scalar === undefined || typeof scalar === 'object' ? [] : [String(scalar)]
  })
}

function reasonOf(thrown: unknown): Reason {
  const error = VitrineError.from(thrown)
  if (error.code !== 'constraintViolation') throw error
  return { code: 'invalid', message: error.message }
}

const jsonOf = (_key: string, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value)
