/** Which views are pushed to services of others, what is wrong with that, and what does the pushing. */

import type { GatewayConfig } from '../config/gateway-config.js'
import type { ScheduleConfig } from '../config/schema-sync.js'
import { readTextFile } from '../config/text-file.js'
import { Engine } from '../copy/cycle/engine.js'
import { OriginReader } from '../copy/cycle/origin-reader.js'
import type { ViewSettings } from '../copy/cycle/plan.js'
import { ordered } from '../copy/cycle/view-order.js'
import type { Job } from '../copy/jobs/jobs.js'
import type { Store } from '../copy/store/store.js'
import { CONNECTION } from '../copy/targets/scim/settings.js'
import { ScimTarget } from '../copy/targets/scim/target.js'
import type { RuleProblem } from '../directory/layers/access/rules.js'
import type { Changeable } from '../model/changeable.js'
import type { Log } from '../model/log.js'
import { bindingKey } from '../model/resource.js'
import { namingAttributes, type View } from '../model/view.js'
import { syncOf } from './attributes.js'
import { engineHooks, type LoadedHooks } from './hooks.js'
import { type PushedViewsParts, pushedViews } from './pushed-views.js'

type TargetConfig = GatewayConfig['targets'][number]

/** Whose entries these are. That others have taken one over is told by what the service has as its `externalId`. */
const OWNER = 'vitrine'
/** The store of copies as a target. */
const LOCAL = 'local'

const KINDS = ['ca', 'cert', 'key'] as const

/** The texts of a target's files. */
export type TargetFiles = { readonly [K in (typeof KINDS)[number]]?: string }

/** What is wrong with the targets, and the texts of their files. */
export async function readTargets(
  { targets, unions }: GatewayConfig,
  mapped: ReadonlyMap<string, View>,
  shown: ReadonlyMap<string, View>,
): Promise<{ readonly problems: readonly RuleProblem[]; readonly files: readonly TargetFiles[] }> {
  const views = new Map([...mapped, ...shown])
  const problems: RuleProblem[] = []
  const files: TargetFiles[] = []
  for (const [i, target] of targets.entries()) {
    const at = ['targets', i] as const
    const texts: Changeable<TargetFiles> = {}
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
    if (target.name === LOCAL) {
      const message = `${LOCAL} is what the store of copies is called`
      problems.push({ path: [...at, 'name'], message, remedy: 'Call it something else' })
    }
    for (const [j, name] of target.views.entries()) {
      const union = unions.find(({ union: { view, union } }) => {
        return target.views.includes(view) && union.members.includes(name)
      })?.union.view
      const wrong = problemOfView(name, union, views)
      if (wrong !== undefined) problems.push({ path: [...at, 'views', j], ...wrong })
    }
    const chosen = target.views.flatMap((name) => views.get(name) ?? [])
    for (const [j, attr] of target.sync.correlate.entries()) {
      if (chosen.some((view) => isAskable(view, attr))) continue
      const message = `${attr} is nothing that the service could be asked by`
      const remedy =
        'Name an attribute that one of these views shows under a name of its core schema, e.g. uid or mail'
      problems.push({ path: [...at, 'correlate', j], message, remedy })
    }
  }
  return { problems, files }
}

/** @param union one of the target's that the view is a member of */
function problemOfView(name: string, union: string | undefined, views: ReadonlyMap<string, View>) {
  const view = views.get(name)
  if (view === undefined) {
    return { message: `there is no view ${name}`, remedy: `Name one of ${[...views.keys()].join(', ')}` }
  }
  if (union !== undefined) {
    return { message: `${name} is part of ${union}, which is pushed too`, remedy: 'Name only one of them' }
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

/** By what entries and resources are known again, unless it is told: what is unique at services, or should be. */
const NAMES = ['userName', 'displayName'] as const

function correlateOf({ resource, attributes }: View, told: readonly string[]): readonly string[] {
  if (told.length > 0) return told.filter((attr) => attributes.has(attr))
  for (const name of NAMES) {
    const binding = resource?.bindings.get(bindingKey(resource.schema.id, name))
    if (binding?.kind === 'plain') return [binding.attr]
  }
  return []
}

/** What pushes to one service. */
export interface Push {
  readonly schedule: ScheduleConfig
  /** To be called once. Nothing is asked of anybody yet. */
  engine(onJob: (job: Job) => void): Engine
  close(): Promise<void>
}

export interface PushParts extends PushedViewsParts {
  /** One for each target. */
  readonly files: readonly TargetFiles[]
  /** Where it is remembered what was pushed. */
  readonly store: Store
  readonly hooks?: LoadedHooks
  readonly log: Log
}

/** One for each target, in their order. */
export function pushesOf(parts: PushParts): readonly Push[] {
  return parts.config.targets.map((target, i) => pushOf(target, parts.files[i] ?? {}, parts))
}

function pushOf(
  { name, url, credentials, connection, views, schedule, sync, provider }: TargetConfig,
  files: TargetFiles,
  parts: PushParts,
): Push {
  const { store, hooks, log } = parts
  const { pushed, origin, directory } = pushedViews(views, parts)
  const settings = pushed.map(({ view, sources }): ViewSettings => {
    const refers = [...new Set([...view.attributes.values()].flatMap((attribute) => attribute.refers))]
    return {
      ...syncOf(sync, view, directory.schema),
      ...{ view: view.name, sources, naming: namingAttributes(view), refers, keyAttributes: [] },
      correlate: correlateOf(view, sync.correlate),
      keyAttributes: [],
    }
  })
  const target = new ScimTarget({
    name,
    remote: { ...CONNECTION, ...connection, ...files, url, credentials },
    provider,
    store,
    directory,
    views,
    modes: () => sync.modes,
    correlate: (one) => settings.find(({ view }) => view === one)?.correlate ?? [],
  })
  const reader = new OriginReader({ origin, changedBy: new Map() })
  return {
    schedule,
    engine: (onJob) =>
      new Engine({
        store,
        target,
        reader,
        views: ordered(settings),
        owner: OWNER,
        log,
        ...engineHooks(hooks),
        onJob,
      }),
    close: () => target.close(),
  }
}
