/**
 * One comparison of a SCIM filter (RFC 7644 3.4.2.2, table 3) as one of the directory's: values read as the attribute's
 * syntax has them, by the rules that LDAP compares it by. What the operator or the value does not go with is refused.
 */
import { VitrineError } from '../../model/errors.js'
import { FALSE, type Filter } from '../../model/filter.js'
import type { ScimType } from '../../model/resource.js'
import type { Scalar, ValueKind } from '../../model/value.js'
import { decimalOf } from '../../schema/scalars.js'
import type { Schema } from '../../schema/schema.js'
import type { AttributePath, ScimComparison } from '../filter-ast.js'
import { parseDateTime } from '../scalars.js'
import { parseBase64, showDate } from './values.js'

/** A comparison that is left when `ne` and `null` are put in terms of `not` and `pr`. */
export interface Comparison {
  readonly op: Exclude<ScimComparison, 'ne'>
  readonly path: AttributePath
  readonly value: string | number | boolean
}

/** What is compared. */
export interface Operand {
  /** As the client knows it, for messages. */
  readonly path: string
  /** SCIM's type of it. */
  readonly type: ScimType
  /** What the filter calls it: an attribute of the view, or a part of an element. */
  readonly name: string
  /** What the schema finds its rules by: the attribute, or attribute and part with a dot between them. */
  readonly key: string
  readonly kind: ValueKind
}

const ORDERINGS = { gt: 'gt', ge: 'ge', lt: 'lt', le: 'le' } as const

/** @throws VitrineError `filterError`, `inappropriateMatching` */
export function compare(schema: Schema, operand: Operand, { op, value }: Comparison): Filter {
  checkType(operand, op, value)
  if (op === 'co' || op === 'sw' || op === 'ew') return substring(schema, operand, op, String(value))
  if (op === 'eq') return equality(schema, operand, value)
  return ordering(schema, operand, op, value)
}

function equality(schema: Schema, operand: Operand, value: Comparison['value']): Filter {
  const equals = schema.matching(operand.key)?.equality
  if (equals === undefined) throw cannot(operand, 'eq')
  const typed = typedValue(schema, operand, value, 'equality', undefined)
  // What the rule cannot bring into its form is like nothing else.
  if (typed === undefined || equals(typed) === undefined) return FALSE
  return { op: 'eq', attr: operand.name, value: typed }
}

function ordering(
  schema: Schema,
  operand: Operand,
  op: keyof typeof ORDERINGS,
  value: Comparison['value'],
): Filter {
  const rule = orderingRule(schema, operand)
  const compares = schema.matching(operand.key, rule)?.ordering
  if (compares === undefined) throw cannot(operand, op)
  const typed = typedValue(schema, operand, value, 'ordering', rule)
  if (typed === undefined || compares(typed, typed) === undefined) return FALSE
  return { op: ORDERINGS[op], attr: operand.name, value: typed, ...(rule !== undefined && { rule }) }
}

/** Text whose own rules know no order is in that of its letters. */
function orderingRule(schema: Schema, { key, kind }: Operand): string | undefined {
  if (kind !== 'text' || schema.matching(key)?.ordering !== undefined) return undefined
  const equality = schema.attribute(key)?.equality?.normalizing
  return equality === 'caseExact' || equality === 'caseExactIA5'
    ? 'caseExactOrderingMatch'
    : 'caseIgnoreOrderingMatch'
}

function substring(schema: Schema, operand: Operand, op: 'co' | 'sw' | 'ew', text: string): Filter {
  const attr = operand.name
  if (operand.kind !== 'text' || schema.matching(operand.key)?.substring === undefined)
    throw cannot(operand, op)
  if (text === '') return { op: 'present', attr }
  if (op === 'sw') return { op: 'substring', attr, initial: text, any: [] }
  if (op === 'ew') return { op: 'substring', attr, any: [], final: text }
  return { op: 'substring', attr, any: [text] }
}

const JSON_TYPES: { readonly [T in ScimType]: 'string' | 'number' | 'boolean' | undefined } = {
  string: 'string',
  reference: 'string',
  binary: 'string',
  dateTime: 'string',
  boolean: 'boolean',
  integer: 'number',
  decimal: 'number',
  complex: undefined,
}

/** Which operators and JSON values go with an attribute. */
export function checkType(
  { path, type }: Pick<Operand, 'path' | 'type'>,
  op: Comparison['op'],
  value: Comparison['value'],
): void {
  const wanted = JSON_TYPES[type]
  if (wanted === undefined)
    throw new VitrineError('filterError', {
      message: `${path} is complex: compare one of its sub-attributes`,
    })
  const isText = type === 'string' || type === 'reference'
  const isOrdering = op === 'gt' || op === 'ge' || op === 'lt' || op === 'le'
  if ((isOrdering && (type === 'boolean' || type === 'binary')) || (!isOrdering && op !== 'eq' && !isText))
    throw new VitrineError('filterError', { message: `${op} is not for ${path}, which is ${type}` })
  if (typeof value !== wanted)
    throw new VitrineError('filterError', { message: `${path} is to be compared with a ${wanted}` })
  if (type === 'integer' && !Number.isSafeInteger(value))
    throw new VitrineError('filterError', { message: `${path} is to be compared with a whole number` })
  if (type === 'dateTime' && parseDateTime(String(value)) === undefined)
    throw new VitrineError('filterError', { message: `${path} is to be compared with a date and time` })
  if (type === 'binary' && parseBase64(String(value)) === undefined)
    throw new VitrineError('filterError', { message: `${path} is to be compared with bytes in base64` })
}

/** Undefined for a value that the attribute cannot have. */
function typedValue(
  schema: Schema,
  { key, kind, type }: Operand,
  value: Comparison['value'],
  use: 'equality' | 'ordering',
  rule: string | undefined,
): Scalar | undefined {
  if (kind === 'time') return typeof value === 'string' ? parseDateTime(value) : undefined
  if (kind === 'boolean') {
    if (typeof value === 'boolean') return value
    return value === 'true' ? true : value === 'false' ? false : undefined
  }
  if (kind === 'binary') return typeof value === 'string' ? parseBase64(value) : undefined
  if (kind === 'integer') {
    const number = typeof value === 'boolean' ? Number(value) : value
    // The schema knows how parts of elements compare, not how they are written.
    if (schema.attribute(key) === undefined) return number
    return schema.parse(key, Buffer.from(String(number), 'utf8'), use, rule)
  }
  if (kind === 'decimal') return typeof value === 'boolean' ? Number(value) : decimalOf(value)
  const text = textOf(type, value)
  if (!/[^ ]/.test(text)) return undefined
  // A source may hold, and a client store, what LDAP's syntax would refuse; what is shown can be found.
  return schema.parse(key, Buffer.from(text, 'utf8'), use, rule) ?? text
}

function textOf(type: ScimType, value: Comparison['value']): string {
  if (type === 'boolean') return String(value).toUpperCase()
  const time = type === 'dateTime' ? parseDateTime(String(value)) : undefined
  return (time && showDate(time)) ?? String(value)
}

function cannot({ path }: Operand, op: string): VitrineError {
  return new VitrineError('inappropriateMatching', { message: `${path} cannot be compared by ${op}` })
}
