/**
 * Splits a filter into what the source is asked (pushed) and what is decided on its rows (residual). The pushed
 * part finds at least every entry that the filter selects; where it could find more, the residual decides.
 */

import { ALWAYS, allOf, anyOf, type Mapping } from '../mapping/mapping.js'
import { rewrite } from '../mapping/rewrite.js'
import type { Filter } from '../model/filter.js'
import type { FieldFilter, Source } from '../sources/source.js'

export interface Plan {
  readonly pushed: FieldFilter
  /** Absent where the source's answer is exact. */
  readonly residual: Filter | undefined
}

interface Pushed {
  readonly filter: FieldFilter
  readonly exact: boolean
}

export function planFilter(filter: Filter, mapping: Mapping, source: Pick<Source, 'support'>): Plan {
  // Conjuncts are planned one by one, so that an exact one leaves nothing to decide.
  const conjuncts = filter.op === 'and' ? filter.of : [filter]
  const residual: Filter[] = []
  const pushed = conjuncts.map((conjunct) => {
    const { filter: asked, exact } = push(rewrite(conjunct, mapping), source)
    if (!exact) residual.push(conjunct)
    return asked
  })
  const [only] = residual
  return {
    pushed: allOf(pushed),
    residual: residual.length > 1 ? { op: 'and', of: residual } : only,
  }
}

/** The strongest question the source supports that is true wherever the given one is. */
function push(filter: FieldFilter, source: Pick<Source, 'support'>): Pushed {
  switch (filter.op) {
    case 'and':
    case 'or': {
      const of = filter.of.map((f) => push(f, source))
      const combined = (filter.op === 'and' ? allOf : anyOf)(of.map((p) => p.filter))
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
      const { filter: of, exact } = push(filter.of, source)
      return filter.negated && !exact
        ? { filter: ALWAYS, exact: false }
        : { filter: { ...filter, of }, exact }
    }
    case 'reach': {
      const { filter: of, exact } = push(filter.of, source)
      return filter.negated && !exact
        ? { filter: ALWAYS, exact: false }
        : { filter: { ...filter, of }, exact }
    }
  }
}
