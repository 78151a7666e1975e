/** Walks through a SCIM filter to its tests, which others ask, and puts the answers together. */
import { VitrineError } from '../../model/errors.js'
import { FALSE, type Filter } from '../../model/filter.js'
import type { caseIgnore, TextPlace } from '../../schema/normalize.js'
import type { AttributePath, ScimFilter } from '../filter-ast.js'
import { formatPath } from '../path.js'
import type { Comparison } from './compare.js'
import { allOf, anyOf, negated } from './fold.js'
import type { Unknown } from './terms.js'

/** What is left of a filter when `and`, `or`, `not`, `ne` and `null` are taken off. */
export type Test =
  | Comparison
  | { readonly op: 'pr'; readonly path: AttributePath }
  | { readonly op: 'element'; readonly path: AttributePath; readonly of: ScimFilter }

/** Each test of a filter asked, and the answers put together. */
export function walk(filter: ScimFilter, ask: (test: Test) => Filter): Filter {
  switch (filter.op) {
    case 'and':
      return allOf(filter.of.map((f) => walk(f, ask)))
    case 'or':
      return anyOf(filter.of.map((f) => walk(f, ask)))
    case 'not':
      return negated(walk(filter.of, ask))
    case 'pr':
    case 'element':
      return ask(filter)
    default: {
      const { op, path, value } = filter
      if (value !== null) {
        return op === 'ne' ? negated(ask({ op: 'eq', path, value })) : ask({ op, path, value })
      }
      // `null` is how an attribute without a value is written (RFC 7643 2.5).
      if (op === 'eq') return negated(ask({ op: 'pr', path }))
      if (op === 'ne') return ask({ op: 'pr', path })
      throw new VitrineError('filterError', { message: `${op} does not go with null` })
    }
  }
}

/** @throws VitrineError `filterError` where unknown names are refused */
export function unknownName(path: AttributePath, unknown: Unknown): Filter {
  if (unknown === 'false') return FALSE
  throw new VitrineError('filterError', { message: `there is no attribute ${formatPath(path)}` })
}

const PLACES: { readonly [O in Comparison['op']]?: TextPlace } = { co: 'any', sw: 'initial', ew: 'final' }

/** Decides a comparison with a text that is the same for all entries, by the rules for those that are not. */
export function holdsText(
  constant: string,
  op: Comparison['op'],
  asked: string,
  prepare: typeof caseIgnore,
): boolean {
  return holds(prepare(constant), op, prepare(asked, PLACES[op]))
}

/** The same with texts that are prepared. */
export function holds(text: string, op: Comparison['op'], value: string): boolean {
  switch (op) {
    case 'eq':
      return text === value
    case 'co':
      return text.includes(value)
    case 'sw':
      return text.startsWith(value)
    case 'ew':
      return text.endsWith(value)
    case 'gt':
      return text > value
    case 'ge':
      return text >= value
    case 'lt':
      return text < value
    case 'le':
      return text <= value
  }
}
