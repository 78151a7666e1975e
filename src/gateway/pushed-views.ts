/** Views as one target is given them: unions from all of their members, and what refers to a member as referring to its union. */
import type { GatewayConfig } from '../config/gateway-config.js'
import { Origin, type ReadView } from '../copy/views/origin.js'
import { copiedView } from '../copy/views/tables.js'
import type { CoreDirectory, DirectoryParts } from '../directory/core.js'
import { type UnionOptions, unionDirectory } from '../directory/union/directory.js'
import { Problems } from '../mapping/problem.js'
import type { MappingSpec } from '../mapping/schema.js'
import { shownViews } from '../mapping/union.js'
import type { View } from '../model/view.js'

export interface PushedViewsParts {
  readonly config: GatewayConfig
  readonly specs: readonly MappingSpec[]
  readonly unions: readonly UnionOptions[]
  /** Of the origins of all views that are mapped. */
  readonly directory: DirectoryParts
  readonly origin: CoreDirectory
}

export interface PushedView {
  readonly view: View
  /** Those of its members, if it is a union. */
  readonly sources: readonly string[]
}

/** @param names of the views that are pushed */
export function pushedViews(names: readonly string[], parts: PushedViewsParts) {
  const { config, specs, directory, origin } = parts
  const { schema } = directory
  const given = config.unions.flatMap(({ union }) => (names.includes(union.view) ? [union] : []))
  const written = config.views.map(({ mapping }) => mapping)
  const views =
    given.length === 0 ? directory.views : shownViews(directory.views, written, given, schema, new Problems())
  // What a member does not answer is not taken for gone.
  const unions = parts.unions.flatMap((union): UnionOptions[] => {
    const view = names.includes(union.view.name) ? views.get(union.view.name) : undefined
    return view === undefined ? [] : [{ ...union, view, partial: false }]
  })
  const membersOf = (name: string) => unions.find(({ view }) => view.name === name)?.members ?? [name]
  const around = (core: CoreDirectory) => unionDirectory({ core, views, unions, canWrite: () => false })
  const plans = names.flatMap(membersOf).flatMap((name) => {
    const [spec, view] = [specs.find((one) => one.view === name), directory.views.get(name)]
    return spec === undefined || view === undefined ? [] : [copiedView(spec, view, schema)]
  })
  const whole = unions.map(({ view, members }): ReadView => {
    const own = plans.filter(({ name }) => members.includes(name))
    return {
      name: view.name,
      attributes: own.flatMap(({ attributes }) => attributes),
      secrets: [],
      hasEnabled: own.some(({ hasEnabled }) => hasEnabled),
      hasUuid: own.some(({ hasUuid }) => hasUuid),
    }
  })
  return {
    pushed: names.flatMap((name): PushedView[] => {
      const view = views.get(name)
      const sources = specs.flatMap((spec) => (membersOf(name).includes(spec.view) ? [spec.source] : []))
      return view === undefined ? [] : [{ view, sources: [...new Set(sources)] }]
    }),
    origin: new Origin(directory, [...plans, ...whole], { around, membersOf }),
    directory: around(origin),
  }
}
