/** A directory over a source in memory, and the requests that tests make of it. */
import { CoreDirectory } from '../../src/directory/core.js'
import { filterOfName } from '../../src/directory/directory.js'
import { SourceMappings } from '../../src/directory/mappings.js'
import { PasswordHasher } from '../../src/directory/password/hasher.js'
import { createPasswordVerifier } from '../../src/directory/password/verifier.js'
import { extendSchema } from '../../src/mapping/custom-schema.js'
import { Problems } from '../../src/mapping/problem.js'
import { mappingSchema } from '../../src/mapping/schema.js'
import { viewOf } from '../../src/mapping/view.js'
import { type Filter, TRUE } from '../../src/model/filter.js'
import { ANONYMOUS, type Change, type Context } from '../../src/model/request.js'
import type { Value } from '../../src/model/value.js'
import { standardSchema } from '../../src/schema/schema.js'
import type { Source } from '../../src/sources/source.js'
import { MemoryDirectory } from './memory-directory.js'

export interface Served {
  readonly source: MemoryDirectory
  readonly directory: CoreDirectory
  readonly ctx: Context
  /** Keys of the entries that a filter selects. */
  ids(view: string, filter: Filter): Promise<readonly string[]>
  /** Keys of the entries with this name. */
  named(view: string, ...names: readonly string[]): Promise<readonly string[]>
  /** All attributes of the entry with this key. */
  entry(view: string, id: string): Promise<ReadonlyMap<string, readonly Value[]>>
  compare(view: string, name: string, assertion: Filter): ReturnType<CoreDirectory['compare']>
  /** What the source is not left to decide of a filter. */
  residual(view: string, filter: Filter): Promise<Filter | undefined>
  change(view: string, id: string, changes: readonly Change[]): Promise<void>
}

/** @param mapped what mapping files say, by view, but for view and source */
export async function served(
  mapped: Readonly<Record<string, object>>,
  fill: (source: MemoryDirectory) => MemoryDirectory,
  adapt: (source: MemoryDirectory) => Source = (source) => source,
): Promise<Served> {
  const specs = Object.entries(mapped).map(([view, spec]) =>
    mappingSchema.parse({ view, source: 'corp', ...spec }),
  )
  const problems = new Problems()
  const schema = extendSchema(standardSchema(), specs, problems)
  const directories = new Set(['corp'])
  const views = new Map(specs.map((spec) => [spec.view, viewOf(spec, schema, problems, specs, directories)]))
  if (problems.list.length > 0) throw new Error(JSON.stringify(problems.list))
  const source = fill(new MemoryDirectory())
  const mappings = new SourceMappings(adapt(source), specs, schema)
  await mappings.compile()
  const directory = new CoreDirectory({
    schema,
    views,
    mappings: new Map(specs.map((spec) => [spec.view, mappings])),
    verifier: createPasswordVerifier(),
    hasher: new PasswordHasher(),
    serviceAccounts: new Map(),
  })
  const ctx: Context = { principal: ANONYMOUS, signal: new AbortController().signal }
  const ids = async (view: string, filter: Filter) => {
    const found: string[] = []
    for await (const entries of directory.search({ view, filter, attributes: new Set() }, ctx))
      found.push(...entries.map((entry) => entry.id))
    return found
  }
  const described = (name: string) => {
    const view = views.get(name)
    if (view === undefined) throw new Error(`there is no view ${name}`)
    return view
  }
  return {
    source,
    directory,
    ctx,
    ids,
    named: (view, ...names) => ids(view, filterOfName(names, described(view), schema)),
    entry: async (view, id) => {
      for await (const [entry] of directory.search({ view, id, filter: TRUE, attributes: 'all' }, ctx))
        if (entry !== undefined) return entry.attributes
      throw new Error(`there is no ${id}`)
    },
    compare: (view, name, assertion) => directory.compare({ view, names: [name] }, assertion, ctx),
    residual: async (view, filter) =>
      (await directory.prepare({ view, filter, attributes: new Set() }, ctx)).plan.residual,
    change: (view, id, changes) =>
      directory.modify({ view, id, attributes: new Set(), change: () => changes }, ctx),
  }
}
