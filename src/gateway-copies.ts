/** Which views are copied, and what is wrong with that, told with the file and line where it stands. */
import { ConfigError } from './config/config-error.js'
import type { GatewayConfig, ViewConfig } from './config/gateway-config.js'
import { type CopiedSpec, Copies, STORE } from './copy/copies.js'
import { copyDirectory } from './copy/directory.js'
import { createStore } from './copy/store/open.js'
import { copiedView } from './copy/tables.js'
import { WriteThrough } from './copy/write-through.js'
import { CoreDirectory, type DirectoryParts } from './directory/core.js'
import type { RuleProblem } from './directory/layers/access/rules.js'
import type { Mappings } from './directory/mappings.js'
import type { Core } from './directory/union/members.js'
import { locate } from './gateway-problems.js'
import { dispensableSources } from './mapping/aliases.js'
import { attributesOf, isSecret } from './mapping/given.js'
import type { Problems } from './mapping/problem.js'
import type { MappingSpec } from './mapping/schema.js'
import type { Log } from './model/log.js'
import type { View } from './model/view.js'
import type { Schema } from './schema/schema.js'
import type { Source } from './sources/source.js'

/** What is served of the views of all mappings. */
export interface Served {
  readonly core: Core
  /** By view: over its source, or over the store. */
  readonly mappings: ReadonlyMap<string, Mappings>
  readonly copies?: Copies
}

/** Views that are copied, by name; a union's members are where the union is. */
function copiedViews(config: GatewayConfig): ReadonlyMap<string, Pick<ViewConfig, 'copy' | 'path'>> {
  const own = config.views.flatMap((one): [string, Pick<ViewConfig, 'copy' | 'path'>][] => {
    const { mapping, refreshMethod } = one
    const union = config.unions.find(({ union: { union } }) => union.members.includes(mapping.view))
    if (refreshMethod === 'copy') return [[mapping.view, one]]
    return union?.refreshMethod === 'copy' ? [[mapping.view, union]] : []
  })
  return new Map(own)
}

/** References lead to entries that are kept in the same place. */
export function checkCopies(
  config: GatewayConfig,
  specs: readonly MappingSpec[],
  schema: Schema,
  problems: Problems,
): readonly RuleProblem[] {
  const copied = copiedViews(config)
  for (const spec of specs) {
    const isCopied = copied.has(spec.view)
    for (const { name, path, specs: given } of attributesOf(spec, schema)) {
      given.forEach((one, i) => {
        if (typeof one !== 'object' || !('ref' in one)) return
        if (!specs.some(({ view }) => view === one.ref) || copied.has(one.ref) === isCopied) return
        const at = [...path, ...(given.length > 1 ? [i] : []), 'ref']
        const message = isCopied
          ? `${spec.view} is copied, and ${one.ref}, to which ${name} refers, is not`
          : `${one.ref}, to which ${name} refers, is copied, and ${spec.view} is not`
        problems.add(spec.view, at, message, 'Give both views the same refreshMethod')
      })
    }
  }
  return [...copied].flatMap(([view, { copy, path }]): RuleProblem[] => {
    const spec = specs.find((one) => one.view === view)
    if (!copy.copyPasswords || spec === undefined) return []
    const hasHashes = attributesOf(spec, schema).some(({ specs: given }) => given.some(isSecret))
    if (hasHashes && spec.authentication !== 'source') return []
    const message = `${view} has no hashes that could be copied`
    const remedy = 'Leave it out: the source checks passwords'
    const at = [...path, 'copy', 'copyPasswords']
    return [{ path: at, message, remedy }]
  })
}

/** Places that everything is asked of, and those that something is served without; origins of copies are among these. */
export function neededSources(
  specs: readonly MappingSpec[],
  sources: ReadonlyMap<string, Source>,
  copies: Copies | undefined,
): {
  readonly sources: ReadonlyMap<string, Pick<Source, 'health'>>
  readonly dispensable: ReadonlySet<string>
} {
  if (copies === undefined) return { sources, dispensable: dispensableSources(specs) }
  const asked = specs.filter(({ view }) => !copies.views.has(view))
  const used = new Set(asked.flatMap(sourcesOf))
  const copied = specs.filter(({ view }) => copies.views.has(view)).flatMap(sourcesOf)
  return {
    sources: new Map<string, Pick<Source, 'health'>>([...sources, [STORE, copies]]),
    dispensable: new Set([...dispensableSources(asked), ...copied.filter((name) => !used.has(name))]),
  }
}

const sourcesOf = ({ source, join }: MappingSpec) => [
  source,
  ...Object.values(join ?? {}).map((joined) => joined.source),
]

/** @throws ConfigError where the store has other tables by these names */
export async function defineCopies(copies: Copies, { file, locate: placeOf }: GatewayConfig): Promise<void> {
  try {
    await copies.define()
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    const path = ['copy', 'store']
    const [message = '', remedy = 'Keep the copies in another store'] = error.message.split('; ')
    throw new ConfigError([locate(file, placeOf(path), { path, message, remedy })])
  }
}

export interface ServedParts {
  readonly config: GatewayConfig
  readonly specs: readonly MappingSpec[]
  readonly views: ReadonlyMap<string, View>
  /** Of the origins. */
  readonly directory: DirectoryParts
  readonly log: Log
}

export function serve({ config, specs, views, directory, log }: ServedParts): Served {
  const origin = new CoreDirectory(directory)
  const chosen = copiedViews(config)
  const copied = specs.flatMap((spec): CopiedSpec[] => {
    const [options, view] = [chosen.get(spec.view)?.copy, views.get(spec.view)]
    if (options === undefined || view === undefined) return []
    const { copyPasswords: passwords, index } = options
    return [{ spec, view: copiedView(spec, view, directory.schema, { passwords, index }) }]
  })
  if (copied.length === 0) return { core: origin, mappings: directory.mappings }
  const copies = new Copies({ store: createStore(config.copy.store), views: copied, directory, log })
  const mappings = new Map([...directory.mappings, ...copies.mappings])
  const reading = new CoreDirectory({ ...directory, mappings })
  const through = new WriteThrough({ copies, reading, log })
  return { core: copyDirectory({ reading, origin, copied: copies.views, through }), mappings, copies }
}
