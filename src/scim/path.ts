/** Paths to attributes: of `attributes`, `sortBy` and the like (RFC 7644 3.10), and of PATCH operations (3.5.2). */
import { MAX_FILTER_LENGTH, parseValueFilter } from './filter.js'
import type { AttributePath, PatchPath } from './filter-ast.js'
import { Scanner } from './lexer.js'

/**
 * `attribute`, `attribute.sub`, and either behind the URI of a schema and a colon. The URI of a schema alone cannot be
 * told from an attribute and is read as one: `formatPath` gives it back. Throws `undefinedAttributeType`.
 */
export function parsePath(text: string): AttributePath {
  const scanner = new Scanner(text, 'undefinedAttributeType', MAX_FILTER_LENGTH)
  scanner.skipSpace()
  const path = scanner.path()
  scanner.skipSpace()
  scanner.requireEnd()
  return path
}

/** As `parsePath`, or `attribute[filter]`, or `attribute[filter].sub`. An error in the filter is a `filterError`. */
export function parsePatchPath(text: string): PatchPath {
  const bracket = text.indexOf('[')
  if (bracket < 0) return parsePath(text)
  const outside = new Scanner(text, 'undefinedAttributeType', MAX_FILTER_LENGTH)
  outside.skipSpace()
  const { sub: outer, ...path } = outside.path()
  if (outer !== undefined) outside.expected('no filter behind a sub-attribute', bracket)
  outside.require('[')
  const inside = new Scanner(text, 'filterError', MAX_FILTER_LENGTH)
  inside.at = outside.at
  const filter = parseValueFilter(inside)
  inside.require(']')
  outside.at = inside.at
  const sub = outside.subAttribute()
  outside.skipSpace()
  outside.requireEnd()
  return { ...path, filter, ...(sub === undefined ? undefined : { sub }) }
}

/** The text of a path, names as they were written. */
export function formatPath(path: AttributePath): string {
  const schema = path.schema === undefined ? '' : `${path.schema}:`
  return `${schema}${path.attribute}${path.sub === undefined ? '' : `.${path.sub}`}`
}
