/** What an SQLite file lists of itself. */
import { kindOf } from '../drivers/sqlite-schema.js'
import type { Listing } from './catalog.js'

/** A mapping takes a dot for what stands between schema and table. */
const ours = `m.name NOT LIKE '%.%' AND m.type IN ('table', 'view') AND m.name NOT LIKE 'sqlite!_%' ESCAPE '!'`

const text = String
const ask = (sql: string) => ({ sql, bindings: [] })

export const sqliteListing: Listing = {
  tables: async (query) => {
    const rows = await query(ask(`SELECT m.name, m.type FROM sqlite_schema m WHERE ${ours}`))
    return rows.map(([name, type]) => ({ name: text(name), isView: type === 'view' }))
  },
  columns: async (query) => {
    const rows = await query(
      ask(`SELECT m.name, x.name, x.type, x."notnull", x.pk FROM sqlite_schema m JOIN pragma_table_xinfo(m.name) x
        WHERE ${ours} AND x.hidden <> 1 ORDER BY m.name, x.cid`),
    )
    return rows.map(([table, name, type, notNull, pk]) => [
      text(table),
      {
        name: text(name),
        type: text(type),
        kind: kindOf(text(type)),
        nullable: Number(notNull) === 0 && Number(pk) === 0,
      },
    ])
  },
  keys: async (query) => {
    const primary = await query(
      ask(`SELECT m.name, x.name FROM sqlite_schema m JOIN pragma_table_info(m.name) x
        WHERE ${ours} AND x.pk > 0 ORDER BY m.name, x.pk`),
    )
    const others = await query(
      ask(`SELECT m.name, l.name, i.name FROM sqlite_schema m JOIN pragma_index_list(m.name) l
        JOIN pragma_index_info(l.name) i
        WHERE ${ours} AND l."unique" = 1 AND l.partial = 0 AND l.origin <> 'pk' AND i.name IS NOT NULL
        ORDER BY m.name, l.seq, i.seqno`),
    )
    return [
      ...primary.map(([table, column]) => ({ table: text(table), index: '', column: text(column) })),
      ...others.map(([table, index, column]) => ({
        table: text(table),
        index: text(index),
        column: text(column),
      })),
    ]
  },
  foreignKeys: async (query) => {
    const rows = await query(
      ask(`SELECT m.name, f.id, f."from", f."table",
          COALESCE(f."to", (SELECT p.name FROM pragma_table_info(f."table") p WHERE p.pk = f.seq + 1))
        FROM sqlite_schema m JOIN pragma_foreign_key_list(m.name) f WHERE ${ours} ORDER BY m.name, f.id, f.seq`),
    )
    return rows.flatMap(([table, id, column, target, targetColumn]) =>
      // The table that is referred to need not be there.
      targetColumn === null
        ? []
        : [
            {
              table: text(table),
              name: text(id),
              column: text(column),
              target: text(target),
              targetColumn: text(targetColumn),
            },
          ],
    )
  },
}
