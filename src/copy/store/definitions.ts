/** The store's tables as they are in the database: made, added to, and remembered there for whoever opens it. */
import { createHash } from 'node:crypto'
import type { Column } from '../../sources/source.js'
import type { Query } from '../../sources/sql/driver.js'
import type { Database } from './database.js'
import type { Described } from './dialect.js'
import type { StoreChild, StoreColumn, StoreTable } from './store.js'

/** Columns of which a table of the store has more than its definition says. */
export const SINCE = 'v_since'
export const UNTIL = 'v_until'
export const HASH = 'v_hash'
export const ID = 'v_id'

const PREFIX = 'vitrine_t_'

/** A table of the database that holds the rows of one of the store, with its key, or with their parent's. */
export interface Layout {
  readonly name: string
  readonly physical: string
  readonly key: Column
  /** Without those of versions; of a child, without its parent's key. */
  readonly columns: readonly (StoreColumn & Column)[]
}

export interface TableLayout extends Layout {
  readonly keyAt: number
  readonly children: readonly ChildLayout[]
  /** Those that the store knows of and the definition no longer does. */
  readonly former: readonly ChildLayout[]
}

export interface ChildLayout extends Layout {
  readonly identity: number
}

export function physicalName(name: string): string {
  return `${PREFIX}${name}`
}

/** @param known what the store knows of it, where that may be more */
export function layoutOf(table: StoreTable, known: StoreTable = table): TableLayout {
  const keyAt = table.columns.findIndex((c) => c.name === table.key)
  const key = table.columns[keyAt]
  if (key === undefined)
    throw new TypeError(`table ${table.name}: there is no column ${table.key} for its key`)
  return {
    name: table.name,
    physical: physicalName(table.name),
    key: { name: key.name, kind: key.kind },
    keyAt,
    columns: table.columns,
    children: table.children.map((child) => childLayout(child, key)),
    former: known.children
      .filter(({ name }) => !table.children.some((c) => c.name === name))
      .map((child) => childLayout(child, key)),
  }
}

function childLayout({ name, of, columns, identity }: StoreChild, { kind }: Column): ChildLayout {
  return { name, physical: physicalName(name), key: { name: of, kind }, columns, identity }
}

/** Throws a TypeError for what cannot be kept. */
export function checkDefinitions(tables: readonly StoreTable[]): void {
  const names = new Set<string>()
  for (const table of tables) {
    layoutOf(table)
    checkTable(table.name, table.columns, names)
    for (const child of table.children) {
      const { name, of, columns, identity } = child
      checkTable(name, [{ name: of, kind: 'text' }, ...columns], names)
      if (!Number.isInteger(identity) || identity < 1 || identity > columns.length)
        throw new TypeError(`table ${name}: its identity has to be 1 to ${columns.length} columns`)
    }
  }
}

function checkTable(name: string, columns: readonly StoreColumn[], names: Set<string>): void {
  if (!/^[A-Za-z][\w-]{0,44}$/.test(name))
    throw new TypeError(`a table cannot be called ${JSON.stringify(name)}`)
  if (names.has(name.toLowerCase())) throw new TypeError(`there are several tables ${name}`)
  names.add(name.toLowerCase())
  const seen = new Set<string>()
  for (const column of columns) {
    const folded = column.name.toLowerCase()
    const isFit = column.name !== '' && Buffer.byteLength(column.name) <= 60 && !/^v_|\0/.test(folded)
    if (!isFit) throw new TypeError(`table ${name}: a column cannot be called ${JSON.stringify(column.name)}`)
    if (seen.has(folded)) throw new TypeError(`table ${name}: there are several columns ${column.name}`)
    seen.add(folded)
  }
}

/** What the database knows of, by name. */
export async function readDefinitions(query: Query): Promise<ReadonlyMap<string, StoreTable>> {
  const rows = await query({ sql: 'SELECT definition FROM vitrine_tables ORDER BY name', bindings: [] })
  const tables = rows.map(([text]) => JSON.parse(String(text)) as StoreTable)
  return new Map(tables.map((table) => [table.name, table]))
}

export async function makeTables(tables: readonly StoreTable[], db: Database): Promise<void> {
  await db.transact((query) =>
    db.own.lockDefinitions(query, async () => {
      const known = await readDefinitions(query)
      const made = new Map(known)
      for (const table of tables) made.set(table.name, merged(known.get(table.name), table))
      checkDefinitions([...made.values()])
      for (const { name } of tables) {
        const table = made.get(name)
        if (table !== undefined) await makeTable(known.get(name), table, query, db)
      }
    }),
  )
}

async function makeTable(
  known: StoreTable | undefined,
  table: StoreTable,
  query: Query,
  db: Database,
): Promise<void> {
  const definition = JSON.stringify(table)
  if (definition === JSON.stringify(known)) return
  const run = async (statements: readonly string[]) => {
    for (const sql of statements) await query({ sql, bindings: [] })
  }
  const columns = table.columns.map((c): Described => (c.name === table.key ? { ...c, key: true } : c))
  const parts = [`${HASH} ${db.own.short(22)}`]
  const primary = `PRIMARY KEY (${db.quote(table.key)}, ${SINCE})`
  const name = physicalName(table.name)
  if (known === undefined) await run(creation(name, columns, [...parts, primary], db))
  else await run(await addition(name, known.columns, table.columns, db))
  for (const child of table.children) {
    const before = known?.children.find((c) => c.name === child.name)
    const kind = columns.find((c) => c.key === true)?.kind ?? 'text'
    const of: Described = { name: child.of, kind, key: true, index: 'plain' }
    const physical = physicalName(child.name)
    if (before === undefined) {
      const numbered = `${ID} ${db.own.numbered}`
      await run(creation(physical, [of, ...child.columns], [numbered], db))
    } else await run(await addition(physical, before.columns, child.columns, db))
  }
  const sql = `DELETE FROM vitrine_tables WHERE name = ${db.dialect.placeholder(1)}`
  await query({ sql, bindings: [table.name] })
  const [first, second] = [db.dialect.placeholder(1), db.dialect.placeholder(2)]
  await query({
    sql: `INSERT INTO vitrine_tables (name, definition) VALUES (${first}, ${second})`,
    bindings: [table.name, definition],
  })
}

function creation(
  table: string,
  columns: readonly Described[],
  parts: readonly string[],
  db: Database,
): readonly string[] {
  const written = columns.map(
    (c) => `${db.quote(c.name)} ${db.own.type(c)}${c.key === true ? ' NOT NULL' : ''}`,
  )
  const versions = [`${SINCE} bigint NOT NULL`, `${UNTIL} bigint NOT NULL`]
  const sought = columns.filter((c) => c.index !== undefined)
  return [
    // Left behind by somebody who was killed before the table was known.
    `DROP TABLE IF EXISTS ${db.quote(table)}`,
    `CREATE TABLE ${db.quote(table)} (${[...written, ...versions, ...parts].join(', ')})${db.own.tableOptions}`,
    db.own.endIndex(indexName(table, UNTIL), table),
    ...sought.map((c) => db.own.index(indexName(table, c.name), table, c, false)),
  ]
}

async function addition(
  table: string,
  known: readonly StoreColumn[],
  columns: readonly StoreColumn[],
  db: Database,
): Promise<readonly string[]> {
  // MariaDB ends a transaction with each definition: somebody may have been killed between two.
  const there = await db.reading.describe(table)
  const indexes = new Set((await db.reading.indexes(table)).map((i) => i.name))
  return columns.flatMap((column) => {
    const before = known.find((c) => c.name === column.name)
    const name = indexName(table, column.name)
    const index =
      column.index === undefined || indexes.has(name)
        ? []
        : [db.own.index(name, table, column, before !== undefined)]
    if (there?.columns.has(column.name)) return index
    const added = `${db.quote(column.name)} ${db.own.type(column)}`
    return [`ALTER TABLE ${db.quote(table)} ADD COLUMN ${added}`, ...index]
  })
}

const indexName = (table: string, column: string) =>
  `vitrine_i_${createHash('sha256').update(`${table}.${column}`).digest('hex').slice(0, 16)}`

/** What is known, and what a definition adds to it. */
function merged(known: StoreTable | undefined, table: StoreTable): StoreTable {
  if (known === undefined) return table
  const remedy = 'keep the copy in another store, or call it otherwise'
  if (known.key !== table.key)
    throw new TypeError(
      `table ${table.name}: its key is ${known.key} in this store, and not ${table.key}; ${remedy}`,
    )
  const columns = mergedColumns(table.name, known.columns, table.columns, remedy)
  const children = new Map(known.children.map((c) => [c.name, c]))
  for (const child of table.children) {
    const before = children.get(child.name)
    if (before !== undefined && before.of !== child.of)
      throw new TypeError(`table ${child.name}: it is related by ${before.of} in this store; ${remedy}`)
    const added: StoreChild =
      before === undefined
        ? child
        : { ...child, columns: mergedColumns(child.name, before.columns, child.columns, remedy) }
    children.set(child.name, added)
  }
  return { ...table, columns, children: [...children.values()] }
}

function mergedColumns(
  table: string,
  known: readonly StoreColumn[],
  columns: readonly StoreColumn[],
  remedy: string,
): readonly StoreColumn[] {
  const all = new Map(known.map((c) => [c.name, c]))
  for (const column of columns) {
    const before = all.get(column.name)
    if (before !== undefined && (before.kind !== column.kind || before.exact !== column.exact)) {
      const what = `${before.exact === true ? 'exact ' : ''}${before.kind}`
      throw new TypeError(`table ${table}: column ${column.name} is ${what} in this store; ${remedy}`)
    }
    const index = column.index ?? before?.index
    all.set(column.name, { ...column, ...(index !== undefined && { index }) })
  }
  return [...all.values()]
}
