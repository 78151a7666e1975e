/** What a search covers: the entries of the tree itself, and the views below them, in a fixed order. */
import type { SearchScope } from '../../ldap/index.js'
import type { View } from '../../model/view.js'
import { depthBelow } from './names.js'
import type { Container, Location, Namespace } from './namespace.js'

/** One place that a search covers. */
export type Stage =
  | { readonly kind: 'container'; readonly container: Container }
  | { readonly kind: 'view'; readonly view: View }
  /** One entry of a view. */
  | { readonly kind: 'entry'; readonly view: View; readonly names: readonly string[] }

export function stagesOf(
  base: Exclude<Location, { kind: 'nowhere' }>,
  scope: SearchScope,
  namespace: Namespace,
): readonly Stage[] {
  if (base.kind === 'entry') {
    const covered = scope === 'baseObject' || scope === 'wholeSubtree'
    return covered ? [{ kind: 'entry', view: base.view, names: base.names }] : []
  }
  const stages: Stage[] = []
  for (const container of namespace.containers) {
    const depth = depthBelow(container.name, base.container.name)
    if (depth === undefined) continue
    if (covers(scope, depth)) stages.push({ kind: 'container', container })
    if (covers(scope, depth + 1)) for (const view of container.views) stages.push({ kind: 'view', view })
  }
  return stages
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
