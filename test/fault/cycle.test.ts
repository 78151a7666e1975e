/**
 * Cycles that are killed or paused: what was committed last is shown, whole; the next cycle completes, with nobody lost,
 * doubled or under another id; and who has lost its lease commits nothing.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { Ref, type Value } from '../../src/model/value.js'
import { compiled } from '../compiled.js'
import { runSql } from '../mappings/databases.js'
import { mariadbDatabase, postgresDatabase } from '../servers/shared.js'
import { type SyncWorld, syncWorld } from '../unit/copy/sync-world.js'
import { mappings, type Shown, settings, shownOf, sqlOf, tables } from './cycle-content.js'

const script = compiled(new URL('cycle-runner.ts', import.meta.url))
const LEASE = 400
const children: ChildProcess[] = []

interface Runner {
  readonly child: ChildProcess
  readonly lines: string[]
  readonly ended: Promise<unknown>
}

function start(url: string, storeUrl: string, edition?: number): Runner {
  const given = [url, storeUrl, `${LEASE}`, ...(edition === undefined ? [] : [`${edition}`])]
  const child = spawn(process.execPath, [script, ...given], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  const lines: string[] = []
  const ended = new Promise((resolve) => child.on('close', resolve))
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line))
  return { child, lines, ended }
}

/** Points at which cycles are killed, over all databases: 10, and 50 among the slow tests. */
const kills = (share: number) => Math.ceil((Number(process.env.VITRINE_RUNS ?? 60) / 6) * share)

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})
const folders: string[] = []
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true })
})

const sqliteUrl = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vitrine-cycle-'))
  folders.push(folder)
  return `sqlite:${join(folder, 'data.sqlite')}`
}

const text = (values: readonly Value[] | undefined) => String(values?.[0])

/** What the copy shows, and the ids of its people by name. */
async function shownBy(world: SyncWorld): Promise<{ shown: Shown; ids: ReadonlyMap<string, string> }> {
  const people = await world.entries('people')
  const [group] = await world.entries('groups')
  const ids = new Map(people.map(({ id, attributes }) => [text(attributes.get('uid')), id]))
  expect(ids.size, 'names that are there twice').toBe(people.length)
  const nameOf = new Map([...ids].map(([name, id]) => [id, name]))
  const named = (value: Value) => (value instanceof Ref ? (nameOf.get(value.id ?? '') ?? '?') : '?')
  const entries = people.map(({ attributes }) => {
    const [boss] = attributes.get('manager') ?? []
    const mails = (attributes.get('mail') ?? []).map(String).sort()
    const more = boss === undefined ? {} : { boss: named(boss) }
    return [text(attributes.get('uid')), { last: text(attributes.get('sn')), ...more, mails }] as const
  })
  const members = (group?.attributes.get('member') ?? []).map(named).sort()
  const edition = Number(text(group?.attributes.get('description')))
  return { shown: { edition, people: Object.fromEntries(entries), members }, ids }
}

describe.each([
  ['SQLite', sqliteUrl, 0.5],
  ['MariaDB', mariadbDatabase, 0.25],
  ['PostgreSQL', postgresDatabase, 0.25],
] as const)('copies in %s', (_name, database, share) => {
  it(`are whole after each of ${kills(share)} kills`, { timeout: 900_000 }, async () => {
    const [url, storeUrl] = [await sqliteUrl(), await database()]
    await runSql(url, tables)
    const known = new Map<string, string>()
    let edition = 0
    const check = async (world: SyncWorld) => {
      if ((await world.store.current()) === 0) return
      const { shown, ids } = await shownBy(world)
      expect(shown).toEqual(shownOf(shown.edition))
      expect(shown.edition).toBeGreaterThanOrEqual(edition)
      edition = shown.edition
      for (const [name, id] of ids) {
        expect(known.get(name) ?? id, `the id of ${name}`).toBe(id)
        known.set(name, id)
      }
    }
    for (let n = 0; n < kills(share); n++) {
      const runner = start(url, storeUrl, edition + 1)
      const lines = 1 + ((n + 1) % 3)
      await expect
        .poll(() => runner.lines.length, { timeout: 90_000, interval: 2 })
        .toBeGreaterThanOrEqual(lines)
      await sleep(Math.random() * 200)
      runner.child.kill('SIGKILL')
      await runner.ended
      expect(runner.lines.filter((line) => !/^(ready|copied)/.test(line))).toEqual([])
      const world = await syncWorld({ url, storeUrl, mappings, settings })
      await check(world)
      await world.close()
    }
    expect(edition, 'editions that were copied between kills').toBeGreaterThan(0)
    await sleep(LEASE)
    const world = await syncWorld({ url, storeUrl, mappings, settings })
    await runSql(url, sqlOf(edition + 1))
    expect(await world.engine.run({ trigger: 'demand' })).toMatchObject({ status: 'completed' })
    await check(world)
    expect(await world.engine.run({ trigger: 'demand' })).toMatchObject({
      views: { people: { add: 0, update: 0, remove: 0 }, groups: { update: 0 } },
    })
    const running = (await world.engine.jobs({ limit: 1000 })).filter(({ status }) => status === 'running')
    expect(running).toEqual([])
    await world.close()
  })

  it('are made by one process at a time, also when one is paused and wakes', {
    timeout: 120_000,
  }, async () => {
    const [url, storeUrl] = [await sqliteUrl(), await database()]
    await runSql(url, tables)
    const other = await syncWorld({ url, storeUrl, mappings, settings, lease: LEASE })
    await runSql(url, sqlOf(1))
    await other.engine.run({ trigger: 'demand' })
    await runSql(url, sqlOf(2))
    const runner = start(url, storeUrl)
    await expect.poll(() => runner.lines, { timeout: 60_000, interval: 2 }).toContain('working')
    runner.child.kill('SIGSTOP')
    expect(await other.engine.run({ trigger: 'demand' })).toMatchObject({ status: 'skipped' })
    await sleep(LEASE)
    await runSql(url, sqlOf(3))
    expect(await other.engine.run({ trigger: 'demand' })).toMatchObject({ status: 'completed', snapshot: 2 })
    runner.child.kill('SIGCONT')
    await runner.ended
    expect(runner.lines.at(-1)).toBe('failed busy')
    expect((await shownBy(other)).shown).toEqual(shownOf(3))
    expect(await other.store.current()).toBe(2)
    expect(await other.engine.run({ trigger: 'demand' })).toMatchObject({ views: { people: { update: 0 } } })
    await other.close()
  })
})
