/**
 * References to entries of a view of the same source: member, memberOf, manager. The values carry the target's
 * key and the values of its RDN attributes, which is all that a face needs to render them; both come with the
 * row's batch, never one by one.
 */
import { Ref } from '../../model/value.js'
import type { Cell, Collection, Column, Edge, Field, FieldFilter, Relation } from '../../sources/source.js'
import { allOf, NEVER, type Operation, type Question, UNKNOWN } from '../mapping.js'

/** The view referred to, as far as a reference needs it. */
export interface Target extends Collection {
  readonly view: string
  /** What its RDN attributes read from its table, and what a question to one becomes. */
  readonly names: readonly {
    readonly columns: readonly Column[]
    read(cells: readonly Cell[]): string | undefined
    readonly present: FieldFilter
    equals(value: string): FieldFilter
  }[]
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
}

export function referenceOperation(options: ReferenceOptions): Operation {
  const { relation, target } = options
  const nameColumns = target.names.map((n) => n.columns)
  const field: Field = { kind: 'set', relation, columns: [target.key, ...nameColumns.flat()] }
  return {
    fields: [field],
    reader: (slotOf) => {
      const slot = slotOf(field)
      return (row) => {
        const refs: Ref[] = []
        for (const tuple of row[slot] as readonly (readonly Cell[])[]) {
          const names = readNames(target, tuple)
          if (names !== undefined) refs.push(new Ref(target.view, names, target.idOf(tuple[0] ?? null)))
        }
        return refs
      }
    },
    rewrite: (question) => ask(options, question),
  }
}

function readNames(target: Target, tuple: readonly Cell[]): readonly string[] | undefined {
  const names: string[] = []
  let at = 1
  for (const name of target.names) {
    const value = name.read(tuple.slice(at, at + name.columns.length))
    if (value === undefined) return undefined
    names.push(value)
    at += name.columns.length
  }
  return names
}

/** The question that finds the entry a reference names, asked of its own table. */
function identify(target: Target, ref: Ref): FieldFilter {
  if (ref.id !== undefined) {
    const value = target.cellOf(ref.id)
    return value === undefined
      ? NEVER
      : { op: 'test', on: target.key, test: { test: 'compare', op: 'eq', value }, negated: false }
  }
  if (ref.names.length !== target.names.length) return NEVER
  return allOf(target.names.map((name, i) => name.equals(ref.names[i] ?? '')))
}

function ask(options: ReferenceOptions, question: Question): FieldFilter {
  const { relation, target } = options
  if (question.op === 'present') {
    // What has no name has no DN either.
    return { op: 'some', relation, of: allOf(target.names.map((name) => name.present)), negated: false }
  }
  if (question.op !== 'eq') return UNKNOWN
  // DNs of this gateway's entries come as references; any other names none.
  if (!(question.value instanceof Ref)) return question.rule === undefined ? NEVER : UNKNOWN
  if (question.rule === 'inChain') return reach(options, question.value)
  if (question.rule !== undefined) return UNKNOWN
  if (question.value.view !== target.view) return NEVER
  return { op: 'some', relation, of: identify(target, question.value), negated: false }
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
