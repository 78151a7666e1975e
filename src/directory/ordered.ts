/**
 * Entries in an order that the source cannot give: their keys and what they are ordered by are read first, which
 * needs memory for these alone; then the entries asked for, by key.
 */
import type { Entry } from '../model/entry.js'
import type { Matching } from '../model/match.js'
import { type EntryId, isComplex, type Scalar, scalarOf, type Value } from '../model/value.js'

interface Placed {
  readonly id: EntryId
  readonly value: Scalar | undefined
  /** Where it came in the order of keys. */
  readonly at: number
}

/**
 * The keys of all entries, in order. Those without a value come last, descending first; equal ones in the order in
 * which they come, or in that of their keys as text.
 */
export async function inOrder(
  batches: AsyncIterable<readonly Entry[]>,
  order: { readonly attr: string; readonly descending: boolean },
  matching: Matching | undefined,
  ties: 'asTheyCome' | 'byKey' = 'asTheyCome',
): Promise<readonly EntryId[]> {
  const placed: Placed[] = []
  const compare = comparison(matching)
  for await (const entries of batches) {
    for (const { id, attributes } of entries)
      placed.push({ id, value: leading(attributes.get(order.attr) ?? [], compare), at: placed.length })
  }
  const direction = order.descending ? -1 : 1
  const apart = (a: Placed, b: Placed) =>
    ties === 'byKey' && a.id !== b.id ? (a.id < b.id ? -1 : 1) : a.at - b.at
  placed.sort((a, b) => {
    if (a.value === undefined || b.value === undefined) {
      const both = a.value === b.value
      return both ? apart(a, b) : (a.value === undefined ? 1 : -1) * direction
    }
    return compare(a.value, b.value) * direction || apart(a, b)
  })
  return placed.map(({ id }) => id)
}

/**
 * The primary element's value (RFC 7644 3.4.2.3), else the least: sources give values in no order, which might differ
 * from page to page.
 */
function leading(values: readonly Value[], compare: Compare): Scalar | undefined {
  if (values.length < 2) return values[0] === undefined ? undefined : scalarOf(values[0])
  const primary = values.filter((value) => isComplex(value) && value.primary === true)
  const [first, ...others] = (primary.length > 0 ? primary : values).flatMap((value) => scalarOf(value) ?? [])
  return others.reduce(
    (least, value) => (least !== undefined && compare(value, least) < 0 ? value : least),
    first,
  )
}

type Compare = (a: Scalar, b: Scalar) => number

function comparison(matching: Matching | undefined): Compare {
  return (a, b) => {
    const known = matching?.ordering?.(a, b)
    if (known !== undefined) return known
    const [x, y] = [matching?.equality?.(a) ?? String(a), matching?.equality?.(b) ?? String(b)]
    return x < y ? -1 : x > y ? 1 : 0
  }
}
