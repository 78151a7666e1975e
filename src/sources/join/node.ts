/**
 * A question to joined rows, taken apart by who answers it: the primary source, one of the secondaries, or another
 * joined table to whose rows a relation leads.
 */
import { VitrineError } from '../../model/errors.js'
import { type Join, joinOf, ownerOf, parentOf, type Secondary } from '../joined.js'
import { ALWAYS, allOf, anyOf, combined, isSelective, NEVER } from '../logic.js'
import type {
  Cell,
  Collection,
  Column,
  Edge,
  FieldFilter,
  Operand,
  ReachFilter,
  Relation,
  Table,
} from '../source.js'

export type Node =
  | { readonly kind: 'and' | 'or'; readonly of: readonly Node[] }
  | { readonly kind: 'const'; readonly value: boolean }
  /** Asked of the primary, in its own tables. */
  | { readonly kind: 'primary'; readonly filter: FieldFilter }
  /** Asked of a secondary, in its own tables. `absent`: the answer where there is no row of it. */
  | {
      readonly kind: 'secondary'
      readonly of: Secondary
      readonly filter: FieldFilter
      readonly absent: boolean
    }
  /** Does one of the related rows, which are themselves joined ones, satisfy `of`? */
  | {
      readonly kind: 'followed'
      readonly relation: Relation
      readonly of: FieldFilter
      readonly negated: boolean
    }

/**
 * The keys of the rows of a joined table that satisfy a filter; of a chain of references, those of the rows that it may
 * lead on from. Undefined if they are too many to be listed.
 */
export type Listed = (question: Question) => readonly Exclude<Cell, null>[] | undefined
export type Question =
  | { readonly of: Collection; readonly filter: FieldFilter }
  | { readonly of?: undefined; readonly filter: ReachFilter }

/** @throws VitrineError for what cannot be decided by any of them */
export function nodeOf(filter: FieldFilter, list: Listed): Node {
  switch (filter.op) {
    case 'const':
      return { kind: 'const', value: filter.value }
    case 'and':
    case 'or':
      return grouped(
        filter.op,
        filter.of.map((f) => nodeOf(f, list)),
      )
    case 'unknown':
      throw new Error('a query holds a question that no source can be asked')
    case 'test': {
      const of = secondaryOf(filter.on)
      if (of === undefined) return { kind: 'primary', filter }
      return {
        kind: 'secondary',
        of,
        filter: { ...filter, on: ownOperand(filter.on) },
        absent: filter.negated,
      }
    }
    case 'some': {
      const of = parentOf(filter.relation)
      if (of !== undefined) {
        const own = { ...filter, relation: ownRelation(filter.relation) }
        return { kind: 'secondary', of, filter: own, absent: filter.negated }
      }
      const inner = plainFilter(filter.of, lastTable(filter.relation), list)
      const relation = plainRelation(filter.relation)
      return inner === undefined
        ? { kind: 'followed', relation: filter.relation, of: filter.of, negated: filter.negated }
        : { kind: 'primary', filter: { ...filter, relation, of: inner } }
    }
    case 'reach':
      return { kind: 'primary', filter: plainReach(filter, list) }
  }
}

/** What one source answers, it is asked as one question. */
function grouped(op: 'and' | 'or', of: readonly Node[]): Node {
  const nodes: Node[] = []
  const own: FieldFilter[] = []
  const others = new Map<Secondary, Extract<Node, { kind: 'secondary' }>[]>()
  for (const node of of.flatMap((n) => (n.kind === op ? n.of : [n]))) {
    if (node.kind === 'const') {
      if (node.value === (op === 'or')) return node
    } else if (node.kind === 'primary') own.push(node.filter)
    else if (node.kind === 'secondary') others.set(node.of, [...(others.get(node.of) ?? []), node])
    else nodes.push(node)
  }
  if (own.length > 0) nodes.unshift({ kind: 'primary', filter: combined(op, own) })
  for (const [secondary, all] of others) {
    const absent = op === 'and' ? all.every((n) => n.absent) : all.some((n) => n.absent)
    const filter = combined(
      op,
      all.map((n) => n.filter),
    )
    nodes.push({ kind: 'secondary', of: secondary, filter, absent })
  }
  const [only] = nodes
  if (only === undefined) return { kind: 'const', value: op === 'and' }
  return nodes.length === 1 ? only : { kind: op, of: nodes }
}

/** Whose column it is; undefined for the primary's. What is made of columns of several is asked of nobody. */
function secondaryOf(on: Operand): Secondary | undefined {
  const [first, ...others] = ownersOf(on)
  if (others.length > 0) throw new Error('a query holds a test of what several sources hold')
  return first
}

/** The primary is undefined among them. */
export function ownersOf(on: Operand): readonly (Secondary | undefined)[] {
  const columns = 'concat' in on ? on.concat.filter((part) => typeof part !== 'string') : [on]
  return [...new Set(columns.map((column) => ownerOf(column)?.secondary))]
}

const ownColumn = (column: Column): Column => ownerOf(column)?.column ?? column

export function ownOperand(on: Operand): Operand {
  if (!('concat' in on)) return ownColumn(on)
  return { concat: on.concat.map((part) => (typeof part === 'string' ? part : ownColumn(part))) }
}

/** A relation of a secondary's row, as its source knows it. */
export function ownRelation(relation: Relation): Relation {
  return { ...relation, on: relation.on.map(({ child, parent }) => ({ child, parent: ownColumn(parent) })) }
}

/** The table whose columns a relation gives. */
export const lastTable = ({ table, join }: Relation): Table => join?.table ?? table

const plainTable = (table: Table): Table => joinOf(table)?.primary ?? table

const plainRelations = new WeakMap<Relation, Relation>()

/** The relation between rows of the primary alone: always the very same for the same one. */
export function plainRelation(relation: Relation): Relation {
  const known = plainRelations.get(relation)
  if (known !== undefined) return known
  const { table, join } = relation
  const isPlain = joinOf(table) === undefined && (join === undefined || joinOf(join.table) === undefined)
  const made = isPlain
    ? relation
    : {
        ...relation,
        table: plainTable(table),
        ...(join && { join: { ...join, table: plainTable(join.table) } }),
      }
  plainRelations.set(relation, made)
  return made
}

export const plainCollection = <C extends Collection>(of: C): C =>
  joinOf(of.table) === undefined ? of : { ...of, table: plainTable(of.table) }

const isRequired = ({ secondaries }: Join) => secondaries.some((s) => !s.optional)

/** Are rows of this table there by what the primary holds alone, and these columns too? */
export function isPlain(table: Table, columns: readonly Column[]): boolean {
  const join = joinOf(table)
  return (join === undefined || !isRequired(join)) && columns.every((column) => ownerOf(column) === undefined)
}

/**
 * The question to rows of `table` as one to the primary alone; undefined where that would have to list too many keys.
 * @throws VitrineError
 */
function plainFilter(filter: FieldFilter, table: Table, list: Listed): FieldFilter | undefined {
  const join = joinOf(table)
  if (join !== undefined && (isRequired(join) || !isOfPrimary(filter))) {
    if (filter.op === 'const' && !filter.value) return filter
    const values = list({ of: { table, key: join.key, where: [] }, filter })
    if (values === undefined) return undefined
    if (values.length === 0) return NEVER
    return { op: 'test', on: join.key, test: { test: 'oneOf', values }, negated: false }
  }
  switch (filter.op) {
    case 'and':
    case 'or': {
      const of = filter.of.map((f) => plainFilter(f, table, list))
      const known = of.filter((f) => f !== undefined)
      return known.length < of.length ? undefined : (filter.op === 'and' ? allOf : anyOf)(known)
    }
    case 'some': {
      const of = plainFilter(filter.of, lastTable(filter.relation), list)
      return of && { ...filter, relation: plainRelation(filter.relation), of }
    }
    case 'reach':
      return plainReach(filter, list)
    default:
      return filter
  }
}

function isOfPrimary(filter: FieldFilter): boolean {
  switch (filter.op) {
    case 'and':
    case 'or':
      return filter.of.every(isOfPrimary)
    case 'test':
      return ownersOf(filter.on).every((owner) => owner === undefined)
    case 'some':
      return parentOf(filter.relation) === undefined
    default:
      return true
  }
}

function plainReach(filter: ReachFilter, list: Listed): FieldFilter {
  const { first, step, last, nodes, target, key, negated } = filter
  const among = joinOf(nodes.table)
  const tooMany = new VitrineError('adminLimitExceeded', { message: 'too many entries could end the chain' })
  if (among !== undefined && isRequired(among)) {
    const values = list({ filter })
    if (values === undefined) throw tooMany
    if (values.length === 0) return { op: 'const', value: negated }
    const leads = first === undefined ? oneOf(key, values) : leadingTo(first, key, nodes, values)
    return { ...leads, negated }
  }
  const of = plainFilter(filter.of, target.table, list)
  if (of === undefined) throw tooMany
  const plain = <T extends { readonly table: Table }>(edge: T): T => ({
    ...edge,
    table: plainTable(edge.table),
  })
  return {
    ...filter,
    ...(first && { first: plain(first) }),
    step: plain(step),
    ...(last && { last: plain(last) }),
    nodes: plainCollection(nodes),
    target: plainCollection(target),
    of,
  }
}

const oneOf = (on: Column, values: readonly Exclude<Cell, null>[]) =>
  ({ op: 'test', on, test: { test: 'oneOf', values }, negated: false }) as const

/**
 * Does an edge lead from the row to one with one of these keys?
 * @param from the key of the rows that are asked
 */
export function leadingTo(edge: Edge, from: Column, to: Collection, values: readonly Exclude<Cell, null>[]) {
  // The row itself holds where it leads, or the other one does, or one between them.
  if (edge.from === from) return oneOf(edge.to, values)
  const on = [{ child: edge.from, parent: from }]
  const related = { table: plainTable(edge.table), on, where: edge.where }
  const { table, key, where } = to
  if (edge.to === key)
    return { op: 'some', relation: related, of: oneOf(key, values), negated: false } as const
  const join = { table: plainTable(table), on: [{ joined: key, child: edge.to }], where }
  return { op: 'some', relation: { ...related, join }, of: oneOf(key, values), negated: false } as const
}

/** The strongest question to the primary that is true wherever the node is. */
export function candidates(node: Node, ofSecondary: (node: SecondaryNode) => FieldFilter): FieldFilter {
  switch (node.kind) {
    case 'and':
      return allOf(node.of.map((n) => candidates(n, ofSecondary)))
    case 'or':
      return anyOf(node.of.map((n) => candidates(n, ofSecondary)))
    case 'const':
      return node.value ? ALWAYS : NEVER
    case 'primary':
      return node.filter
    case 'secondary':
      return node.absent ? ALWAYS : ofSecondary(node)
    case 'followed':
      return node.negated
        ? ALWAYS
        : { op: 'some', relation: plainRelation(node.relation), of: ALWAYS, negated: false }
  }
}

export type SecondaryNode = Extract<Node, { kind: 'secondary' }>

/** The questions to secondaries without which a node could not be true. */
export function secondaryNodes(node: Node): readonly SecondaryNode[] {
  switch (node.kind) {
    case 'and':
    case 'or':
      return node.of.flatMap(secondaryNodes)
    case 'secondary':
      return [node]
    default:
      return []
  }
}

/** What secondaries could say which rows of the primary are meant by, the first best; all of one of them are needed. */
export function driversOf(
  node: Node,
  required: readonly Secondary[],
): readonly { readonly conjunct: Node; readonly drivers: readonly SecondaryNode[] }[] {
  if (isSelective(candidates(node, () => ALWAYS))) return []
  const conjuncts = node.kind === 'and' ? node.of : [node]
  const useful = conjuncts.flatMap((conjunct) => {
    const drivers = secondaryNodes(conjunct).filter((n) => !n.absent)
    const isUseful = drivers.length > 0 && isSelective(candidates(conjunct, () => NEVER))
    return isUseful ? [{ conjunct, drivers }] : []
  })
  const there = required.map((of) => {
    const isThere: SecondaryNode = { kind: 'secondary', of, filter: ALWAYS, absent: false }
    return { conjunct: isThere, drivers: [isThere] }
  })
  return [...useful, ...there]
}
