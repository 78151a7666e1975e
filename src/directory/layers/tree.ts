/** What of the directory stands in LDAP's tree: without views that have no place there, and what only SCIM shows. */
import type { View } from '../../model/view.js'
import type { Layer } from '../directory.js'
import { passOn } from './pass-on.js'

export const treeLayer: Layer = (next) => {
  const views = new Map<string, View>()
  for (const [name, view] of next.views) {
    if (!view.inTree) continue
    const attributes = new Map([...view.attributes].filter(([, { face }]) => face === undefined))
    views.set(name, { ...view, attributes })
  }
  const all = new Map([...views].map(([name, view]) => [name, new Set(view.attributes.keys())]))
  return {
    ...passOn(next),
    views,
    search: (request, ctx) =>
      next.search(
        request.attributes === 'all' ? { ...request, attributes: all.get(request.view) ?? 'all' } : request,
        ctx,
      ),
  }
}
