/** Sorted lists over several resource types: each type's entries in its own order, put together as they are read. */
import type { Directory } from '../../directory/directory.js'
import type { Entry } from '../../model/entry.js'
import type { Context } from '../../model/request.js'
import { type Scalar, scalarOf } from '../../model/value.js'
import type { Stage } from './stage.js'

export interface Merged {
  readonly entry: Entry
  readonly stage: Stage
}

interface Head extends Merged {
  readonly key: string | number | undefined
}

/** `count` entries behind the first `skip`; what lacks the attribute comes last, descending first. */
export async function merged(
  directory: Directory,
  stages: readonly Stage[],
  descending: boolean,
  skip: number,
  count: number,
  ctx: Context,
): Promise<readonly Merged[]> {
  const readers = stages.map((stage) => heads(directory, stage, skip + count, ctx))
  const fronts: (Head | undefined)[] = []
  const advance = async (i: number) => {
    const next = await readers[i]?.next()
    fronts[i] = next === undefined || next.done === true ? undefined : next.value
  }
  try {
    for (const i of readers.keys()) await advance(i)
    const found: Head[] = []
    for (let seen = 0; found.length < count; seen++) {
      const first = firstOf(fronts, descending)
      const front = first === undefined ? undefined : fronts[first]
      if (first === undefined || front === undefined) break
      if (seen >= skip) found.push(front)
      await advance(first)
    }
    return found
  } finally {
    await Promise.all(readers.map((reader) => reader.return(undefined)))
  }
}

async function* heads(
  directory: Directory,
  stage: Stage,
  limit: number,
  ctx: Context,
): AsyncGenerator<Head, void, undefined> {
  const { order, attributes } = stage.request
  const wanted =
    order === undefined || attributes === 'all' ? attributes : new Set(attributes).add(order.attr)
  for await (const entries of directory.search({ ...stage.request, attributes: wanted, limit }, ctx)) {
    for (const entry of entries) {
      const value = order && entry.attributes.get(order.attr)?.[0]
      yield { entry, stage, key: value === undefined ? undefined : keyOf(scalarOf(value)) }
    }
  }
}

/** What sorts first; among equals, the earlier type. */
function firstOf(fronts: readonly (Head | undefined)[], descending: boolean): number | undefined {
  let best: number | undefined
  for (const [i, front] of fronts.entries()) {
    if (front === undefined) continue
    const current = best === undefined ? undefined : fronts[best]
    if (current === undefined || compare(front.key, current.key) * (descending ? -1 : 1) < 0) best = i
  }
  return best
}

function compare(a: Head['key'], b: Head['key']): number {
  if (a === b) return 0
  if (a === undefined) return 1
  if (b === undefined) return -1
  return a < b ? -1 : 1
}

function keyOf(scalar: Scalar | undefined): Head['key'] {
  if (scalar instanceof Date) return scalar.getTime()
  if (typeof scalar === 'bigint' || typeof scalar === 'boolean') return Number(scalar)
  return typeof scalar === 'string' ? scalar.toLowerCase() : typeof scalar === 'number' ? scalar : undefined
}
