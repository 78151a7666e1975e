/** The join source is a source: every row of a table, completed by that of the same table in the same database. */
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createJoinSource } from '../../../src/sources/join/source.js'
import { joinedTable, joinOf } from '../../../src/sources/joined.js'
import type { Source, Table } from '../../../src/sources/source.js'
import { mariadbDatabase } from '../../servers/shared.js'
import { sqlStore } from './sql-store.js'
import { describeSource, type Store } from './suite.js'

/** Each table with a key `id` or `code`, joined with itself by it; its own columns are the only ones that are told of. */
function joined(source: Source): Source {
  const made = createJoinSource({ primary: source, sources: new Map([['same', source]]) })
  return {
    describe: async (name) => {
      const table = await made.describe(name)
      return table && withItself(table)
    },
    support: (on, test) => made.support(on, test),
    search: (query, ctx) => made.search(query, ctx),
    count: (query, ctx) => made.count(query, ctx),
    orders: (order) => made.orders(order),
    explain: (query) => made.explain(query),
    advise: (query) => made.advise(query),
    health: () => made.health(),
    close: () => source.close(),
    ...(made.write && { write: made.write }),
    ...(made.mostTests !== undefined && { mostTests: made.mostTests }),
  }
}

function withItself(primary: Table): Table {
  const key = primary.columns.get('id') ?? primary.columns.get('code')
  if (key === undefined) return primary
  const same = joinedTable({
    primary,
    key,
    secondaries: [
      {
        alias: 'same',
        source: 'same',
        of: { table: primary, key, where: [] },
        on: [{ secondary: key, primary: key }],
        caseExact: true,
        optional: false,
        onFailure: 'fail',
        owned: false,
      },
    ],
  })
  // Its secondary columns are there all the same, but the suite does not know them.
  const shown = { ...same, columns: primary.columns }
  if (joinOf(shown) === undefined) throw new Error('the table is not joined')
  return shown
}

const joinedStore = (store: Store): Store => ({
  ...store,
  open: (options) => joined(store.open(options)),
  openMissing: () => joined(store.openMissing()),
})

describeSource('SQLite joined with itself', async () => {
  const file = join(tmpdir(), `vitrine-join-source-${process.pid}.sqlite`)
  await rm(file, { force: true })
  return joinedStore(await sqlStore(`sqlite:${file}`, `sqlite:${file}.none`, file))
})
describeSource(
  'MariaDB joined with itself',
  async () => joinedStore(await sqlStore(await mariadbDatabase(), 'mysql://nobody:x@127.0.0.1:1/none')),
  { slow: 'slow' },
)
