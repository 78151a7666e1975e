/** Which views are pushed to services of others, what is wrong with that, and what does the pushing. */

import type { GatewayConfig } from './config/gateway-config.js'
import { readTextFile } from './config/text-file.js'
import { Engine } from './copy/engine.js'
import type { Synchronization } from './copy/operations.js'
import { Origin } from './copy/origin.js'
import { OriginReader } from './copy/origin-reader.js'
import type { Trigger, ViewSettings } from './copy/plan.js'
import { Scheduler } from './copy/scheduler.js'
import { createStore } from './copy/store/open.js'
import type { Store } from './copy/store/store.js'
import { copiedView } from './copy/tables.js'
import { CONNECTION } from './copy/targets/scim/settings.js'
import { ScimTarget } from './copy/targets/scim/target.js'
import { CoreDirectory, type DirectoryParts } from './directory/core.js'
import type { RuleProblem } from './directory/layers/access/rules.js'
import type { MappingSpec } from './mapping/schema.js'
import type { Log } from './model/log.js'
import { bindingKey } from './model/resource.js'
import { namingAttributes, type View } from './model/view.js'

type TargetConfig = GatewayConfig['targets'][number]

/** Whose entries these are. That others have taken one over is told by what the service has as its `externalId`. */
const OWNER = 'vitrine'

const KINDS = ['ca', 'cert', 'key'] as const

type Files = { readonly [K in (typeof KINDS)[number]]?: string }

/** What is wrong with the targets, and the texts of their files. */
export async function readTargets(
  { targets }: GatewayConfig,
  specs: readonly MappingSpec[],
  views: ReadonlyMap<string, View>,
): Promise<{ readonly problems: readonly RuleProblem[]; readonly files: readonly Files[] }> {
  const problems: RuleProblem[] = []
  const files: Files[] = []
  for (const [i, target] of targets.entries()) {
    const at = ['targets', i] as const
    const texts: { -readonly [K in keyof Files]: Files[K] } = {}
    for (const kind of KINDS) {
      const path = target.files[kind]
      if (path === undefined) continue
      const { text, reason } = await readTextFile(path)
      if (text !== undefined) texts[kind] = text
      else
        problems.push({
          path: [...at, kind],
          message: `${path} cannot be read: ${reason}`,
          remedy: 'Name a PEM file',
        })
    }
    files.push(texts)
    for (const [j, name] of target.views.entries()) {
      const wrong = problemOfView(name, specs, views)
      if (wrong !== undefined) problems.push({ path: [...at, 'views', j], ...wrong })
    }
    const shown = target.views.flatMap((name) => views.get(name) ?? [])
    for (const [j, attr] of target.sync.correlate.entries()) {
      if (shown.some((view) => isAskable(view, attr))) continue
      const message = `${attr} is nothing that the service could be asked by`
      const remedy =
        'Name an attribute of these views that is one of a User or Group of its own, e.g. uid or mail'
      problems.push({ path: [...at, 'correlate', j], message, remedy })
    }
  }
  return { problems, files }
}

function problemOfView(name: string, specs: readonly MappingSpec[], views: ReadonlyMap<string, View>) {
  const view = views.get(name)
  if (view === undefined) {
    return { message: `there is no view ${name}`, remedy: `Name one of ${[...views.keys()].join(', ')}` }
  }
  if (!specs.some((spec) => spec.view === name)) {
    return { message: `${name} is a union`, remedy: 'Name its members' }
  }
  if (view.resource !== undefined) return undefined
  return {
    message: `${name} is not shown over SCIM`,
    remedy: 'Give its mapping a section scim with resource',
  }
}

function isAskable({ resource }: View, attr: string): boolean {
  return (resource?.schema.attributes ?? []).some(({ name }) => {
    const binding = resource?.bindings.get(bindingKey(resource.schema.id, name))
    if (binding?.kind === 'elements') return binding.stores.some((store) => store.attr === attr)
    return binding?.kind === 'plain' && binding.attr === attr
  })
}

export interface TargetsParts {
  readonly config: GatewayConfig
  readonly files: readonly Files[]
  readonly specs: readonly MappingSpec[]
  /** Of the origins of all views. */
  readonly directory: DirectoryParts
  /** Where copies are kept; if there are none, a store is opened for what was pushed. */
  readonly store: Store | undefined
  readonly log: Log
}

export interface Targets {
  /** One for each target, in their order. */
  readonly synchronizations: readonly Synchronization[]
  /** Has them run when they are due, the first time at once. */
  start(): void
  close(): Promise<void>
}

/** Undefined where nothing is pushed. Nothing is asked of anybody yet. */
export function targetsOf(parts: TargetsParts): Targets | undefined {
  const { config, directory, log } = parts
  if (config.targets.length === 0) return undefined
  const store = parts.store ?? createStore(config.copy.store)
  const origin = new CoreDirectory(directory)
  const all = config.targets.map((target, i) =>
    oneOf(target, parts.files[i] ?? {}, { ...parts, store, origin }),
  )
  const schedulers = all.map(({ engine }, i) => {
    const schedule = config.targets[i]?.schedule ?? {}
    const run = async (trigger: Trigger) => {
      const { status } = await engine.run({ trigger })
      return status === 'failed' ? 'again' : undefined
    }
    return new Scheduler(schedule, run, log)
  })
  return {
    synchronizations: all.map(({ engine }) => engine),
    start: () => {
      for (const scheduler of schedulers) scheduler.start()
    },
    close: async () => {
      const stopped = schedulers.map((scheduler) => scheduler.stop())
      await Promise.all(all.map(({ engine }) => engine.close()))
      await Promise.all(stopped)
      await Promise.all(all.map(({ target }) => target.close()))
      if (parts.store === undefined) await store.close()
    },
  }
}

function oneOf(
  { name, url, credentials, connection, views, sync, provider }: TargetConfig,
  files: Files,
  {
    specs,
    directory,
    origin,
    store,
    log,
  }: TargetsParts & { readonly store: Store; readonly origin: CoreDirectory },
) {
  const chosen = inOrder(
    specs.filter((spec) => views.includes(spec.view)),
    directory.views,
  )
  const target = new ScimTarget({
    name,
    remote: { ...CONNECTION, ...connection, ...files, url, credentials },
    provider,
    store,
    directory: origin,
    views,
    modes: () => sync.modes,
    ...(sync.correlate.length > 0 && { correlate: sync.correlate }),
  })
  const plans = chosen.map(({ spec, view }) => copiedView(spec, view, directory.schema))
  const reader = new OriginReader({
    origin: new Origin(directory, plans),
    directory: origin,
    changedBy: new Map(),
  })
  const settings = chosen.map(
    ({ spec, view }): ViewSettings => ({
      view: view.name,
      source: spec.source,
      naming: namingAttributes(view),
      refers: [...view.attributes.values()].flatMap(({ refers }) => refers),
      modes: sync.modes,
      guard: sync.guard,
      validation: sync.validation,
      // The target finds who is there already.
      correlate: [],
    }),
  )
  return { target, engine: new Engine({ store, target, reader, views: settings, owner: OWNER, log }) }
}

interface Chosen {
  readonly spec: MappingSpec
  readonly view: View
}

/** Those that others refer to come before them, as far as they do not refer to each other. */
function inOrder(specs: readonly MappingSpec[], views: ReadonlyMap<string, View>): readonly Chosen[] {
  const left = new Map(
    specs.flatMap((spec): [string, Chosen][] => {
      const view = views.get(spec.view)
      return view === undefined ? [] : [[spec.view, { spec, view }]]
    }),
  )
  const ordered: Chosen[] = []
  const visit = (name: string) => {
    const chosen = left.get(name)
    if (chosen === undefined) return
    left.delete(name)
    for (const { refers } of chosen.view.attributes.values()) for (const other of refers) visit(other)
    ordered.push(chosen)
  }
  for (const name of [...left.keys()]) visit(name)
  return ordered
}
