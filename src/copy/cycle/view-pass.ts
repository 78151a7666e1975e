/** One way through the entries of a view: what becomes of each is decided, and where that is wanted, done. */
import type { Changeable } from '../../model/changeable.js'
import type { Entry } from '../../model/entry.js'
import { VitrineError } from '../../model/errors.js'
import type { Context } from '../../model/request.js'
import type { EntryId } from '../../model/value.js'
import type { Known, Outcome, Planned, Target, TargetCycle } from '../targets/target.js'
import { candidatesAmong, type Fresh, type Given } from './candidates.js'
import { fingerprint } from './canonical.js'
import type { Adoptions, Candidate } from './correlate.js'
import { decisionOf, isRemovable } from './diff.js'
import type { Identities } from './identities.js'
import { Keys } from './keys.js'
import type { Action, PlanLine, SourceEntry, Tally, ViewSettings } from './plan.js'
import type { ProblemList } from './problem-list.js'
import type { Reason } from './problems.js'
import { validated } from './validate.js'
import { differing, firstText, ValueTally } from './values.js'

const NOBODY: ReadonlySet<string> = new Set()
/** How many keys that came twice are named. */
const NAMED = 5

/** Transforms entries or refuses them; each comes back as an entry or a reason, in their order. */
export type EntryHook = (
  view: string,
  entries: readonly SourceEntry[],
) => Promise<readonly (SourceEntry | Reason)[]>

export interface PassParts {
  readonly settings: ViewSettings
  readonly target: Target
  readonly owner: string
  readonly problems: ProblemList
  readonly identities: Identities
  readonly hook?: EntryHook
  /** Try what failed though its time has not come. */
  readonly retry: boolean
  /** What is decided is done in it; without it, nothing is. */
  readonly cycle?: TargetCycle
  /** Who comes back under a new key, once that is known. */
  readonly adoptions?: Adoptions
  /** Is it to be told which values differ, and counted which are lost? */
  readonly compares?: boolean
  /** Is an entry the same that its source calls as before, though it would be known by other values now? */
  readonly follows?: boolean
  /** What was put in this cycle already, and is to be put again as it then turns out. */
  readonly before?: ReadonlySet<string>
  readonly ctx: Context
  onLine?(line: PlanLine): void
  onDone?(entries: number): void
}

export class ViewPass {
  readonly known: ReadonlyMap<string, Known>
  readonly keys: Keys
  /** Ids of entries that are there, but not what they are known by. */
  readonly spared = new Set<EntryId>()
  readonly seen = new Set<string>()
  readonly candidates = new Map<string, Candidate>()
  /** Keys of what was put. */
  readonly written = new Set<string>()
  readonly tally: { -readonly [name in keyof Tally]: number } = {
    add: 0,
    update: 0,
    remove: 0,
    unchanged: 0,
    adopt: 0,
    keep: 0,
    problems: 0,
  }
  /** When the entry that changed last did so, where the view tells. */
  latest: Date | undefined
  readonly duplicates: string[] = []
  duplicateCount = 0
  read = 0
  renamed = 0
  readonly values = new ValueTally()
  readonly #parts: PassParts
  readonly #view: string

  constructor(parts: PassParts, known: ReadonlyMap<string, Known>) {
    this.#parts = parts
    this.#view = parts.settings.view
    this.known = known
    this.keys = new Keys(parts.settings, known, parts.identities, parts.follows === true)
  }

  /** How many entries the target has that could be removed. */
  before(): number {
    const { owner, settings } = this.#parts
    let count = 0
    for (const known of this.known.values()) if (isRemovable(known, owner, settings.modes)) count++
    return count
  }

  async take(batch: readonly SourceEntry[]): Promise<void> {
    this.read += batch.length
    this.#look(batch)
    const fresh = batch.flatMap((raw) => {
      const key = this.keys.of(raw)
      if (typeof key !== 'string') this.#unknowable(raw, key)
      return typeof key === 'string' && this.#isFirst(key) ? [{ key, raw }] : []
    })
    const waiting: Given[] = []
    const tried: Fresh[] = []
    for (const one of fresh) {
      if (this.#waits(one.key, one.raw)) waiting.push({ ...one, given: one.raw })
      else tried.push(one)
    }
    const failed: Given[] = []
    const hooked = await this.#hooked(tried, failed)
    if (this.#parts.adoptions === undefined) {
      await this.#findCandidates(waiting, 'waits')
      await this.#findCandidates(failed, 'failed')
    }
    const found = await this.#findCandidates(hooked, 'tried')
    const planned: Planned[] = []
    for (const { key, given, raw } of hooked) {
      // Who it is must have been looked at before it was said who is removed: what came since is for the next cycle.
      if (found.has(key) && this.#parts.adoptions?.looked.has(key) !== true) continue
      const one = this.#plan(key, given, raw)
      if (one !== undefined) planned.push(one)
    }
    await this.#tellOf(planned)
    await this.#put(planned, hooked)
  }

  /** What is done with which of them, and why. */
  async #tellOf(planned: readonly Planned[]): Promise<void> {
    const { target, settings, compares, ctx } = this.#parts
    const changed = compares === true ? planned.filter(({ known }) => known?.state === 'present') : []
    const ids = changed.map(({ id }) => id)
    const stored = ids.length === 0 ? undefined : await target.stored?.(this.#view, ids, ctx)
    for (const one of planned) {
      const { action, key, id, entry, known, keep } = one
      const before = stored?.get(id)
      if (before !== undefined) this.values.changes(before.entry, entry, keep)
      this.tell(
        action,
        key,
        nameOf(entry, settings.naming),
        whyOf(known, key),
        before && differing(before, one),
      )
    }
  }

  #look(batch: readonly SourceEntry[]): void {
    if (this.#parts.compares === true) for (const { entry } of batch) this.values.count(entry)
    const { changedBy } = this.#parts.settings
    if (changedBy === undefined) return
    for (const { entry } of batch) {
      const [at] = entry.attributes.get(changedBy) ?? []
      if (at instanceof Date && (this.latest === undefined || at > this.latest)) this.latest = at
    }
  }

  #isFirst(key: string): boolean {
    if (!this.seen.has(key)) {
      const known = this.keys.knownOf(key)
      // One text in memory, not two of the same.
      this.seen.add(known?.key ?? key)
      if (known !== undefined && known.key !== key) this.seen.add(key)
      return true
    }
    this.repeated(key)
    return false
  }

  /** What the source calls those that were read. */
  addresses(): ReadonlySet<string> {
    return this.#parts.settings.keyAttributes.length === 0 ? this.seen : this.keys.addresses()
  }

  /** Keys that the source has, those of entries that were not taken among them. */
  saw(keys: Iterable<string>): void {
    for (const key of keys) this.seen.add(this.known.get(key)?.key ?? key)
  }

  /** Nothing tells who it is: it is a problem, and whoever was there before stays. */
  #unknowable(raw: SourceEntry, reason: Reason): void {
    const { id } = raw.entry
    const known = this.keys.knownAt(id)
    if (known !== undefined) this.spared.add(known.id)
    this.seen.add(id)
    if (!this.#waits(id, raw)) this.#failed(id, raw, reason)
  }

  /** A key came once more. */
  repeated(key: string): void {
    this.duplicateCount++
    if (this.duplicates.length < NAMED && !this.duplicates.includes(key)) this.duplicates.push(key)
  }

  /** As it failed before, and too short a time ago? */
  #waits(key: string, raw: SourceEntry): boolean {
    const { problems, adoptions } = this.#parts
    if (problems.isEmpty || adoptions?.adopted.has(key) === true) return false
    const waits =
      adoptions?.waiting.has(key) === true ||
      (problems.has(this.#view, key) && this.waitsAs(key, fingerprint(raw)))
    if (waits) this.tally.problems++
    return waits
  }

  /** @param as whom it is taken for, if it is not somebody new */
  waitsAs(key: string, hash: string, as?: Known): boolean {
    const { problems, retry } = this.#parts
    return !retry && problems.waits(this.#view, key, attempted(hash, as))
  }

  /** @param failed takes those that may not be */
  async #hooked(batch: readonly Fresh[], failed: Given[]): Promise<readonly Given[]> {
    const { hook, settings } = this.#parts
    const raws = batch.map(({ raw }) => raw)
    const results = hook === undefined || batch.length === 0 ? raws : await hook(this.#view, raws)
    return batch.flatMap(({ key, raw }, i) => {
      const result = results[i] ?? raw
      const given = 'code' in result ? result : validated(result, settings.validation)
      if (!('code' in given)) return [{ key, given, raw }]
      this.#failed(key, raw, given)
      failed.push({ key, given: raw, raw })
      return []
    })
  }

  #failed(key: string, raw: SourceEntry, reason: Reason): void {
    const name = nameOf(raw.entry, this.#parts.settings.naming)
    this.tally.problems++
    this.#parts.problems.add(
      { view: this.#view, key, ...(name !== undefined && { name }), reason },
      fingerprint(raw),
    )
    this.tell('problem', key, name, reason.message)
  }

  async #findCandidates(batch: readonly Given[], stage: Candidate['stage']): Promise<ReadonlySet<string>> {
    if (this.known.size === 0) return NOBODY
    const unknown = batch.filter(({ key }) => this.keys.knownOf(key) === undefined)
    const found = await candidatesAmong(this.#parts, unknown)
    for (const { raw, ...one } of found)
      this.candidates.set(one.key, { ...one, stage, hash: fingerprint(raw) })
    return new Set(found.map(({ key }) => key))
  }

  #plan(key: string, given: SourceEntry, raw: SourceEntry): Planned | undefined {
    const { adoptions, identities, settings, owner, problems } = this.#parts
    const unclear = adoptions?.unclear.get(key)
    if (unclear !== undefined) {
      this.#failed(key, raw, { code: 'duplicate', message: unclear })
      return undefined
    }
    const adopted = adoptions?.adopted.get(key)
    const known = this.keys.knownOf(key) ?? adopted
    const { modes, naming } = settings
    const id = known?.id ?? this.keys.newId(key)
    if (known !== undefined && adopted === undefined && settings.keyAttributes.length > 0)
      this.keys.is(key, id)
    const entry = identities.translated(given.entry, id)
    const isNew = known === undefined
    const enabled = isNew && modes.createAsDisabled ? false : given.enabled
    const whole = entry === given.entry ? given : { ...given, entry }
    const hash = fingerprint(whole)
    const decision = decisionOf(known, known?.key === key ? hash : '', owner, modes)
    const name = nameOf(entry, naming)
    this.tally[decision]++
    if (decision === 'unchanged' || decision === 'keep') {
      problems.settle(this.#view, key)
      if (decision === 'keep' || this.#parts.before?.has(key) !== true || known === undefined)
        return undefined
      return { ...whole, entry: withoutEmpty(entry), action: 'update', key, id, hash, known }
    }
    if (adopted !== undefined) this.tally.adopt++
    if (known?.state === 'present' && known.name !== undefined && known.name !== name) this.renamed++
    // There are as many as there are entries: each is made in one piece.
    const { secrets, uuid } = given
    const planned: Changeable<Planned> = {
      entry: withoutEmpty(entry),
      enabled,
      action: decision,
      key,
      id,
      hash,
    }
    if (secrets !== undefined) planned.secrets = secrets
    if (uuid !== undefined) planned.uuid = uuid
    if (known === undefined) return planned
    planned.known = known
    const keep = keptOf(entry, settings)
    if (keep.length > 0) planned.keep = keep
    return planned
  }

  async #put(planned: readonly Planned[], given: readonly Given[]): Promise<void> {
    const { adoptions, cycle, problems, settings, onDone } = this.#parts
    if (cycle === undefined || planned.length === 0) return
    const outcomes = new Map<string, Outcome>()
    for (const outcome of await cycle.put(this.#view, planned)) outcomes.set(outcome.key, outcome)
    for (const one of planned) {
      const outcome = outcomes.get(one.key)
      if (outcome?.ok === true) {
        this.keys.is(one.key, outcome.id ?? one.id)
        problems.settle(this.#view, one.key)
        this.written.add(one.key)
        continue
      }
      this.tally[one.action]--
      const reason = outcome?.reason ?? {
        code: 'refused',
        message: 'the target did not say what became of it',
      }
      this.tally.problems++
      const name = nameOf(one.entry, settings.naming)
      const raw = given.find(({ key }) => key === one.key)?.raw ?? one
      problems.add(
        { view: this.#view, key: one.key, ...(name !== undefined && { name }), reason },
        attempted(fingerprint(raw), adoptions?.adopted.get(one.key)),
      )
    }
    onDone?.(planned.length)
  }

  tell(
    action: Action,
    key: string,
    name: string | undefined,
    why: string,
    attributes?: readonly string[],
  ): void {
    this.#parts.onLine?.({
      view: this.#view,
      action,
      key,
      ...(name !== undefined && { name }),
      why,
      ...(attributes !== undefined && { attributes }),
    })
  }
}

/** What an entry is like, and who it was to be: an attempt as somebody else is another one. */
function attempted(hash: string, as: Known | undefined): string {
  return as === undefined ? hash : `${hash} as ${as.id}`
}

function whyOf(known: Known | undefined, key: string): string {
  if (known === undefined) return 'new'
  if (known.key !== key) return `known as ${known.key} before`
  if (known.state !== 'present') return 'back again'
  return known.owner === undefined ? 'taken over' : 'changed'
}

/** Attributes of which the target's values stay. */
function keptOf({ attributes }: Entry, { validation }: ViewSettings): readonly string[] {
  const { absent, additive } = validation
  const kept = Object.entries(absent).flatMap(([attr, rule]) =>
    rule === 'keep' && !attributes.has(attr) ? [attr] : [],
  )
  return [...new Set([...kept, ...additive])]
}

/** A hook may say of an attribute that it has no values: then it is not kept, and goes. */
function withoutEmpty(entry: Entry): Entry {
  const { attributes } = entry
  let isWhole = true
  for (const values of attributes.values()) isWhole &&= values.length > 0
  if (isWhole) return entry
  return { ...entry, attributes: new Map([...attributes].filter(([, values]) => values.length > 0)) }
}

/** What clients find the entry by, whatever its case. */
export function nameOf(entry: Entry, naming: readonly string[]): string | undefined {
  const texts = naming.map((attr) => firstText(entry, attr))
  return texts.every((one) => one !== undefined) && texts.length > 0
    ? texts.join('+').toLowerCase()
    : undefined
}

/** For operators: what a thrown thing says. */
export function textOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : VitrineError.from(thrown).message
}
