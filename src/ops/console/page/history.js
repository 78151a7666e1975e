/** What happened between one look at the counters and the next, for as long as the charts reach back. */

/** @import { Counters, OperationCounters } from '../terms.js' */

/** How far back, in milliseconds. */
const SPAN = 600_000

/**
 * @typedef {object} Point
 * @property {number} at milliseconds since 1970
 * @property {Record<string, number>} rates operations per second, by protocol
 * @property {number} failures per second
 * @property {number | undefined} mean milliseconds of an operation; undefined where there was none
 * @property {number | undefined} slow milliseconds that 95 of 100 do not exceed
 * @property {Readonly<Record<string, number>>} connections by protocol
 * @property {{ readonly cache: number, readonly source: number, readonly stale: number }} answers per second, of views
 * whose answers are kept
 */

export class History {
  /** @type {Point[]} */
  points = []
  /** @type {Counters | undefined} */
  #last

  /** @param {Counters} now */
  add(now) {
    const last = this.#last
    this.#last = now
    // Of processes that have come or gone, nothing is known of what was in between.
    if (last === undefined || now.at <= last.at || now.processes !== last.processes) return
    this.points = [...this.points, pointOf(last, now)].filter(({ at }) => at >= now.at - SPAN)
  }
}

/**
 * @param {Counters} last
 * @param {Counters} now
 * @returns {Point}
 */
function pointOf(last, now) {
  const seconds = (now.at - last.at) / 1000
  /** @type {Record<string, number>} */
  const rates = { ldap: 0, scim: 0 }
  let [failed, all, spent] = [0, 0, 0]
  const buckets = now.bounds.map(() => 0)
  for (const kind of now.operations) {
    const before = last.operations.find(
      (one) => one.protocol === kind.protocol && one.operation === kind.operation,
    )
    // A process that was replaced counts from 0.
    const since = (/** @type {(of: OperationCounters) => number} */ value) =>
      Math.max(0, value(kind) - (before === undefined ? 0 : value(before)))
    const operations = since(({ count }) => count)
    rates[kind.protocol] = (rates[kind.protocol] ?? 0) + operations / seconds
    all += operations
    failed += since((of) => of.failed)
    spent += since((of) => of.seconds)
    for (const i of kind.buckets.keys()) {
      buckets[i] = (buckets[i] ?? 0) + since((of) => of.buckets[i] ?? 0)
    }
  }
  return {
    at: now.at,
    rates,
    failures: failed / seconds,
    mean: all === 0 ? undefined : (spent / all) * 1000,
    slow: all === 0 ? undefined : quantile(buckets, now.bounds, 0.95) * 1000,
    connections: now.connections,
    answers: answersOf(last, now, seconds),
  }
}

/**
 * @param {Counters} last
 * @param {Counters} now
 * @param {number} seconds
 */
function answersOf(last, now, seconds) {
  const rate = (/** @type {'cache' | 'source' | 'stale'} */ from) => {
    const sum = (/** @type {Counters} */ { caches }) => caches.reduce((all, one) => all + one.from[from], 0)
    return Math.max(0, sum(now) - sum(last)) / seconds
  }
  return { cache: rate('cache'), source: rate('source'), stale: rate('stale') }
}

/**
 * As far as the buckets tell.
 * @param {readonly number[]} buckets
 * @param {readonly number[]} bounds
 * @param {number} part
 */
export function quantile(buckets, bounds, part) {
  const wanted = buckets.reduce((sum, one) => sum + one, 0) * part
  let below = 0
  for (const [i, inside] of buckets.entries()) {
    const [from, to] = [bounds[i - 1] ?? 0, bounds[i] ?? bounds.at(-1) ?? 0]
    if (inside > 0 && below + inside >= wanted) return from + ((to - from) * (wanted - below)) / inside
    below += inside
  }
  return 0
}
