/** Which entries a right covers: all of a view's, none, or those that any of some filters selects. */
import type { Entry } from '../../../model/entry.js'
import { FALSE, type Filter, TRUE } from '../../../model/filter.js'
import { type MatchingOf, match } from '../../../model/match.js'
import type { EntryId } from '../../../model/value.js'

export interface Row {
  /** Equal for equal filters. */
  readonly key: string
  /** True or false of every entry, never Undefined. */
  readonly filter: Filter
  /** The one entry that it selects, where it is one's own. */
  readonly own?: EntryId
}

/** An empty list covers nothing. */
export type Cover = 'all' | readonly Row[]

export const isNowhere = (cover: Cover): boolean => cover !== 'all' && cover.length === 0

/** Is every entry that `inner` covers covered by `outer`, as far as can be told? */
export function includes(outer: Cover, inner: Cover): boolean {
  if (outer === 'all') return true
  return inner !== 'all' && inner.every(({ key }) => outer.some((row) => row.key === key))
}

export function either(...covers: readonly Cover[]): Cover {
  const rows = new Map<string, Row>()
  for (const cover of covers) {
    if (cover === 'all') return 'all'
    for (const row of cover) rows.set(row.key, row)
  }
  return [...rows.values()]
}

export const filterOfCover = (cover: Cover): Filter =>
  cover === 'all' ? TRUE : disjunction(cover.map(({ filter }) => filter))

/** The same without constants, and without `and` and `or` of fewer than two. */
export function conjunction(of: readonly Filter[]): Filter {
  return folded('and', of)
}

export function disjunction(of: readonly Filter[]): Filter {
  return folded('or', of)
}

function folded(op: 'and' | 'or', of: readonly Filter[]): Filter {
  const neutral = op === 'and'
  const left: Filter[] = []
  for (const filter of of) {
    if (filter.op === 'const' && filter.value === !neutral) return filter
    if (filter.op === op) left.push(...filter.of)
    else if (filter.op !== 'const' || filter.value !== neutral) left.push(filter)
  }
  const [only] = left
  return only === undefined ? (neutral ? TRUE : FALSE) : left.length === 1 ? only : { op, of: left }
}

/**
 * The filter with negation at its leaves only, true of the same entries, and never Undefined: what neither is true nor
 * makes anything true is false.
 * @param leaf what an assertion, or its negation where `truth` is false, becomes
 */
export function whereTrue(
  filter: Filter,
  leaf: (literal: Exclude<Filter, { op: 'and' | 'or' | 'not' | 'const' }>, truth: boolean) => Filter,
  truth = true,
): Filter {
  switch (filter.op) {
    case 'and':
    case 'or': {
      const of = filter.of.map((f) => whereTrue(f, leaf, truth))
      return (filter.op === 'and') === truth ? conjunction(of) : disjunction(of)
    }
    case 'not':
      return whereTrue(filter.of, leaf, !truth)
    case 'const':
      return filter.value === truth ? TRUE : FALSE
    default:
      return leaf(filter, truth)
  }
}

/** An assertion or its negation. */
export const literal = (filter: Filter, truth: boolean): Filter =>
  truth ? filter : { op: 'not', of: filter }

/** The same of what is true or false of every entry; what nothing decides is neither, and so makes nothing true. */
export const decided =
  (matchingOf: MatchingOf) =>
  (filter: Filter, truth: boolean): Filter =>
    match(filter, NOTHING, matchingOf) === undefined ? FALSE : literal(filter, truth)

const NOTHING: Entry = { view: '', id: '', attributes: new Map() }
