/** The survey of an SQL database: its catalog, and rows of its tables as cells. */
import type { Cell } from '../../source.js'
import type { Survey, SurveyedColumn } from '../../survey.js'
import { type Dialect, quotePath } from '../dialect.js'
import type { DriverOptions } from '../driver.js'
import { openDriver } from '../source.js'
import { type Listing, readCatalog } from './catalog.js'
import { mariadbListing } from './mariadb.js'
import { postgresqlListing } from './postgresql.js'
import { sqliteListing } from './sqlite.js'

const listings: Readonly<Record<Dialect['name'], Listing>> = {
  mariadb: mariadbListing,
  postgresql: postgresqlListing,
  sqlite: sqliteListing,
}

const versions: Readonly<Record<Dialect['name'], string>> = {
  mariadb: `SELECT CASE WHEN VERSION() LIKE '%MariaDB%' THEN 'MariaDB' ELSE 'MySQL' END, VERSION()`,
  postgresql: `SELECT 'PostgreSQL', current_setting('server_version')`,
  sqlite: `SELECT 'SQLite', sqlite_version()`,
}

/** Characters or octets of a cell that are read; no hash and no address is longer. */
const LONGEST = 1000

/** Connects when first asked. */
export function surveySql(options: DriverOptions): Survey {
  const driver = openDriver(options)
  const { dialect } = driver
  const query = (statement: Parameters<typeof driver.query>[0]) => driver.query(statement)
  return {
    version: async () => {
      const [row] = await query({ sql: versions[dialect.name], bindings: [] })
      const [name, number] = row ?? []
      return `${String(name)} ${/[\d.]+/.exec(String(number))?.[0] ?? ''}`.trim()
    },
    catalog: () => readCatalog(listings[dialect.name], query),
    sample: async (table, columns, limit) => {
      if (columns.length === 0) return []
      const cells = columns.map((column) => cut(column, dialect))
      const order = table.key.map((name) => dialect.quote(name)).join(', ')
      const rows = await query({
        sql: `SELECT ${cells.join(', ')} FROM ${quotePath(dialect, table.name)}${
          order === '' ? '' : ` ORDER BY ${order}`
        } LIMIT ${Math.trunc(limit)}`,
        bindings: [],
      })
      const readers = columns.map(({ kind }) => driver.read(kind))
      return rows.map((row) =>
        row.map((raw, at) => {
          const read = readers[at]
          return read === undefined ? (raw as Cell) : read(raw)
        }),
      )
    },
    close: () => driver.close(),
  }
}

function cut({ name, kind }: SurveyedColumn, dialect: Dialect): string {
  const quoted = dialect.quote(name)
  if (kind === 'binary') return `SUBSTR(${quoted}, 1, ${LONGEST})`
  if (kind !== 'text') return quoted
  return `SUBSTR(${dialect.name === 'postgresql' ? `${quoted}::text` : quoted}, 1, ${LONGEST})`
}
