/** Compiles one entry of `attributes`: chooses the operation, resolves its columns, picks the codec. */
import type { MatchingOf } from '../model/match.js'
import type { Scalar } from '../model/value.js'
import { parseDn } from '../schema/dn-value.js'
import type { Normalizing } from '../schema/matching-rules.js'
import type { AttributeType, Schema } from '../schema/schema.js'
import type { Collection, Column, TextRule } from '../sources/source.js'
import { binaryCodec } from './codecs/binary.js'
import { equalsCodec, mapCodec } from './codecs/finite.js'
import { booleanCodec, epochCodec, integerCodec } from './codecs/number.js'
import { type TextOptions, textCodec } from './codecs/text.js'
import { timeCodec } from './codecs/time.js'
import type { Codec, Operation } from './mapping.js'
import { childOperation, columnOperation } from './operations/column.js'
import { constantOperation } from './operations/constant.js'
import { type DnPattern, dnOperation } from './operations/dn.js'
import { type EdgesOf, referenceOperation, type Target } from './operations/reference.js'
import { templateOperation } from './operations/template.js'
import type { AttributeSpec, ChildSpec, ColumnSpec, RefSpec } from './schema.js'
import { type Resolver, throughTable } from './tables.js'

type Path = readonly (string | number)[]

export interface AttributeContext {
  readonly view: string
  readonly collection: Collection
  readonly schema: Schema
  readonly resolve: Resolver
  readonly targets: ReadonlyMap<string, Target>
  readonly edgesOf: EdgesOf
}

const textRules: Partial<Record<Normalizing, TextRule>> = {
  caseIgnore: 'caseIgnore',
  caseIgnoreIA5: 'caseIgnore',
  caseExact: 'caseExact',
  caseExactIA5: 'caseExact',
  telephone: 'telephone',
  numeric: 'numeric',
  uuid: 'caseIgnore',
}

export function compileAttribute(
  type: AttributeType,
  spec: AttributeSpec,
  path: Path,
  context: AttributeContext,
): Operation | undefined {
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
  return column && codec && columnOperation(column, codec)
}

function compileChild(type: AttributeType, spec: ChildSpec, path: Path, context: AttributeContext) {
  const { resolve, collection } = context
  const table = resolve.table(spec.table, [...path, 'table'])
  if (table === undefined) return undefined
  const joined = spec.join && resolve.table(spec.join.table, [...path, 'join', 'table'])
  if (spec.join !== undefined && joined === undefined) return undefined
  const last = joined ?? table
  const column = resolve.column(last, spec.value, [...path, 'value'])
  const codec = column && codecFor(type, spec, column, path, context)
  const parts = Object.entries(spec.parts ?? {}).flatMap(([name, columnName]) => {
    const partColumn = resolve.column(last, columnName, [...path, 'parts', name])
    return partColumn ? [{ name, column: partColumn, codec: plainCodec(partColumn) }] : []
  })
  const on = resolve.pairs(spec.on, table, collection.table, collection.key, [...path, 'on'])
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
  if (column === undefined || codec === undefined) return undefined
  return childOperation({ table, on, where, ...(join && { join }) }, column, codec, parts)
}

/** A part of an element is shown as what it is in the database. */
function plainCodec(column: Column): Codec {
  if (column.kind === 'integer') return integerCodec
  if (column.kind === 'boolean') return booleanCodec
  return textCodec({ matching: {}, rule: undefined, case: undefined })
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
    values.filter((v) => v !== undefined),
    matching,
  )
}

/** A value written in the configuration, as the attribute's syntax reads it. */
function typed(
  type: AttributeType,
  value: string | number | boolean,
  path: Path,
  context: AttributeContext,
): Scalar | undefined {
  const text = typeof value === 'boolean' ? String(value).toUpperCase() : String(value)
  const parsed = type.syntax.parse(Buffer.from(text, 'utf8'))
  if (parsed !== undefined) return parsed
  return context.resolve.problem(
    path,
    `${JSON.stringify(value)} is no valid ${type.name}`,
    `Write it as a ${type.syntax.name}`,
  )
}

function compileTemplate(
  type: AttributeType,
  template: string,
  textCase: 'lower' | 'upper' | undefined,
  path: Path,
  context: AttributeContext,
) {
  const { resolve, collection } = context
  if (type.syntax.kind !== 'text') {
    return resolve.problem(
      path,
      `${type.name} is not text, so no template can make it`,
      'Map it to one column',
    )
  }
  const parts = templateParts(template)
  if (parts === undefined) {
    return resolve.problem(
      path,
      `unbalanced braces in ${JSON.stringify(template)}`,
      'Write {column}, and {{ or }} for a brace',
    )
  }
  const resolved = parts.map((p) =>
    'literal' in p ? p.literal : resolve.column(collection.table, p.column, path),
  )
  if (resolved.includes(undefined)) return undefined
  const columns = resolved.filter((p): p is string | Column => p !== undefined)
  return templateOperation(columns, textOptions(type, textCase, context.schema))
}

/** `{column}` and literals in turn; `{{` and `}}` are braces. */
function templateParts(template: string): readonly ({ literal: string } | { column: string })[] | undefined {
  const parts: ({ literal: string } | { column: string })[] = []
  const rest = template.replace(/\{\{|\}\}|\{([^{}]+)\}|[^{}]+/g, (token, column: string | undefined) => {
    const last = parts.at(-1)
    const literal = token === '{{' ? '{' : token === '}}' ? '}' : token
    if (column !== undefined) parts.push({ column })
    else if (last !== undefined && 'literal' in last) last.literal += literal
    else parts.push({ literal })
    return ''
  })
  return rest === '' && parts.some((p) => 'column' in p) ? parts : undefined
}

function compileDn(dn: string, path: Path, context: AttributeContext) {
  const { resolve, collection, schema } = context
  const rdns = parseDn(dn.replace(/[{}]/g, (brace) => `\\${brace === '{' ? '7B' : '7D'}`))
  if (rdns === undefined || rdns.length === 0)
    return resolve.problem(
      path,
      `${JSON.stringify(dn)} is no DN`,
      'Write it as uid={column},ou=people,dc=example,dc=com',
    )
  const pattern = rdns.map((rdn) =>
    rdn.map(({ type, value }) => {
      const name = /^\{([^{}]+)\}$/.exec(value)?.[1]
      const column = name === undefined ? undefined : resolve.column(collection.table, name, path)
      return { type, value: name === undefined ? value : column }
    }),
  )
  if (pattern.flat().some((p) => p.value === undefined)) return undefined
  const canonical = (type: string) => schema.attribute(type)?.name.toLowerCase() ?? type.toLowerCase()
  return dnOperation(pattern as DnPattern, canonical)
}

function compileReference(type: AttributeType, spec: RefSpec, path: Path, context: AttributeContext) {
  const { resolve, collection, targets, edgesOf, view } = context
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
  return referenceOperation({ attr: type.name, from, ...pieces, target, targets, edgesOf })
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
    return {
      relation: { table: target.table, on: [{ child: target.key, parent: column }], where: target.where },
      edge: { table: from.table, from: from.key, to: column, where: from.where },
    }
  }
  const table = resolve.table(spec.table, [...path, 'table'])
  const value = table && resolve.column(table, spec.value, [...path, 'value'])
  if (table === undefined || value === undefined) return undefined
  const on = resolve.pairs(spec.on, table, from.table, from.key, [...path, 'on'])
  const where = resolve.conditions(table, spec.where, [...path, 'where'])
  const { relation, edge } = throughTable({ table, on, value, where }, target)
  if (edge === undefined)
    return resolve.problem([...path, 'on'], 'a reference is found by one column', 'Name one column')
  return { relation, edge }
}

/** The codec between a column and an attribute; what does not fit is a problem with its remedy. */
function codecFor(
  type: AttributeType,
  spec: Pick<ColumnSpec, 'type' | 'case' | 'map' | 'equals'>,
  column: Column,
  path: Path,
  context: AttributeContext,
): Codec | undefined {
  const { resolve, schema } = context
  const kind = type.syntax.kind
  if (spec.map !== undefined) {
    const entries = Object.entries(spec.map).flatMap(([key, value]) => {
      const scalar = typed(type, value, [...path, 'map', key], context)
      return scalar === undefined ? [] : [[key, scalar] as const]
    })
    return mapCodec(new Map(entries), column, matchingOf(schema))
  }
  if (spec.equals !== undefined) {
    if (kind !== 'boolean') {
      return resolve.problem(
        [...path, 'equals'],
        `${type.name} is ${kind}, not a truth value`,
        'Use map: to give each value its text',
      )
    }
    return equalsCodec([spec.equals].flat(), column, matchingOf(schema))
  }
  switch (kind) {
    case 'text':
      return textCodec(textOptions(type, spec.case, schema))
    case 'integer':
      return integerCodec
    case 'time':
      return spec.type === 'epoch' || spec.type === 'epochMillis' ? epochCodec(spec.type) : timeCodec
    case 'binary':
      return binaryCodec(spec.type === 'hex' || spec.type === 'base64' ? spec.type : 'binary')
    case 'boolean':
      if (column.kind === 'boolean' || column.kind === 'integer') return booleanCodec
      return resolve.problem(
        path,
        `column ${column.name} is ${column.kind}, ${type.name} a truth value`,
        'Say what is true with equals:',
      )
  }
}

function textOptions(
  type: AttributeType,
  textCase: 'lower' | 'upper' | undefined,
  schema: Schema,
): TextOptions {
  const rule = type.equality === undefined ? undefined : textRules[type.equality.normalizing]
  return { matching: schema.matching(type.name) ?? {}, rule, case: textCase }
}

export function matchingOf(schema: Schema): MatchingOf {
  return (attr, rule) => schema.matching(attr, rule)
}
