/** `vitrine serve` is told to stop: what is in progress is answered, nobody can hold it up, and it says 0. */
import { afterEach, describe, expect, it } from 'vitest'
import { mariadbDatabase } from '../servers/shared.js'
import { Wire } from '../unit/ldap/wire.js'
import { type Child, eventually, outcomeOf, serveGateway } from './running.js'
import { administer, loadStaff, people, searchAll, slowPeople, slowStatements, staffConfig } from './staff.js'

let child: Child | undefined

afterEach(async () => {
  await child?.close()
  child = undefined
})

/** Resolves when the database runs so many searches of slow people. */
async function isRunning(url: string, wanted: number): Promise<void> {
  const admin = await administer(url)
  await eventually(
    20_000,
    () => slowStatements(admin),
    (count) => count >= wanted,
  )
  await admin.close()
}

async function serve(...config: Parameters<typeof staffConfig>): Promise<Child> {
  child = await serveGateway(staffConfig(...config))
  return child
}

describe('SIGTERM', () => {
  it('lets searches in progress end, refuses new ones, and exits with 0', async () => {
    const url = await mariadbDatabase()
    await loadStaff(url, 20)
    const gateway = await serve(url)
    const busy = await Promise.all(Array.from({ length: 5 }, () => gateway.connect()))
    const idle = await gateway.connect()
    await outcomeOf(idle, people)
    const answers = busy.map((client) => outcomeOf(client, slowPeople))
    await isRunning(url, 5)
    const begun = performance.now()
    gateway.kill('SIGTERM')
    expect((await Promise.all(answers)).map(({ code, entries }) => [code, entries])).toEqual(
      busy.map(() => [0, 20]),
    )
    await expect(gateway.connect()).rejects.toThrow()
    expect(await gateway.exited).toBe(0)
    // The grace is 5 seconds, which an idle client must not use up.
    expect(performance.now() - begun).toBeLessThan(4900)
    expect(idle.closed).toBe(true)
  })

  it('ends within the grace although a client never reads and a search never ends', async () => {
    const url = await mariadbDatabase()
    await loadStaff(url, 5000)
    const gateway = await serve(url, { statementTimeout: '60s' })
    const deaf = await Promise.all([1, 2, 3].map(() => Wire.connect(gateway.port)))
    for (const wire of deaf) {
      wire.socket.pause()
      wire.send(searchAll(1, people), searchAll(2, people), searchAll(3, people))
    }
    const endless = await Wire.connect(gateway.port)
    endless.send(searchAll(1, slowPeople))
    await isRunning(url, 1)
    const begun = performance.now()
    gateway.kill('SIGTERM')
    expect(await gateway.exited).toBe(0)
    const took = performance.now() - begun
    expect(took).toBeGreaterThan(4500)
    expect(took).toBeLessThan(15_000)
    await endless.closed
    expect(endless.received.at(-1)).toMatchObject({ op: 'extendedResponse', messageId: 0, code: 52 })
    for (const wire of deaf) wire.destroy()
  })

  it('answers every request of a busy client exactly once, or ends the session', async () => {
    const url = await mariadbDatabase()
    await loadStaff(url, 50)
    const gateway = await serve(url)
    const wires = await Promise.all([1, 2, 3, 4].map(() => Wire.connect(gateway.port)))
    for (const wire of wires) {
      for (let id = 1; id <= 2000; id++) wire.send(searchAll(id, people))
      await wire.messages(100)
    }
    gateway.kill('SIGTERM')
    expect(await gateway.exited).toBe(0)
    for (const wire of wires) {
      await wire.closed
      const done = wire.received.filter(({ op }) => op === 'searchResultDone').map((m) => m.messageId)
      expect(new Set(done).size).toBe(done.length)
      for (const id of done) {
        const own = wire.received.filter((m) => m.messageId === id && m.op === 'searchResultEntry')
        expect(own).toHaveLength(50)
      }
      expect(wire.received.at(-1)).toMatchObject({ messageId: 0, code: 52 })
    }
  })

  it('also when its database is frozen or away', async () => {
    const gateway = await serve('mysql://nobody:nothing@127.0.0.1:9/nowhere')
    const client = await gateway.connect()
    expect((await outcomeOf(client, people)).code).toBe(52)
    gateway.kill('SIGTERM')
    expect(await gateway.exited).toBe(0)
    expect(gateway.output()).not.toContain('nothing')
  })
})
