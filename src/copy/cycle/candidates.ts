/** Of entries under new keys: whom the target knows that they could be. */
import type { Context } from '../../model/request.js'
import type { Target } from '../targets/target.js'
import type { Candidate } from './correlate.js'
import type { SourceEntry, ViewSettings } from './plan.js'
import { firstText } from './values.js'

/** An entry as the source has it. */
export interface Fresh {
  readonly key: string
  readonly raw: SourceEntry
}

/** The same as a hook left it. */
export interface Given extends Fresh {
  readonly given: SourceEntry
}

export interface CandidateParts {
  readonly target: Target
  readonly settings: ViewSettings
  readonly ctx: Context
}

export type Likely = Pick<Candidate, 'key' | 'attr' | 'value' | 'found'> & Fresh

/** Those of the entries that have one of the values by which the target knows somebody under another key. */
export async function candidatesAmong(
  { target, settings, ctx }: CandidateParts,
  entries: readonly Given[],
): Promise<readonly Likely[]> {
  if (target.find === undefined) return []
  const likely: Likely[] = []
  let left = entries
  for (const attr of settings.correlate) {
    const valued = left.flatMap((one) => {
      const value = firstText(one.given.entry, attr)
      return value === undefined ? [] : [{ ...one, value }]
    })
    if (valued.length === 0) continue
    const values = new Set(valued.map(({ value }) => value))
    const matches = await target.find(settings.view, attr, [...values], ctx)
    const some = valued.flatMap(({ key, raw, value }): readonly Likely[] => {
      const found = (matches.get(value) ?? []).filter((known) => known.key !== key)
      return found.length === 0 ? [] : [{ key, raw, attr, value, found }]
    })
    likely.push(...some)
    const done = new Set(some.map(({ key }) => key))
    left = left.filter(({ key }) => !done.has(key))
  }
  return likely
}
