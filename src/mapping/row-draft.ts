/**
 * A row while changes of an entry are put into it: which cells and which related rows hold an attribute's values. What
 * no column can hold, and what is only derived from other columns, is refused.
 */
import { VitrineError } from '../model/errors.js'
import type { MatchingOf } from '../model/match.js'
import type { Change } from '../model/request.js'
import { hasOtherParts, isComplex, scalarOf, type Value } from '../model/value.js'
import type { Cell, Column, Field, RowChange, SetChange } from '../sources/source.js'
import { cellText } from './codecs/text.js'
import type { Mapping, Store, StoreTarget } from './mapping.js'
import {
  absentValue,
  cannot,
  clearCell,
  isBlank,
  isEqualBy,
  isRef,
  isSame,
  isSameCell,
  presentValue,
  shortName,
} from './row-values.js'

/** The cell that a column has now; undefined for a new row. */
export type CellOf = (column: Column) => Cell | undefined

export interface WriteOptions {
  readonly matchingOf: MatchingOf
  readonly cellOf: CellOf
  /** What type elements are of that say none, as those in columns are. */
  readonly typeOf: (attr: string) => string | undefined
  /** The hash that a new password of an attribute becomes. */
  readonly hashed: (attr: string, password: Value) => string
  /** Take references as they are. */
  readonly trusted: boolean
  /** What is thrown where an entry that is referred to is not there. */
  readonly absent: (view: string, keys: readonly Cell[]) => Error
}

type ColumnStore = Extract<Store, { kind: 'column' }>

export class RowDraft {
  readonly #mapping: Mapping
  readonly #options: WriteOptions
  readonly #cells = new Map<string, { readonly column: Column; readonly value: Cell }>()
  readonly #sets: (SetChange & { readonly tuples: (readonly Cell[])[] })[] = []
  /** Of attributes that nothing keeps. */
  readonly #derived: Change[] = []
  /** Columns that a value has been taken from. */
  readonly #freed = new Set<string>()
  readonly #referred = new Map<
    string,
    { readonly of: StoreTarget; readonly keys: Map<string, Exclude<Cell, null>> }
  >()

  constructor(mapping: Mapping, options: WriteOptions) {
    this.#mapping = mapping
    this.#options = options
  }

  get isEmpty(): boolean {
    return this.#cells.size === 0 && this.#sets.length === 0
  }

  apply(change: Change): void {
    const { op, attr, values, strict = false } = change
    const secrets = this.#mapping.secrets.filter((s) => s.attr === attr)
    if (secrets.length > 0) {
      for (const { field, hash } of secrets) {
        if (hash === undefined) throw cannot(attr)
        const [password] = values
        if (strict) this.#demandFit(op, attr, field.column)
        this.overwrite(
          field.column,
          op === 'delete' || password === undefined
            ? null
            : hash === 'none'
              ? clearCell(password, field.column)
              : this.#options.hashed(attr, password),
        )
      }
      return
    }
    const operations = this.#mapping.attributes.get(attr)?.operations ?? []
    const stores = operations.flatMap(({ store }) => store ?? [])
    if (stores.length === 0) {
      this.#derived.push(change)
      return
    }
    const given = values.filter((value) => !isBlank(value))
    // Without values, and with nothing but blanks, which read as none, there is nothing to add.
    if (op === 'replace' || (op === 'delete' && values.length === 0))
      this.#replace(attr, stores, op === 'replace' ? given : [])
    else if (op === 'add') this.#add(attr, stores, given, strict)
    else this.#delete(attr, stores, given, strict)
  }

  /** A password is there or not; of those that the source keeps to itself nobody knows. */
  #demandFit(op: Change['op'], attr: string, column: Column): void {
    if (op === 'replace' || column.secret === true) return
    const isThere = (this.#cell(column) ?? null) !== null
    if (op === 'delete' && !isThere) throw absentValue(attr)
    if (op === 'add' && isThere)
      throw new VitrineError('constraintViolation', { message: `${shortName(attr)} holds one value at most` })
  }

  /** Columns that nothing else has been put into. */
  fill(columns: readonly Column[], value: Cell): void {
    for (const column of columns) if (!this.#cells.has(column.name)) this.overwrite(column, value)
  }

  /** The column, or one of its values where it has several, is this unless something else has been said. */
  satisfy(column: Column, value: Cell): void {
    const { values } = column
    if (values === undefined || value === null) this.fill([column], value)
    else if (!this.#cells.has(column.name)) this.include(values, [value])
  }

  /** Puts a text made of other columns into one that has no value. */
  make(column: Column, textOf: (text: (column: Column) => string | undefined) => string | undefined): void {
    if ((this.#first(column) ?? null) !== null) return
    const text = textOf((other) => this.#text(other))
    if (text === undefined || text === '') return
    if (column.values === undefined) this.overwrite(column, text)
    else this.include(column.values, [text])
  }

  /** Values that are to be among those of a column. */
  include({ relation, column }: NonNullable<Column['values']>, values: readonly Cell[]): void {
    const known = this.#sets.find((set) => set.relation === relation && set.op !== 'remove')
    const tuples = values.map((value) => [value])
    if (known === undefined) this.#sets.push({ relation, columns: [column], identity: 1, op: 'add', tuples })
    else {
      const isHeld = ([cell]: readonly Cell[]) => known.tuples.some(([held]) => isSameCell(held, cell))
      known.tuples.push(...tuples.filter((tuple) => !isHeld(tuple)))
    }
  }

  overwrite(column: Column, value: Cell): void {
    this.#cells.set(column.name, { column, value })
  }

  /** Gives a new row the key that is its name, where the source tells rows apart by names. */
  name(): void {
    const { key, table, create } = this.#mapping
    if (table.key?.name !== key.name || this.#cells.has(key.name)) return
    if (create?.key === undefined)
      throw new VitrineError('unwillingToPerform', { message: 'entries cannot be created here' })
    const name = create.key((column) => this.#text(column))
    if (name === undefined)
      throw new VitrineError('constraintViolation', { message: 'what a new entry is named by is missing' })
    this.overwrite(key, name)
  }

  #text(column: Column): string | undefined {
    return cellText(this.#first(column) ?? null)
  }

  /** What has been put into a column, of several values the first. */
  #first({ name, values }: Column): Cell | undefined {
    const set = this.#sets.find((each) => each.relation === values?.relation)
    return this.#cells.get(name)?.value ?? set?.tuples[0]?.[0]
  }

  finish(): RowChange {
    const { trusted, absent } = this.#options
    for (const change of this.#derived) this.#demandDerived(change)
    return {
      cells: [...this.#cells.values()],
      sets: this.#sets,
      exist: trusted
        ? []
        : [...this.#referred.values()].map(({ of, keys }) => ({
            of,
            keys: [...keys.values()],
            absent: (missing) => absent(of.view, missing),
          })),
    }
  }

  /** What an attribute is made of has to come to what it is said to become. */
  #demandDerived({ op, attr, values }: Change): void {
    const operations = this.#mapping.attributes.get(attr)?.operations ?? []
    const fields = operations.flatMap((operation) => operation.fields)
    if (operations.length === 0 || fields.some((field) => field.kind !== 'column')) throw cannot(attr)
    const row = fields.map((field) => (field.kind === 'column' ? (this.#cell(field.column) ?? null) : null))
    const nameOf = (field: Field) => (field.kind === 'column' ? field.column.name : '')
    const made = operations.flatMap((operation) =>
      operation.reader((field) => fields.findIndex((f) => nameOf(f) === nameOf(field)))(row),
    )
    const isEqual = isEqualBy(this.#options.matchingOf(attr))
    const has = (list: readonly Value[], value: Value) => {
      const own = scalarOf(value)
      return own !== undefined && list.some((other) => isEqual(scalarOf(other) ?? '', own))
    }
    const isSo =
      op === 'delete'
        ? values.length === 0
          ? made.length === 0
          : !values.some((value) => has(made, value))
        : values.every((value) => has(made, value)) &&
          (op === 'add' || made.every((value) => has(values, value)))
    if (isSo) return
    throw new VitrineError('notModifiable', {
      message:
        fields.length === 0
          ? `${shortName(attr)} cannot be changed: it is the same for all entries here`
          : `${shortName(attr)} cannot be changed: it follows from what is kept elsewhere`,
    })
  }

  /** Columns take one value each, those that they have now first; what is left goes to a table. */
  #replace(attr: string, stores: readonly Store[], values: readonly Value[]): void {
    const left = new Set(values)
    const tuples = new Map<Store, (readonly Cell[])[]>()
    const open: ColumnStore[] = []
    for (const store of stores) {
      if (store.kind === 'set') tuples.set(store, [])
      else {
        const kept = [...left].find((value) => this.#holds(attr, store, value, isSame))
        if (kept === undefined) open.push(store)
        else left.delete(kept)
      }
    }
    for (const store of open) {
      const [value, cell] =
        [...left]
          .map((v) => [v, this.#columnCell(attr, store, v)] as const)
          .find(([, c]) => c !== undefined) ?? []
      if (value !== undefined) left.delete(value)
      this.#put(store, cell ?? this.#emptied(store))
    }
    for (const value of left) {
      const fitting = [...tuples].flatMap(([store, list]) => {
        const cells = store.kind === 'set' ? store.encode(value) : undefined
        return cells === undefined ? [] : [{ store, list, cells }]
      })[0]
      if (fitting === undefined) throw this.#unfit(attr, stores, values)
      fitting.list.push(fitting.cells)
      this.#refer(fitting.store, fitting.cells[0])
    }
    for (const [store, list] of tuples) this.#change(store, 'replace', list)
  }

  #add(attr: string, stores: readonly Store[], values: readonly Value[], strict: boolean): void {
    for (const value of values) {
      if (stores.some((store) => store.kind === 'column' && this.#holds(attr, store, value))) {
        if (strict) throw presentValue(attr)
        continue
      }
      const added = stores.some((store) => {
        if (store.kind === 'set') {
          const cells = store.encode(value)
          if (cells === undefined) return false
          this.#refer(store, cells[0])
          this.#change(store, 'add', [cells], strict ? () => presentValue(attr) : undefined)
          return true
        }
        const cell = this.#columnCell(attr, store, value)
        if (cell === undefined || !this.#isFree(store)) return false
        this.#put(store, cell)
        return true
      })
      if (!added) throw this.#unfit(attr, stores, values)
    }
  }

  #delete(attr: string, stores: readonly Store[], values: readonly Value[], strict: boolean): void {
    for (const value of values) {
      let isHeld = false
      for (const store of stores) {
        if (store.kind === 'set' || !this.#holds(attr, store, value)) continue
        this.overwrite(store.column, this.#emptied(store))
        this.#freed.add(store.column.name)
        isHeld = true
      }
      // What is to be there at all stands in one place.
      if (strict && isHeld) continue
      const sets = stores.flatMap((store) => {
        const cells = store.kind === 'set' ? store.encode(value) : undefined
        return store.kind === 'set' && cells !== undefined ? [{ store, cells }] : []
      })
      if (strict && sets.length === 0) throw absentValue(attr)
      const violated = strict && sets.length === 1 ? () => absentValue(attr) : undefined
      for (const { store, cells } of sets)
        this.#change(store, 'remove', [cells.slice(0, store.identity)], violated, strict)
    }
  }

  #columnCell(attr: string, store: ColumnStore, value: Value): Cell | undefined {
    return store.encode(this.#plain(attr, value), () => this.#cell(store.column))
  }

  #emptied(store: ColumnStore): Cell {
    return store.emptied?.(() => this.#cell(store.column)) ?? null
  }

  /** Without the type that every element is of which a column holds. */
  #plain(attr: string, value: Value): Value {
    if (!isComplex(value) || value.type === undefined || value.type !== this.#options.typeOf(attr))
      return value
    const { type: _, ...others } = value
    return others
  }

  #put(store: ColumnStore, cell: Cell): void {
    this.overwrite(store.column, cell)
    this.#refer(store, cell)
  }

  #cell(column: Column): Cell | undefined {
    const written = this.#cells.get(column.name)
    return written === undefined ? this.#options.cellOf(column) : written.value
  }

  #isFree(store: ColumnStore): boolean {
    if (this.#freed.delete(store.column.name)) return true
    const cell = this.#cell(store.column)
    return cell === undefined || cell === null || store.decode(cell) === undefined
  }

  /** Does the column hold an equal value already? @param same what is taken for equal besides references to the same */
  #holds(
    attr: string,
    store: ColumnStore,
    value: Value,
    same = isEqualBy(this.#options.matchingOf(attr)),
  ): boolean {
    const plain = this.#plain(attr, value)
    if (hasOtherParts(plain)) return false
    const cell = this.#cell(store.column)
    const held = cell === undefined ? undefined : store.decode(cell)
    if (held === undefined) return false
    const [a, b] = [scalarOf(held), scalarOf(plain)]
    if (a === undefined || b === undefined) return false
    if (isRef(a) && isRef(b)) return a.view === b.view && a.id === b.id
    return same(a, b)
  }

  #refer({ target }: Store, cell: Cell | undefined): void {
    if (target === undefined || cell === undefined || cell === null) return
    const known = this.#referred.get(target.view) ?? { of: target, keys: new Map() }
    known.keys.set(cell instanceof Uint8Array ? Buffer.from(cell).toString('hex') : String(cell), cell)
    this.#referred.set(target.view, known)
  }

  /** Changes of one kind that follow each other are one. */
  #change(
    store: Store,
    op: SetChange['op'],
    tuples: readonly (readonly Cell[])[],
    violated?: () => Error,
    exactly = violated !== undefined,
  ): void {
    if (store.kind !== 'set') return
    const { relation, columns, identity } = store
    const last = this.#sets.at(-1)
    const goesOn =
      op !== 'replace' &&
      (last?.exactly === true) === exactly &&
      (last?.violated === undefined) === (violated === undefined)
    if (last?.relation === relation && last.op === op && goesOn) last.tuples.push(...tuples)
    else {
      const told = { ...(exactly && { exactly: true as const }), ...(violated && { violated }) }
      this.#sets.push({ relation, columns, identity, op, tuples: [...tuples], ...told })
    }
  }

  #unfit(attr: string, stores: readonly Store[], values: readonly Value[]): VitrineError {
    const fits = (value: Value) =>
      stores.some((store) =>
        store.kind === 'set'
          ? store.encode(value) !== undefined
          : this.#columnCell(attr, store, value) !== undefined,
      )
    const odd = values.find((value) => !fits(value))
    const name = shortName(attr)
    if (odd === undefined) {
      const most = stores.length === 1 ? 'one value' : `${stores.length} values`
      const message = stores.every((s) => s.kind === 'column')
        ? `${name} holds ${most} at most`
        : `${name}: one more element of this kind cannot be kept`
      return new VitrineError('constraintViolation', { message })
    }
    const own = scalarOf(odd)
    if (isComplex(odd) && hasOtherParts(odd) && own !== undefined && fits(own)) {
      const parts = Object.keys(odd).filter((part) => part !== 'value')
      return new VitrineError('constraintViolation', {
        message: `${name}: an element with ${parts.join(' and ')} cannot be kept as it is`,
      })
    }
    return new VitrineError('invalidAttributeSyntax', { message: `a value of ${name} cannot be stored` })
  }
}
