/** What MariaDB and MySQL list of themselves: of the URL's database, or of all where it names none. */
import { kindOf } from '../drivers/mysql.js'
import type { Listing } from './catalog.js'

/** A table's name as a mapping has it. */
const named = (schema: string, table: string) =>
  `CASE WHEN DATABASE() IS NULL THEN CONCAT(${schema}, '.', ${table}) ELSE ${table} END`

/** A mapping takes a dot for what stands between schema and table. */
const ours = `table_schema = COALESCE(DATABASE(), table_schema) AND table_name NOT LIKE '%.%'
    AND table_schema NOT IN ('information_schema', 'performance_schema', 'mysql', 'sys')`

const text = String
const ask = (sql: string) => ({ sql, bindings: [] })

export const mariadbListing: Listing = {
  tables: async (query) => {
    const rows = await query(
      ask(`SELECT ${named('table_schema', 'table_name')}, table_type, table_rows
        FROM information_schema.tables WHERE ${ours}`),
    )
    return rows.map(([name, type, count]) => ({
      name: text(name),
      isView: !/TABLE/i.test(text(type)),
      ...(count !== null && { rows: Number(count) }),
    }))
  },
  columns: async (query) => {
    const rows = await query(
      ask(`SELECT ${named('table_schema', 'table_name')}, column_name, data_type, column_type, is_nullable
        FROM information_schema.columns
        WHERE ${ours} AND privileges LIKE '%select%'
        ORDER BY table_schema, table_name, ordinal_position`),
    )
    return rows.map(([table, name, dataType, type, nullable]) => [
      text(table),
      {
        name: text(name),
        type: text(type),
        kind: kindOf(text(dataType).toLowerCase(), text(type).toLowerCase()),
        nullable: text(nullable) === 'YES',
      },
    ])
  },
  keys: async (query) => {
    const rows = await query(
      ask(`SELECT ${named('table_schema', 'table_name')}, index_name, column_name
        FROM information_schema.statistics WHERE non_unique = 0 AND ${ours}
        ORDER BY table_schema, table_name, index_name, seq_in_index`),
    )
    return rows.map(([table, index, column]) => ({
      table: text(table),
      index: text(index) === 'PRIMARY' ? '' : text(index),
      column: text(column),
    }))
  },
  foreignKeys: async (query) => {
    const rows = await query(
      ask(`SELECT ${named('table_schema', 'table_name')}, constraint_name, column_name,
          ${named('referenced_table_schema', 'referenced_table_name')}, referenced_column_name
        FROM information_schema.key_column_usage
        WHERE referenced_table_name IS NOT NULL AND ${ours}
        ORDER BY table_schema, table_name, constraint_name, ordinal_position`),
    )
    return rows.map(([table, name, column, target, targetColumn]) => ({
      table: text(table),
      name: text(name),
      column: text(column),
      target: text(target),
      targetColumn: text(targetColumn),
    }))
  },
}
