/**
 * Writes to unions: to the member that has the entry, references as that member has them. What has to be looked up in
 * other members is looked up outside of the transaction, which then starts over.
 */
import type { Entry } from '../../model/entry.js'
import { VitrineError } from '../../model/errors.js'
import { TRUE } from '../../model/filter.js'
import type { AddRequest, Change, Context, DeleteRequest, ModifyRequest } from '../../model/request.js'
import { type EntryId, Ref, scalarOf, type Value } from '../../model/value.js'
import type { ViewWrites } from '../../model/view.js'
import type { Directory } from '../directory.js'
import { completed } from './merging.js'
import type { Reader } from './reader.js'
import type { References, Winners } from './references.js'
import type { TwinFinder } from './twins.js'
import { idOf, type Place, placeOf, type Union } from './union.js'

export interface UnionWriterParts {
  readonly core: Directory
  readonly unions: ReadonlyMap<string, Union>
  readonly finder: TwinFinder
  readonly references: References
  readonly reader: Reader
  /** Can the entries of this view of the core be written at all? */
  canWrite(view: string, what: keyof ViewWrites): boolean
}

/** What has been found out for a change. */
interface Known {
  readonly winners: Winners
  /** By `refKey`. */
  readonly refs: Map<string, Ref>
  /** What makes entries the same, as it will be, that no other entry has. */
  readonly free: Set<string>
}

/** Thrown out of a transaction that has to wait for something. */
class NotReady extends Error {
  readonly prepare: () => Promise<void>

  constructor(prepare: () => Promise<void>) {
    super('not ready')
    this.prepare = prepare
  }
}

export class UnionWriter {
  readonly #parts: UnionWriterParts

  constructor(parts: UnionWriterParts) {
    this.#parts = parts
  }

  async add(request: AddRequest, ctx: Context): Promise<EntryId> {
    const { core, unions } = this.#parts
    const union = unions.get(request.view)
    const view = union === undefined ? request.view : this.#memberToCreateIn(union)
    const refs = new Map<string, Ref>()
    const changes = [...request.attributes].map(([attr, values]): Change => ({ op: 'replace', attr, values }))
    await this.#resolve(view, changes, refs, request.trusted === true, ctx)
    const attributes = new Map(changes.map((c) => [c.attr, this.#inward(view, c, refs).values]))
    if (union !== undefined) await this.#mustBeFree(union, view, { attributes }, undefined, ctx)
    const id = await core.add({ ...request, view, attributes }, ctx)
    return union === undefined ? id : idOf(view, id)
  }

  async modify(request: ModifyRequest, ctx: Context): Promise<void> {
    const union = this.#parts.unions.get(request.view)
    if (union === undefined) return this.#modify(request, undefined, request.view, request.id, [], ctx)
    const place = await this.#shown(union, request.id, ctx)
    const others = union.duplicates === 'merge' ? await this.#othersOf(union, place, request, ctx) : []
    return this.#modify(request, union, place.member, place.key, others, ctx)
  }

  async #modify(
    request: ModifyRequest,
    union: Union | undefined,
    view: string,
    id: EntryId,
    others: readonly Entry[],
    ctx: Context,
  ): Promise<void> {
    const { core, references } = this.#parts
    const known: Known = { winners: new Map(), refs: new Map(), free: new Set() }
    const { attributes, displays = false, trusted = false } = request
    const referring = [...references.referring(view).keys()].filter((attr) => attributes.has(attr))
    const attrs = new Set([
      ...referring,
      ...others.flatMap((one) => [...references.referring(one.view).keys()]),
    ])
    const fetched = new Set([...attributes, ...(union?.sameness.attributes ?? [])])
    const change = (entry: Entry): readonly Change[] => {
      const whole = union === undefined ? entry : completed(union, entry, others)
      if (references.unknown([whole], [...attrs], known.winners).size > 0) {
        throw new NotReady(() => references.findWinners([whole], [...attrs], displays, known.winners, ctx))
      }
      const shown = named(union, only(references.shown(whole, [...attrs], known.winners), attributes))
      const asked = request.change(shown)
      const open = this.#open(view, asked, known.refs)
      if (open.length > 0) throw new NotReady(() => this.#resolve(view, asked, known.refs, trusted, ctx))
      const inward = asked.map((c) => this.#inward(view, c, known.refs))
      const changes = union === undefined ? inward : inward.map((c) => onWhole(c, entry, whole, core))
      if (union !== undefined) this.#keepApart(union, view, entry, changes, known, ctx)
      return changes
    }
    for (;;) {
      try {
        await core.modify({ ...request, view, id, attributes: fetched, change }, ctx)
        return
      } catch (error) {
        if (!(error instanceof NotReady)) throw error
        await error.prepare()
      }
    }
  }

  async delete(request: DeleteRequest, ctx: Context): Promise<void> {
    const { core, finder, unions } = this.#parts
    const union = unions.get(request.view)
    const view = union === undefined ? request.view : undefined
    const place = union && (await this.#shown(union, request.id, ctx))
    const member = place?.member ?? view ?? ''
    const key = place?.key ?? request.id
    const attributes = request.attributes ?? new Set<string>()
    const entry = await this.#read(
      member,
      key,
      new Set([...attributes, ...(union?.sameness.attributes ?? [])]),
      ctx,
    )
    const others =
      union === undefined || place === undefined || union.duplicates === 'error'
        ? []
        : [...(await finder.behind(union, place.index, [entry], { attributes }, ctx)).values()].flat()
    const fixed = others.find((one) => !this.#parts.canWrite(one.view, 'delete'))
    if (fixed !== undefined)
      throw new VitrineError('unwillingToPerform', {
        message: `this is also held by ${fixed.view}, which cannot be written`,
      })
    const known: Winners = new Map()
    const whole = union?.duplicates === 'merge' ? others : []
    const check = request.check && (await this.#checking(request, union, member, whole, known, ctx))
    if (others.length > 0) check?.(entry)
    // Last comes what is shown: as long as it is there, whoever asked can ask again.
    for (const one of [...others].reverse()) await core.delete({ view: one.view, id: one.id }, ctx)
    for (;;) {
      try {
        await core.delete({ ...request, view: member, id: key, ...(check && { check }) }, ctx)
        return
      } catch (error) {
        if (!(error instanceof NotReady)) throw error
        await error.prepare()
      }
    }
  }

  /** The request's own check, of the entry as it is shown. */
  async #checking(
    request: DeleteRequest,
    union: Union | undefined,
    view: string,
    others: readonly Entry[],
    winners: Winners,
    ctx: Context,
  ): Promise<(entry: Entry) => void> {
    const { references } = this.#parts
    const attributes = request.attributes ?? new Set<string>()
    const attrs = [view, ...others.map((one) => one.view)].flatMap((one) => [
      ...references.referring(one).keys(),
    ])
    const find = (entry: Entry) => references.findWinners([entry], attrs, false, winners, ctx)
    return (entry) => {
      const whole = union === undefined ? entry : completed(union, entry, others)
      if (references.unknown([whole], attrs, winners).size > 0) throw new NotReady(() => find(whole))
      request.check?.(named(union, only(references.shown(whole, attrs, winners), attributes)))
    }
  }

  #memberToCreateIn(union: Union): string {
    const member = union.create ?? union.members.find((name) => this.#parts.canWrite(name, 'add'))
    if (member === undefined)
      throw new VitrineError('unwillingToPerform', { message: 'this cannot be written' })
    return member
  }

  /** Where an entry is that the union shows. @throws VitrineError noSuchObject */
  async #shown(union: Union, id: EntryId, ctx: Context): Promise<Place> {
    const place = placeOf(union, id)
    const request = { view: union.view.name, filter: TRUE, id, attributes: new Set<string>() }
    if (place === undefined) throw new VitrineError('noSuchObject')
    for await (const found of this.#parts.reader.visible(union, request, ctx))
      if (found.length > 0) return place
    throw new VitrineError('noSuchObject')
  }

  async #othersOf(
    union: Union,
    { member, key, index }: Place,
    { attributes, displays = false }: ModifyRequest,
    ctx: Context,
  ): Promise<readonly Entry[]> {
    const entry = await this.#read(member, key, union.sameness.attributes, ctx)
    const found = await this.#parts.finder.behind(union, index, [entry], { attributes, displays }, ctx)
    return found.get(entry) ?? []
  }

  async #read(view: string, id: EntryId, attributes: ReadonlySet<string>, ctx: Context): Promise<Entry> {
    const request = { view, filter: TRUE, id, attributes, limit: 1, unordered: true as const }
    for await (const [entry] of this.#parts.core.search(request, ctx)) if (entry !== undefined) return entry
    throw new VitrineError('noSuchObject')
  }

  /** Throws out of the transaction where the entry would become the same as one of another member. */
  #keepApart(
    union: Union,
    view: string,
    entry: Entry,
    changes: readonly Change[],
    { free }: Known,
    ctx: Context,
  ): void {
    const { sameness } = union
    if (!changes.some(({ attr }) => sameness.attributes.has(attr))) return
    const attributes = new Map(entry.attributes)
    for (const change of changes) {
      const { attr } = change
      if (sameness.attributes.has(attr))
        attributes.set(attr, applied(change, attributes.get(attr) ?? [], this.#parts.core))
    }
    const before = new Set(sameness.keysOf(entry))
    const fresh = sameness.keysOf({ attributes }).filter((key) => !before.has(key))
    if (fresh.every((key) => free.has(key))) return
    throw new NotReady(async () => {
      await this.#mustBeFree(union, view, { attributes }, entry, ctx)
      for (const key of fresh) free.add(key)
    })
  }

  /** @param before its own twins may be the same as it */
  async #mustBeFree(
    { members, sameness }: Union,
    view: string,
    after: Pick<Entry, 'attributes'>,
    before: Entry | undefined,
    ctx: Context,
  ): Promise<void> {
    const old = new Set(before === undefined ? [] : sameness.keysOf(before))
    const wanted = new Set(sameness.keysOf(after))
    for (const member of members) {
      if (member === view) continue
      for (const [, filter] of sameness.filtersOf([after])) {
        const request = { view: member, filter, attributes: sameness.attributes, unordered: true as const }
        for await (const entries of this.#parts.core.search(request, ctx)) {
          for (const entry of entries) {
            const keys = sameness.keysOf(entry)
            if (keys.some((key) => wanted.has(key)) && !keys.some((key) => old.has(key)))
              throw new VitrineError('entryAlreadyExists')
          }
        }
      }
    }
  }

  /** References to unions of which it is not known what they stand for in this view. */
  #open(view: string, changes: readonly Change[], refs: ReadonlyMap<string, Ref>): readonly [string, Ref][] {
    const { references, unions } = this.#parts
    return changes.flatMap(({ attr, values }) =>
      values.flatMap((value): readonly [string, Ref][] => {
        if (!(value instanceof Ref) || !unions.has(value.view) || refs.has(refKey(attr, value))) return []
        return references.referring(view).has(attr) ? [[attr, value]] : []
      }),
    )
  }

  async #resolve(
    view: string,
    changes: readonly Change[],
    refs: Map<string, Ref>,
    trusted: boolean,
    ctx: Context,
  ): Promise<void> {
    const { references } = this.#parts
    const open = this.#open(view, changes, refs)
    const refersOf = (attr: string) => references.referring(view).get(attr) ?? []
    const wanted = new Map(open.map(([attr, ref]) => [ref, refersOf(attr)]))
    if (wanted.size === 0) return
    const found = await references.equivalents(wanted, ctx, !trusted)
    for (const [attr, ref] of open) {
      const refers = refersOf(attr)
      const [own] = (found.get(ref) ?? []).filter((one) => refers.includes(one.view))
      if (own !== undefined) refs.set(refKey(attr, ref), own)
      else {
        // What is taken away and is not there does no harm.
        const isRemoved = changes.some((c) => c.op === 'delete' && c.attr === attr && c.values.includes(ref))
        if (!isRemoved) throw noSuchTarget(attr)
        refs.set(refKey(attr, ref), new Ref(refers[0] ?? '', [], ''))
      }
    }
  }

  #inward(view: string, change: Change, refs: ReadonlyMap<string, Ref>): Change {
    if (!this.#parts.references.referring(view).has(change.attr)) return change
    const values = change.values.map((value) =>
      value instanceof Ref ? (refs.get(refKey(change.attr, value)) ?? value) : value,
    )
    return { ...change, values: values.filter((v) => !(v instanceof Ref) || v.id !== '') }
  }
}

const refKey = (attr: string, { view, id, uuid, names }: Ref) =>
  JSON.stringify([attr, view, id ?? null, uuid ?? null, names])

function noSuchTarget(attr: string): VitrineError {
  return new VitrineError('constraintViolation', { message: `${attr}: there is no such entry to refer to` })
}

function only(entry: Entry, attributes: ReadonlySet<string>): Entry {
  return { ...entry, attributes: new Map([...entry.attributes].filter(([attr]) => attributes.has(attr))) }
}

function named(union: Union | undefined, entry: Entry): Entry {
  return union === undefined ? entry : { ...entry, view: union.view.name, id: idOf(entry.view, entry.id) }
}

/** The values that an attribute has after a change. */
function applied(
  { op, attr, values }: Change,
  before: readonly Value[],
  { matchingOf }: Pick<Directory, 'matchingOf'>,
): readonly Value[] {
  if (op === 'replace') return values
  if (op === 'add') return [...before, ...values]
  if (values.length === 0) return []
  const formOf = (value: Value) => {
    const scalar = scalarOf(value)
    return scalar === undefined ? undefined : (matchingOf(attr)?.equality?.(scalar) ?? scalar)
  }
  const gone = new Set(values.map(formOf))
  return before.filter((value) => !gone.has(formOf(value)))
}

/** A change of what others complete the entry by: it is then held by the entry itself. */
function onWhole(change: Change, entry: Entry, whole: Entry, core: Directory): Change {
  const { attr } = change
  const shown = whole.attributes.get(attr)
  if (shown === undefined || entry.attributes.has(attr)) return change
  const values = applied(change, shown, core)
  if (values.length > 0) return { op: 'replace', attr, values }
  throw new VitrineError('notModifiable', { message: `${attr} is held by another member of the union` })
}
