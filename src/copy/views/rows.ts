/** Entries as rows of the store: what the mapping of `mapping.ts` reads from them is the same entry again. */
import { idCodec } from '../../mapping/draft.js'
import { VitrineError } from '../../model/errors.js'
import {
  type EntryId,
  isComplex,
  Ref,
  type Scalar,
  scalarOf,
  type Value,
  type ValueKind,
} from '../../model/value.js'
import type { Cell, ColumnKind } from '../../sources/source.js'
import type { Key, StoreRow } from '../store/store.js'
import type { CopiedAttribute, CopiedEntry, CopiedView, Kept, KeptPart, OriginFacts } from './tables.js'

type Tuple = readonly Cell[]

/** A view's entries as rows of its table, whose cells stand in the order of `storeTable`. */
export class CopiedRows {
  readonly #copied: CopiedView
  readonly #keyOf: (view: string) => KeyCodec

  /** @param factsOf as for `storeTable` */
  constructor(copied: CopiedView, factsOf: (view: string) => OriginFacts) {
    this.#copied = copied
    const codecs = new Map<string, KeyCodec>()
    this.#keyOf = (view) => {
      const known = codecs.get(view)
      if (known !== undefined) return known
      const made = keyCodec(factsOf(view).key)
      codecs.set(view, made)
      return made
    }
  }

  get table(): string {
    return this.#copied.table
  }

  /** @throws VitrineError `constraintViolation` for an entry that its view could not have */
  rowOf({ entry, enabled, secrets: hashes, uuid }: CopiedEntry): StoreRow {
    const { name, hasVersion, hasUuid, secrets, attributes } = this.#copied
    const cells: Cell[] = [this.keyOf(entry.id)]
    if (hasVersion) cells.push(entry.version ?? null)
    if (hasUuid) cells.push(uuid ?? null)
    cells.push(enabled)
    for (const secret of secrets) cells.push(hashes?.get(secret.name) ?? null)
    const children: Record<string, readonly Tuple[]> = {}
    for (const attribute of attributes) {
      const values = entry.attributes.get(attribute.name) ?? NONE
      // Mostly it is one value, for which there is a cell.
      if (isOneCell(attribute, values)) {
        cells.push(cellOf(values[0] ?? null))
        continue
      }
      const left = new Set(values)
      for (const kept of attribute.kept) this.#keep(kept, attribute, left, cells, children)
      for (const value of left) {
        // What other entries keep is theirs.
        if (value instanceof Ref && attribute.back.some(({ ref }) => ref === value.view)) continue
        const detail = `${attribute.name} of ${name} ${entry.id} has a value too many, or of another kind`
        throw new VitrineError('constraintViolation', { detail })
      }
    }
    return { cells, children }
  }

  /** @throws VitrineError `constraintViolation` for what can be no key of the view */
  keyOf(id: EntryId, view = this.#copied.name): Key {
    const cell = this.#keyOf(view).cellOf(id)
    if (cell !== undefined) return cell
    throw new VitrineError('constraintViolation', { detail: `${JSON.stringify(id)} is no key of ${view}` })
  }

  idOf(key: Cell): EntryId {
    return this.#keyOf(this.#copied.name).idOf(key)
  }

  /** Takes from `left` what it keeps. */
  #keep(
    kept: Kept,
    { kind }: CopiedAttribute,
    left: Set<Value>,
    cells: Cell[],
    children: Record<string, readonly Tuple[]>,
  ): void {
    const take = (fits: (value: Value) => boolean): readonly Value[] => {
      const taken = [...left].filter(fits)
      for (const value of taken) left.delete(value)
      return taken
    }
    const isPlain = (value: Value) => !isComplex(value) && isOf(kind, value)
    const refersTo = (view: string) => (value: Value) => value instanceof Ref && value.view === view
    switch (kept.in) {
      case 'cell': {
        const first = [...left].find(isPlain)
        if (first !== undefined) left.delete(first)
        cells.push(cellOf(first ?? null))
        break
      }
      case 'values':
        children[kept.table] = take(isPlain).map((value) => [cellOf(value)])
        break
      case 'elements':
        children[kept.table] = take(isComplex).map((value) => elementOf(value, kept.parts))
        break
      case 'reference': {
        const first = [...left].find(refersTo(kept.view))
        if (first !== undefined) left.delete(first)
        cells.push(this.#target(first))
        break
      }
      case 'references':
        children[kept.table] = take(refersTo(kept.view)).map((value) => [this.#target(value)])
        break
    }
  }

  #target(value: Value | undefined): Cell {
    if (!(value instanceof Ref) || value.id === undefined) return null
    return this.keyOf(value.id, value.view)
  }
}

const NONE: readonly Value[] = []

function isOneCell({ kept, kind }: CopiedAttribute, values: readonly Value[]): boolean {
  const [value] = values
  if (kept.length !== 1 || kept[0]?.in !== 'cell' || values.length > 1) return false
  return value === undefined || (!isComplex(value) && isOf(kind, value))
}

interface KeyCodec {
  idOf(cell: Cell): EntryId
  cellOf(id: EntryId): Key | undefined
}

const keyCodec = (kind: ColumnKind): KeyCodec => idCodec({ name: '', kind })

function elementOf(value: Value, parts: readonly KeptPart[]): Tuple {
  const given: Readonly<Record<string, Scalar>> = isComplex(value) ? value : {}
  return parts.map(({ name }) => cellOf(given[name] ?? null))
}

function cellOf(value: Value | null): Cell {
  const scalar = value === null ? undefined : scalarOf(value)
  return scalar === undefined || scalar instanceof Ref ? null : scalar
}

/** Is it what values of the kind are? */
function isOf(kind: ValueKind, value: Value): boolean {
  switch (kind) {
    case 'text':
      return typeof value === 'string'
    case 'integer':
      return typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value))
    case 'decimal':
      return typeof value === 'number'
    case 'boolean':
      return typeof value === 'boolean'
    case 'time':
      return value instanceof Date
    case 'binary':
      return value instanceof Uint8Array
  }
}
