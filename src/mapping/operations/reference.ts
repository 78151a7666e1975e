/**
 * References to entries of a view of the same source: member, memberOf, manager. The values carry the target's
 * key and the values of its RDN attributes, which is all that a face needs to render them; both come with the
 * row's batch, never one by one.
 */
import { Ref, type Value } from '../../model/value.js'
import { caseIgnore } from '../../schema/normalize.js'
import { ALWAYS, allOf, NEVER } from '../../sources/logic.js'
import type { Cell, Collection, Column, Edge, Field, FieldFilter, Relation } from '../../sources/source.js'
import { text } from '../codecs/literal.js'
import { negate, type Operation, type Question, type Reading, type Store, UNKNOWN } from '../mapping.js'
import type { Kept } from '../references.js'
import { rewriteParts } from '../rewrite.js'

/** An attribute of the target that its own table holds. */
export interface TargetName {
  /** What it reads. */
  readonly attrs: readonly string[]
  readonly columns: readonly Column[]
  /** Reads it from tuples in which its columns stand at these places. */
  reader(placeOf: (column: Column) => number): (tuple: readonly Cell[]) => string | undefined
  readonly present: FieldFilter
  equals(value: string): FieldFilter
  rewrite(question: Question): FieldFilter
}

/** The view referred to, as far as a reference needs it. */
export interface Target extends Collection {
  readonly view: string
  /** What its RDN attributes read from its table, and what a question to one becomes. */
  readonly names: readonly TargetName[]
  /** The same of the levels that its entries hang below, from the top down. */
  readonly levels: readonly TargetName[]
  /** What people call an entry: by what its table holds. */
  readonly display?: TargetName
  /** The column of UUIDs that the view declares. */
  readonly uuid?: { readonly column: Column; equals(uuid: string): FieldFilter }
  /** The resource type it is shown as. */
  readonly resource?: string
  /** The key as an entry's id, and back; undefined if no key reads so. */
  idOf(cell: Cell): string
  cellOf(id: string): Exclude<Cell, null> | undefined
}

/** Everything that can be walked for the in-chain rule, found by attribute and view. */
export type EdgesOf = (
  view: string,
  attr: string,
) => readonly { readonly edge: Edge; readonly target: string }[]

export interface ReferenceOptions {
  readonly attr: string
  /** The view that holds the attribute. */
  readonly from: { readonly view: string } & Collection
  readonly relation: Relation
  /** The same relation as a step from key to key. */
  readonly edge: Edge
  readonly target: Target
  readonly targets: ReadonlyMap<string, Target>
  readonly edgesOf: EdgesOf
  /** Does the row, or do rows that belong to it, hold the target's key? Absent where it is not to be written. */
  readonly store?: Kept
}

export function referenceOperation(options: ReferenceOptions): Operation {
  const { relation, target } = options
  const nameColumns = [...target.names, ...target.levels].map((n) => n.columns)
  const columns = withoutRepetition([target.key, ...nameColumns.flat()])
  const readNames = namesOf(target, columns)
  const named = reading(relation, columns, (tuple) => {
    const names = readNames(tuple)
    return names && new Ref(target.view, names, target.idOf(tuple[0] ?? null))
  })
  const store = storeOf(options)
  return {
    ...named,
    rewrite: (question) => ask(options, question),
    rewriteElement: (of) => ({
      op: 'some',
      relation,
      of: allOf([isNamed(target), rewriteParts(of, (question) => askPart(target, question))]),
      negated: false,
    }),
    displaying: displaying(relation, target, columns),
    ...(store && { store }),
  }
}

function reading(
  relation: Relation,
  columns: readonly Column[],
  read: (tuple: readonly Cell[]) => Ref | undefined,
): Reading {
  const field: Field = { kind: 'set', relation, columns }
  return {
    fields: [field],
    reader: (slotOf) => {
      const slot = slotOf(field)
      return (row) => {
        const refs: Ref[] = []
        for (const tuple of row[slot] as readonly (readonly Cell[])[]) {
          const ref = read(tuple)
          if (ref !== undefined) refs.push(ref)
        }
        return refs
      }
    },
  }
}

/** What an entry is called and how it is named is often read from the same columns. */
function withoutRepetition(columns: readonly Column[]): readonly Column[] {
  return [...new Set(columns)]
}

function displaying(relation: Relation, target: Target, columns: readonly Column[]): Reading {
  const { display, uuid } = target
  const all = withoutRepetition([...columns, ...(display?.columns ?? []), ...(uuid ? [uuid.column] : [])])
  const uuidAt = uuid === undefined ? -1 : all.indexOf(uuid.column)
  const readNames = namesOf(target, all)
  const readDisplay = display?.reader((column) => all.indexOf(column))
  return reading(relation, all, (tuple) => {
    const names = readNames(tuple)
    if (names === undefined) return undefined
    const shown = readDisplay?.(tuple)
    const cell = uuid === undefined ? undefined : tuple[uuidAt]
    const known = cell === undefined || cell === null ? undefined : text(cell).toLowerCase()
    return new Ref(target.view, names, target.idOf(tuple[0] ?? null), shown, known, target.resource)
  })
}

function storeOf({ store, target }: ReferenceOptions): Store | undefined {
  if (store === undefined) return undefined
  const cellOf = (value: Value) =>
    value instanceof Ref && value.view === target.view && value.id !== undefined
      ? target.cellOf(value.id)
      : undefined
  if (!('relation' in store)) {
    const decode = (cell: Cell) => (cell === null ? undefined : new Ref(target.view, [], target.idOf(cell)))
    return { kind: 'column', column: store.column, decode, encode: cellOf, target }
  }
  const encode = (value: Value) => {
    const cell = cellOf(value)
    return cell === undefined ? undefined : [cell]
  }
  return { kind: 'set', relation: store.relation, columns: [store.column], identity: 1, encode, target }
}

/** A question to a part of a reference: which entry it is and of which view, what it is called, what it is shown as. */
function askPart(target: Target, question: Question): FieldFilter {
  switch (question.attr) {
    case 'value':
      if (question.op === 'present') return ALWAYS
      if (question.op !== 'eq' || !(question.value instanceof Ref)) return UNKNOWN
      return question.value.view === target.view ? identify(target, question.value) : NEVER
    case 'display':
      return target.display?.rewrite(question) ?? NEVER
    case 'view':
      if (question.op === 'present') return ALWAYS
      if (question.op !== 'eq') return UNKNOWN
      return caseIgnore(String(question.value)) === caseIgnore(target.view) ? ALWAYS : NEVER
    case 'type': {
      if (target.resource === undefined) return NEVER
      if (question.op === 'present') return ALWAYS
      if (question.op !== 'eq') return UNKNOWN
      return caseIgnore(String(question.value)) === caseIgnore(target.resource) ? ALWAYS : NEVER
    }
    default:
      return NEVER
  }
}

/** @param columns of the tuples */
function namesOf(
  target: Target,
  columns: readonly Column[],
): (tuple: readonly Cell[]) => readonly string[] | undefined {
  const readers = [...target.names, ...target.levels].map(({ reader }) =>
    reader((column) => columns.indexOf(column)),
  )
  const needed = target.names.length
  return (tuple) => {
    const names: string[] = []
    for (const read of readers) {
      const name = read(tuple)
      // It hangs above the first level that it has no value for.
      if (name === undefined) return names.length < needed ? undefined : names
      names.push(name)
    }
    return names
  }
}

/** What has no name is shown nowhere, and nothing that refers to it shows a reference. */
function isNamed(target: Target): FieldFilter {
  return allOf(target.names.map((name) => name.present))
}

/** The question that finds the entry a reference names, asked of its own table. */
function identify(target: Target, ref: Ref): FieldFilter {
  if (ref.id !== undefined) {
    const value = target.cellOf(ref.id)
    return value === undefined
      ? NEVER
      : { op: 'test', on: target.key, test: { test: 'compare', op: 'eq', value }, negated: false }
  }
  if (ref.uuid !== undefined) return target.uuid?.equals(ref.uuid) ?? NEVER
  const { names } = ref
  const all = [...target.names, ...target.levels]
  if (names.length < target.names.length || names.length > all.length || names.length === 0) return NEVER
  const equal = all.slice(0, names.length).map((name, i) => name.equals(names[i] ?? ''))
  const next = all[names.length]
  return allOf(next === undefined ? equal : [...equal, negate(next.present)])
}

function ask(options: ReferenceOptions, question: Question): FieldFilter {
  const { relation, target } = options
  if (question.op === 'present') {
    return { op: 'some', relation, of: isNamed(target), negated: false }
  }
  if (question.op !== 'eq') return UNKNOWN
  // DNs of this gateway's entries come as references; any other names none.
  if (!(question.value instanceof Ref)) return question.rule === undefined ? NEVER : UNKNOWN
  if (question.rule === 'inChain') return reach(options, question.value)
  if (question.rule !== undefined) return UNKNOWN
  if (question.value.view !== target.view) return NEVER
  const identified = identify(target, question.value)
  const of = question.value.names.length > 0 ? identified : allOf([isNamed(target), identified])
  return { op: 'some', relation, of, negated: false }
}

/**
 * The in-chain rule (1.2.840.113556.1.4.1941): the entry reaches the asserted one over any number of references
 * of this attribute. Walks through the views that refer to themselves by it.
 */
function reach(options: ReferenceOptions, ref: Ref): FieldFilter {
  const { attr, from, edge, edgesOf, targets, target: through } = options
  const end = targets.get(ref.view)
  if (end === undefined) return NEVER
  const of = identify(end, ref)
  const step = edgesOf(through.view, attr).find((e) => e.target === through.view)?.edge
  const direct: FieldFilter =
    through.view === end.view ? { op: 'some', relation: options.relation, of, negated: false } : NEVER
  if (step === undefined) return direct
  const base = {
    op: 'reach',
    key: from.key,
    first: edge,
    step,
    nodes: through,
    target: end,
    of,
    negated: false,
  } as const
  if (through.view === end.view) return base
  const last = edgesOf(through.view, attr).find((e) => e.target === end.view)?.edge
  return last === undefined ? NEVER : { ...base, last }
}
