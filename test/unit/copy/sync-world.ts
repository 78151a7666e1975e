/** Views over a database, and an engine that copies them into a store. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Engine, type EngineParts } from '../../../src/copy/cycle/engine.js'
import { OriginReader } from '../../../src/copy/cycle/origin-reader.js'
import type { ViewSettings } from '../../../src/copy/cycle/plan.js'
import { createStore } from '../../../src/copy/store/open.js'
import type { Store } from '../../../src/copy/store/store.js'
import { LocalTarget, namingColumns, trackedTable } from '../../../src/copy/targets/local.js'
import { copySpec } from '../../../src/copy/views/mapping.js'
import { Origin } from '../../../src/copy/views/origin.js'
import { CopiedRows } from '../../../src/copy/views/rows.js'
import { copySource } from '../../../src/copy/views/source.js'
import { copiedView, type OriginFacts, storeTable } from '../../../src/copy/views/tables.js'
import { CoreDirectory } from '../../../src/directory/core.js'
import { SourceMappings } from '../../../src/directory/mappings.js'
import { PasswordHasher } from '../../../src/directory/password/hasher.js'
import { createPasswordVerifier } from '../../../src/directory/password/verifier.js'
import { extendSchema } from '../../../src/mapping/custom-schema.js'
import { Problems } from '../../../src/mapping/problem.js'
import { type MappingSpec, mappingSchema } from '../../../src/mapping/schema.js'
import { viewOf } from '../../../src/mapping/view.js'
import type { Entry } from '../../../src/model/entry.js'
import { TRUE } from '../../../src/model/filter.js'
import { ANONYMOUS, type Context } from '../../../src/model/request.js'
import { standardSchema } from '../../../src/schema/schema.js'
import { createSource } from '../../../src/sources/registry.js'
import { viewSettings } from './cycle-world.js'

export interface SyncWorld {
  readonly engine: Engine
  readonly store: Store
  readonly storeUrl: string
  readonly origin: CoreDirectory
  /** Over the store. */
  readonly copy: CoreDirectory
  entries(view: string): Promise<readonly Entry[]>
  close(): Promise<void>
}

export interface SyncOptions extends Partial<Omit<EngineParts, 'store' | 'target' | 'reader' | 'views'>> {
  /** Where the views are. */
  readonly url: string
  readonly mappings: readonly object[]
  /** Where the store is; a file of its own. */
  readonly storeUrl?: string
  /** By view. */
  readonly settings?: Readonly<Record<string, Partial<ViewSettings>>>
  readonly changedBy?: Readonly<Record<string, string>>
}

const context = (): Context => ({ principal: ANONYMOUS, signal: new AbortController().signal })

const pool = { pool: { max: 4, acquireTimeout: 20_000 }, statementTimeout: 60_000, connectTimeout: 10_000 }

export async function syncWorld(options: SyncOptions): Promise<SyncWorld> {
  const { url, mappings, storeUrl, settings = {}, changedBy = {}, ...more } = options
  const source = createSource({ type: 'sql', url, ...pool })
  const problems = new Problems()
  const specs: readonly MappingSpec[] = mappings.map((one) => mappingSchema.parse(one))
  const schema = extendSchema(standardSchema(), specs, problems)
  const shown = specs.map((spec) => viewOf(spec, schema, problems, specs, new Set()))
  if (problems.list.length > 0) throw new Error(JSON.stringify(problems.list))
  const views = new Map(shown.map((view) => [view.name, view]))
  const [verifier, hasher] = [createPasswordVerifier(), new PasswordHasher()]
  const common = { schema, views, verifier, hasher, serviceAccounts: new Map<string, string>() }
  const own = new SourceMappings(source, specs, schema)
  const parts = { ...common, mappings: new Map(specs.map((spec) => [spec.view, own])) }
  const plans = shown.map((view, i) => copiedView(specs[i] as MappingSpec, view, schema))
  const folder = await mkdtemp(join(tmpdir(), 'vitrine-sync-'))
  const at = storeUrl ?? `sqlite:${join(folder, 'store.sqlite')}`
  const store = createStore({ url: at, ...pool })
  const origin = new Origin(parts, plans)
  const copies = specs.map((spec, i) => copySpec(spec, plans[i] as (typeof plans)[number], 'copies'))
  const overStore = new SourceMappings(copySource(store.source, plans), copies, schema)
  const copyParts = { ...common, mappings: new Map(specs.map((spec) => [spec.view, overStore])) }
  const facts = new Map<string, OriginFacts>()
  for (const { name } of plans) facts.set(name, await origin.facts(name))
  const factsOf = (view: string) => facts.get(view) ?? { key: 'text' as const, unique: new Set<string>() }
  await store.define(plans.map((plan) => trackedTable(storeTable(plan, factsOf))))
  const all = shown.map((view) => ({
    ...viewSettings(view.name, {
      naming: view.rdn,
      refers: [...view.attributes.values()].flatMap(({ refers }) => refers),
    }),
    ...(changedBy[view.name] !== undefined && { changedBy: changedBy[view.name] as string }),
    ...settings[view.name],
  }))
  const stored = new Origin(copyParts, plans)
  const target = new LocalTarget({
    store,
    owner: 'us',
    views: new Map(
      plans.map((plan, i) => [
        plan.name,
        {
          rows: new CopiedRows(plan, factsOf),
          naming: namingColumns(plan, shown[i]?.rdn ?? []),
          correlate: all[i]?.correlate ?? [],
          hasUuid: plan.hasUuid,
        },
      ]),
    ),
    stored: (view, ctx, where) => stored.read(view, ctx, where),
    ...(more.now && { now: more.now }),
  })
  const directory = new CoreDirectory(parts)
  const copy = new CoreDirectory(copyParts)
  const silent = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} }
  const reader = new OriginReader({ origin, changedBy: new Map(Object.entries(changedBy)) })
  const engine = new Engine({ store, target, reader, views: all, owner: 'us', log: silent, ...more })
  return {
    engine,
    store,
    storeUrl: at,
    origin: directory,
    copy,
    entries: async (view) => {
      const found: Entry[] = []
      for await (const batch of copy.search({ view, filter: TRUE, attributes: 'all' }, context()))
        found.push(...batch)
      return found
    },
    close: async () => {
      await engine.close()
      await store.close()
      await source.close()
      await Promise.all([verifier.close(), hasher.close()])
      await rm(folder, { recursive: true })
    },
  }
}
