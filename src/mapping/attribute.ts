/** Compiles one entry of `attributes`: chooses the operation, resolves its columns, picks the codec. */
import type { AttributeType, Schema } from '../schema/schema.js'
import type { Collection, Table } from '../sources/source.js'
import { keyNameFor } from './aliases.js'
import { codecFor, matchingOf, partCodec, typed } from './column-codec.js'
import { type GivenSpec, isWritable, partKind } from './given.js'
import { awayOperation, isAway, parentKey, staysInSource } from './joined.js'
import type { Operation } from './mapping.js'
import { bitOf, bitOperation, hasBits } from './operations/bit.js'
import { anyOperation, childOperation, columnOperation, type Part } from './operations/column.js'
import { constantOperation } from './operations/constant.js'
import { type EdgesOf, referenceOperation, type Target } from './operations/reference.js'
import { compileDn, compileTemplate } from './patterns.js'
import { type Way, wayOf } from './references.js'
import type {
  BackRefSpec,
  BitSpec,
  ChildSpec,
  ColumnSpec,
  ElementsSpec,
  MappingSpec,
  RefSpec,
} from './schema.js'
import type { Path, Resolver } from './tables.js'

/** The ways on which an attribute of another view leads to this one, from this end. */
export type WaysBack = (spec: BackRefSpec, view: string, from: Collection) => readonly Way[]

export interface AttributeContext {
  readonly view: string
  readonly spec: MappingSpec
  readonly collection: Collection
  readonly schema: Schema
  readonly resolve: Resolver
  readonly targets: ReadonlyMap<string, Target>
  readonly edgesOf: EdgesOf
  readonly waysBack: WaysBack
  /** The tables whose rows are entries of the source's views. */
  readonly entryTables: ReadonlySet<string>
  /** Of several values in a column the one that names the entry, or the first, is wanted alone. */
  readonly single?: true
}

/** Nothing where it does not compile, which is complained of. */
export function compileAttribute(
  type: AttributeType,
  spec: GivenSpec,
  path: Path,
  context: AttributeContext,
): readonly Operation[] {
  if (typeof spec === 'object' && 'ref' in spec) return compileReferences(type, spec, path, context)
  const operation = compileOne(type, spec, path, context)
  return operation === undefined ? [] : [operation]
}

function compileOne(
  type: AttributeType,
  spec: Exclude<GivenSpec, RefSpec>,
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
  if ('bit' in spec) return compileBit(type, spec, path, context)
  if ('table' in spec) return compileChild(type, spec, path, context)
  return compileColumn(type, spec, path, context)
}

function compileColumn(type: AttributeType, spec: ColumnSpec, path: Path, context: AttributeContext) {
  const column = context.resolve.column(context.collection.table, spec.column, path)
  const codec = column && codecFor(type, spec, column, path, context)
  if (column === undefined || codec === undefined) return undefined
  const isStored = isWritable(spec, context.spec.key, context.entryTables)
  const options = { attr: type.name, writable: isStored && column.readOnly !== true }
  const { values } = column
  if (values === undefined || spec.single === true || context.single === true)
    return columnOperation(column, codec, options)
  if (spec.equals !== undefined) return anyOperation(column, values, codec, options)
  return childOperation(values.relation, { name: 'value', column: values.column, codec }, [], options)
}

function compileBit(type: AttributeType, spec: BitSpec, path: Path, context: AttributeContext) {
  const column = context.resolve.column(context.collection.table, spec.column, path)
  if (column === undefined) return undefined
  if (type.syntax.kind !== 'boolean') {
    return context.resolve.problem(
      [...path, 'bit'],
      `${type.name} is ${type.syntax.kind}, not a truth value`,
      'Show the whole column, or give an attribute of your own the syntax boolean',
    )
  }
  if (!hasBits(column, path, context.resolve)) return undefined
  const writable = isWritable(spec, context.spec.key, context.entryTables) && column.readOnly !== true
  return bitOperation(column, bitOf(spec), { attr: type.name, writable })
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
  const writable = isWritable(spec, keyNameFor(context.spec, spec.table), context.entryTables)
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

function compileReferences(
  type: AttributeType,
  spec: RefSpec,
  path: Path,
  context: AttributeContext,
): readonly Operation[] {
  const { resolve, collection, targets, edgesOf, entryTables, view } = context
  const target = targets.get(spec.ref)
  if (target === undefined) {
    resolve.problem(
      [...path, 'ref'],
      `there is no view ${spec.ref} over the same source`,
      'Name a view of the same source',
    )
    return []
  }
  const writable = isWritable(spec, context.spec.key, entryTables)
  return waysOf(spec, target, path, context).map(({ relation, edge, kept }) => {
    const store = writable && kept?.column.readOnly !== true ? kept : undefined
    const from = { view, ...collection }
    return referenceOperation({
      attr: type.name,
      from,
      relation,
      edge,
      target,
      targets,
      edgesOf,
      ...(store && { store }),
    })
  })
}

/** One way, or as many as the other view's attribute has that lead here. */
function waysOf(spec: RefSpec, target: Target, path: Path, context: AttributeContext): readonly Way[] {
  const { resolve, collection, view, waysBack } = context
  if ('by' in spec) {
    const ways = waysBack(spec, view, collection)
    if (ways.length > 0) return ways
    resolve.problem(
      [...path, 'by'],
      `${spec.by} of view ${spec.ref} refers to no entry of ${view}`,
      'Name an attribute there that is a reference to this view by a column or table',
    )
    return []
  }
  const way = wayOf(spec, collection, target, path, resolve)
  return way === undefined ? [] : [way]
}
