/** What an SQLite file says of its tables, and how their cells are read. */
import type { Cell, ColumnKind, Table } from '../../source.js'
import { readBinary, readInteger, readIsoTime, readPadded, readText } from '../cells.js'
import { type Index, type SqlColumn, withSought } from '../dialect.js'
import { sqlite } from '../dialects/sqlite.js'
import type { Query } from '../driver.js'

/** A column may hold anything whatever its type says, so every cell is read. */
export const readers: Partial<Record<ColumnKind, (raw: unknown) => Cell>> = {
  text: (raw) => (raw instanceof Uint8Array || raw instanceof ArrayBuffer ? null : readText(raw)),
  integer: (raw) => (typeof raw === 'bigint' ? readInteger(raw) : null),
  decimal: (raw) => (typeof raw === 'bigint' || Number.isFinite(raw) ? String(raw) : null),
  other: readText,
  time: (raw) => (typeof raw === 'string' ? readIsoTime(raw) : null),
  date: (raw) => (typeof raw === 'string' ? readIsoTime(raw) : null),
  binary: (raw) => (typeof raw === 'bigint' || typeof raw === 'number' ? null : readBinary(raw)),
  uuid: readPadded,
}

export async function describe(table: string, query: Query): Promise<Table | undefined> {
  const rows = await query({ sql: 'SELECT name, type FROM pragma_table_xinfo(?)', bindings: [table] })
  if (rows.length === 0) return undefined
  const known = await indexes(table, query)
  const columns = rows.map(([name, type]): SqlColumn => {
    const kind = kindOf(String(type))
    const distinctly = known.filter((i) => i.unique && i.columns.length === 1 && i.leading === name)
    const isUnique = distinctly.some((i) => kind !== 'text' || i.patternOps)
    return {
      name: String(name),
      type: String(type),
      kind,
      ...(kind === 'integer' ? { range: [-(2n ** 63n), 2n ** 63n - 1n] } : {}),
      ...(kind === 'text'
        ? { text: { fold: 'nocase', unicode: false, codePointOrder: true, pads: false } }
        : {}),
      ...(distinctly.length > 0 && { distinct: true }),
      ...(isUnique && { unique: true }),
    }
  })
  const sought = columns.map((c) => withSought(c, known, sqlite))
  return { name: table, columns: new Map(sought.map((c) => [c.name, c])) }
}

/**
 * By the declared type; the names of times come before SQLite's own affinity rules. An expression of a view has none,
 * and no affinity that would let it be compared with what a driver binds.
 */
export function kindOf(type: string): ColumnKind {
  const declared = type.toUpperCase()
  if (/^DATE$/.test(declared)) return 'date'
  if (/DATETIME|TIMESTAMP/.test(declared)) return 'time'
  if (/INT|BOOL/.test(declared)) return 'integer'
  if (/CHAR|CLOB|TEXT|UUID/.test(declared)) return 'text'
  if (/BLOB|BINARY/.test(declared)) return 'binary'
  return /REAL|FLOA|DOUB|DEC|NUM/.test(declared) ? 'decimal' : 'other'
}

export async function indexes(table: string, query: Query): Promise<readonly Index[]> {
  const rows = await query({
    sql: `SELECT l.name, l."unique", i.name, i.coll FROM pragma_index_list(?) l JOIN pragma_index_xinfo(l.name) i
      WHERE i.key = 1 AND l.partial = 0 ORDER BY l.seq, i.seqno`,
    bindings: [table],
  })
  const found = new Map<string, Index & { columns: string[] }>()
  for (const [name, unique, column, collation] of rows) {
    const known = found.get(String(name))
    if (known !== undefined) known.columns.push(String(column))
    else {
      found.set(String(name), {
        name: String(name),
        unique: Number(unique) === 1,
        leading: String(column),
        columns: [String(column)],
        patternOps: String(collation).toUpperCase() === 'NOCASE',
      })
    }
  }
  const key = await query({ sql: 'SELECT name FROM pragma_table_info(?) WHERE pk = 1', bindings: [table] })
  const [first] = key[0] ?? []
  if (typeof first === 'string') {
    found.set('PRIMARY KEY', {
      name: 'PRIMARY KEY',
      unique: true,
      leading: first,
      columns: [first],
      patternOps: false,
    })
  }
  return [...found.values()]
}
