/**
 * One cycle: reads what the sources have, finds out what would become of it, and where the guard lets it, has the target
 * do that. Views of a source that failed, or that the guard holds, are left as they are; the others are not.
 */
import type { Context } from '../../model/request.js'
import type { SnapshotNumber, StoreRecord } from '../store/store.js'
import type { CyclePlan, Known, Removal, Target, TargetCycle } from '../targets/target.js'
import { incomplete, lossesTold, type Violation, violationsOf } from './guard.js'
import type { Identities } from './identities.js'
import type { PlanLine, Tally, ViewSettings } from './plan.js'
import type { ProblemList } from './problem-list.js'
import type { Reader } from './reader.js'
import { lossesOf, type Round, type RoundParts, readAgain, readView } from './round.js'
import { refKey, type ValueCounts } from './values.js'
import { type EntryHook, textOf } from './view-pass.js'

/** Entries that are removed at a time. */
const AT_ONCE = 512

export interface CycleParts {
  readonly target: Target
  readonly reader: Reader
  /** Those that others refer to come before them. */
  readonly views: readonly ViewSettings[]
  readonly plan: Omit<CyclePlan, 'views'>
  readonly problems: ProblemList
  readonly identities: Identities
  readonly hook?: EntryHook
  readonly ctx: Context
  readonly now: Date
  readonly dryRun: boolean
  readonly retry: boolean
  /** By view; the others are read whole. */
  readonly since: ReadonlyMap<string, Date>
  /** By view: how many values there were when all was read for the last time. */
  readonly values: ReadonlyMap<string, ValueCounts | undefined>
  isApproved(violation: Violation): boolean
  onLine?(line: PlanLine): void
  /** So many actions there are to be. */
  onPlanned?(actions: number): void
  /** So many more are done. */
  onDone?(actions: number): void
  /** What is written together with what was done. */
  records?(rounds: readonly Round[]): readonly StoreRecord[]
}

export interface CycleResult {
  readonly views: ReadonlyMap<string, Tally>
  readonly violations: readonly Violation[]
  /** Views that nothing was done with. */
  readonly held: readonly string[]
  readonly snapshot?: SnapshotNumber
}

export async function runCycle(parts: CycleParts): Promise<CycleResult> {
  const held = new Set<string>()
  const violations: Violation[] = []
  const tallies = new Map<string, Tally>()
  for (;;) {
    const views = parts.views.filter(({ view }) => !held.has(view))
    const done = await attempt({ ...parts, views }, violations, tallies)
    const sources = new Set(
      violations.flatMap((one) =>
        parts.isApproved(one)
          ? []
          : parts.views.filter(({ view }) => view === one.view).flatMap((v) => v.sources),
      ),
    )
    for (const { view, sources: own } of parts.views)
      if (own.some((source) => sources.has(source))) held.add(view)
    if (done !== undefined) return { views: tallies, violations, held: [...held], ...done }
  }
}

/** Undefined where something was found that holds views: nothing was done then, and is begun anew without them. */
async function attempt(
  parts: CycleParts,
  violations: Violation[],
  tallies: Map<string, Tally>,
): Promise<{ readonly snapshot?: SnapshotNumber } | undefined> {
  const { target, dryRun, plan, views, ctx } = parts
  if (views.length === 0) return {}
  const away = await unready(parts)
  if (away.length > 0) {
    violations.push(...away)
    return undefined
  }
  await parts.problems.load()
  const names = views.map(({ view }) => view)
  const cycle = dryRun ? undefined : await target.begin({ ...plan, views: names }, ctx)
  try {
    const rounds: Round[] = []
    const found: Violation[] = []
    for (const settings of views) {
      const isWritten = target.atomic && !found.some((one) => !parts.isApproved(one))
      const round = await readView(roundParts(parts, settings, isWritten ? cycle : undefined, true))
      rounds.push(round)
      found.push(...violationsOf(round.finding, settings.guard))
      tallies.set(settings.view, { ...round.pass.tally })
    }
    const removed = new Set(
      rounds.flatMap(({ settings: { view }, removals }) =>
        removals.map(({ known }) => refKey(view, known.id)),
      ),
    )
    for (const round of rounds) {
      const { settings } = round
      const losses = lossesOf(roundParts(parts, settings, undefined, true), round, removed)
      found.push(...lossesTold(settings.view, losses, settings.guard))
    }
    violations.push(...found)
    if (cycle === undefined) return {}
    if (found.some((one) => !parts.isApproved(one))) {
      await cycle.rollback()
      return undefined
    }
    parts.onPlanned?.(
      rounds.reduce((sum, { pass: { tally } }) => sum + tally.add + tally.update + tally.remove, 0),
    )
    await finish(parts, rounds, cycle, tallies)
    return await cycle.commit([...parts.problems.changes(), ...(parts.records?.(rounds) ?? [])])
  } catch (error) {
    // What goes wrong here as well has the same reason.
    await cycle?.rollback().catch(() => {})
    throw error
  }
}

/** Views whose sources cannot even be asked what they are. */
async function unready({ reader, views, ctx }: CycleParts): Promise<readonly Violation[]> {
  const found = views.map(async ({ view }): Promise<readonly Violation[]> => {
    try {
      await reader.ready?.(view, ctx)
      return []
    } catch (error) {
      return [incomplete(view, textOf(error), 0)]
    }
  })
  return (await Promise.all(found)).flat()
}

function roundParts(
  parts: CycleParts,
  settings: ViewSettings,
  cycle: TargetCycle | undefined,
  isFirst: boolean,
): RoundParts {
  const { target, plan, problems, identities, hook, ctx, now, reader, retry, onLine, onDone } = parts
  const since = parts.since.get(settings.view)
  const values = parts.values.get(settings.view)
  return {
    settings,
    target,
    owner: plan.owner,
    problems,
    identities,
    ctx,
    now,
    reader,
    retry,
    ...(hook && { hook }),
    ...(cycle && { cycle }),
    ...(since && { since }),
    ...(values && { values }),
    ...(onLine && isFirst && { onLine }),
    ...(onDone && { onDone }),
  }
}

/** What the guard has let through, as far as it is not done yet. */
async function finish(
  parts: CycleParts,
  rounds: readonly Round[],
  cycle: TargetCycle,
  tallies: Map<string, Tally>,
): Promise<void> {
  const { identities, target } = parts
  const renumbered = new Set<string>()
  for (const { settings, adoptions, pass } of rounds) {
    if (pass.keys.renumbered) renumbered.add(settings.view)
    for (const [key, known] of adoptions.adopted) {
      identities.forget(settings.view, identities.keyOf(settings.view, known.id) ?? known.key)
      identities.set(settings.view, pass.keys.addressOf(key), known.id)
      renumbered.add(settings.view)
    }
  }
  for (const round of rounds) {
    const { settings, pass, adoptions } = round
    const { add, update } = pass.tally
    const isOpen =
      pass.candidates.size > adoptions.waiting.size ||
      settings.refers.some((view) => renumbered.has(view)) ||
      (!target.atomic && add + update > 0)
    if (!isOpen) continue
    const again = await readAgain(roundParts(parts, settings, cycle, false), round)
    tallies.set(settings.view, { ...again.tally })
  }
  for (const round of [...rounds].reverse()) await remove(parts, round, cycle, tallies)
}

async function remove(
  { problems, onDone }: CycleParts,
  { settings, removals }: Round,
  cycle: TargetCycle,
  tallies: Map<string, Tally>,
): Promise<void> {
  const { view } = settings
  const byWay = new Map<Removal, Known[]>()
  for (const { known, how } of removals) {
    const same = byWay.get(how)
    if (same === undefined) byWay.set(how, [known])
    else same.push(known)
  }
  let failed = 0
  for (const [how, all] of byWay) {
    for (let at = 0; at < all.length; at += AT_ONCE) {
      const some = all.slice(at, at + AT_ONCE)
      const byKey = new Map(some.map((known) => [known.key, known]))
      for (const outcome of await cycle.remove(view, some, how)) {
        const known = byKey.get(outcome.key)
        if (outcome.ok) problems.settle(view, outcome.key)
        else if (known !== undefined) {
          failed++
          const { reason } = outcome
          const name = known.name === undefined ? {} : { name: known.name }
          problems.add({ view, key: known.key, ...name, reason }, known.hash)
        }
      }
      onDone?.(some.length)
    }
  }
  const tally = tallies.get(view)
  if (failed > 0 && tally !== undefined)
    tallies.set(view, { ...tally, remove: tally.remove - failed, problems: tally.problems + failed })
}
