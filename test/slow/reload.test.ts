/** Ten reloads among ten thousand operations: none fails, none is answered by two configurations, and none is slow for them. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { askAlways, makeDatabase, marked, serveMarked } from '../fault/reloading.js'
import { eventually } from '../fault/running.js'
import { startAsking } from './asking.js'

it('a thousand operations a second do not notice a reload', async () => {
  const remove = await makeDatabase()
  const running = await serveMarked(marked('one'))
  try {
    const before = running.worked()
    const load = askAlways(running, { ldap: 24, scim: 8 })
    for (let n = 1; n <= 10; n++) {
      await eventually(
        60_000,
        async () => load.seen.operations,
        (count) => count >= n * 1000,
      )
      running.write(marked(n % 2 === 1 ? 'two' : 'one'))
      await running.hangUp()
    }
    const { operations, wrong, marks } = await load.stop()
    expect(wrong).toEqual([])
    expect([...marks].sort()).toEqual(['one', 'two'])
    // Of the processor's time, which other programs on the machine do not lengthen.
    expect(operations / ((running.worked() - before) / 1000)).toBeGreaterThan(1000)
  } finally {
    await running.close()
    remove()
  }
}, 200_000)

/** For who asks for the two views of `marked`. */
const clients = { ldap: 32, bind: 0, scim: 4 }

it('a thousand operations a second, by the clock, go on over ten reloads', async () => {
  const remove = await makeDatabase()
  const running = await serveMarked(marked('one'))
  const { port: ldap, http } = running
  const asking = startAsking({ ldap, http: Number(new URL(http).port), clients, copies: 2 })
  try {
    await asking.answered(200, 30_000)
    const rated = asking.mark(running.pid)
    for (let n = 1; n <= 10; n++) {
      running.write(marked(n % 2 === 1 ? 'two' : 'one'))
      await running.hangUp()
      await sleep(500)
    }
    const rate = rated()
    const { wrong, honest, lost, marks } = await asking.stop()
    expect({ wrong, honest, lost }).toEqual({ wrong: [], honest: {}, lost: 0 })
    expect([...marks].sort()).toEqual(['one', 'two'])
    expect(rate).toBeGreaterThan(1000)
  } finally {
    await asking.stop()
    await running.close()
    remove()
  }
}, 120_000)

it('under that load SIGTERM leaves nothing that was done unanswered', async () => {
  const remove = await makeDatabase()
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-drained-'))
  const access = join(folder, 'access.log')
  const running = await serveMarked(marked('one', { log: { access } }))
  const { port: ldap, http } = running
  const asking = startAsking({ ldap, http: Number(new URL(http).port), clients, copies: 2 })
  try {
    await asking.answered(1000, 60_000)
    running.kill('SIGTERM')
    expect(await running.exited).toBe(0)
    const { wrong, lost, right } = await asking.stop()
    expect({ wrong, lost }).toEqual({ wrong: [], lost: 0 })
    const done = readFileSync(access, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { protocol: string; operation: string; result: number })
    const searches = (protocol: string) =>
      done.filter((one) => one.operation === 'search' && one.protocol === protocol)
    expect(searches('ldap').map(({ result }) => result)).toEqual(Array(right.ldap).fill(0))
    expect(searches('scim').map(({ result }) => result)).toEqual(Array(right.scim).fill(200))
  } finally {
    await asking.stop()
    await running.close()
    rmSync(folder, { recursive: true })
    remove()
  }
}, 120_000)
