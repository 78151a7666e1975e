/** Which views are copied, and what is wrong with that, told with the file and line where it stands. */
import { ConfigError } from '../config/config-error.js'
import type { GatewayConfig, ViewConfig } from '../config/gateway-config.js'
import type { Job } from '../copy/jobs/jobs.js'
import { createStore } from '../copy/store/open.js'
import { Copies, STORE } from '../copy/views/copies.js'
import { copyDirectory } from '../copy/views/directory.js'
import { copiedView } from '../copy/views/tables.js'
import { untoldOf } from '../copy/views/untold.js'
import { WriteThrough } from '../copy/views/write-through.js'
import { CoreDirectory, type DirectoryParts } from '../directory/core.js'
import type { RowFilter } from '../directory/layers/access/rule.js'
import type { Complaint, RuleProblem } from '../directory/layers/access/rules.js'
import type { Mappings } from '../directory/mappings.js'
import type { Core } from '../directory/union/members.js'
import { dispensableSources } from '../mapping/aliases.js'
import { attributesOf, isSecret } from '../mapping/given.js'
import { nearest } from '../mapping/nearest.js'
import type { Problems } from '../mapping/problem.js'
import type { MappingSpec } from '../mapping/schema.js'
import type { Log } from '../model/log.js'
import { ANONYMOUS } from '../model/request.js'
import type { View } from '../model/view.js'
import type { Schema } from '../schema/schema.js'
import type { Source } from '../sources/source.js'
import { syncOf, unknownAttributes } from './attributes.js'
import { engineHooks, type LoadedHooks } from './hooks.js'
import { locate } from './problems.js'
import { localCopies, Synchronizations, type SynchronizedView, webhooksOf } from './sync.js'
import { type PushParts, pushesOf } from './targets.js'

/** What is served of the views of all mappings. */
export interface Served {
  readonly core: Core
  /** By view: over its source, or over the store. */
  readonly mappings: ReadonlyMap<string, Mappings>
  readonly copies?: Copies
  readonly synchronizations?: Synchronizations
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

export interface PlanParts {
  readonly config: GatewayConfig
  readonly specs: readonly MappingSpec[]
  readonly views: ReadonlyMap<string, View>
  readonly schema: Schema
  /** Sources whose columns are LDAP attributes. */
  readonly directories: ReadonlySet<string>
  /** Those of mapping files. */
  readonly problems: Problems
  /** What a filter in the words of LDAP means for a view, or what is wrong with it. */
  filter(text: string, view: View): RowFilter | Complaint
}

/** What is copied of which views; what is wrong with that is among the problems, or told of the gateway's file. */
export function planCopies(parts: PlanParts): {
  readonly copied: readonly SynchronizedView[]
  readonly wrong: readonly RuleProblem[]
} {
  const { config, specs, views, schema, directories } = parts
  const chosen = copiedViews(config)
  checkReferences(parts, chosen)
  const wrong: RuleProblem[] = []
  const copied = specs.flatMap((spec): SynchronizedView[] => {
    const [options, view] = [chosen.get(spec.view), views.get(spec.view)]
    if (options === undefined || view === undefined) return []
    const { copyPasswords: passwords, filter: text, keyObjectClasses } = options.copy
    const tell = (key: string, message: string, remedy: string) =>
      wrong.push({ path: [...options.path, 'copy', key], message, remedy })
    const names = (key: 'index' | 'sourceAttributes' | 'keyAttributes' | 'changedBy' | 'changedWith') =>
      [options.copy[key] ?? []].flat().flatMap((given) => {
        const name = schema.attribute(given)?.name ?? given
        if (view.attributes.has(name)) return [name]
        const meant = nearest(name, view.attributes.keys())
        const remedy = meant === undefined ? 'Name one that its mapping has' : `Did you mean ${meant}?`
        tell(key, `view ${view.name} has no attribute ${given}`, remedy)
        return []
      })
    const [index, attributes] = [names('index'), names('sourceAttributes')]
    const [changedBy] = names('changedBy')
    const [keyAttributes, changedWith] = [names('keyAttributes'), names('changedWith')]
    if (changedBy !== undefined && keyAttributes.length > 0)
      tell('keyAttributes', 'entries are known by these only where all of them are read', 'Remove changedBy')
    if (changedBy === undefined && changedWith.length > 0)
      tell('changedWith', 'nothing says when entries change', 'Add changedBy, or remove this')
    if (changedBy !== undefined && view.attributes.get(changedBy)?.kind !== 'time')
      tell('changedBy', `${changedBy} is no time`, 'Name an attribute such as modifyTimestamp')
    if (keyObjectClasses !== undefined && !directories.has(spec.source))
      tell('keyObjectClasses', `${spec.source} is no directory`, 'Choose entries by filter')
    if (passwords && !hasHashes(spec, schema))
      tell('copyPasswords', `${view.name} has no hashes to copy`, 'Leave it out: the source checks passwords')
    const chosenBy = text === undefined ? undefined : parts.filter(text, view)
    if (chosenBy !== undefined && 'message' in chosenBy) tell('filter', chosenBy.message, chosenBy.remedy)
    else if (chosenBy !== undefined && chosenBy.needs.size > 0)
      tell('filter', 'nobody asks for whom {principal.…} could stand', 'Write values')
    const filter =
      chosenBy === undefined || 'message' in chosenBy ? undefined : chosenBy.filled(ANONYMOUS, () => [])
    const plan = copiedView(spec, view, schema, {
      passwords,
      index: [...index, ...syncOf(options.copy.sync, view, schema).correlate],
      ...(attributes.length > 0 && {
        attributes: [...attributes, ...keyAttributes, ...(changedBy === undefined ? [] : [changedBy])],
      }),
      ...(filter && { filter }),
      ...(keyObjectClasses && { objectClasses: keyObjectClasses }),
    })
    const sync = syncOf(options.copy.sync, view, schema)
    for (const name of keyAttributes)
      if (!plan.attributes.some((one) => one.name === name && one.kept.length > 0))
        tell('keyAttributes', `values of ${name} are not copied`, 'Name another attribute')
    const common = { spec, shown: view, sync, keyAttributes }
    if (changedBy === undefined) return [{ ...common, view: plan }]
    const untold = untoldOf(spec, plan, schema, directories.has(spec.source)).filter(
      ({ attr }) => !changedWith.includes(attr),
    )
    return [
      untold.length > 0 ? { ...common, view: { ...plan, untold } } : { ...common, view: plan, changedBy },
    ]
  })
  const told = new Set<string>()
  for (const { spec } of copied) {
    const options = chosen.get(spec.view)
    const shown = copied.map((one) => one.shown)
    if (options === undefined) continue
    for (const one of unknownAttributes(options.copy.sync, shown, schema, [...options.path, 'copy'])) {
      if (!told.has(one.message)) wrong.push(one)
      told.add(one.message)
    }
  }
  for (const { spec, view } of copied)
    for (const { name, back } of view.attributes)
      for (const { ref, by } of back) {
        const target = copied.find((one) => one.view.name === ref)?.view
        const [attr, path] = [schema.attribute(by)?.name ?? by, chosen.get(ref)?.path]
        if (target === undefined || path === undefined || target.attributes.some((one) => one.name === attr))
          continue
        const message = `${by} of ${ref} is not copied, of which ${name} of ${spec.view} is made`
        wrong.push({ path: [...path, 'copy', 'sourceAttributes'], message, remedy: `Add ${by}` })
      }
  return { copied, wrong }
}

function hasHashes(spec: MappingSpec, schema: Schema): boolean {
  return (
    spec.authentication !== 'source' && attributesOf(spec, schema).some(({ specs }) => specs.some(isSecret))
  )
}

/** References lead to entries that are kept in the same place. */
function checkReferences({ specs, schema, problems }: PlanParts, copied: ReadonlyMap<string, unknown>): void {
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
    const sentence = `${remedy.charAt(0).toUpperCase()}${remedy.slice(1)}`
    throw new ConfigError([locate(file, placeOf(path), { path, message, remedy: sentence })])
  }
}

export interface ServeParts {
  readonly copied: readonly SynchronizedView[]
  readonly specs: readonly MappingSpec[]
  readonly unions: PushParts['unions']
  /** Of the origins. */
  readonly directory: DirectoryParts
  readonly config: GatewayConfig
  /** Of the targets. */
  readonly files: PushParts['files']
  readonly hooks?: LoadedHooks
  readonly log: Log
  /** Hears of every synchronization that has ended. */
  onJob(job: Job): void
}

/** @throws ConfigError where a file that copies need cannot be read */
export async function serve(parts: ServeParts): Promise<Served> {
  const { copied, specs, unions, directory, config, files, hooks, log, onJob } = parts
  const origin = new CoreDirectory(directory)
  if (copied.length === 0 && config.targets.length === 0) {
    return { core: origin, mappings: directory.mappings }
  }
  const store = createStore(config.copy.store)
  const webhooks = await webhooksOf(config, store, log)
  const pushed = { config, files, specs, unions, directory, origin, store }
  const pushes = pushesOf({ ...pushed, ...(hooks && { hooks }), log })
  const common = { store, log, onJob, webhooks, schedule: config.copy.schedule, pushes }
  if (copied.length === 0) {
    const synchronizations = new Synchronizations({ ...common, local: undefined })
    return { core: origin, mappings: directory.mappings, synchronizations }
  }
  const copies = new Copies({ store, views: copied, directory, log })
  const mappings = new Map([...directory.mappings, ...copies.mappings])
  const reading = new CoreDirectory({ ...directory, mappings })
  const copying = () => localCopies(copies, copied, directory)
  const local = { config, copies, local: copying(), ...(hooks && { hooks }), log }
  const synchronizations = new Synchronizations({ ...common, local })
  const refresh = (stale: readonly string[]) => synchronizations.refresh(stale)
  const { hook } = engineHooks(hooks)
  const through = new WriteThrough({ copies, reading, log, ...copying(), ...(hook && { hook }), refresh })
  const core = copyDirectory({ reading, origin, copied: copies.views, through })
  return { core, mappings, copies, synchronizations }
}
