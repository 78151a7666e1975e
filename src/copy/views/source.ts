/** The store as the source of copied views: it knows in which columns the first of an attribute's values stands. */
import { VitrineError } from '../../model/errors.js'
import type { Source, Table } from '../../sources/source.js'
import type { CopiedView } from './tables.js'

export function copySource(store: Source, views: readonly CopiedView[]): Source {
  const leading = new Map(views.map(({ table, attributes }) => [table, leadingOf(attributes)]))
  const { mostTests } = store
  const ordersStrictly = store.ordersStrictly?.bind(store)
  return {
    ...(mostTests !== undefined && { mostTests }),
    describe: async (name) => {
      const table = await store.describe(name)
      if (table !== undefined) return withLeading(table, leading.get(name))
      throw new VitrineError('unavailable', { detail: `nothing was copied into ${name} yet` })
    },
    support: (on, test) => store.support(on, test),
    search: (query, ctx) => store.search(query, ctx),
    count: (query, ctx) => store.count(query, ctx),
    orders: (order) => store.orders(order),
    ...(ordersStrictly && { ordersStrictly }),
    explain: (query) => store.explain(query),
    advise: (query) => store.advise(query),
    health: () => store.health(),
    close: () => store.close(),
  }
}

function leadingOf(attributes: CopiedView['attributes']): ReadonlySet<string> {
  return new Set(
    attributes.flatMap(({ kept }) =>
      kept.flatMap((one) => (one.in === 'cell' && one.leads ? one.column : [])),
    ),
  )
}

function withLeading(table: Table, leading: ReadonlySet<string> = new Set()): Table {
  const columns = [...table.columns].map(
    ([name, column]) => [name, leading.has(name) ? { ...column, leads: true as const } : column] as const,
  )
  return { ...table, columns: new Map(columns) }
}
