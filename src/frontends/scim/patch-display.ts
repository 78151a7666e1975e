/** Leaves out of a value filter what it asks about how references are displayed. */
import type { ScimFilter } from '../../scim/filter-ast.js'

/** The filter without its tests for `display`; undefined if nothing is left. */
export function withoutDisplay(filter: ScimFilter): ScimFilter | undefined {
  switch (filter.op) {
    case 'and':
    case 'or': {
      const of = filter.of.map(withoutDisplay).filter((f) => f !== undefined)
      const [only] = of
      return of.length > 1 ? { op: filter.op, of } : only
    }
    case 'not': {
      const of = withoutDisplay(filter.of)
      return of && { op: 'not', of }
    }
    default:
      return filter.path.attribute.toLowerCase() === 'display' ? undefined : filter
  }
}
