/** Templates and DN patterns as mapping files write them: parsed, their columns resolved. */
import { parseDn } from '../schema/dn-value.js'
import type { AttributeType, Schema } from '../schema/schema.js'
import type { Collection, Column } from '../sources/source.js'
import { textOptions } from './column-codec.js'
import { type DnPattern, dnOperation } from './operations/dn.js'
import { templateOperation } from './operations/template.js'
import type { Path, Resolver } from './tables.js'

interface PatternContext {
  readonly collection: Collection
  readonly schema: Schema
  readonly resolve: Resolver
}

export function compileTemplate(
  type: AttributeType,
  template: string,
  textCase: 'lower' | 'upper' | undefined,
  path: Path,
  context: PatternContext,
) {
  if (type.syntax.kind !== 'text') {
    return context.resolve.problem(
      path,
      `${type.name} is not text, so no template can make it`,
      'Map it to one column',
    )
  }
  const columns = templateColumns(template, path, context)
  return columns && templateOperation(columns, textOptions(type, textCase, context.schema))
}

/** Columns and literals in turn. */
export function templateColumns(
  template: string,
  path: Path,
  { resolve, collection }: PatternContext,
): readonly (string | Column)[] | undefined {
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
  return resolved.includes(undefined) ? undefined : resolved.filter((p) => p !== undefined)
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

export function compileDn(dn: string, path: Path, context: PatternContext) {
  const pattern = dnPattern(dn, path, context)
  const canonical = (type: string) => context.schema.attribute(type)?.name.toLowerCase() ?? type.toLowerCase()
  return pattern && dnOperation(pattern, canonical)
}

export function dnPattern(dn: string, path: Path, context: PatternContext): DnPattern | undefined {
  const { resolve, collection } = context
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
  return pattern.flat().some((p) => p.value === undefined) ? undefined : (pattern as DnPattern)
}
