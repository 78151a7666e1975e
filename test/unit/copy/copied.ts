/** Views over a source and the same views over a copy of it in a store, for tests that hold them against each other. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createStore } from '../../../src/copy/store/open.js'
import type { Store } from '../../../src/copy/store/store.js'
import { copySpec } from '../../../src/copy/views/mapping.js'
import { Origin } from '../../../src/copy/views/origin.js'
import { CopiedRows } from '../../../src/copy/views/rows.js'
import { copySource } from '../../../src/copy/views/source.js'
import {
  type CopiedOptions,
  type CopiedView,
  copiedView,
  type OriginFacts,
  storeTable,
} from '../../../src/copy/views/tables.js'
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
import type { Source } from '../../../src/sources/source.js'

export interface Copied {
  readonly origin: CoreDirectory
  readonly copy: CoreDirectory
  readonly views: readonly CopiedView[]
  readonly store: Store
  /** Copies everything again. */
  refresh(): Promise<void>
  close(): Promise<void>
}

export const ctx = (): Context => ({ principal: ANONYMOUS, signal: AbortSignal.timeout(60_000) })

export interface CopyOptions extends CopiedOptions {
  /** Are the source's columns LDAP attributes? */
  readonly isDirectory?: boolean
  /** Where the store is; a file of its own. */
  readonly url?: string
}

export async function copied(
  source: Source,
  mappings: readonly object[],
  { isDirectory = false, url, ...options }: CopyOptions = {},
): Promise<Copied> {
  const problems = new Problems()
  const specs: readonly MappingSpec[] = mappings.map((one) => mappingSchema.parse(one))
  const schema = extendSchema(standardSchema(), specs, problems)
  const directories = new Set(isDirectory ? specs.map((spec) => spec.source) : [])
  const shown = specs.map((spec) => viewOf(spec, schema, problems, specs, directories))
  if (problems.list.length > 0) throw new Error(JSON.stringify(problems.list))
  const views = new Map(shown.map((view) => [view.name, view]))
  const verifier = createPasswordVerifier()
  const hasher = new PasswordHasher()
  const own = new SourceMappings(source, specs, schema)
  const common = { schema, views, verifier, hasher, serviceAccounts: new Map<string, string>() }
  const parts = { ...common, mappings: new Map(specs.map((spec) => [spec.view, own])) }
  const plans = specs.map((spec, i) => {
    const view = shown[i]
    if (view === undefined) throw new RangeError('a view for each mapping')
    return copiedView(spec, view, schema, options)
  })
  const folder = await mkdtemp(join(tmpdir(), 'vitrine-copied-'))
  const store = createStore({
    url: url ?? `sqlite:${join(folder, 'store.sqlite')}`,
    pool: { max: 4, acquireTimeout: 5000 },
    statementTimeout: 20_000,
    connectTimeout: 5000,
  })
  const reader = new Origin(parts, plans)
  const copies = specs.flatMap((spec, i) => {
    const plan = plans[i]
    return plan === undefined ? [] : [copySpec(spec, plan, 'copies')]
  })
  const overStore = new SourceMappings(copySource(store.source, plans), copies, schema)
  const facts = new Map<string, OriginFacts>()
  return {
    origin: new CoreDirectory(parts),
    copy: new CoreDirectory({ ...common, mappings: new Map(specs.map((spec) => [spec.view, overStore])) }),
    views: plans,
    store,
    refresh: async () => {
      for (const { name } of plans) facts.set(name, await reader.facts(name))
      const factsOf = (view: string) => facts.get(view) ?? { key: 'text' as const, unique: new Set<string>() }
      await store.define(plans.map((plan) => storeTable(plan, factsOf)))
      const cycle = await store.begin()
      for (const plan of plans) {
        const rows = new CopiedRows(plan, factsOf)
        await cycle.put(rows.table, [])
        for await (const entries of reader.read(plan.name, ctx())) {
          const refused = await cycle.put(
            rows.table,
            entries.map((entry) => rows.rowOf(entry)),
          )
          if (refused[0] !== undefined) throw refused[0]
        }
      }
      await cycle.commit()
    },
    close: async () => {
      await store.close()
      await source.close()
      await Promise.all([verifier.close(), hasher.close()])
      await rm(folder, { recursive: true })
    },
  }
}

/** All entries of a view, in key order. */
export async function all(
  directory: CoreDirectory,
  view: string,
  displays = false,
): Promise<readonly Entry[]> {
  const entries: Entry[] = []
  for await (const batch of directory.search({ view, filter: TRUE, attributes: 'all', displays }, ctx()))
    entries.push(...batch)
  return entries
}
