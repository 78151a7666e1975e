/** What a view's source has, read once: all of it, or what has changed; and what the target no longer needs. */

import type { Known, Removal } from '../targets/target.js'
import { type Adoptions, adoptionsOf } from './correlate.js'
import { removalOf } from './diff.js'
import type { Finding } from './guard.js'
import type { SourceEntry, ViewSettings } from './plan.js'
import type { Reader } from './reader.js'
import { type PassParts, textOf, ViewPass } from './view-pass.js'

/** Entries that are asked for by key at a time. */
const AT_ONCE = 256

/** What was found the last time that makes it unnecessary to read everything. */
export interface Since {
  readonly at: Date
  /** How many entries the target had that could be removed. */
  readonly before: number
}

export interface RoundParts extends Omit<PassParts, 'adoptions' | 'before'> {
  readonly reader: Reader
  readonly since?: Since
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
  const pass = new ViewPass(parts, known)
  const isPartial = since !== undefined
  const failure = isPartial
    ? await takeChanges(parts, since.at, pass, known)
    : await takeAll(parts, pass, known)
  if (!isPartial && failure === undefined) {
    for (const key of parts.problems.keys(settings.view))
      if (!pass.seen.has(key) && !known.has(key)) parts.problems.settle(settings.view, key)
  }
  const gone = isPartial && failure === undefined ? await goneOf(parts, since.at, pass, known) : undefined
  const adoptions = await adoptionsIn(parts, pass)
  const taken = new Set([...adoptions.adopted.values()].map(({ id }) => id))
  const removals = failure === undefined ? removalsOf(parts, pass, adoptions.claimed, taken, gone) : []
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
      : await takeChanges(parts, parts.since.at, again, new Map(pass.known))
  if (failure !== undefined) throw failure.error
  again.tally.remove = pass.tally.remove
  return again
}

interface Failure {
  readonly error: unknown
}

async function takeAll(
  { settings, target, reader, ctx }: RoundParts,
  pass: ViewPass,
  known: Map<string, Known>,
): Promise<Failure | undefined> {
  const { view } = settings
  for await (const some of target.known(view, ctx)) for (const one of some) known.set(one.key, one)
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

/** What has changed, and what is on the list of problems. */
async function takeChanges(
  parts: RoundParts,
  since: Date,
  pass: ViewPass,
  known: Map<string, Known>,
): Promise<Failure | undefined> {
  const { settings, reader, problems, ctx } = parts
  const { view } = settings
  const take = async (batch: readonly SourceEntry[]) => {
    await learn(
      parts,
      batch.map(({ entry }) => entry.id),
      known,
    )
    await pass.take(batch)
  }
  const failure = await takeFrom(reader.changedSince?.(view, since, ctx) ?? reader.all(view, ctx), take)
  if (failure !== undefined) return failure
  for (const key of problems.keys(view).filter((one) => !pass.seen.has(one))) {
    const one = await attempted(() => reader.one(view, key, ctx))
    if ('error' in one) return one
    if (one.value === undefined) problems.settle(view, key)
    else await take([one.value])
  }
  return undefined
}

/** Those of which the source remembers that they were deleted, and that are not there again. */
async function goneOf(
  parts: RoundParts,
  since: Date,
  pass: ViewPass,
  known: Map<string, Known>,
): Promise<ReadonlySet<string>> {
  const { reader, settings, ctx } = parts
  const gone = new Set<string>()
  const deleted = reader.deletedSince?.(settings.view, since, ctx)
  if (deleted === undefined) return gone
  for await (const keys of deleted) {
    await learn(parts, keys, known)
    for (const key of keys) {
      if (!known.has(key) || pass.seen.has(key)) continue
      if ((await reader.one(settings.view, key, ctx)) === undefined) gone.add(key)
    }
  }
  return gone
}

/** What the target has of these keys. */
async function learn(
  { settings, target, identities, ctx }: RoundParts,
  keys: readonly string[],
  known: Map<string, Known>,
): Promise<void> {
  const { view } = settings
  if (target.lookup !== undefined) {
    const called = keys.map((key) => ({ key, id: identities.idOf(view, key) ?? key }))
    for (let at = 0; at < called.length; at += AT_ONCE)
      for (const one of await target.lookup(view, called.slice(at, at + AT_ONCE), ctx))
        known.set(one.key, one)
  } else if (known.size === 0) {
    for await (const some of target.known(view, ctx)) for (const one of some) known.set(one.key, one)
  }
}

/** Only what the source does not yield is a failure of the view; others end the cycle. */
async function takeFrom(
  batches: AsyncIterable<readonly SourceEntry[]>,
  take: (batch: readonly SourceEntry[]) => Promise<void>,
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

async function adoptionsIn({ reader, settings, since, ctx }: RoundParts, pass: ViewPass): Promise<Adoptions> {
  const candidates = [...pass.candidates.values()]
  if (since === undefined) return adoptionsOf(candidates, (key) => pass.seen.has(key))
  const here = new Set<string>()
  for (const key of new Set(candidates.flatMap(({ found }) => found.map((one) => one.key)))) {
    if (pass.seen.has(key) || (await reader.one(settings.view, key, ctx)) !== undefined) here.add(key)
  }
  return adoptionsOf(candidates, (key) => here.has(key))
}

function removalsOf(
  { settings, owner, now }: RoundParts,
  pass: ViewPass,
  claimed: ReadonlySet<string>,
  adopted: ReadonlySet<string>,
  gone: ReadonlySet<string> | undefined,
): Round['removals'] {
  const removals: { known: Known; how: Removal }[] = []
  for (const known of pass.known.values()) {
    const isAbsent = gone === undefined ? !pass.seen.has(known.key) : gone.has(known.key)
    if (!isAbsent || claimed.has(known.id) || adopted.has(known.id)) continue
    const how = removalOf(known, owner, settings.modes, now)
    if (how !== undefined) removals.push({ known, how })
    else if (known.state === 'present') pass.tally.keep++
  }
  return removals
}

/** Entries whose case was left open, now that it is known who they are. */
function countPending(pass: ViewPass, { adopted, unclear }: Adoptions): void {
  for (const [key, candidate] of pass.candidates) {
    const known = adopted.get(key)
    const why = unclear.get(key)
    if (known !== undefined) {
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

function findingOf({ settings, since }: RoundParts, pass: ViewPass, failure: Failure | undefined): Finding {
  return {
    view: settings.view,
    tally: pass.tally,
    before: since?.before ?? pass.before(),
    read: since === undefined ? pass.read : Number.POSITIVE_INFINITY,
    renamed: pass.renamed,
    duplicates: pass.duplicates,
    duplicateCount: pass.duplicateCount,
    ...(failure && { failure: textOf(failure.error) }),
  }
}
