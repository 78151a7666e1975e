/**
 * Writers of a store that are killed or paused: the last snapshot that was committed is shown, whole, the next cycle goes
 * on from there, and who has lost its lease commits nothing.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import type { Store } from '../../src/copy/store/store.js'
import { compiled } from '../compiled.js'
import { storeAt } from '../conformance/store/at.js'
import { cycle, diffOf, people, person, shown } from '../conformance/store/people.js'
import { mariadbDatabase, postgresDatabase } from '../servers/shared.js'
import { contentOf, goneIn } from './store-content.js'

const script = compiled(new URL('store-writer.ts', import.meta.url))

interface Writer {
  readonly child: ChildProcess
  readonly lines: string[]
  readonly ended: Promise<unknown>
  /** Resolves when it has said this. */
  said(line: string): Promise<void>
}

function write(how: 'cycles' | 'leader', url: string): Writer {
  const child = spawn(process.execPath, [script, how, url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: string[] = []
  const ended = new Promise((resolve) => child.on('close', resolve))
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line))
  return {
    child,
    lines,
    ended,
    said: (line) => expect.poll(() => lines, { timeout: 30_000, interval: 5 }).toContain(line),
  }
}

/** Points at which writers are killed, over all databases: 50 where VITRINE_RUNS is not given. */
const kills = (share: number) => Math.ceil((Number(process.env.VITRINE_RUNS ?? 300) / 6) * share)

const folders: string[] = []
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true })
})

const sqliteDatabase = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vitrine-killed-'))
  folders.push(folder)
  return `sqlite:${join(folder, 'store.sqlite')}`
}

const open = async (url: string): Promise<Store> => {
  const store = storeAt(url, { snapshotMaxCount: 3, grace: 0 })
  await store.define([people])
  return store
}

describe.each([
  ['SQLite', sqliteDatabase, 0.4],
  ['MariaDB', mariadbDatabase, 0.3],
  ['PostgreSQL', postgresDatabase, 0.3],
] as const)('a store on %s', (_name, database, share) => {
  it(`is whole after each of ${kills(share)} kills`, { timeout: 600_000 }, async () => {
    const url = await database()
    let last = 0
    const checked = async () => {
      const store = await open(url)
      const number = await store.current()
      expect(number).toBeGreaterThanOrEqual(last)
      if (number > 0) {
        expect(await shown(store.source), `snapshot ${number}`).toEqual(contentOf(number))
        expect(await store.records('done').get('last')).toBe(number)
        const listed = await store.snapshots()
        expect(listed[0]).toMatchObject({ number })
        expect(listed[0]?.counts).toMatchObject({ people: { total: Object.keys(contentOf(number)).length } })
      }
      last = number
      return store
    }
    for (let n = 0; n < kills(share); n++) {
      const writer = write('cycles', url)
      // At some point of its first cycle, or of one of the next two.
      const lines = 1 + (n % 3)
      await expect
        .poll(() => writer.lines.length, { timeout: 60_000, interval: 2 })
        .toBeGreaterThanOrEqual(lines)
      await sleep(Math.random() * 150)
      writer.child.kill('SIGKILL')
      await writer.ended
      const [, told] = writer.lines.at(-1)?.split(' ') ?? []
      last = Math.max(last, Number(told ?? 0))
      await (await checked()).close()
    }
    expect(last, 'snapshots that were made between kills').toBeGreaterThan(0)
    const store = await checked()
    const next = contentOf(last + 1)
    expect(await cycle(store, next, goneIn(last + 1))).toMatchObject({ number: last + 1 })
    expect(await shown(store.source)).toEqual(next)
    const before = contentOf(last)
    const [added, removed] = [new Set(Object.keys(next)), new Set(Object.keys(before))]
    const diff = await diffOf(store, last, last + 1)
    const keysOf = (change: string) => diff.filter((d) => d.change === change).map((d) => d.key)
    expect(keysOf('added')).toEqual([...added].filter((id) => !removed.has(id)))
    expect(keysOf('removed')).toEqual([...removed].filter((id) => !added.has(id)))
    await store.rollback(last)
    expect(await shown(store.source)).toEqual(before)
    await store.close()
  })

  it('refuses what a leader commits that was paused for longer than its lease', {
    timeout: 60_000,
  }, async () => {
    const url = await database()
    const store = await open(url)
    await cycle(store, { first: { level: 0 } })
    const writer = write('leader', url)
    await writer.said('ready')
    writer.child.kill('SIGSTOP')
    await expect.poll(() => store.acquire('cycle', 60_000), { timeout: 5000 }).toBeDefined()
    const next = await store.begin()
    await next.put('people', [person('second', { level: 2 })])
    writer.child.kill('SIGCONT')
    await writer.ended
    expect(writer.lines).toEqual(['ready', 'superseded', 'renewed false'])
    expect(await shown(store.source)).toEqual({ first: { level: 0 } })
    expect(await next.commit()).toMatchObject({ number: 2 })
    expect(await shown(store.source)).toEqual({ first: { level: 0 }, second: { level: 2 } })
    expect(await store.records('done').get('leader')).toBeUndefined()
    await store.close()
  })

  it('shows the same when the leader wakes after all is done', { timeout: 60_000 }, async () => {
    const url = await database()
    const store = await open(url)
    await cycle(store, { first: { level: 0 } })
    const writer = write('leader', url)
    await writer.said('ready')
    writer.child.kill('SIGSTOP')
    await expect.poll(() => store.acquire('cycle', 60_000), { timeout: 5000 }).toBeDefined()
    await cycle(store, { second: { level: 2 } })
    writer.child.kill('SIGCONT')
    await writer.ended
    expect(writer.lines).toEqual(['ready', 'superseded', 'renewed false'])
    expect(await shown(store.source)).toEqual({ first: { level: 0 }, second: { level: 2 } })
    expect(await store.current()).toBe(2)
    await store.close()
  })
})
