/** Conjunctions and disjunctions of questions, with constants folded; and which of them select few rows. */
import type { FieldFilter } from './source.js'

export const ALWAYS: FieldFilter = { op: 'const', value: true }
export const NEVER: FieldFilter = { op: 'const', value: false }

export const allOf = (filters: readonly FieldFilter[]) => combined('and', filters)
export const anyOf = (filters: readonly FieldFilter[]) => combined('or', filters)

export function combined(op: 'and' | 'or', filters: readonly FieldFilter[]): FieldFilter {
  const absorbing = op === 'or'
  const of: FieldFilter[] = []
  for (const filter of filters) {
    if (filter.op === 'const') {
      if (filter.value === absorbing) return filter
    } else if (filter.op === op) of.push(...filter.of)
    else of.push(filter)
  }
  const [only] = of
  if (only === undefined) return absorbing ? NEVER : ALWAYS
  return of.length === 1 ? only : { op, of }
}

/** Selects few rows, as far as can be told: an equality must hold, here or in related rows. */
export function isSelective(filter: FieldFilter): boolean {
  switch (filter.op) {
    case 'and':
      return filter.of.some(isSelective)
    case 'or':
      return filter.of.every(isSelective)
    case 'const':
      return !filter.value
    case 'some':
      return !filter.negated && isSelective(filter.of)
    case 'reach':
      return !filter.negated
    case 'test': {
      const { test } = filter
      return (
        !filter.negated &&
        (test.test === 'text' ||
          test.test === 'texts' ||
          test.test === 'oneOf' ||
          (test.test === 'compare' && test.op === 'eq'))
      )
    }
    default:
      return false
  }
}
