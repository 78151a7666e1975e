/**
 * `vitrine sync` killed while it pushes to a SCIM service: the next run completes, nobody is lost, doubled or under another
 * id at the service, and the run after that has nothing to ask for.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runSql } from '../mappings/databases.js'
import { type Mood, type MoodyService, moody } from '../protocol/scim-target/moods.js'
import { allOf, gatewayService, type RemoteService } from '../protocol/scim-target/services.js'
import { mappings, type Shown, shownOf, sqlOf, tables } from './cycle-content.js'

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
/** Points at which pushes are killed: 3, and 50 among the slow tests. */
const KILLS = Math.ceil(Number(process.env.VITRINE_RUNS ?? 18) / 6)
/** People in the source. */
const ALL = 30

const children: ChildProcess[] = []
const folder = mkdtempSync(join(tmpdir(), 'vitrine-push-'))
let service: RemoteService
let between: MoodyService
beforeAll(async () => {
  service = await gatewayService()
  between = await moody(service.url)
})
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  await between.close()
  await service.close()
  rmSync(folder, { recursive: true })
})

/** A configuration that pushes a source. */
function written({ source, store, bulk }: { source: string; store: string; bulk: boolean }): string {
  const resources: Readonly<Record<string, string>> = { people: 'User', groups: 'Group' }
  const target = {
    ...{ name: 'cloud', type: 'scim', url: between.url, token: service.token, bulk },
    ...{ views: ['people', 'groups'], mode: 'delete', maxRemoveLimit: 1000 },
  }
  const config = {
    suffix: 'dc=example,dc=com',
    sources: { hr: { type: 'sql', url: source } },
    views: mappings.map((one) => ({ ...one, scim: { resource: resources[one.view] } })),
    copy: { store },
    targets: [target],
  }
  const file = join(folder, 'gateway.yaml')
  writeFileSync(file, JSON.stringify(config))
  return file
}

interface Run {
  readonly child: ChildProcess
  readonly ended: Promise<{ readonly code: number | null; readonly out: string }>
}

function sync(file: string): Run {
  const child = spawn(process.execPath, [main, 'sync', '--json', '--config', file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  let out = ''
  child.stdout.on('data', (part) => {
    out += String(part)
  })
  return { child, ended: new Promise((resolve) => child.on('close', (code) => resolve({ code, out }))) }
}

/** What the service has, as the editions tell it, and the ids of people by name. */
async function shown(edition: number): Promise<{ shown: Shown; ids: ReadonlyMap<string, string> }> {
  const users = await allOf(service, '/Users')
  const ids = new Map(users.map(({ userName = '', id = '' }) => [userName, id]))
  expect(ids.size, 'names that are there twice').toBe(users.length)
  expect(new Set(users.map(({ externalId }) => externalId)).size).toBe(users.length)
  const nameOf = new Map([...ids].map(([name, id]) => [id, name]))
  const people = users.map((user) => {
    const { manager } = (user['urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'] ?? {}) as {
      manager?: { value: string }
    }
    const mails = (user.emails ?? []).map(({ value = '' }) => value).sort()
    const boss = manager === undefined ? {} : { boss: nameOf.get(manager.value) ?? '?' }
    return [user.userName ?? '', { last: String(user.name?.familyName), ...boss, mails }] as const
  })
  const [group, ...more] = await allOf(service, '/Groups')
  expect(more).toEqual([])
  const whole = group === undefined ? undefined : (await service.client.get(`/Groups/${group.id}`)).body
  const members = (whole?.members ?? []).map(({ value = '' }) => nameOf.get(value) ?? '?').sort()
  return { shown: { edition, people: Object.fromEntries(people), members }, ids }
}

it(`a push is made good after each of ${KILLS} kills`, { timeout: 60_000 + KILLS * 15_000 }, async () => {
  const [source, store] = ['source', 'store'].map((name) => `sqlite:${join(folder, `${name}.sqlite`)}`)
  if (source === undefined || store === undefined) throw new RangeError('there are two')
  await runSql(source, tables)
  let kills = 0
  let known: ReadonlyMap<string, string> = new Map()
  for (let edition = 1; edition <= KILLS; edition++) {
    await runSql(source, sqlOf(edition, ALL))
    const bulk = edition % 2 === 0
    const file = written({ source, store, bulk })
    const run = sync(file)
    // Before the service hears of this one, or after it has obeyed.
    let left = Math.floor(Math.random() * (edition === 1 ? 100 : 60))
    const mood = Math.random() < 0.5 ? 'lost' : 'cut'
    between.mood = (): Mood => {
      if (left-- !== 0) return 'fine'
      run.child.kill('SIGKILL')
      kills++
      return mood
    }
    await run.ended
    between.mood = () => 'fine'
    // Whoever is killed has a lease for half a minute.
    await runSql(store, 'update vitrine_leases set ends_at = 0')
    const next = await sync(file).ended
    expect(next.code, next.out).toBe(0)
    const found = await shown(edition)
    expect(found.shown).toEqual(shownOf(edition, ALL))
    for (const [user, id] of found.ids) expect(known.get(user) ?? id, `the id of ${user}`).toBe(id)
    known = found.ids
  }
  expect(kills, 'pushes that were killed').toBeGreaterThan(KILLS / 2)
  between.seen.length = 0
  const last = await sync(written({ source, store, bulk: true })).ended
  expect(JSON.parse(last.out)).toMatchObject({ status: 'completed', add: 0, update: 0, remove: 0 })
  expect(between.seen).toEqual([])
})
