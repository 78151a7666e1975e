/** Compiles one entry of `attributes`: chooses the operation, resolves its columns, picks the codec. */
import type { AttributeType, Schema } from '../schema/schema.js'
import { ownerOf } from '../sources/joined.js'
import type { Collection, Table } from '../sources/source.js'
import { codecFor, matchingOf, partCodec, typed } from './column-codec.js'
import { type GivenSpec, isWritable, partKind } from './given.js'
import { awayOperation, isAway, parentKey, staysInSource } from './joined.js'
import type { Operation } from './mapping.js'
import { childOperation, columnOperation, type Part } from './operations/column.js'
import { constantOperation } from './operations/constant.js'
import { type EdgesOf, referenceOperation, type Target } from './operations/reference.js'
import { compileDn, compileTemplate } from './patterns.js'
import type { ChildSpec, ColumnSpec, ElementsSpec, MappingSpec, RefSpec } from './schema.js'
import { type Path, type Resolver, throughTable } from './tables.js'

export interface AttributeContext {
  readonly view: string
  readonly spec: MappingSpec
  readonly collection: Collection
  readonly schema: Schema
  readonly resolve: Resolver
  readonly targets: ReadonlyMap<string, Target>
  readonly edgesOf: EdgesOf
  /** The tables whose rows are entries of the source's views. */
  readonly entryTables: ReadonlySet<string>
}

export function compileAttribute(
  type: AttributeType,
  spec: GivenSpec,
  path: Path,
  context: AttributeContext,
): Operation | undefined {
  if (isAway(context.spec, spec, path, context)) return awayOperation(type.name)
  if (typeof spec === 'string') {
    return /[{}]/.test(spec)
      ? compileTemplate(type, spec, undefined, path, context)
      : compileColumn(type, { column: spec }, path, context)
  }
  if ('constant' in spec) return compileConstant(type, spec.constant, path, context)
  if ('template' in spec)
    return compileTemplate(type, spec.template, spec.case, [...path, 'template'], context)
  if ('dn' in spec) return compileDn(spec.dn, [...path, 'dn'], context)
  if ('ref' in spec) return compileReference(type, spec, path, context)
  if ('table' in spec) return compileChild(type, spec, path, context)
  return compileColumn(type, spec, path, context)
}

function compileColumn(type: AttributeType, spec: ColumnSpec, path: Path, context: AttributeContext) {
  const column = context.resolve.column(context.collection.table, spec.column, path)
  const codec = column && codecFor(type, spec, column, path, context)
  const writable = isWritable(spec, context.collection.key.name, context.entryTables)
  return column && codec && columnOperation(column, codec, { attr: type.name, writable })
}

function compileChild(
  type: AttributeType,
  spec: ChildSpec | ElementsSpec,
  path: Path,
  context: AttributeContext,
) {
  const { resolve, collection, schema } = context
  const table = resolve.table(spec.table, [...path, 'table'])
  if (table === undefined) return undefined
  const joined = spec.join && resolve.table(spec.join.table, [...path, 'join', 'table'])
  if (spec.join !== undefined && joined === undefined) return undefined
  const last = joined ?? table
  const value = 'value' in spec ? compileValue(type, spec, last, path, context) : undefined
  if ('value' in spec && value === undefined) return undefined
  const parts = Object.entries(spec.parts ?? {}).flatMap(([name, given]) => {
    const columnName = typeof given === 'string' ? given : given.column
    const at = [...path, 'parts', name]
    const column = resolve.column(last, columnName, at)
    const kind = partKind(name, given)
    if (
      column !== undefined &&
      kind === 'boolean' &&
      column.kind !== 'boolean' &&
      column.kind !== 'integer'
    ) {
      resolve.problem(
        at,
        `column ${column.name} is ${column.kind}, ${name} a truth value`,
        'Name a column of truth values or numbers; a database view can make one',
      )
    }
    return column ? [{ name, column, codec: partCodec(kind, column, schema) }] : []
  })
  const parent = parentKey(spec.table, collection, context.spec)
  const on = resolve.pairs(spec.on, table, collection.table, parent, [...path, 'on'])
  const where = resolve.conditions(table, spec.where, [...path, 'where'])
  const join = spec.join &&
    joined && {
      table: joined,
      on: Object.entries(spec.join.on).flatMap(([j, c]) => {
        const joinedColumn = resolve.column(joined, j, [...path, 'join', 'on'])
        const child = resolve.column(table, c, [...path, 'join', 'on'])
        return joinedColumn && child ? [{ joined: joinedColumn, child }] : []
      }),
      where: resolve.conditions(joined, spec.join.where, [...path, 'join', 'where']),
    }
  const relation = { table, on, where, ...(join && { join }) }
  if (!staysInSource(relation, spec, context.spec)) {
    return resolve.problem(
      [...path, 'on'],
      'its rows and those that they belong to are of different sources',
      'Name columns of one source on both sides',
    )
  }
  const writable = isWritable(spec, parent.name, context.entryTables)
  return childOperation(relation, value, parts, {
    attr: type.name,
    writable,
  })
}

function compileValue(
  type: AttributeType,
  spec: ChildSpec,
  table: Table,
  path: Path,
  context: AttributeContext,
): Part | undefined {
  const column = context.resolve.column(table, spec.value, [...path, 'value'])
  const codec = column && codecFor(type, spec, column, path, context)
  return column && codec && { name: 'value', column, codec }
}

function compileConstant(
  type: AttributeType,
  constant: string | number | boolean | readonly (string | number | boolean)[],
  path: Path,
  context: AttributeContext,
) {
  const matching = matchingOf(context.schema)
  const values = [constant].flat().map((v) => typed(type, v, path, context))
  return constantOperation(
    type.name,
    values.filter((v) => v !== undefined),
    matching,
  )
}

function compileReference(type: AttributeType, spec: RefSpec, path: Path, context: AttributeContext) {
  const { resolve, collection, targets, edgesOf, entryTables, view } = context
  const target = targets.get(spec.ref)
  if (target === undefined) {
    return resolve.problem(
      [...path, 'ref'],
      `there is no view ${spec.ref} over the same source`,
      'Name a view of the same source',
    )
  }
  const pieces = referencePieces(spec, collection, target, path, resolve)
  if (pieces === undefined) return undefined
  const from = { view, ...collection }
  const writable = isWritable(spec, collection.key.name, entryTables)
  const { relation, edge, store } = pieces
  return referenceOperation({
    attr: type.name,
    from,
    relation,
    edge,
    target,
    targets,
    edgesOf,
    ...(writable && { store }),
  })
}

export function referencePieces(
  spec: RefSpec,
  from: Collection,
  target: Collection,
  path: Path,
  resolve: Resolver,
) {
  if ('column' in spec) {
    const column = resolve.column(from.table, spec.column, [...path, 'column'])
    if (column === undefined) return undefined
    if (ownerOf(column) !== undefined) return resolve.problem([...path, 'column'], ...elsewhere)
    return {
      relation: { table: target.table, on: [{ child: target.key, parent: column }], where: target.where },
      edge: { table: from.table, from: from.key, to: column, where: from.where },
      store: { column },
    }
  }
  const table = resolve.table(spec.table, [...path, 'table'])
  const value = table && resolve.column(table, spec.value, [...path, 'value'])
  if (table === undefined || value === undefined) return undefined
  const on = resolve.pairs(spec.on, table, from.table, from.key, [...path, 'on'])
  if (on.some(({ parent }) => ownerOf(parent) !== undefined))
    return resolve.problem([...path, 'on'], ...elsewhere)
  const where = resolve.conditions(table, spec.where, [...path, 'where'])
  const { relation, edge } = throughTable({ table, on, value, where }, target)
  if (edge === undefined)
    return resolve.problem([...path, 'on'], 'a reference is found by one column', 'Name one column')
  return { relation, edge, store: { relation: { table, on, where }, column: value } }
}

const elsewhere = [
  'references to entries of a view are kept by the source of its rows',
  "Name a column of the view's own source, or map the text that is there as an attribute",
] as const
