/** The store, over each of its databases. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mariadbDatabase, postgresDatabase } from '../../servers/shared.js'
import { describeStore, type Place } from './suite.js'

const kept = async (url: string): Promise<Place> => ({ url, close: async () => {} })

describeStore('SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vitrine-store-'))
  return { url: `sqlite:${join(folder, 'store.sqlite')}`, close: () => rm(folder, { recursive: true }) }
})
describeStore('MariaDB', async () => kept(await mariadbDatabase()))
describeStore('PostgreSQL', async () => kept(await postgresDatabase()))
