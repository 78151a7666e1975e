/** What PostgreSQL lists of itself: tables, views and foreign tables of all schemas but its own. */
import { kindOf } from '../drivers/postgres.js'
import type { Listing } from './catalog.js'

/** A table's name as a mapping has it: without its schema where it is found without. */
const named = (relation: string, schema: string) =>
  `CASE WHEN pg_table_is_visible(${relation}.oid) THEN ${relation}.relname
    ELSE ${schema}.nspname || '.' || ${relation}.relname END`

const tables = `pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace`
/** A mapping takes a dot for what stands between schema and table. */
const ours = `c.relname !~ '[.]' AND n.nspname !~ '[.]' AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
  AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'`

const text = String
const ask = (sql: string) => ({ sql, bindings: [] })

export const postgresqlListing: Listing = {
  tables: async (query) => {
    const rows = await query(
      ask(
        `SELECT ${named('c', 'n')}, c.relkind IN ('v', 'm'), c.reltuples::bigint FROM ${tables} WHERE ${ours}`,
      ),
    )
    return rows.map(([name, isView, count]) => ({
      name: text(name),
      isView: isView === 't',
      // Nobody has counted yet.
      ...(Number(count) > 0 && { rows: Number(count) }),
    }))
  },
  columns: async (query) => {
    const rows = await query(
      ask(`SELECT ${named('c', 'n')}, a.attname, format_type(a.atttypid, a.atttypmod), t.typname, t.typtype, a.attnotnull
        FROM ${tables} JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        JOIN pg_type t ON t.oid = a.atttypid
        WHERE ${ours} AND has_schema_privilege(n.oid, 'USAGE') AND has_column_privilege(c.oid, a.attnum, 'SELECT')
        ORDER BY n.nspname, c.relname, a.attnum`),
    )
    return rows.map(([table, name, type, typname, typtype, notNull]) => [
      text(table),
      {
        name: text(name),
        type: text(type),
        kind: typtype === 'e' ? 'text' : kindOf(text(typname)),
        nullable: notNull !== 't',
      },
    ])
  },
  keys: async (query) => {
    const rows = await query(
      ask(`SELECT ${named('c', 'n')}, CASE WHEN i.indisprimary THEN '' ELSE x.relname END, a.attname
        FROM ${tables} JOIN pg_index i ON i.indrelid = c.oid AND i.indisunique AND i.indpred IS NULL AND i.indisvalid
        JOIN pg_class x ON x.oid = i.indexrelid
        CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k(n, place)
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.n
        WHERE ${ours} AND i.indexprs IS NULL AND k.place <= i.indnkeyatts
        ORDER BY n.nspname, c.relname, x.relname, k.place`),
    )
    return rows.map(([table, index, column]) => ({
      table: text(table),
      index: text(index),
      column: text(column),
    }))
  },
  foreignKeys: async (query) => {
    const rows = await query(
      ask(`SELECT ${named('c', 'n')}, f.conname, a.attname, ${named('r', 'm')}, b.attname
        FROM ${tables} JOIN pg_constraint f ON f.conrelid = c.oid AND f.contype = 'f'
        JOIN pg_class r ON r.oid = f.confrelid JOIN pg_namespace m ON m.oid = r.relnamespace
        CROSS JOIN LATERAL unnest(f.conkey, f.confkey) WITH ORDINALITY AS k(n, target, place)
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.n
        JOIN pg_attribute b ON b.attrelid = r.oid AND b.attnum = k.target
        WHERE ${ours} ORDER BY n.nspname, c.relname, f.conname, k.place`),
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
