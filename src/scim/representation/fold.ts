/** Filters put together, what is already decided left out. */
import { FALSE, type Filter, TRUE } from '../../model/filter.js'

export const allOf = (filters: readonly Filter[]): Filter => combined('and', filters)
export const anyOf = (filters: readonly Filter[]): Filter => combined('or', filters)

function combined(op: 'and' | 'or', filters: readonly Filter[]): Filter {
  const neutral = op === 'and' ? TRUE : FALSE
  const of: Filter[] = []
  for (const filter of filters) {
    if (filter.op === 'const') {
      if (filter.value === neutral.value) continue
      if (filter.value !== undefined) return filter
    }
    if (filter.op === op) for (const inner of filter.of) of.push(inner)
    else of.push(filter)
  }
  const [only] = of
  return only === undefined ? neutral : of.length === 1 ? only : { op, of }
}

export function negated(filter: Filter): Filter {
  if (filter.op === 'not') return filter.of
  if (filter.op === 'const' && filter.value !== undefined) return filter.value ? FALSE : TRUE
  return { op: 'not', of: filter }
}
