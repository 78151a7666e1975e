/** What a cycle makes of entries before it compares them, for those that come into the copy beside it: hooks have their say, and defaults are filled in. */
import type { SourceEntry, ViewSettings } from '../cycle/plan.js'
import type { Reason } from '../cycle/problems.js'
import { validated } from '../cycle/validate.js'
import type { EntryHook } from '../cycle/view-pass.js'

/** Each entry as it is to be, or why it is not to be copied, in their order. */
export type Completion = (
  view: string,
  entries: readonly SourceEntry[],
) => Promise<readonly (SourceEntry | Reason)[]>

export function completionOf(
  settings: readonly Pick<ViewSettings, 'view' | 'validation'>[],
  hook: EntryHook | undefined,
): Completion {
  const validations = new Map(settings.map(({ view, validation }) => [view, validation]))
  return async (view, entries) => {
    const results = hook === undefined || entries.length === 0 ? entries : await hook(view, entries)
    const validation = validations.get(view)
    return results.map((one) =>
      'code' in one || validation === undefined ? one : validated(one, validation),
    )
  }
}
