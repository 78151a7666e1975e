/** The SQL source is a source, over each of its databases. */
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSource } from '../../../src/sources/registry.js'
import type { ColumnKind } from '../../../src/sources/source.js'
import type { DatabaseKind } from '../../data/schema-sql.js'
import { openSql } from '../../data/sql-client.js'
import { mariadbDatabase, postgresDatabase } from '../../servers/shared.js'
import { describeSource, type OpenOptions, type Store } from './suite.js'

const types: Readonly<Record<DatabaseKind, Partial<Record<ColumnKind, string>>>> = {
  mariadb: {
    text: 'varchar(60)',
    integer: 'bigint',
    boolean: 'tinyint(1)',
    time: 'datetime(3)',
    date: 'date',
    binary: 'blob',
    uuid: 'uuid',
  },
  postgres: {
    text: 'varchar(60)',
    integer: 'bigint',
    boolean: 'boolean',
    time: 'timestamptz',
    date: 'date',
    binary: 'bytea',
    uuid: 'uuid',
  },
  sqlite: {
    text: 'text',
    integer: 'integer',
    boolean: 'boolean',
    time: 'datetime',
    date: 'date',
    binary: 'blob',
    uuid: 'text',
  },
}

/** Views that take a second for each of their rows, where a statement runs anywhere but in this process. */
const slowViews: Readonly<Partial<Record<DatabaseKind, readonly string[]>>> = {
  mariadb: ['create view slow as select id, sleep(1) as waited from things where sleep(1) = 0'],
  postgres: [
    `create function wait_for(n bigint) returns bigint language plpgsql volatile as
      $$ begin perform pg_sleep(1); return n; end $$`,
    'create view slow as select id from things where wait_for(id) = id',
  ],
}

async function sqlStore(url: string, missing: string, file?: string): Promise<Store> {
  const client = await openSql(url)
  const { kind } = client
  const open = (at: string, { atOnce = 4, patience = 5000, statementTimeout = 20_000 }: OpenOptions = {}) =>
    createSource({
      type: 'sql',
      url: at,
      pool: { max: atOnce, acquireTimeout: patience },
      statementTimeout,
      connectTimeout: 2000,
    })
  return {
    load: async (tables) => {
      for (const { name, columns, rows } of tables) {
        const list = columns.map(
          (c, i) => `${c.name} ${types[kind][c.kind]}${i === 0 ? ' not null primary key' : ''}`,
        )
        await client.run(`create table ${name} (${list.join(', ')})`)
        await client.insert(
          name,
          columns.map((c) => c.name),
          rows,
        )
      }
      for (const statement of slowViews[kind] ?? []) await client.run(statement)
    },
    open: (options) => open(url, options),
    openMissing: () => open(missing),
    close: async () => {
      await client.close()
      if (file !== undefined) await rm(file, { force: true })
    },
  }
}

describeSource(
  'MariaDB',
  async () => sqlStore(await mariadbDatabase(), 'mysql://nobody:x@127.0.0.1:1/none'),
  { slow: 'slow' },
)
describeSource(
  'PostgreSQL',
  async () => sqlStore(await postgresDatabase(), 'postgres://nobody:x@127.0.0.1:1/none'),
  { slow: 'slow' },
)
describeSource('SQLite', async () => {
  const file = join(tmpdir(), `vitrine-source-${process.pid}.sqlite`)
  await rm(file, { force: true })
  return sqlStore(`sqlite:${file}`, `sqlite:${file}.none`, file)
})
