/**
 * Who may change what: each attribute that is written takes the right to it, with the entry as it was and as it will be.
 * Decided where the entry is written, on what no other writer changes meanwhile.
 */
import type { Entry } from '../../../model/entry.js'
import { VitrineError } from '../../../model/errors.js'
import { filterAttributes } from '../../../model/filter.js'
import { match } from '../../../model/match.js'
import type { AddRequest, Change, Context, DeleteRequest, ModifyRequest } from '../../../model/request.js'
import type { EntryId, Ref } from '../../../model/value.js'
import type { Directory } from '../../directory.js'
import type { Acquaintance } from './acquaintance.js'
import { changed, withKeysOf } from './aftermath.js'
import type { Asker } from './asker.js'
import type { Askers } from './askers.js'
import { type Cover, isNowhere, type Row } from './cover.js'
import { Decision, isTellable } from './rows.js'
import type { Right } from './rule.js'
import {
  isKnown,
  type Known,
  refsAmong,
  refsOf,
  Sight,
  sparingStrangers,
  withoutStrangers,
} from './strangers.js'

/** Thrown out of a transaction that has to wait until it is known where references lead. */
class NotLookedUp extends Error {
  readonly refs: readonly Ref[]

  constructor(refs: readonly Ref[]) {
    super('not looked up')
    this.refs = refs
  }
}

interface Parts {
  readonly directory: Directory
  readonly askers: Askers
  readonly acquaintance: Acquaintance
}

export class Changes {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async add(request: AddRequest, ctx: Context): Promise<EntryId> {
    const { directory } = this.#parts
    const { view, attributes } = request
    const asker = await this.#asker(view, ctx)
    // It has no key yet, and so is nobody's own.
    const entry: Entry = { view, id: '', attributes }
    const holds = (row: Row) =>
      row.own === undefined &&
      isTellable(row.filter, () => true, attributes.has('objectClass')) &&
      match(row.filter, withKeysOf(entry, asker.principal), directory.matchingOf) === true
    mustCover(asker.cover(view, 'add'), holds)
    for (const attr of attributes.keys()) mustWrite(asker.cover(view, 'add', attr), attr, holds)
    const sight = this.#sight(asker, ctx)
    const given = [...attributes].map(([attr, values]) => ({ attr, values }))
    await sight.lookUp(given.flatMap(({ values }) => [...refsAmong(values)]))
    mustKnow(asker, given, sight.knows)
    return directory.add(request, ctx)
  }

  async modify(request: ModifyRequest, ctx: Context): Promise<void> {
    const { directory, acquaintance } = this.#parts
    const { view, id } = request
    const asker = await this.#asker(view, ctx)
    if (isNowhere(asker.cover(view, 'modify'))) throw new VitrineError('insufficientAccessRights')
    for (const attr of request.needs ?? []) {
      if (isNowhere(asker.cover(view, 'read', attr))) throw unreadable(attr)
    }
    if (request.displays === true) await acquaintance.learn(view, request.attributes)
    const nameless = acquaintance.muting(view, request.attributes, asker)
    const rights = await this.#onEntry(asker, view, id, ctx)
    const sight = this.#sight(asker, ctx)
    const referring = this.#referring(asker, view, request.attributes)
    const change: typeof request.change = (entry) => {
      const on = rights.on(entry)
      this.#mustBeThere(asker, view, on)
      const readable = (attr: string) => on(asker.cover(view, 'read', attr))
      for (const attr of request.needs ?? []) if (!readable(attr)) throw unreadable(attr)
      const open = sight.open(refsOf([entry], referring))
      if (open.length > 0) throw new NotLookedUp(open)
      const isShown = (attr: string) => request.attributes.has(attr) && readable(attr)
      const seen = withoutStrangers(only(entry, isShown), referring, sight.knows)
      const changes = request.change(nameless === undefined ? seen : nameless(seen))
      if (!on(asker.cover(view, 'modify'))) throw new VitrineError('insufficientAccessRights')
      for (const { attr } of changes) if (!on(asker.cover(view, 'modify', attr))) throw unwritable(attr)
      const given = changes.filter((c) => c.op !== 'delete')
      const strange = sight.open(given.flatMap(({ values }) => [...refsAmong(values)]))
      if (strange.length > 0) throw new NotLookedUp(strange)
      mustKnow(asker, given, sight.knows)
      const left = changes.map((c) =>
        referring.includes(c.attr) ? sparingStrangers(c, entry, sight.knows) : c,
      )
      const after = rights.after(entry, left)
      for (const { attr } of changes) if (!after(asker.cover(view, 'modify', attr))) throw leaving()
      return left
    }
    const attributes = new Set([...request.attributes, ...rights.attributes])
    for (;;) {
      try {
        return await directory.modify({ ...request, attributes, change }, ctx)
      } catch (error) {
        if (!(error instanceof NotLookedUp)) throw error
        await sight.lookUp(error.refs)
      }
    }
  }

  async delete(request: DeleteRequest, ctx: Context): Promise<void> {
    const deletion = await this.#deletion(request, ctx)
    return this.#parts.directory.delete(deletion, ctx)
  }

  async deleteAll(requests: readonly DeleteRequest[], ctx: Context): Promise<void> {
    const deletions: DeleteRequest[] = []
    for (const request of requests) deletions.push(await this.#deletion(request, ctx))
    return this.#parts.directory.deleteAll(deletions, ctx)
  }

  /** With a look at the entry in the transaction that deletes it, where it takes that to know whether it may be deleted. */
  async #deletion(request: DeleteRequest, ctx: Context): Promise<DeleteRequest> {
    const { directory } = this.#parts
    const { view, id, check } = request
    const asker = await this.#asker(view, ctx)
    // Whoever deletes an entry changes all of it.
    const described = [...(directory.views.get(view)?.attributes.values() ?? [])]
    const covers = [
      asker.cover(view, 'delete'),
      ...described.filter((a) => a.writable).map((a) => asker.cover(view, 'delete', a.name)),
    ]
    const isMine = (row: Row) => row.own === undefined || row.own === id
    for (const cover of covers) mustCover(cover, isMine)
    const rights = await this.#onEntry(asker, view, id, ctx)
    const isFree = covers.every((cover) => cover === 'all' || cover.some((row) => row.own === id))
    if (isFree && check === undefined) return request
    const checked = (entry: Entry) => {
      const on = rights.on(entry)
      this.#mustBeThere(asker, view, on)
      if (!covers.every(on)) throw new VitrineError('insufficientAccessRights')
      const isShown = (attr: string) =>
        request.attributes?.has(attr) === true && on(asker.cover(view, 'read', attr))
      check?.(only(entry, isShown))
    }
    const attributes = new Set([...(request.attributes ?? []), ...rights.attributes])
    return { ...request, attributes, check: checked }
  }

  async #asker(view: string, ctx: Context): Promise<Asker> {
    return this.#parts.askers.of(ctx.principal, view, ctx)
  }

  #sight(asker: Asker, ctx: Context): Sight {
    return new Sight(this.#parts.directory, asker, ctx)
  }

  /** The attributes with references of which not all may be known. */
  #referring(asker: Asker, view: string, attributes: ReadonlySet<string>): readonly string[] {
    const described = this.#parts.directory.views.get(view)?.attributes
    return [...attributes].filter((attr) =>
      described?.get(attr)?.refers.some((target) => asker.knowledge(target) !== 'all'),
    )
  }

  /** Of an entry that one may not know of one is not told that it may not be written. */
  #mustBeThere(asker: Asker, view: string, on: (cover: Cover) => boolean): void {
    const known = asker.knowledge(view)
    if (isNowhere(known) || on(known) || on(asker.cover(view, 'modify')) || on(asker.cover(view, 'delete')))
      return
    throw new VitrineError('noSuchObject')
  }

  /** What covers mean for one entry. What it does not tell by itself is asked beforehand. */
  async #onEntry(asker: Asker, view: string, id: EntryId, ctx: Context): Promise<RightsOnEntry> {
    const { directory } = this.#parts
    const rows = new Map(DECIDING.flatMap((right) => asker.rows(view, right)).map((r) => [r.key, r]))
    const all = [...rows.values()].filter((row) => row.own === undefined)
    const told = all.filter((row) => isTellable(row.filter, () => true))
    const others = all.filter((row) => !told.includes(row))
    const decision = new Decision(others, directory.views.get(view), directory)
    const holds = await decision.of([{ view, id, attributes: new Map() }], ctx)
    const isTold = new Set(told.map(({ key }) => key))
    const before = new Set(others.filter((row) => holds({ id }, row)).map(({ key }) => key))
    const covering =
      (entry: Entry, untold: (row: Row) => boolean) =>
      (cover: Cover): boolean =>
        cover === 'all' ||
        cover.some((row) => {
          if (row.own !== undefined) return row.own === id
          if (!isTold.has(row.key)) return untold(row)
          return match(row.filter, withKeysOf(entry, asker.principal), directory.matchingOf) === true
        })
    return {
      attributes: new Set(told.flatMap(({ filter }) => [...filterAttributes(filter)])),
      on: (entry) => covering(entry, ({ key }) => before.has(key)),
      after: (entry, changes) => {
        const touched = new Set(changes.map(({ attr }) => attr))
        const described = directory.views.get(view)?.attributes
        // What changes along with others is not told by the changes.
        const along = new Set(
          [...touched].flatMap((attr) => described?.get(attr)?.shares ?? []).filter((a) => !touched.has(a)),
        )
        const asks = ({ filter }: Row, some: ReadonlySet<string>) =>
          [...filterAttributes(filter)].some((attr) => some.has(attr))
        const isTellableThen = (row: Row) => row.own !== undefined || !asks(row, along)
        const covers = covering(
          changed(entry, changes, directory.matchingOf),
          (row) => before.has(row.key) && !asks(row, touched),
        )
        return (cover) => covers(cover === 'all' ? cover : cover.filter(isTellableThen))
      },
    }
  }
}

/** What decides whether an entry may be known of and changed. */
const DECIDING: readonly Right[] = ['read', 'search', 'compare', 'modify', 'delete']

interface RightsOnEntry {
  /** What the entry has to come with. */
  readonly attributes: ReadonlySet<string>
  /** Is the entry as it is among those? */
  readonly on: (entry: Entry) => (cover: Cover) => boolean
  /** Will it be? */
  readonly after: (entry: Entry, changes: readonly Change[]) => (cover: Cover) => boolean
}

/** @throws VitrineError where none of the entries is covered */
function mustCover(cover: Cover, holds: (row: Row) => boolean): void {
  if (cover !== 'all' && !cover.some(holds)) throw new VitrineError('insufficientAccessRights')
}

function mustWrite(cover: Cover, attr: string, holds: (row: Row) => boolean): void {
  if (cover !== 'all' && !cover.some(holds)) throw unwritable(attr)
}

/** References to entries of which the asker knows nothing are as good as references to nothing. */
function mustKnow(asker: Asker, changes: Iterable<Pick<Change, 'attr' | 'values'>>, known: Known): void {
  const isMeant: Known = (ref) =>
    known(ref) ||
    (['add', 'modify', 'delete'] as const).some((right) => asker.cover(ref.view, right) === 'all')
  for (const { attr, values } of changes) {
    if (values.every((value) => isKnown(value, isMeant))) continue
    throw new VitrineError('constraintViolation', {
      message: `${shortName(attr)}: there is no such entry to refer to`,
    })
  }
}

const unwritable = (attr: string) => forbidden(attr, 'written')
const unreadable = (attr: string) => forbidden(attr, 'read, which this change would need')

function forbidden(attr: string, what: string): VitrineError {
  return new VitrineError('insufficientAccessRights', { message: `${shortName(attr)} may not be ${what}` })
}

function leaving(): VitrineError {
  return new VitrineError('insufficientAccessRights', {
    message: 'the entry would become one that may not be written',
  })
}

/** Without the URN of its schema. */
const shortName = (attr: string) => attr.slice(attr.lastIndexOf(':') + 1)

function only(entry: Entry, isShown: (attr: string) => boolean): Entry {
  return { ...entry, attributes: new Map([...entry.attributes].filter(([attr]) => isShown(attr))) }
}
