/** Holds up every query of a table, so that what waits for it can be seen waiting. */
import { createConnection } from 'mysql2/promise'
import { Client } from 'pg'
import { upstreamAt } from './upstream.js'

/** Queries of the table wait until the function is called that this resolves with; of a directory, all queries do. */
export async function blockTable(url: string, table: string): Promise<() => Promise<void>> {
  const upstream = upstreamAt(url)
  if (upstream !== undefined) {
    upstream.pause()
    return async () => upstream.resume()
  }
  if (url.startsWith('mysql:')) {
    const connection = await createConnection(url)
    await connection.query(`lock tables ${table} write`)
    return () => connection.end()
  }
  const client = new Client({ connectionString: url })
  await client.connect()
  await client.query('begin')
  await client.query(`lock table ${table} in access exclusive mode`)
  return () => client.end()
}
