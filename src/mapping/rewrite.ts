/**
 * Canonical filter to field filter: negation is pushed to the leaves, which removes the third truth value, since
 * a filter selects only where it is true and neither an Undefined assertion nor its negation is ever true.
 */
import type { Assertion, Filter, KeyFilter } from '../model/filter.js'
import type { EntryId } from '../model/value.js'
import { allOf, anyOf, NEVER } from '../sources/logic.js'
import type { FieldFilter, Test } from '../sources/source.js'
import {
  type MappedAttribute,
  type Mapping,
  negate,
  type Operation,
  type Question,
  UNKNOWN,
} from './mapping.js'

/** The rows where the filter is true. */
export function rewrite(filter: Filter, mapping: Mapping): FieldFilter {
  return whereTrue(filter, mapping, true)
}

/** The rows where the filter is `truth`. */
function whereTrue(filter: Filter, mapping: Mapping, truth: boolean): FieldFilter {
  const ask = (assertion: Assertion | KeyFilter): FieldFilter => {
    if (assertion.op === 'key') return hasKey(assertion.id, mapping)
    const attribute = mapping.attributes.get(assertion.attr)
    // An attribute that the view does not map has no values: every question to it is false.
    if (attribute === undefined) return NEVER
    const isOfFirst = assertion.op === 'eq' && assertion.first === true
    const leading = leadingOf(attribute)
    if (isOfFirst && leading !== undefined) return leading.rewrite(assertion)
    const asked = anyOf(
      attribute.operations.map((operation) =>
        assertion.op === 'element' ? operation.rewriteElement(assertion.of) : operation.rewrite(assertion),
      ),
    )
    // Which of several values is the first, only the entry tells.
    return isOfFirst && mayHaveSeveral(attribute) ? allOf([asked, UNKNOWN]) : asked
  }
  return where(filter, truth, ask)
}

/** The operation that shows the first value, wherever there are any. */
function leadingOf({ operations: [first] }: MappedAttribute): Operation | undefined {
  const [field] = first?.fields ?? []
  return field?.kind === 'column' && field.column.leads === true ? first : undefined
}

function mayHaveSeveral({ operations }: MappedAttribute): boolean {
  return operations.length > 1 || operations.some(({ fields }) => fields.some((f) => f.kind === 'set'))
}

function hasKey(id: EntryId, { key, cellOf }: Mapping): FieldFilter {
  const value = cellOf(id)
  if (value === undefined) return NEVER
  // Text is another entry's key in other letters, whatever the database takes for equal.
  const test: Test =
    key.kind === 'text' ? { test: 'oneOf', values: [value] } : { test: 'compare', op: 'eq', value }
  return { op: 'test', on: key, test, negated: false }
}

/**
 * What a filter on the parts of one element asks of the row that the element is read from.
 * @param ask what a question to a part, its `attr`, asks of that row; NEVER for parts that no element has
 */
export function rewriteParts(filter: Filter, ask: (question: Question) => FieldFilter): FieldFilter {
  return where(filter, true, (assertion) => {
    if (assertion.op === 'key') return NEVER
    return assertion.op === 'element' ? UNKNOWN : ask(assertion)
  })
}

/** For elements that are plain values: they have no part but `value`. */
export function rewriteValue(
  filter: Filter,
  attr: string,
  ask: (question: Question) => FieldFilter,
): FieldFilter {
  return allOf([
    ask({ op: 'present', attr }),
    rewriteParts(filter, (question) => (question.attr === 'value' ? ask({ ...question, attr }) : NEVER)),
  ])
}

function where(
  filter: Filter,
  truth: boolean,
  ask: (assertion: Assertion | KeyFilter) => FieldFilter,
): FieldFilter {
  switch (filter.op) {
    case 'and':
    case 'or': {
      const of = filter.of.map((f) => where(f, truth, ask))
      return (filter.op === 'and') === truth ? allOf(of) : anyOf(of)
    }
    case 'not':
      return where(filter.of, !truth, ask)
    case 'const':
      return filter.value === undefined ? NEVER : { op: 'const', value: filter.value === truth }
    default: {
      const asked = ask(filter)
      return truth ? asked : negate(asked)
    }
  }
}
