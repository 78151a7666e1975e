/** What has been counted, made of the numbers that are scraped, so that both say the same. */
import type { Changeable } from '../../model/changeable.js'
import type { MetricValues } from '../metrics.js'
import type { CacheCounters, Counters, OperationCounters, Pool } from './terms.js'

/** Results of LDAP operations that are none of a failure (RFC 4511 4.1.9): success, compareFalse and compareTrue, referral, saslBindInProgress. */
const FINE: ReadonlySet<number> = new Set([0, 5, 6, 10, 14])

const valuesOf = (metrics: readonly MetricValues[], name: string) =>
  metrics.find((metric) => metric.name === name)?.values ?? []

const sumOf = (metrics: readonly MetricValues[], name: string) =>
  valuesOf(metrics, name).reduce((sum, { value }) => sum + value, 0)

/** @param metrics of all processes together */
export function countersOf(metrics: readonly MetricValues[], processes: number): Counters {
  const rows = (by: string) =>
    valuesOf(metrics, 'vitrine_rows_total').find(({ labels }) => labels.decided === by)?.value ?? 0
  return {
    at: Date.now(),
    processes,
    ...operationsOf(metrics),
    rows: { source: rows('source'), gateway: rows('gateway') },
    connections: Object.fromEntries(
      valuesOf(metrics, 'vitrine_connections').map(({ labels, value }) => [labels.protocol, value]),
    ),
    caches: cachesOf(metrics),
    memoryBytes: sumOf(metrics, 'process_resident_memory_bytes'),
    cpuSeconds: sumOf(metrics, 'process_cpu_seconds_total'),
  }
}

function operationsOf(metrics: readonly MetricValues[]): Pick<Counters, 'operations' | 'bounds'> {
  const kinds = new Map<string, Changeable<OperationCounters>>()
  const bounds = new Set<number>()
  const kindOf = ({ protocol, operation }: MetricValues['values'][number]['labels']) => {
    const key = `${protocol} ${operation}`
    let kind = kinds.get(key)
    if (kind === undefined) {
      const names = { protocol: String(protocol), operation: String(operation) }
      kind = { ...names, count: 0, failed: 0, seconds: 0, entries: 0, buckets: [] }
      kinds.set(key, kind)
    }
    return kind
  }
  for (const { labels, value } of valuesOf(metrics, 'vitrine_operations_total')) {
    const kind = kindOf(labels)
    const result = Number(labels.result)
    kind.count += value
    if (labels.protocol === 'ldap' ? !FINE.has(result) : result >= 400) kind.failed += value
  }
  for (const { labels, value } of valuesOf(metrics, 'vitrine_entries_sent_total'))
    kindOf(labels).entries += value
  for (const { metricName, labels, value } of valuesOf(metrics, 'vitrine_operation_duration_seconds')) {
    const kind = kindOf(labels)
    if (metricName?.endsWith('_sum') === true) kind.seconds += value
    if (metricName?.endsWith('_bucket') !== true) continue
    const below = kind.buckets.reduce((sum, one) => sum + one, 0)
    kind.buckets = [...kind.buckets, value - below]
    if (labels.le !== '+Inf') bounds.add(Number(labels.le))
  }
  return { operations: [...kinds.values()], bounds: [...bounds] }
}

function cachesOf(metrics: readonly MetricValues[]): readonly CacheCounters[] {
  return valuesOf(metrics, 'vitrine_cache_answers').map(({ labels: { view = '' }, value: answers }) => {
    const of = (name: string, from?: string) =>
      valuesOf(metrics, `vitrine_cache_${name}`).find(
        ({ labels }) => labels.view === view && labels.from === from,
      )?.value ?? 0
    const [cache, source, stale] = ['cache', 'source', 'stale'].map((from) => of('answers_total', from))
    return {
      view: String(view),
      from: { cache: cache ?? 0, source: source ?? 0, stale: stale ?? 0 },
      answers,
      bytes: of('bytes'),
      invalidations: of('invalidations_total'),
      hearing: of('hearing') > 0,
    }
  })
}

/** By source; of all processes together. */
export function poolsOf(metrics: readonly MetricValues[]): ReadonlyMap<string, Pool> {
  const pools = new Map<string, Pool>()
  const change = (source: string | number | undefined, more: (pool: Pool) => Partial<Pool>) => {
    const pool = pools.get(String(source)) ?? { busy: 0, idle: 0, waiting: 0, servers: [] }
    pools.set(String(source), { ...pool, ...more(pool) })
  }
  for (const { labels, value } of valuesOf(metrics, 'vitrine_source_connections'))
    change(labels.source, () => ({ [labels.state === 'busy' ? 'busy' : 'idle']: value }))
  for (const { labels, value } of valuesOf(metrics, 'vitrine_source_waiting'))
    change(labels.source, () => ({ waiting: value }))
  for (const { labels, value } of valuesOf(metrics, 'vitrine_source_server_tripped'))
    change(labels.source, ({ servers }) => ({
      servers: [...servers, { name: String(labels.server), tripped: value > 0 }],
    }))
  return pools
}
