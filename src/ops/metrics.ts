/**
 * What the gateway counts, in the format of Prometheus. Operations are counted in plain numbers, which cost next to nothing; all
 * else is asked for when somebody wants to know.
 */
import { AggregatorRegistry, collectDefaultMetrics, type Metric, Registry } from 'prom-client'
import type { Observed } from '../model/observe.js'
import type { SourceState } from '../sources/source.js'

/** What a gateway can be asked for, as it is configured now. */
export interface MetricsOf {
  readonly sources: ReadonlyMap<
    string,
    { state?(): SourceState | undefined; health(): Promise<{ readonly ok: boolean }> }
  >
  /** What is kept of answers, by view. */
  caches?(): ReadonlyMap<string, CacheNumbers>
  /** Connections of clients, by protocol. */
  connections(): Readonly<Record<string, number>>
}

/** What a cache did, and what it holds now. */
export interface CacheNumbers {
  readonly hits: number
  readonly misses: number
  readonly stale: number
  readonly invalidations: number
  readonly answers: number
  readonly bytes: number
  readonly hearing: boolean
}

/** A run of a synchronization that has ended. */
export interface CycleEnd {
  readonly target: string
  readonly status: string
  readonly seconds: number
  /** Entries that could not be synchronized; undefined where they were not all looked at. */
  readonly problems?: number
}

/** Upper bounds of buckets, in seconds. */
const BOUNDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] as const
/** Milliseconds that a source may take to say how it is: less than processes wait for each other's numbers. */
const PATIENCE = 750

/** Operations of one kind. */
interface Kind {
  readonly protocol: string
  readonly operation: string
  readonly results: Map<number, number>
  /** One more than there are bounds. */
  readonly buckets: Float64Array
  seconds: number
  entries: number
}

type Labels = Record<string, string | number>
interface Value {
  /** Of histograms, which consist of several. */
  readonly metricName?: string
  readonly labels: Labels
  readonly value: number
}

/** All that is counted under one name. */
export interface MetricValues {
  readonly name: string
  readonly values: readonly Value[]
}

export class Metrics {
  readonly #registry = new Registry()
  readonly #kinds = new Map<string, Kind>()
  readonly #cycles = new Map<
    string,
    { target: string; status: string; count: number; seconds: number; at: number }
  >()
  readonly #problems = new Map<string, number>()
  #rows = 0
  #left = 0
  #of: MetricsOf | undefined

  constructor() {
    collectDefaultMetrics({ register: this.#registry })
    this.#define(
      'vitrine_operations_total',
      'Operations that have ended, by result code or status',
      'counter',
      () =>
        this.#each((labels, { results }) =>
          [...results].map(([result, value]) => ({ labels: { ...labels, result }, value })),
        ),
    )
    this.#define('vitrine_operation_duration_seconds', 'How long operations took', 'histogram', () =>
      this.#each(histogram),
    )
    this.#define('vitrine_entries_sent_total', 'Entries that clients were sent', 'counter', () =>
      this.#each((labels, { entries }) => [{ labels, value: entries }]),
    )
    this.#define(
      'vitrine_rows_total',
      'Rows that sources have yielded, by who decided about them',
      'counter',
      () => [
        { labels: { decided: 'source' }, value: this.#rows - this.#left },
        { labels: { decided: 'gateway' }, value: this.#left },
      ],
    )
    this.#define('vitrine_connections', 'Connections of clients', 'gauge', () =>
      Object.entries(this.#of?.connections() ?? {}).map(([protocol, value]) => ({
        labels: { protocol },
        value,
      })),
    )
    this.#defineSources()
    this.#defineCopies()
    this.#defineCaches()
  }

  /** What can be asked from now on. */
  follow(of: MetricsOf): void {
    this.#of = of
  }

  observe({ protocol, operation, result, milliseconds, tally }: Observed): void {
    const key = `${protocol} ${operation}`
    let kind = this.#kinds.get(key)
    if (kind === undefined) {
      const buckets = new Float64Array(BOUNDS.length + 1)
      kind = { protocol, operation, results: new Map(), buckets, seconds: 0, entries: 0 }
      this.#kinds.set(key, kind)
    }
    const seconds = milliseconds / 1000
    kind.results.set(result, (kind.results.get(result) ?? 0) + 1)
    let bucket = 0
    while (bucket < BOUNDS.length && seconds > (BOUNDS[bucket] ?? 0)) bucket++
    kind.buckets[bucket] = (kind.buckets[bucket] ?? 0) + 1
    kind.seconds += seconds
    kind.entries += tally.entries
    this.#rows += tally.rows
    this.#left += tally.left
  }

  ended({ target, status, seconds, problems }: CycleEnd): void {
    if (problems !== undefined) this.#problems.set(target, problems)
    const key = `${target} ${status}`
    const known = this.#cycles.get(key) ?? { target, status, count: 0, seconds: 0, at: 0 }
    this.#cycles.set(key, {
      ...known,
      count: known.count + 1,
      seconds: known.seconds + seconds,
      at: Date.now() / 1000,
    })
  }

  /** For `page`, of this process or another. */
  async numbers(): Promise<string> {
    return JSON.stringify(await this.#registry.getMetricsAsJSON())
  }

  /** The text that is scraped, of all processes together. */
  static async page(numbers: readonly string[]): Promise<{ readonly type: string; readonly text: string }> {
    const { contentType } = new Registry()
    return { type: contentType, text: await together(numbers).metrics() }
  }

  /** The same as values. */
  static async values(numbers: readonly string[]): Promise<readonly MetricValues[]> {
    return (await together(numbers).getMetricsAsJSON()) as unknown as readonly MetricValues[]
  }

  #each(values: (labels: Labels, kind: Kind) => readonly Value[]): readonly Value[] {
    return [...this.#kinds.values()].flatMap((kind) =>
      values({ protocol: kind.protocol, operation: kind.operation }, kind),
    )
  }

  #defineSources(): void {
    const states = () =>
      [...(this.#of?.sources ?? [])].flatMap(([source, one]) => {
        const state = one.state?.()
        return state === undefined ? [] : [{ source, ...state }]
      })
    this.#define('vitrine_source_connections', 'Connections to sources, by what they do', 'gauge', () =>
      states().flatMap(({ source, busy, idle }) => [
        { labels: { source, state: 'busy' }, value: busy },
        { labels: { source, state: 'idle' }, value: idle },
      ]),
    )
    this.#define('vitrine_source_waiting', 'Requests that wait for a connection to a source', 'gauge', () =>
      states().map(({ source, waiting }) => ({ labels: { source }, value: waiting })),
    )
    this.#define(
      'vitrine_source_server_tripped',
      '1 while nobody but a probe asks the server, which has failed',
      'gauge',
      () =>
        states().flatMap(({ source, servers = [] }) =>
          servers.map(({ name, tripped }) => ({ labels: { source, server: name }, value: Number(tripped) })),
        ),
      'max',
    )
    this.#define(
      'vitrine_source_up',
      '1 where the source can be asked',
      'gauge',
      () =>
        Promise.all(
          [...(this.#of?.sources ?? [])].map(async ([source, one]) => ({
            labels: { source },
            value: Number(await isUp(one)),
          })),
        ),
      'min',
    )
  }

  #defineCaches(): void {
    const caches = (value: (cache: CacheNumbers) => number, more: Labels = {}) =>
      [...(this.#of?.caches?.() ?? [])].map(([view, cache]) => ({
        labels: { view, ...more },
        value: value(cache),
      }))
    this.#define('vitrine_cache_answers_total', 'Answers, by where they came from', 'counter', () => [
      ...caches(({ hits }) => hits, { from: 'cache' }),
      ...caches(({ misses, stale }) => misses - stale, { from: 'source' }),
      ...caches(({ stale }) => stale, { from: 'stale' }),
    ])
    this.#define(
      'vitrine_cache_invalidations_total',
      'How often answers were dropped, as something changed or could have',
      'counter',
      () => caches(({ invalidations }) => invalidations),
    )
    this.#define('vitrine_cache_answers', 'Answers that are kept', 'gauge', () =>
      caches(({ answers }) => answers),
    )
    this.#define('vitrine_cache_bytes', 'The memory that they take, about', 'gauge', () =>
      caches(({ bytes }) => bytes),
    )
    this.#define(
      'vitrine_cache_hearing',
      '0 while changes could go unheard, and nothing is kept',
      'gauge',
      () => caches(({ hearing }) => Number(hearing)),
      'min',
    )
  }

  #defineCopies(): void {
    const cycles = (value: (cycle: { count: number; seconds: number; at: number }) => number) =>
      [...this.#cycles.values()].map((cycle) => ({
        labels: { target: cycle.target, status: cycle.status },
        value: value(cycle),
      }))
    this.#define('vitrine_copy_cycles_total', 'Synchronizations that have ended', 'counter', () =>
      cycles(({ count }) => count),
    )
    this.#define('vitrine_copy_cycle_seconds_total', 'How long they took', 'counter', () =>
      cycles(({ seconds }) => seconds),
    )
    this.#define(
      'vitrine_copy_last_cycle_timestamp_seconds',
      'When the last one ended, in seconds since 1970',
      'gauge',
      () => cycles(({ at }) => at),
      'max',
    )
    this.#define(
      'vitrine_copy_problems',
      'Entries that could not be synchronized',
      'gauge',
      () => [...this.#problems].map(([target, value]) => ({ labels: { target }, value })),
      'max',
    )
  }

  /** @param aggregator how the numbers of several processes become one */
  #define(
    name: string,
    help: string,
    type: 'counter' | 'gauge' | 'histogram',
    values: () => readonly Value[] | Promise<readonly Value[]>,
    aggregator: 'sum' | 'min' | 'max' = 'sum',
  ): void {
    const metric = {
      name,
      help,
      type,
      aggregator,
      get: async () => ({ name, help, type, aggregator, values: await values() }),
    }
    // Its own classes keep numbers themselves; the registry asks for no more than this.
    this.#registry.registerMetric(metric as unknown as Metric)
  }
}

function together(numbers: readonly string[]): Registry {
  return AggregatorRegistry.aggregate(numbers.map((one) => JSON.parse(one)))
}

function histogram(labels: Labels, { buckets, seconds }: Kind): readonly Value[] {
  const name = 'vitrine_operation_duration_seconds'
  let count = 0
  const all = [...buckets].map((value, i) => {
    count += value
    return { metricName: `${name}_bucket`, labels: { le: BOUNDS[i] ?? '+Inf', ...labels }, value: count }
  })
  return [
    ...all,
    { metricName: `${name}_sum`, labels, value: seconds },
    { metricName: `${name}_count`, labels, value: count },
  ]
}

async function isUp(source: { health(): Promise<{ readonly ok: boolean }> }): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), PATIENCE)
  })
  try {
    return await Promise.race([source.health().then(({ ok }) => ok), late])
  } catch {
    return false
  } finally {
    clearTimeout(timer)
  }
}
