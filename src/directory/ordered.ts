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
  const { valueOf: keyOf, compare } = ordering(order, matching)
  for await (const entries of batches) {
    for (const entry of entries) placed.push({ id: entry.id, value: keyOf(entry), at: placed.length })
  }
  const apart = (a: Placed, b: Placed) =>
    ties === 'byKey' && a.id !== b.id ? (a.id < b.id ? -1 : 1) : a.at - b.at
  placed.sort((a, b) => compare(a.value, b.value) || apart(a, b))
  return placed.map(({ id }) => id)
}

/** By which value an entry is ordered, and which of two such values comes first. */
export function ordering(
  { attr, descending }: { readonly attr: string; readonly descending: boolean },
  matching: Matching | undefined,
) {
  const compare = comparison(matching)
  const direction = descending ? -1 : 1
  return {
    valueOf: ({ attributes }: Pick<Entry, 'attributes'>) => leading(attributes.get(attr) ?? [], compare),
    compare: (a: Scalar | undefined, b: Scalar | undefined): number => {
      if (a === undefined || b === undefined) return a === b ? 0 : (a === undefined ? 1 : -1) * direction
      return compare(a, b) * direction
    },
  }
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
