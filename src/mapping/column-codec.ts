/** Chooses the codec between a column and an attribute, by the attribute's kind and what the mapping says of the column. */
import type { MatchingOf } from '../model/match.js'
import type { Scalar, ValueKind } from '../model/value.js'
import { parseDn } from '../schema/dn-value.js'
import type { Normalizing } from '../schema/matching-rules.js'
import type { AttributeType, Schema } from '../schema/schema.js'
import type { Column, TextRule } from '../sources/source.js'
import { binaryCodec } from './codecs/binary.js'
import { decimalCodec } from './codecs/decimal.js'
import { equalsCodec, mapCodec } from './codecs/finite.js'
import { booleanCodec, epochCodec, filetimeCodec, integerCodec } from './codecs/number.js'
import { suffixCodec } from './codecs/suffix.js'
import { type TextOptions, textCodec } from './codecs/text.js'
import { timeCodec } from './codecs/time.js'
import type { Codec } from './mapping.js'
import type { ColumnSpec } from './schema.js'
import type { Path, Resolver } from './tables.js'

interface CodecContext {
  readonly schema: Schema
  readonly resolve: Resolver
}

const textRules: Partial<Record<Normalizing, TextRule>> = {
  caseIgnore: 'caseIgnore',
  caseIgnoreIA5: 'caseIgnore',
  caseExact: 'caseExact',
  caseExactIA5: 'caseExact',
  telephone: 'telephone',
  numeric: 'numeric',
  uuid: 'caseIgnore',
  dn: 'dn',
}

/** The codec between a column and an attribute; what does not fit is a problem with its remedy. */
export function codecFor(
  type: AttributeType,
  spec: Pick<ColumnSpec, 'type' | 'case' | 'map' | 'equals' | 'else' | 'suffix'>,
  column: Column,
  path: Path,
  context: CodecContext,
): Codec | undefined {
  const { resolve, schema } = context
  const kind = type.syntax.kind
  if (spec.map !== undefined) {
    const entries = Object.entries(spec.map).flatMap(([key, value]) => {
      resolve.possible(column, [key], [...path, 'map', key])
      const scalar = typed(type, value, [...path, 'map', key], context)
      return scalar === undefined ? [] : [[key, scalar] as const]
    })
    return mapCodec(type.name, new Map(entries), column, matchingOf(schema))
  }
  if (spec.equals !== undefined) {
    if (kind !== 'boolean') {
      return resolve.problem(
        [...path, 'equals'],
        `${type.name} is ${kind}, not a truth value`,
        'Use map: to give each value its text',
      )
    }
    const literals = [spec.equals].flat()
    resolve.possible(column, literals, [...path, 'equals'])
    return equalsCodec(literals, spec.else, column, matchingOf(schema))
  }
  if (spec.suffix !== undefined) return suffixed(type, spec.suffix, path, context)
  switch (kind) {
    case 'text':
      return textCodec(textOptions(type, spec.case, schema))
    case 'integer':
      return integerCodec
    case 'decimal':
      return decimalCodec(column)
    case 'time':
      if (spec.type === 'filetime') return filetimeCodec
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

function suffixed(
  type: AttributeType,
  given: NonNullable<ColumnSpec['suffix']>,
  path: Path,
  { resolve, schema }: CodecContext,
): Codec | undefined {
  if (type.syntax.name !== 'distinguishedName') {
    const message = `${type.name} is no DN, so it is below no suffix`
    return resolve.problem([...path, 'suffix'], message, 'Leave suffix out')
  }
  const suffixes = Object.entries(given).flatMap(([from, to]) => {
    const [kept, shown] = [from, to].map((dn) => {
      const problem = [`${JSON.stringify(dn)} is no DN`, 'Write it as ou=people,dc=example,dc=com'] as const
      return parseDn(dn) ?? resolve.problem([...path, 'suffix', from], ...problem)
    })
    return kept === undefined || shown === undefined ? [] : [{ from: kept, to: shown }]
  })
  const options = textOptions(type, undefined, schema)
  return suffixCodec(suffixes, textCodec(options), (dn) => options.matching.equality?.(dn))
}

export function textOptions(
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

/** The codec of a part of an element; text ignores case. */
export function partCodec(kind: ValueKind, column: Column, schema: Schema): Codec {
  if (kind === 'boolean') return booleanCodec
  if (kind === 'integer') return integerCodec
  if (kind === 'decimal') return decimalCodec(column)
  if (kind === 'time') return timeCodec
  return textCodec({ matching: schema.matching('name') ?? {}, rule: 'caseIgnore', case: undefined })
}

/** A value written in the configuration, as the attribute's syntax reads it. */
export function typed(
  type: AttributeType,
  value: string | number | boolean,
  path: Path,
  context: CodecContext,
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
