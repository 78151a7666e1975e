/** The example of a cache: what is noticed of changes, and what is answered while the database is away. */
import { mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { demo } from '../../src/cli/demo.js'
import { runSql } from './databases.js'
import { find, type Served, serveFile, valuesOf } from './served.js'

const example = fileURLToPath(new URL('../../examples/cache/gateway.yaml', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'vitrine-cache-example-'))
const database = join(folder, 'demo.sqlite')
const people = 'ou=people,dc=example,dc=com'
let served: Served

beforeAll(async () => {
  await demo({ write: database })
  vi.stubEnv('DB_URL', `sqlite:${database}`)
  served = await serveFile(example, { listen: { ops: '127.0.0.1:0' } })
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await served?.close()
  rmSync(folder, { recursive: true })
})

test('keeps answers until a change says when it was, and gives them while the database is away', async () => {
  const client = served.connect()
  await client.bind('cn=admin,dc=example,dc=com', 'secret')
  const title = async () => valuesOf((await find(client, people, '(uid=bjensen)'))[0], 'title').join()
  const change = (set: string) =>
    runSql(`sqlite:${database}`, `UPDATE users SET ${set} WHERE username = 'bjensen'`)
  // Until the first look at the database has become old news, nothing is kept for long.
  await sleep(2500)
  expect(await title()).toBe('VP Engineering')
  await change(`title = 'CIO'`)
  expect(await title()).toBe('VP Engineering')
  await change(`title = 'CTO', updated_at = CURRENT_TIMESTAMP`)
  await expect.poll(title, { timeout: 5000 }).toBe('CTO')
  renameSync(database, `${database}.away`)
  await sleep(1500)
  expect(await title()).toBe('CTO')
  await expect(find(client, people, '(uid=nlevi)')).rejects.toThrow(/unavailable/i)
  await expect(served.accepts(`uid=bjensen,${people}`, 'hifalutin')).rejects.toThrow(/unavailable/i)
})
