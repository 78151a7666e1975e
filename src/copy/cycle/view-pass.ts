/** One way through the entries of a view: what becomes of each is decided, and where that is wanted, done. */
import type { Changeable } from '../../model/changeable.js'
import type { Entry } from '../../model/entry.js'
import { VitrineError } from '../../model/errors.js'
import type { Context } from '../../model/request.js'
import { type EntryId, scalarOf } from '../../model/value.js'
import type { Known, Outcome, Planned, Target, TargetCycle } from '../targets/target.js'
import { fingerprint } from './canonical.js'
import type { Adoptions, Candidate } from './correlate.js'
import { decisionOf, isRemovable } from './diff.js'
import type { Identities } from './identities.js'
import { Keys } from './keys.js'
import type { Action, PlanLine, SourceEntry, Tally, ViewSettings } from './plan.js'
import type { ProblemList } from './problem-list.js'
import type { Reason } from './problems.js'
import { validated } from './validate.js'
import { differing, ValueTally } from './values.js'

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
    const tried = this.#parts.problems.isEmpty
      ? fresh
      : fresh.filter(({ key, raw }) => !this.#waits(key, raw))
    const hooked = await this.#hooked(tried)
    const found = await this.#candidatesOf(hooked)
    const planned: Planned[] = []
    for (const { key, given, raw } of hooked) {
      const candidate = found.get(key)
      if (candidate !== undefined && this.#parts.adoptions === undefined) {
        this.candidates.set(key, candidate)
        continue
      }
      const one = this.#plan(key, given, raw)
      if (one !== undefined) planned.push(one)
    }
    await this.#tellOf(planned)
    await this.#put(planned)
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
    const { problems, retry } = this.#parts
    if (retry || !problems.has(this.#view, key)) return false
    const waits = problems.waits(this.#view, key, fingerprint(raw))
    if (waits) this.tally.problems++
    return waits
  }

  async #hooked(
    batch: readonly { key: string; raw: SourceEntry }[],
  ): Promise<readonly { key: string; given: SourceEntry; raw: SourceEntry }[]> {
    const { hook, settings } = this.#parts
    const raws = batch.map(({ raw }) => raw)
    const results = hook === undefined || batch.length === 0 ? raws : await hook(this.#view, raws)
    return batch.flatMap(({ key, raw }, i) => {
      const result = results[i] ?? raw
      const given = 'code' in result ? result : validated(result, settings.validation)
      if (!('code' in given)) return [{ key, given, raw }]
      this.#failed(key, raw, given)
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

  /** Of entries under new keys: whom the target knows that they could be. */
  async #candidatesOf(
    batch: readonly { key: string; given: SourceEntry }[],
  ): Promise<ReadonlyMap<string, Candidate>> {
    const { target, settings, ctx } = this.#parts
    const found = new Map<string, Candidate>()
    if (target.find === undefined || this.known.size === 0) return found
    let left = batch.filter(({ key }) => this.keys.knownOf(key) === undefined)
    for (const attr of settings.correlate) {
      const valued = left.flatMap(({ key, given }) => {
        const value = firstText(given.entry, attr)
        return value === undefined ? [] : [{ key, value }]
      })
      if (valued.length === 0) continue
      const matches = await target.find(this.#view, attr, [...new Set(valued.map(({ value }) => value))], ctx)
      for (const { key, value } of valued) {
        const others = (matches.get(value) ?? []).filter((known) => known.key !== key)
        if (others.length > 0) found.set(key, { key, attr, value, found: others })
      }
      left = left.filter(({ key }) => !found.has(key))
    }
    return found
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

  async #put(planned: readonly Planned[]): Promise<void> {
    const { cycle, problems, settings, onDone } = this.#parts
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
      problems.add({ view: this.#view, key: one.key, ...(name !== undefined && { name }), reason }, one.hash)
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

function firstText({ attributes }: Entry, attr: string): string | undefined {
  const [first] = attributes.get(attr) ?? []
  const scalar = first === undefined ? undefined : scalarOf(first)
  return typeof scalar === 'object' || scalar === undefined ? undefined : String(scalar)
}

/** For operators: what a thrown thing says. */
export function textOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : VitrineError.from(thrown).message
}
