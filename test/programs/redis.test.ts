/** Replicas that keep answers tell each other what they have written, over Redis, and keep nothing while it is away. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LdapClient } from '../../src/ldap/index.js'
import { sqliteDatabase } from '../mappings/databases.js'
import { cachedStaff, fillStaff, serveCached } from '../protocol/caching.js'
import type { Served } from '../protocol/scim/serving.js'
import { runSql } from '../protocol/serving.js'
import { admin, people, personDn } from '../protocol/staff.js'
import { startRedis } from '../servers/redis.js'
import type { Server } from '../servers/server.js'

const database = sqliteDatabase()
let redis: Server
let replicas: readonly Served[] = []
let writer: LdapClient
let reader: LdapClient

beforeAll(async () => {
  await fillStaff(database.url)
  redis = await startRedis()
  const url = `redis://127.0.0.1:${redis.port}`
  const config = cachedStaff(
    database.url,
    { ttl: '1h' },
    { cache: { replicas: { url, password: 'secret' } } },
  )
  replicas = [await serveCached(config), await serveCached(config)]
  ;[writer, reader] = (await Promise.all(replicas.map((one) => one.connect(admin.dn, admin.password)))) as [
    LdapClient,
    LdapClient,
  ]
})

afterAll(async () => {
  for (const one of replicas) await one.close()
  await redis?.stop()
  await database.remove()
})

async function titleOf(client: LdapClient, login: string): Promise<string | undefined> {
  const { entries } = await client.searchAll(people, { filter: `(uid=${login})`, attributes: ['title'] })
  return entries[0]?.attributes[0]?.values.map(String)[0]
}

const write = (login: string, title: string) =>
  writer.modify(personDn(login), [{ operation: 'replace', type: 'title', values: [title] }])

let unseen = 0

/** Does it give an answer again, although the database has another by now that nobody tells of? */
async function keeps(client: LdapClient): Promise<boolean> {
  const before = await titleOf(client, 'dee')
  await runSql(database.url, `update staff set title = 'unseen ${++unseen}' where login = 'dee'`)
  return (await titleOf(client, 'dee')) === before
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error('it did not come to pass')
    await sleep(20)
  }
}

describe('Redis', () => {
  it('what one has written the others show', async () => {
    await until(() => keeps(reader))
    await until(() => keeps(writer))
    for (const title of ['one', 'two', 'three']) {
      await titleOf(reader, 'ann')
      await write('ann', title)
      await until(async () => (await titleOf(reader, 'ann')) === title)
    }
  })

  it('nothing wrong is shown when Redis is killed under load, and answers are kept again once it is back', async () => {
    await until(() => keeps(reader))
    let [written, writtenAt, reads] = [0, performance.now(), 0]
    let isOver = false
    const history: { readonly value: number; readonly at: number }[] = []
    const writing = (async () => {
      while (!isOver) {
        await write('bob', String(written + 1))
        written++
        writtenAt = performance.now()
        history.push({ value: written, at: writtenAt })
        await sleep(5)
      }
    })()
    const reading = (async () => {
      while (!isOver) {
        const begun = performance.now()
        const shown = Number((await titleOf(reader, 'bob')) ?? 0)
        // What was answered before has reached the others by then.
        const due = history.findLast(({ at }) => at < begun - 300)?.value ?? 0
        expect(shown).toBeGreaterThanOrEqual(due)
        reads++
      }
    })()
    await sleep(300)
    await redis.kill()
    await sleep(700)
    expect(await keeps(reader)).toBe(false)
    expect(await keeps(writer)).toBe(false)
    await redis.restart()
    await sleep(1000)
    // However slow the machine is, there has been so much of it; what fails ends it at once.
    await Promise.race([until(async () => reads > 100 && written > 50), reading, writing])
    isOver = true
    await writing
    await reading
    expect(reads).toBeGreaterThan(100)
    expect(written).toBeGreaterThan(50)
    await until(() => keeps(reader))
    await write('bob', 'the last')
    await until(async () => (await titleOf(reader, 'bob')) === 'the last')
  })
})
