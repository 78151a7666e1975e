/** What a search covers: the entries of the tree itself, and the views below them, in a fixed order. */
import { belowLevels, rightBelowLevels } from '../../directory/directory.js'
import type { SearchScope } from '../../ldap/index.js'
import type { Filter } from '../../model/filter.js'
import type { View } from '../../model/view.js'
import { depthBelow } from './names.js'
import type { Container, LevelPart, Location, Namespace } from './namespace.js'

/** Levels of one view: those of as many values as `from` to `to`, below the level that the values name. */
export interface LevelRange extends LevelPart {
  readonly from: number
  readonly to: number
}

/** One place that a search covers. */
export type Stage =
  | { readonly kind: 'container'; readonly container: Container }
  /** `within`: what holds of those of its entries that are covered, if not all are. */
  | { readonly kind: 'view'; readonly view: View; readonly within?: Filter }
  /** One entry of a view. */
  | { readonly kind: 'entry'; readonly view: View; readonly names: readonly string[] }
  | { readonly kind: 'levels'; readonly ranges: readonly LevelRange[] }

export function stagesOf(
  base: Exclude<Location, { kind: 'nowhere' }>,
  scope: SearchScope,
  namespace: Namespace,
): readonly Stage[] {
  if (base.kind === 'entry') {
    const covered = scope === 'baseObject' || scope === 'wholeSubtree'
    return covered ? [{ kind: 'entry', view: base.view, names: base.names }] : []
  }
  const isLevel = base.kind === 'level'
  const name = isLevel ? base.name : base.container.name
  const stages: Stage[] = []
  const ranges: LevelRange[] = []
  const levelled: Stage[] = []
  const { schema } = namespace
  for (const container of namespace.containers) {
    const depth = depthBelow(container.name, name)
    if (depth === undefined) continue
    if (covers(scope, depth)) stages.push({ kind: 'container', container })
    for (const view of container.views) {
      if (view.levels === undefined) {
        if (covers(scope, depth + 1)) stages.push({ kind: 'view', view })
      } else if (scope === 'wholeSubtree' || scope === 'subordinateSubtree') {
        ranges.push({ view, values: [], from: 1, to: view.levels.length })
        levelled.push({ kind: 'view', view })
      } else if (scope === 'singleLevel' && depth === 0) {
        ranges.push({ view, values: [], from: 1, to: 1 })
        levelled.push({ kind: 'view', view, within: rightBelowLevels([], view.levels, schema) })
      }
    }
  }
  // What a level covers; a container may stand where one is.
  for (const { view, values } of namespace.levelsAt(name)) {
    const { levels = [] } = view
    const depth = values.length
    if (depth === 0) continue
    const isWhole = scope === 'wholeSubtree' || scope === 'subordinateSubtree'
    const from = isLevel && covers(scope, 0) ? depth : depth + 1
    const to = scope === 'baseObject' ? depth : isWhole ? levels.length : Math.min(depth + 1, levels.length)
    if (from <= to) ranges.push({ view, values, from, to })
    if (isWhole) levelled.push({ kind: 'view', view, within: belowLevels(values, levels, schema) })
    else if (scope === 'singleLevel')
      levelled.push({ kind: 'view', view, within: rightBelowLevels(values, levels, schema) })
  }
  return [...stages, ...(ranges.length > 0 ? [{ kind: 'levels' as const, ranges }] : []), ...levelled]
}

function covers(scope: SearchScope, depth: number): boolean {
  switch (scope) {
    case 'baseObject':
      return depth === 0
    case 'singleLevel':
      return depth === 1
    case 'wholeSubtree':
      return true
    case 'subordinateSubtree':
      return depth > 0
  }
}
