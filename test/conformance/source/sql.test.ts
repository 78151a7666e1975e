/** The SQL source is a source, over each of its databases. */
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mariadbDatabase, postgresDatabase } from '../../servers/shared.js'
import { sqlStore } from './sql-store.js'
import { describeSource } from './suite.js'

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
