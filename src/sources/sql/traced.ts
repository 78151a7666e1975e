/** A driver whose statements are told as parts of what goes on, by their text, which holds no values. */
import { spanned, type TraceAttributes, type Tracing } from '../../model/trace.js'
import type { Driver, Query, RawRows } from './driver.js'
import type { Statement } from './statement.js'

export interface TracedDriverOptions {
  readonly url: string
  /** Do statements carry, as a comment, of what trace they are part? */
  readonly traceComments: boolean
}

export function tracedDriver(driver: Driver, tracing: Tracing, options: TracedDriverOptions): Driver {
  const about = describe(options.url)
  const ask = (statement: Statement, query: Query): Promise<RawRows> => {
    if (!tracing.isKept()) return query(statement)
    const { operation, table } = partsOf(statement.sql)
    const span = tracing.part(
      table === undefined ? operation : `${operation} ${table}`,
      {
        ...about,
        'db.operation.name': operation,
        'db.collection.name': table,
        'db.query.text': statement.sql,
      },
      true,
    )
    if (span === undefined) return query(statement)
    return spanned(
      span,
      () => query(options.traceComments ? commented(statement, tracing.traceparent()) : statement),
      ({ length }) => (operation === 'SELECT' ? { 'db.response.returned_rows': length } : {}),
    )
  }
  const { snapshot } = driver
  return {
    ...driver,
    query: (statement, signal) => ask(statement, (asked) => driver.query(asked, signal)),
    transaction: (work, signal) => {
      const begun = () => driver.transaction((query) => work((statement) => ask(statement, query)), signal)
      const span = tracing.part('transaction', about, false)
      return span === undefined ? begun() : spanned(span, begun)
    },
    ...(snapshot !== undefined && {
      snapshot: (work, signal) => {
        const begun = () => snapshot((query) => work((statement) => ask(statement, query)), signal)
        const span = tracing.part('snapshot', about, false)
        return span === undefined ? begun() : spanned(span, begun)
      },
    }),
    remember: () => tracing.remember(),
  }
}

/** As sqlcommenter has it: values are percent-encoded, of which this one needs none. */
function commented(statement: Statement, traceparent: string | undefined): Statement {
  return traceparent === undefined ? statement : { ...statement, comment: `/*traceparent='${traceparent}'*/` }
}

const NAMES: Readonly<Record<string, string>> = {
  'mysql:': 'mysql',
  'mariadb:': 'mariadb',
  'postgres:': 'postgresql',
  'postgresql:': 'postgresql',
  'sqlite:': 'sqlite',
}

/** The semantic conventions' names for where the database is. */
function describe(url: string): TraceAttributes {
  const scheme = url.slice(0, url.indexOf(':') + 1)
  const system = { 'db.system.name': NAMES[scheme] }
  if (scheme === 'sqlite:') return system
  const { hostname, port, pathname } = new URL(url)
  return {
    ...system,
    'db.namespace': decodeURIComponent(pathname.slice(1)),
    'server.address': hostname,
    'server.port': port === '' ? undefined : Number(port),
  }
}

function partsOf(sql: string): { readonly operation: string; readonly table: string | undefined } {
  const [operation = ''] = /\w+/.exec(sql) ?? []
  const [, table] = /\b(?:FROM|INTO|UPDATE)\s+([`"\w.]+)/.exec(sql) ?? []
  return { operation: operation.toUpperCase(), table: table?.replaceAll(/[`"]/g, '') }
}
