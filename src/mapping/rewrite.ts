/**
 * Canonical filter to field filter: negation is pushed to the leaves, which removes the third truth value, since
 * a filter selects only where it is true and neither an Undefined assertion nor its negation is ever true.
 */
import type { Filter } from '../model/filter.js'
import type { FieldFilter } from '../sources/source.js'
import { allOf, anyOf, type Mapping, NEVER, negate, type Question, UNKNOWN } from './mapping.js'

/** The rows where the filter is true. */
export function rewrite(filter: Filter, mapping: Mapping): FieldFilter {
  return whereTrue(filter, mapping, true)
}

/** The rows where the filter is `truth`. */
function whereTrue(filter: Filter, mapping: Mapping, truth: boolean): FieldFilter {
  switch (filter.op) {
    case 'and':
    case 'or': {
      const of = filter.of.map((f) => whereTrue(f, mapping, truth))
      return (filter.op === 'and') === truth ? allOf(of) : anyOf(of)
    }
    case 'not':
      return whereTrue(filter.of, mapping, !truth)
    case 'const':
      return filter.value === undefined ? NEVER : { op: 'const', value: filter.value === truth }
    case 'element':
      return UNKNOWN
    default: {
      const asked = ask(filter, mapping)
      return truth ? asked : negate(asked)
    }
  }
}

/** An attribute that the view does not map has no values: every question to it is false. */
function ask(question: Question, mapping: Mapping): FieldFilter {
  const attribute = mapping.attributes.get(question.attr)
  if (attribute === undefined) return NEVER
  return anyOf(attribute.operations.map((operation) => operation.rewrite(question)))
}
