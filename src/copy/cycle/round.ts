/** What a view's source has, read once: all of it, or what has changed; and what the target no longer needs. */

import type { Known, Removal } from '../targets/target.js'
import { type Adoptions, adoptionsOf } from './correlate.js'
import { removalOf } from './diff.js'
import type { Finding } from './guard.js'
import { knownAs } from './keys.js'
import type { SourceEntry, ViewSettings } from './plan.js'
import type { Reader } from './reader.js'
import type { Loss, ValueCounts } from './values.js'
import { type PassParts, textOf, ViewPass } from './view-pass.js'

export interface RoundParts extends Omit<PassParts, 'adoptions' | 'before' | 'compares'> {
  readonly reader: Reader
  /** How many there were when all was read for the last time. */
  readonly values?: ValueCounts
  /** Only what has changed since then is read, and who is there at all. */
  readonly since?: Date
  readonly now: Date
}

export interface Round {
  readonly settings: ViewSettings
  readonly pass: ViewPass
  readonly adoptions: Adoptions
  readonly removals: readonly { readonly known: Known; readonly how: Removal }[]
  readonly finding: Finding
}

export async function readView(parts: RoundParts): Promise<Round> {
  const { settings, since } = parts
  const known = new Map<string, Known>()
  const pass = new ViewPass({ ...parts, compares: true }, known)
  await learnAll(parts, known)
  const failure =
    (since === undefined ? await takeAll(parts, pass) : await takeChanges(parts, since, pass)) ??
    (await takeMissed(parts, pass))
  if (failure === undefined) {
    for (const key of parts.problems.keys(settings.view))
      if (!pass.seen.has(key) && !known.has(key)) parts.problems.settle(settings.view, key)
  }
  const adoptions = adoptionsOf(
    pass.candidates.values(),
    (key) => pass.seen.has(key),
    ({ key, hash }, as) => pass.waitsAs(key, hash, as),
  )
  const removals = failure === undefined ? removalsOf(parts, pass, adoptions.claimed) : []
  countPending(pass, adoptions)
  pass.tally.remove = removals.length
  for (const { known, how } of removals)
    pass.tell(how === 'delete' ? 'remove' : 'disable', known.key, known.name, 'its source no longer has it')
  return { settings, pass, adoptions, removals, finding: findingOf(parts, pass, failure) }
}

/** Once more, now that it is known who comes back under a new key. */
export async function readAgain(parts: RoundParts, { pass, adoptions }: Round): Promise<ViewPass> {
  const again = new ViewPass({ ...parts, adoptions, before: pass.written }, pass.known)
  const failure =
    parts.since === undefined
      ? await takeFrom(parts.reader.all(parts.settings.view, parts.ctx), (batch) => again.take(batch))
      : await takeChanges(parts, parts.since, again)
  if (failure !== undefined) throw failure.error
  again.tally.remove = pass.tally.remove
  return again
}

interface Failure {
  readonly error: unknown
}

/** What the target has. */
async function learnAll(
  { settings, target, identities, ctx }: RoundParts,
  known: Map<string, Known>,
): Promise<void> {
  const { view } = settings
  for await (const some of target.known(view, ctx)) {
    for (const told of some) {
      const one = knownAs(told, settings, identities)
      known.set(one.key, one)
      // A cycle that was killed has not told who is called how, but what it has put there stays.
      if (!target.atomic) identities.set(view, one.key, one.id)
    }
  }
}

async function takeAll({ settings, reader, ctx }: RoundParts, pass: ViewPass): Promise<Failure | undefined> {
  const { view } = settings
  const last: string[] = []
  const failure = await takeFrom(reader.all(view, ctx), async (batch) => {
    const key = batch.at(-1)?.entry.id
    if (key !== undefined) last.push(key)
    await pass.take(batch)
  })
  if (failure !== undefined) return failure
  const repeated = await attempted(async () => (await reader.repeated?.(view, last, ctx)) ?? [])
  if ('error' in repeated) return repeated
  for (const key of repeated.value) if (!pass.duplicates.includes(key)) pass.repeated(key)
  return undefined
}

/**
 * What has changed, what is on the list of problems, and who is there that the target does not have. Who came into the
 * view without changing, as what a filter chooses may, is found so, and who has left it is missing.
 */
async function takeChanges(
  { settings, reader, problems, ctx }: RoundParts,
  since: Date,
  pass: ViewPass,
): Promise<Failure | undefined> {
  const { view } = settings
  const take = (batch: readonly SourceEntry[]) => pass.take(batch)
  const changed = await takeFrom(reader.changedSince?.(view, since, ctx) ?? reader.all(view, ctx), take)
  if (changed !== undefined) return changed
  const here = new Set<string>()
  const failure = await takeFrom(reader.keys?.(view, ctx) ?? none(), async (keys) => {
    for (const key of keys) {
      if (here.has(key)) pass.repeated(key)
      else here.add(key)
    }
  })
  if (failure !== undefined) return failure
  const isOpen = (key: string) => pass.known.get(key)?.state !== 'present' || problems.has(view, key)
  const open = [...here].filter((key) => !pass.seen.has(key) && isOpen(key))
  const taken = await takeFrom(reader.some(view, open, ctx), take)
  pass.saw(here)
  return taken
}

/** Before anybody is said to be gone: who went where all had been read already before he came there. */
async function takeMissed(
  { settings, reader, ctx }: RoundParts,
  pass: ViewPass,
): Promise<Failure | undefined> {
  const { view } = settings
  if (reader.isScattered?.(view) !== true || !isAnybodyMissing(pass)) return undefined
  const read = pass.addresses()
  const missed: string[] = []
  const failure = await takeFrom(reader.keys?.(view, ctx) ?? none(), async (keys) => {
    for (const key of keys) if (!read.has(key)) missed.push(key)
  })
  return failure ?? takeFrom(reader.some(view, missed, ctx), (batch) => pass.take(batch))
}

function isAnybodyMissing({ known, seen }: ViewPass): boolean {
  for (const { key, state } of known.values()) if (state === 'present' && !seen.has(key)) return true
  return false
}

async function* none(): AsyncIterable<never> {}

/** Only what the source does not yield is a failure of the view; others end the cycle. */
async function takeFrom<T>(
  batches: AsyncIterable<readonly T[]>,
  take: (batch: readonly T[]) => Promise<void>,
): Promise<Failure | undefined> {
  const iterator = batches[Symbol.asyncIterator]()
  try {
    for (;;) {
      const next = await attempted(() => iterator.next())
      if ('error' in next) return next
      if (next.value.done === true) return undefined
      await take(next.value.value)
    }
  } finally {
    await iterator.return?.().catch(() => {})
  }
}

async function attempted<T>(work: () => Promise<T>): Promise<{ readonly value: T } | Failure> {
  try {
    return { value: await work() }
  } catch (error) {
    return { error }
  }
}

function removalsOf(
  { settings, owner, now }: RoundParts,
  pass: ViewPass,
  claimed: ReadonlySet<string>,
): Round['removals'] {
  const removals: { known: Known; how: Removal }[] = []
  for (const known of pass.known.values()) {
    if (pass.seen.has(known.key) || pass.spared.has(known.id) || claimed.has(known.id)) continue
    const how = removalOf(known, owner, settings.modes, now)
    if (how !== undefined) removals.push({ known, how })
    else if (known.state === 'present') pass.tally.keep++
  }
  return removals
}

/** Entries whose case was left open, now that it is known who they are. */
function countPending(pass: ViewPass, { adopted, unclear, waiting }: Adoptions): void {
  for (const [key, candidate] of pass.candidates) {
    const known = adopted.get(key)
    const why = unclear.get(key)
    // Those that failed have been counted as problems when they came.
    if (candidate.stage !== 'tried') pass.tally.problems--
    if (waiting.has(key)) pass.tally.problems++
    else if (known !== undefined) {
      pass.tally.update++
      pass.tally.adopt++
      pass.tell('update', key, candidate.value, `known as ${known.key} before`)
    } else if (why !== undefined) {
      pass.tally.problems++
      pass.tell('problem', key, candidate.value, why)
    } else {
      pass.tally.add++
      pass.tell('add', key, candidate.value, 'new')
    }
  }
}

/**
 * Values that entries that stay would lose, as far as that can be told.
 * @param removed who is removed in this cycle, by `refKey`
 */
export function lossesOf(
  { target, since, values }: RoundParts,
  { pass, finding }: Round,
  removed: ReadonlySet<string>,
): readonly Loss[] {
  if (finding.failure !== undefined) return []
  if (since !== undefined) return values === undefined ? [] : pass.values.losses(values, removed)
  if (target.stored !== undefined) return pass.values.losses(values, removed)
  const before = pass.before()
  return values === undefined || before === 0
    ? []
    : pass.values.lossesSince(values, pass.tally.remove / before)
}

function findingOf(parts: RoundParts, pass: ViewPass, failure: Failure | undefined): Finding {
  const { settings } = parts
  return {
    view: settings.view,
    tally: pass.tally,
    before: pass.before(),
    read: pass.seen.size,
    renamed: pass.renamed,
    duplicates: pass.duplicates,
    duplicateCount: pass.duplicateCount,
    ...(failure && { failure: textOf(failure.error) }),
  }
}
