/** The order in which the views of a cycle are copied. */
import type { ViewSettings } from './plan.js'

/** Those that others refer to come before them, as far as they do not refer to each other. */
export function ordered(views: readonly ViewSettings[]): readonly ViewSettings[] {
  const placed = new Set<ViewSettings>()
  const place = (settings: ViewSettings, above: ReadonlySet<ViewSettings>) => {
    if (placed.has(settings) || above.has(settings)) return
    const path = new Set([...above, settings])
    for (const name of settings.refers) {
      const other = views.find(({ view }) => view === name)
      if (other !== undefined) place(other, path)
    }
    placed.add(settings)
  }
  for (const settings of views) place(settings, new Set())
  return [...placed]
}
