/** The current snapshot of a store of copies is a source, over each of its databases. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createStore } from '../../../src/copy/store/open.js'
import type { StoreRow, StoreTable } from '../../../src/copy/store/store.js'
import type { Cell } from '../../../src/sources/source.js'
import { mariadbDatabase, postgresDatabase } from '../../servers/shared.js'
import { describeSource, type OpenOptions, type Store } from './suite.js'
import type { Fixture } from './tables.js'

const definitionOf = ({ name, columns }: Fixture): StoreTable => ({
  name,
  key: columns[0]?.name ?? '',
  columns: columns.map((c) => ({
    name: c.name,
    kind: c.kind,
    ...((c.indexed === true || c.unique === true) && { index: c.unique === true ? 'unique' : 'plain' }),
  })),
  children: [],
})

const rowOf = (cells: readonly Cell[]): StoreRow => ({ cells, children: {} })

/** Rows as they were in a snapshot before: others, and of others other ones. */
const formerly = ({ rows, columns }: Fixture): readonly StoreRow[] =>
  rows
    .filter((_, i) => i % 3 > 0)
    .map(([key = null, ...cells], i) => {
      const others = i % 2 === 0 ? cells : columns.slice(1).map((_, at) => cells[at] ?? null)
      return rowOf([key, ...(i % 2 === 0 ? others.map(() => null) : others)])
    })

function copies(url: string, missing: string, close: () => Promise<void>): Store {
  const open = (at: string, { atOnce = 4, patience = 5000, statementTimeout = 20_000 }: OpenOptions = {}) =>
    createStore({
      url: at,
      pool: { max: atOnce, acquireTimeout: patience },
      statementTimeout,
      connectTimeout: 2000,
    })
  return {
    load: async (tables) => {
      const store = open(url)
      await store.define(tables.map(definitionOf))
      const first = await store.begin()
      for (const table of tables) await first.put(table.name, formerly(table))
      await first.put('things', [rowOf([999, 'gone', ...Array.from({ length: 10 }, () => null)])])
      await first.commit()
      const second = await store.begin()
      for (const table of tables) await second.put(table.name, table.rows.map(rowOf))
      await second.remove('things', [999])
      await second.commit()
      // What a cycle has put that never came to its end is not seen.
      const third = await store.begin()
      await third.remove('things', [1, 2, 3])
      await third.put('labels', [rowOf([4, 'not yet'])])
      await store.close()
    },
    open: (options) => open(url, options).source,
    openMissing: () => open(missing).source,
    close,
  }
}

const nothing = async () => {}

describeSource(
  'The store on MariaDB',
  async () => copies(await mariadbDatabase(), 'mysql://nobody:x@127.0.0.1:1/none', nothing),
  { readOnly: true },
)
describeSource(
  'The store on PostgreSQL',
  async () => copies(await postgresDatabase(), 'postgres://nobody:x@127.0.0.1:1/none', nothing),
  { readOnly: true },
)
describeSource(
  'The store on SQLite',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vitrine-copies-'))
    const file = join(folder, 'below', 'store.sqlite')
    return copies(`sqlite:${file}`, `sqlite:${file}/below/none`, () => rm(folder, { recursive: true }))
  },
  { readOnly: true },
)
