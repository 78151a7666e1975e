/** The engine over real databases: what it copies, holds, remembers and tells. */
import { afterEach, describe, expect, it } from 'vitest'
import type { Problem } from '../../../src/copy/cycle/problems.js'
import { runSql, sqliteDatabase } from '../../mappings/databases.js'
import { type SyncOptions, type SyncWorld, syncWorld } from './sync-world.js'

const people = {
  view: 'people',
  source: 'hr',
  from: 'users',
  key: 'id',
  uuid: 'guid',
  attributes: {
    uid: 'login',
    sn: 'last',
    mail: { table: 'mails', on: 'user_id', value: 'address' },
    manager: { ref: 'people', column: 'boss' },
    modifyTimestamp: 'changed',
  },
  enabled: { column: 'status', equals: 'A' },
  deletions: { table: 'deleted', key: 'id', at: 'at' },
  ldap: { base: 'ou=people', rdn: 'uid', objectClass: ['inetOrgPerson'] },
}
const groups = {
  view: 'groups',
  source: 'hr',
  from: 'teams',
  key: 'code',
  attributes: { cn: 'name', member: { ref: 'people', table: 'members', on: 'team', value: 'user_id' } },
  ldap: { base: 'ou=groups', rdn: 'cn', objectClass: ['groupOfNames'] },
}
const tables = `
  create table users (id integer, login text, last text, boss integer, status text, guid text, changed datetime);
  create table mails (user_id integer, address text);
  create table teams (code text primary key, name text);
  create table members (team text, user_id integer);
  create table deleted (id integer, at datetime);
  insert into users values
    (1, 'ada', 'Lovelace', null, 'A', 'b6fc9a5e-0000-4000-8000-000000000001', '2024-05-06 07:00:00'),
    (2, 'bob', 'Builder', 1, 'A', 'b6fc9a5e-0000-4000-8000-000000000002', '2024-05-06 06:00:00'),
    (3, 'cleo', 'Pharaoh', 1, 'S', 'b6fc9a5e-0000-4000-8000-000000000003', '2024-05-06 07:00:00');
  insert into mails values (1, 'ada@example.com'), (1, 'lovelace@example.com'), (2, 'bob@example.com');
  insert into teams values ('dev', 'Developers');
  insert into members values ('dev', 1), ('dev', 2);`

const worlds: SyncWorld[] = []
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close()
})

async function world(more: Partial<SyncOptions> = {}) {
  const url = more.url ?? (await sqliteDatabase()).url
  if (more.url === undefined) await runSql(url, tables)
  const made = await syncWorld({ mappings: [people, groups], ...more, url })
  worlds.push(made)
  const run = (options: Partial<Parameters<SyncWorld['engine']['run']>[0]> = {}) =>
    made.engine.run({ trigger: 'demand', ...options })
  const uids = async () =>
    (await made.entries('people')).map(({ id, attributes }) => `${id}=${String(attributes.get('uid')?.[0])}`)
  const problems = async () => {
    const found: Problem[] = []
    for await (const problem of made.engine.problems()) found.push(problem)
    return found
  }
  return { ...made, url, run, uids, problems, sql: (sql: string) => runSql(url, sql) }
}

describe('the engine', () => {
  it('copies views as they are, and then only what differs', async () => {
    const { run, entries, origin, sql, store } = await world()
    const first = await run()
    expect(first).toMatchObject({
      status: 'completed',
      views: { people: { add: 3 }, groups: { add: 1 } },
      snapshot: 1,
      actions: { done: 4, total: 4 },
    })
    const [ada] = await entries('people')
    expect(ada?.attributes.get('mail')).toEqual(['ada@example.com', 'lovelace@example.com'])
    const handles = await origin.handles('people')
    expect(handles.declared).toBe(true)
    expect(await run()).toMatchObject({
      views: { people: { unchanged: 3 } },
      snapshot: 1,
      actions: { total: 0 },
    })
    await sql(`update users set last = 'Byron' where id = 1; insert into mails values (2, 'b@example.com');
      delete from users where id = 3; insert into users (id, login, last, status) values (4, 'dan', 'D', 'A')`)
    expect(await run()).toMatchObject({
      snapshot: 2,
      views: { people: { add: 1, update: 2, remove: 1, unchanged: 0 }, groups: { unchanged: 1 } },
    })
    const [snapshot] = await store.snapshots()
    expect(snapshot?.counts.people).toMatchObject({ added: 1, changed: 2, removed: 1, total: 3 })
  })

  it('gives a returning person the id and the UUID of before', async () => {
    const { run, entries, sql } = await world()
    await run()
    const uuidOf = async () =>
      (await entries('people')).find(({ id }) => id === '3')?.attributes.get('entryUUID')
    const before = await uuidOf()
    expect(before).toEqual(['b6fc9a5e-0000-4000-8000-000000000003'])
    await sql('delete from users where id = 3')
    await run()
    expect(await uuidOf()).toBeUndefined()
    await sql(
      `insert into users values (3, 'cleo', 'Pharaoh', 1, 'A', 'b6fc9a5e-0000-4000-8000-0000000000ff', null)`,
    )
    expect(await run()).toMatchObject({ views: { people: { update: 1, add: 0 } } })
    expect(await uuidOf()).toEqual(before)
    expect(await run()).toMatchObject({ views: { people: { unchanged: 3 } }, snapshot: 3 })
  })

  it('removes anew whom somebody has brought back with an old snapshot', async () => {
    const { run, sql, uids, store } = await world()
    await run()
    await sql('delete from users where id = 3')
    await run()
    await store.rollback(1)
    expect(await uids()).toHaveLength(3)
    expect(await run()).toMatchObject({ views: { people: { add: 0, remove: 1, unchanged: 2 } } })
    expect(await uids()).toHaveLength(2)
  })

  it('knows people under new keys again, who are there and who are gone, and their groups follow', async () => {
    const { run, entries, sql, uids } = await world({ settings: { people: { correlate: ['mail', 'uid'] } } })
    await run()
    await sql('delete from users where id = 3')
    await run()
    await sql(`update users set id = 101 where id = 1; update users set boss = 101 where boss = 1;
      update mails set user_id = 101 where user_id = 1; update members set user_id = 101 where user_id = 1;
      insert into users values (103, 'CLEO', 'Pharaoh', 101, 'A', null, null)`)
    expect(await run()).toMatchObject({
      status: 'completed',
      views: { people: { add: 0, update: 2, adopt: 2, remove: 0 }, groups: { unchanged: 1 } },
    })
    expect(await uids()).toEqual(['1=ada', '2=bob', '3=CLEO'])
    const cleo = (await entries('people')).find(({ id }) => id === '3')
    expect(cleo?.attributes.get('entryUUID')).toEqual(['b6fc9a5e-0000-4000-8000-000000000003'])
    expect(cleo?.attributes.get('manager')).toMatchObject([{ view: 'people', id: '1' }])
    const [dev] = await entries('groups')
    expect(dev?.attributes.get('member')).toMatchObject([{ id: '1' }, { id: '2' }])
    expect(await run()).toMatchObject({ views: { people: { unchanged: 3 }, groups: { unchanged: 1 } } })
    await sql(
      `delete from users where id = 103; insert into users values (1, 'new', 'N', null, 'A', null, null)`,
    )
    await run()
    const added = (await uids()).find((one) => one.endsWith('=new'))
    expect(added).toMatch(/^\d{14}=new$/)
    expect(await run()).toMatchObject({ views: { people: { unchanged: 3 } } })
  })

  it('holds what the guard does not let through, tells why, and does it once approved', async () => {
    const told: string[] = []
    const { run, sql, uids, engine } = await world({ onJob: ({ status }) => told.push(status) })
    await run()
    await sql('delete from users where id > 1')
    const held = await run()
    expect(held).toMatchObject({
      status: 'held',
      violations: [{ code: 'tooManyRemovals', view: 'people', count: 2, approvable: true }],
      views: { people: { remove: 2 } },
    })
    expect(await uids()).toHaveLength(3)
    expect(told).toEqual(['completed', 'held'])
    expect(await engine.job(held.id)).toEqual(held)
    expect(await engine.approve('nothing')).toBe(false)
    expect(await engine.approve(held.id)).toBe(true)
    await sql('delete from users')
    expect(await run()).toMatchObject({ status: 'held', violations: [{ code: 'empty', count: 3 }] })
    await sql(
      `insert into users values (1, 'ada', 'L', null, 'A', 'b6fc9a5e-0000-4000-8000-000000000001', null)`,
    )
    expect(await run()).toMatchObject({ status: 'completed', views: { people: { remove: 2 } } })
    expect(await uids()).toEqual(['1=ada'])
    expect(await engine.approve((await run()).id)).toBe(false)
  })

  it('does what is approved beforehand, but not what nobody may approve', async () => {
    const { run, sql, uids } = await world()
    await run()
    await sql(`insert into users select 2, 'twin', last, boss, status, null, changed from users where id = 2`)
    expect(await run({ approve: true })).toMatchObject({
      status: 'held',
      violations: [{ code: 'duplicateKey', approvable: false }],
    })
    await sql(`delete from users where id > 1`)
    expect(await run({ approve: true })).toMatchObject({ status: 'completed' })
    expect(await uids()).toEqual(['1=ada'])
  })

  it('says what it would do and leaves everything alone', async () => {
    const { run, engine, sql, uids, store } = await world()
    await run()
    await sql(`update users set last = 'X' where id = 2; delete from users where id = 3`)
    const lines: string[] = []
    const job = await engine.run(
      { trigger: 'demand', dryRun: true },
      {
        onLine: ({ view, action, key, name, why }) => lines.push(`${view} ${action} ${key} ${name}: ${why}`),
      },
    )
    expect(job).toMatchObject({
      status: 'completed',
      dryRun: true,
      views: { people: { update: 1, remove: 1 } },
    })
    expect(lines).toEqual([
      'people update 2 bob: changed',
      'people remove 3 cleo: its source no longer has it',
    ])
    expect(await uids()).toHaveLength(3)
    expect(await store.current()).toBe(1)
    expect((await run()).views.people).toMatchObject({ update: 1, remove: 1 })
  })

  it('keeps jobs, the newest first', async () => {
    const { run, engine } = await world()
    const ids = [(await run()).id, (await run()).id, (await run()).id]
    expect((await engine.jobs()).map(({ id }) => id)).toEqual([...ids].reverse())
    const [newest] = await engine.jobs({ limit: 1 })
    expect((await engine.jobs({ after: newest?.id ?? '' })).map(({ id }) => id)).toEqual([ids[1], ids[0]])
    expect(newest).toMatchObject({ type: 'sync', target: 'local', trigger: 'demand', status: 'completed' })
  })

  it('lists entries that the view could not hold, and goes on', async () => {
    const validation = { required: ['mail'], defaults: {}, strict: false, absent: {}, additive: [] }
    const { run, uids, problems, sql } = await world({ settings: { people: { validation } } })
    expect((await run()).views.people).toMatchObject({ add: 2, problems: 1 })
    expect(await uids()).toEqual(['1=ada', '2=bob'])
    expect(await problems()).toMatchObject([
      { view: 'people', key: '3', name: 'cleo', target: 'local', attempts: 1, reason: { code: 'missing' } },
    ])
    await sql(`insert into mails values (3, 'cleo@example.com')`)
    expect((await run()).views.people).toMatchObject({ add: 1, problems: 0 })
    expect(await problems()).toEqual([])
  })

  it('keeps values of which the source says nothing, and adds to those that only grow', async () => {
    const validation = {
      required: [],
      defaults: {},
      strict: false,
      absent: { sn: 'keep' as const },
      additive: ['mail'],
    }
    const { run, sql, entries } = await world({ settings: { people: { validation } } })
    await run()
    await sql(`update users set last = null where id = 1; delete from mails where address = 'ada@example.com';
      insert into mails values (1, 'countess@example.com')`)
    await run()
    const [ada] = await entries('people')
    expect(ada?.attributes.get('sn')).toEqual(['Lovelace'])
    expect([...(ada?.attributes.get('mail') ?? [])].sort()).toEqual([
      'ada@example.com',
      'countess@example.com',
      'lovelace@example.com',
    ])
    expect((await run()).views.people).toMatchObject({ update: 0 })
  })

  it('disables in place of removing, deletes after the time of grace, and brings back', async () => {
    let now = new Date('2026-05-01T12:00:00Z')
    const modes = { mode: 'remove' as const, grace: 3_600_000 }
    const { viewSettings } = await import('./cycle-world.js')
    const people = { modes: { ...viewSettings('people').modes, ...modes } }
    const { run, sql, uids, copy, entries } = await world({ settings: { people }, now: () => now })
    const canBind = async (uid: string) => {
      const ctx = { principal: { kind: 'anonymous' as const }, signal: new AbortController().signal }
      return (await copy.vouchFor({ view: 'people', names: [uid] }, ctx)) !== undefined
    }
    await run()
    expect([await canBind('bob'), await canBind('cleo')]).toEqual([true, false])
    await sql('delete from users where id = 2')
    expect((await run()).views.people).toMatchObject({ remove: 1 })
    expect([await canBind('ada'), await canBind('bob')]).toEqual([true, false])
    expect((await entries('people')).find(({ id }) => id === '2')?.attributes.get('sn')).toEqual(['Builder'])
    expect((await run()).views.people).toMatchObject({ remove: 0, unchanged: 2 })
    await sql(`insert into users values (2, 'bob', 'Builder', 1, 'A', null, null)`)
    await run()
    expect(await canBind('bob')).toBe(true)
    await sql('delete from users where id = 2')
    await run()
    now = new Date(now.getTime() + 3_600_000)
    await run()
    expect(await uids()).toEqual(['1=ada', '3=cleo'])
  })

  it('reads only what has changed where the view tells, and everything from time to time', async () => {
    let now = new Date('2026-05-01T12:00:00Z')
    const { run, sql, uids } = await world({
      changedBy: { people: 'modifyTimestamp' },
      incremental: { overlap: 60_000, fullEvery: 3, fullAfter: 86_400_000 },
      now: () => now,
    })
    expect(await run()).toMatchObject({ incremental: false, views: { people: { add: 3 } } })
    await sql(`update users set last = 'X'; update users set changed = '2024-05-06 08:00:00' where id = 1;
      delete from users where id = 3; insert into deleted values (3, '2024-05-06 08:00:00')`)
    expect(await run()).toMatchObject({
      incremental: true,
      views: { people: { update: 1, remove: 1, unchanged: 0 } },
    })
    expect(await uids()).toEqual(['1=ada', '2=bob'])
    expect(await run()).toMatchObject({ incremental: true, views: { people: { update: 0, remove: 0 } } })
    expect(await run()).toMatchObject({ incremental: false, views: { people: { update: 1 } } })
    await run()
    now = new Date(now.getTime() + 86_400_000)
    expect(await run()).toMatchObject({ incremental: false })
    expect(await run()).toMatchObject({ incremental: true })
    expect(await run({ full: true })).toMatchObject({ incremental: false })
  })

  it('lets nobody else run a cycle at the same time', async () => {
    const first = await world()
    const second = await syncWorld({
      url: first.url,
      mappings: [people, groups],
      storeUrl: first.storeUrl,
    })
    worlds.push(second)
    const release = await hold(first)
    const job = await second.engine.run({ trigger: 'demand' })
    expect(job).toMatchObject({ status: 'skipped', error: { code: 'busy' } })
    await release()
    expect(await second.engine.run({ trigger: 'demand' })).toMatchObject({ status: 'completed' })
  })

  it('does not begin where it may not', async () => {
    const { run } = await world({ mayStart: async () => 'the payroll is running' })
    expect(await run()).toMatchObject({
      status: 'skipped',
      error: { code: 'vetoed', message: 'the payroll is running' },
    })
  })
})

async function hold({ store }: SyncWorld): Promise<() => Promise<void>> {
  const lease = await store.acquire('sync local', 10_000)
  if (lease === undefined) throw new Error('the lease is taken')
  return () => lease.release()
}
