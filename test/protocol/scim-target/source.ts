/** A small company in SQLite whose people and groups are pushed to remote services, and what does the pushing. */
import { createHash } from 'node:crypto'
import { createStore } from '../../../src/copy/store/open.js'
import type { Store } from '../../../src/copy/store/store.js'
import { CONNECTION, type RemoteSettings } from '../../../src/copy/targets/scim/settings.js'
import { ScimTarget, type ScimTargetOptions } from '../../../src/copy/targets/scim/target.js'
import type { PushModes } from '../../../src/copy/targets/scim/wanted.js'
import type { Known, Outcome, Planned, Removal, Target } from '../../../src/copy/targets/target.js'
import { createGateway, type Entry, type Gateway } from '../../../src/index.js'
import { ANONYMOUS, type Context } from '../../../src/model/request.js'
import { Ref, type Value } from '../../../src/model/value.js'
import { USER } from '../../../src/schema/scim/urns.js'
import { runSql, sqliteDatabase } from '../../mappings/databases.js'

export const tables = `
create table people (id integer primary key, login text, first text, last text, mail text, phone text,
  title text, dept text, active integer, boss integer);
create table teams (id integer primary key, name text);
create table team_people (team integer, person integer);
create table team_teams (team integer, child integer);
`

export const people = {
  view: 'people',
  source: 'db',
  from: 'people',
  key: 'id',
  attributes: {
    uid: 'login',
    cn: '{first} {last}',
    givenName: 'first',
    sn: 'last',
    mail: 'mail',
    telephoneNumber: 'phone',
    title: 'title',
    departmentNumber: 'dept',
    manager: { ref: 'people', column: 'boss' },
  },
  enabled: { column: 'active', equals: 1 },
  ldap: { base: 'ou=people', rdn: 'uid', objectClass: ['inetOrgPerson'] },
  scim: { resource: 'User' },
}

export const teams = {
  view: 'teams',
  source: 'db',
  from: 'teams',
  key: 'id',
  attributes: {
    cn: 'name',
    member: [
      { ref: 'people', table: 'team_people', on: 'team', value: 'person' },
      { ref: 'teams', table: 'team_teams', on: 'team', value: 'child' },
    ],
  },
  ldap: { base: 'ou=teams', rdn: 'cn', objectClass: ['groupOfNames'] },
  scim: { resource: 'Group' },
}

const VIEWS = ['people', 'teams']

export type Settings = Partial<ScimTargetOptions>

export interface Company {
  readonly gateway: Gateway
  readonly store: Store
  sql(...statements: readonly string[]): Promise<void>
  /** A target for these views; closed with the company. */
  target(remote: Partial<RemoteSettings> & { url: string }, more?: Settings): ScimTarget
  /** The targets know nothing any more of what they have pushed. */
  forget(): Promise<void>
  close(): Promise<void>
}

export const MODES: PushModes = {
  noCreate: false,
  createAsDisabled: false,
  noUpdateProviderMismatch: true,
  keepExternalPerson: true,
}

export async function company(...statements: readonly string[]): Promise<Company> {
  const database = sqliteDatabase()
  await runSql(database.url, tables, ...statements)
  const gateway = await createGateway({
    suffix: 'dc=example,dc=com',
    listen: { ldap: '127.0.0.1:0' },
    log: { level: 'silent' },
    sources: { db: { type: 'sql', url: database.url } },
    views: [people, teams],
  } as Parameters<typeof createGateway>[0])
  const state = sqliteDatabase()
  const store = createStore({
    url: state.url,
    pool: { max: 4, acquireTimeout: 10_000 },
    statementTimeout: 20_000,
    connectTimeout: 10_000,
  })
  const targets: ScimTarget[] = []
  return {
    gateway,
    store,
    sql: (...more) => runSql(database.url, ...more),
    target: (remote, more = {}) => {
      const target = new ScimTarget({
        name: 'remote',
        remote: { ...CONNECTION, credentials: { kind: 'none' }, delay: 5, maxDelay: 50, ...remote },
        store,
        directory: gateway.directory,
        views: VIEWS,
        modes: () => MODES,
        correlate: (view) => (view === 'people' ? ['uid'] : ['cn']),
        ...more,
      })
      targets.push(target)
      return target
    },
    forget: async () => {
      for (const view of VIEWS) {
        const records = store.records(`scim remote ${view}`)
        for (const { key } of await records.list({ limit: 1000 })) await records.delete(key)
      }
    },
    close: async () => {
      for (const target of targets) await target.close()
      await store.close()
      await gateway.close()
      await database.remove()
      await state.remove()
    },
  }
}

export interface Pushed {
  readonly add: number
  readonly update: number
  readonly remove: number
  /** Of entries that were refused: `view key: code message`. */
  readonly problems: readonly string[]
}

export interface Pushing {
  readonly how?: Removal
  readonly views?: readonly string[]
  /** Entries in one call. */
  readonly batch?: number
}

/** What a cycle does, as far as the target is concerned. */
export async function push(
  { gateway }: Pick<Company, 'gateway'>,
  target: Target,
  { how = 'delete', views = VIEWS, batch = 50 }: Pushing = {},
): Promise<Pushed> {
  const ctx: Context = { principal: ANONYMOUS, signal: AbortSignal.timeout(60_000) }
  const cycle = await target.begin({ job: 'job', owner: 'test', views }, ctx)
  const counts = { add: 0, update: 0, remove: 0 }
  const problems: string[] = []
  const gone: [string, Known[]][] = []
  const take = (view: string, outcomes: readonly Outcome[]) => {
    for (const outcome of outcomes) {
      if (!outcome.ok)
        problems.push(`${view} ${outcome.key}: ${outcome.reason.code} ${outcome.reason.message}`)
    }
  }
  for (const view of views) {
    const known = new Map<string, Known>()
    for await (const some of target.known(view, ctx)) for (const one of some) known.set(one.key, one)
    const planned: Planned[] = []
    const search = gateway.directory.search(
      { view, filter: { op: 'const', value: true }, attributes: 'all' },
      ctx,
    )
    for await (const entries of search) {
      for (const entry of entries) {
        const before = known.get(entry.id)
        known.delete(entry.id)
        const hash = hashOf(entry)
        if (before?.hash === hash && before.state === 'present') continue
        const action = before === undefined ? 'add' : 'update'
        counts[action] += 1
        planned.push(plannedOf(entry, hash, action, before))
      }
    }
    for (let at = 0; at < planned.length; at += batch) {
      take(view, await cycle.put(view, planned.slice(at, at + batch)))
    }
    gone.push([view, [...known.values()].filter(({ state }) => state === 'present')])
  }
  for (const [view, entries] of gone.reverse()) {
    counts.remove += entries.length
    take(view, await cycle.remove(view, entries, how))
  }
  await cycle.commit()
  return { ...counts, problems }
}

function plannedOf(entry: Entry, hash: string, action: 'add' | 'update', known: Known | undefined): Planned {
  const [active] = entry.attributes.get(`${USER}:active`) ?? []
  const enabled = active !== false
  return { action, key: entry.id, id: entry.id, hash, entry, enabled, ...(known !== undefined && { known }) }
}

function hashOf({ attributes }: Entry): string {
  const shown = [...attributes].map(([name, values]) => [name, values.map(shownAs).sort()])
  return createHash('sha256').update(JSON.stringify(shown)).digest('hex')
}

function shownAs(value: Value): string {
  return value instanceof Ref ? `${value.view} ${value.id}` : JSON.stringify(value)
}
