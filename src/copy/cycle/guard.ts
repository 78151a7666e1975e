/** Decides whether a cycle may be applied: what looks like an accident of the source removes nobody. */
import type { GuardLimits, Tally } from './plan.js'
import type { Loss } from './values.js'

/** So many values of an attribute may always go. */
const FEW = 20

export type ViolationCode =
  /** The source ended early or failed. */
  | 'incomplete'
  /** The source had nothing where there was something before. */
  | 'empty'
  /** More would be removed than allowed. */
  | 'tooManyRemovals'
  /** More entries would change their names than may be removed. */
  | 'tooManyRenames'
  /** Entries that stay would lose more values of an attribute than allowed. */
  | 'tooManyLosses'
  /** Two entries with one key. */
  | 'duplicateKey'

export interface Violation {
  readonly code: ViolationCode
  readonly view: string
  /** For operators: what was found, what is allowed, and what to do. */
  readonly message: string
  /** May an operator approve it? */
  readonly approvable: boolean
  /** How many entries it is about; of losses, how many values. */
  readonly count: number
  /** Of losses: what is lost. */
  readonly attribute?: string
}

/** What a full read of a view came to. */
export interface Finding {
  readonly view: string
  readonly tally: Tally
  /** How many entries the target has of it that could be removed. */
  readonly before: number
  /** How many the source yielded. */
  readonly read: number
  readonly renamed: number
  /** Keys that came more than once, some of them. */
  readonly duplicates: readonly string[]
  readonly duplicateCount: number
  /** Set where the read did not come to its end. */
  readonly failure?: string
}

const plural = (n: number, what: string) => `${n} ${what}${n === 1 ? 'y' : 'ies'}`

/** @param read how many entries came before */
export function incomplete(view: string, why: string, read: number): Violation {
  const message = `the source of ${view} failed before its end: ${why}`
  return { code: 'incomplete', view, message, approvable: false, count: read }
}

/** What stands against applying this; nothing may be applied unless it is empty, or all of it approved. */
export function violationsOf(finding: Finding, limits: GuardLimits): readonly Violation[] {
  const { view, tally, before, read, renamed, duplicates, duplicateCount, failure } = finding
  if (failure !== undefined) return [incomplete(view, failure, read)]
  const found: Violation[] = []
  if (duplicateCount > 0) {
    const some = duplicates.join(', ')
    const message = `${plural(duplicateCount, 'entr')} of ${view} came twice under one key (${some}); make the keys of the source unique`
    found.push({ code: 'duplicateKey', view, message, approvable: false, count: duplicateCount })
  }
  if (read === 0 && before > 0) {
    const message = `the source of ${view} has no entry at all, and the copy ${before}`
    found.push({ code: 'empty', view, message, approvable: true, count: before })
    return found
  }
  const allowed = allowedOf(before, limits)
  const rule = `allowed are ${limits.maxRemove}, and ${percentOf(limits.maxRemoveShare)} of ${before}`
  if (tally.remove > allowed) {
    const message = `${plural(tally.remove, 'entr')} of ${view} would be removed; ${rule}`
    found.push({ code: 'tooManyRemovals', view, message, approvable: true, count: tally.remove })
  }
  if (renamed > allowed) {
    const message = `${plural(renamed, 'entr')} of ${view} would lose the name that clients know; ${rule}`
    found.push({ code: 'tooManyRenames', view, message, approvable: true, count: renamed })
  }
  return found
}

/** The same of values that entries of the view lose. */
export function lossesTold(
  view: string,
  losses: readonly Loss[],
  { maxLossShare }: GuardLimits,
): readonly Violation[] {
  return losses.flatMap(({ attr, lost, had }): readonly Violation[] => {
    if (lost <= Math.max(FEW, Math.floor(had * maxLossShare))) return []
    const message = `${lost} of ${had} values of ${attr} would go from entries of ${view} that stay; allowed are ${FEW}, or ${percentOf(maxLossShare)}`
    return [{ code: 'tooManyLosses', view, message, approvable: true, count: lost, attribute: attr }]
  })
}

const percentOf = (share: number) => `${Math.round(share * 10_000) / 100} %`

/** One is always within the percentage, or small copies could never lose anybody. */
function allowedOf(before: number, { maxRemove, maxRemoveShare }: GuardLimits): number {
  return Math.min(maxRemove, Math.max(1, Math.floor(before * maxRemoveShare)))
}
