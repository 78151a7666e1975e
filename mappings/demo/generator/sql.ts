/** Rows as INSERT statements that SQLite, MariaDB and PostgreSQL understand, text in UTF-8. */

export type SqlValue = string | number | boolean | Date | null

const ROWS_PER_STATEMENT = 50

export function insertStatements(
  table: string,
  columns: readonly string[],
  rows: readonly (readonly SqlValue[])[],
): string {
  const statements: string[] = []
  for (let at = 0; at < rows.length; at += ROWS_PER_STATEMENT) {
    const values = rows.slice(at, at + ROWS_PER_STATEMENT).map((row) => `  (${row.map(literal).join(', ')})`)
    statements.push(`INSERT INTO ${table} (${columns.join(', ')}) VALUES\n${values.join(',\n')};\n`)
  }
  return statements.join('')
}

/** Times are in UTC, to the second. */
function literal(value: SqlValue): string {
  if (value === null) return 'NULL'
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE'
  if (typeof value === 'number') return String(value)
  const text = value instanceof Date ? value.toISOString().replace('T', ' ').slice(0, 19) : value
  return `'${text.replaceAll("'", "''")}'`
}
