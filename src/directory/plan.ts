/**
 * Splits a filter into what the source is asked (pushed) and what is decided on its rows (residual). The pushed
 * part finds at least every entry that the filter selects; where it could find more, the residual decides.
 */

import type { Mapping } from '../mapping/mapping.js'
import { rewrite } from '../mapping/rewrite.js'
import type { Filter } from '../model/filter.js'
import { ALWAYS, allOf, anyOf } from '../sources/logic.js'
import type { FieldFilter, Source } from '../sources/source.js'
import { conjunctsOf, merged, type Pushed } from './merge.js'

export interface Plan {
  readonly pushed: FieldFilter
  /** Absent where the source's answer is exact. */
  readonly residual: Filter | undefined
}

type Asked = Pick<Source, 'support' | 'mostTests' | 'decides' | 'answering'>

/** Tests that one query is made of, where the source does not say how many it takes. */
const MOST_TESTS = 2000
/** Values that one query holds; databases bound how many can be bound. */
const MOST_VALUES = 8000

export function planFilter(filter: Filter, mapping: Mapping, source: Asked): Plan {
  // Conjuncts are planned one by one, so that an exact one leaves nothing to decide.
  const residual: Filter[] = []
  let tests = source.mostTests ?? MOST_TESTS
  let values = MOST_VALUES
  const pushed = conjunctsOf(filter).map((conjunct) => {
    const { filter: asked, exact } = push(rewrite(conjunct, mapping), source)
    const size = sizeOf(asked)
    const fits = size.tests <= tests && size.values <= values
    if (fits) {
      tests -= size.tests
      values -= size.values
    }
    if (!exact || !fits) residual.push(conjunct)
    return fits ? asked : ALWAYS
  })
  const [only] = residual
  return {
    pushed: allOf(pushed),
    residual: residual.length > 1 ? { op: 'and', of: residual } : only,
  }
}

/** Does the source decide the question by itself? */
export function isExact(filter: FieldFilter, source: Asked): boolean {
  return push(filter, source).exact
}

/** The strongest question the source supports that is true wherever the given one is. */
function push(filter: FieldFilter, source: Asked): Pushed {
  switch (filter.op) {
    case 'and':
    case 'or': {
      const of = filter.of.map((f) => push(f, source))
      const combined = (filter.op === 'and' ? allOf : anyOf)(merged(filter.op, of))
      return { filter: combined, exact: of.every((p) => p.exact) }
    }
    case 'const':
      return { filter, exact: true }
    case 'unknown':
      return { filter: ALWAYS, exact: false }
    case 'test': {
      const support = source.support(filter.on, filter.test)
      if (support === 'exact') return { filter, exact: true }
      return { filter: support === 'superset' && !filter.negated ? filter : ALWAYS, exact: false }
    }
    case 'some': {
      const pushed = push(filter.of, source.answering?.(filter.relation) ?? source)
      const asked = { ...filter, of: pushed.filter }
      const exact = pushed.exact && (source.decides?.(asked) ?? true)
      return filter.negated && !exact ? { filter: ALWAYS, exact: false } : { filter: asked, exact }
    }
    case 'reach': {
      const { filter: of, exact } = push(filter.of, source)
      return filter.negated && !exact
        ? { filter: ALWAYS, exact: false }
        : { filter: { ...filter, of }, exact }
    }
  }
}

/** How many tests and values it is made of. */
function sizeOf(filter: FieldFilter): { readonly tests: number; readonly values: number } {
  switch (filter.op) {
    case 'and':
    case 'or': {
      const sizes = filter.of.map(sizeOf)
      return {
        tests: sizes.reduce((sum, { tests }) => sum + tests, 0),
        values: sizes.reduce((sum, { values }) => sum + values, 0),
      }
    }
    case 'some':
    case 'reach': {
      const { tests, values } = sizeOf(filter.of)
      return { tests: tests + 1, values }
    }
    case 'test': {
      const { test } = filter
      return { tests: 1, values: test.test === 'oneOf' || test.test === 'texts' ? test.values.length : 1 }
    }
    default:
      return { tests: 1, values: 0 }
  }
}
