/**
 * Unions of views, as a directory around the core: each of its members answers for its own entries, by its own mapping
 * over its own source; here they become one view. Views that refer to members refer to their unions.
 */
import type { Entry } from '../../model/entry.js'
import { VitrineError } from '../../model/errors.js'
import { type Filter, filterAttributes } from '../../model/filter.js'
import { type MatchingOf, match } from '../../model/match.js'
import type { Context, Identity, Principal, SearchRequest } from '../../model/request.js'
import type { EntryId } from '../../model/value.js'
import type { View, ViewWrites } from '../../model/view.js'
import type { CoreDirectory } from '../core.js'
import { type Deletion, type Directory, filterOfName, type Handles } from '../directory.js'
import { withReferences } from '../references.js'
import { handlesOf } from './handles.js'
import { asMembers, type Core } from './members.js'
import { Reader } from './reader.js'
import { type Found, References } from './references.js'
import { Sameness } from './sameness.js'
import { TwinFinder } from './twins.js'
import { type Duplicates, idOf, placeOf, type Union } from './union.js'
import { UnionWriter } from './writer.js'

export interface UnionOptions {
  readonly view: View
  readonly members: readonly string[]
  /** Attributes whose equality makes two entries the same. */
  readonly by: readonly string[]
  readonly duplicates: Duplicates
  readonly partial: boolean
  readonly create?: string
}

export interface UnionDirectoryParts {
  /** Knows the members. */
  readonly core: Core
  /** What is shown: unions, and those of the core's views that stand for themselves. */
  readonly views: ReadonlyMap<string, View>
  readonly unions: readonly UnionOptions[]
  /** Can the entries of this view of the core be written at all? */
  canWrite(view: string, what: keyof ViewWrites): boolean
}

/** A directory that can tell who somebody is whom others vouch for. */
export type Vouching = Directory & Pick<CoreDirectory, 'principalOf'>

/** The core itself where there are no unions. */
export function unionDirectory(parts: UnionDirectoryParts): Vouching {
  return parts.unions.length === 0 ? parts.core : new UnionDirectory(parts)
}

class UnionDirectory implements Vouching {
  readonly schema: Directory['schema']
  readonly views: ReadonlyMap<string, View>
  readonly matchingOf: MatchingOf
  readonly #core: Core
  readonly #principals = new WeakMap<Principal, Principal>()
  readonly #unions: ReadonlyMap<string, Union>
  readonly #references: References
  readonly #reader: Reader
  readonly #writer: UnionWriter

  constructor({ core: ofMembers, views, unions, canWrite }: UnionDirectoryParts) {
    const core = asMembers(ofMembers, this.#principals)
    const { schema } = core
    this.schema = schema
    this.views = views
    this.matchingOf = withReferences(schema.matching, views)
    this.#core = core
    const { matchingOf } = this
    this.#unions = new Map(
      unions.map(({ by, ...union }): [string, Union] => [
        union.view.name,
        { ...union, sameness: new Sameness(by, union.view.rdn, matchingOf) },
      ]),
    )
    const finder = new TwinFinder(core)
    const references = new References({
      core,
      schema,
      matchingOf,
      unions: this.#unions,
      finder,
      visible: (union, request, ctx) => this.#reader.visible(union, request, ctx),
    })
    this.#references = references
    this.#reader = new Reader({ core, matchingOf, finder, references })
    this.#writer = new UnionWriter({
      core,
      unions: this.#unions,
      finder,
      references,
      reader: this.#reader,
      canWrite,
    })
  }

  async *search(request: SearchRequest, ctx: Context): AsyncIterable<readonly Entry[]> {
    const union = this.#unions.get(request.view)
    const referring = this.#referring(request)
    const displays = request.displays === true
    if (union === undefined) {
      if (this.#references.referring(request.view).size === 0) {
        yield* this.#core.search(request, ctx)
        return
      }
      const filter = await this.#references.inward(request.filter, request.view, ctx)
      for await (const entries of this.#core.search({ ...request, filter }, ctx))
        yield await this.#references.outward(entries, referring, displays, ctx)
      return
    }
    const { attributes } = request
    for await (const found of this.#reader.search(union, request, ctx)) {
      const entries = found.map((f) => asked(union, f, attributes))
      yield await this.#references.outward(entries, referring, displays, ctx)
    }
  }

  /** The attributes asked for by which entries refer to members. */
  #referring({ view, attributes }: Pick<SearchRequest, 'view' | 'attributes'>): readonly string[] {
    const of = this.#unions.get(view)?.members ?? [view]
    const all = new Set(of.flatMap((name) => [...this.#references.referring(name).keys()]))
    return [...all].filter((attr) => attributes === 'all' || attributes.has(attr))
  }

  async ordersStrictly(request: SearchRequest, ctx: Context): Promise<boolean> {
    return this.#isPlain(request.view) && this.#core.ordersStrictly(request, ctx)
  }

  async count(request: SearchRequest, ctx: Context): Promise<number> {
    const union = this.#unions.get(request.view)
    if (union !== undefined) return this.#reader.count(union, request, ctx)
    const filter = await this.#references.inward(request.filter, request.view, ctx)
    return this.#core.count({ ...request, filter }, ctx)
  }

  async countValues(view: string, id: EntryId, attr: string, ctx: Context): Promise<number | undefined> {
    const union = this.#unions.get(view)
    if (union === undefined) return this.#core.countValues(view, id, attr, ctx)
    const place = placeOf(union, id)
    return place === undefined ? 0 : this.#core.countValues(place.member, place.key, attr, ctx)
  }

  async compare(
    ...[name, assertion, ctx]: Parameters<Directory['compare']>
  ): ReturnType<Directory['compare']> {
    if (!this.#unions.has(name.view) && this.#references.referring(name.view).size === 0)
      return this.#core.compare(name, assertion, ctx)
    const attributes = filterAttributes(assertion)
    const filter = filterOfName(name.names, this.#viewOf(name.view), this.schema)
    const request = { view: name.view, filter, attributes, limit: 1, unordered: true as const }
    for await (const [entry] of this.search(request, ctx)) {
      if (entry === undefined) continue
      if (![...attributes].some((attr) => entry.attributes.has(attr))) return 'absent'
      return match(assertion, entry, this.matchingOf) ?? 'undefined'
    }
    return 'noSuchEntry'
  }

  /** The member whose entry is shown decides, and that entry's own password. */
  async authenticate(identity: Identity, password: Uint8Array, ctx: Context): Promise<Principal | undefined> {
    const union = 'view' in identity ? this.#unions.get(identity.view) : undefined
    if (union === undefined || 'service' in identity) return this.#core.authenticate(identity, password, ctx)
    const filter = filterOfName(identity.names, union.view, this.schema)
    const found = await this.#onlyOne(union, filter, ctx)
    // A name that nobody has is checked as well, so that it takes as long.
    const member = union.members[found?.index ?? 0] ?? ''
    const principal = await this.#core.authenticate({ view: member, names: identity.names }, password, ctx)
    if (found === undefined || principal?.kind !== 'entry' || principal.id !== found.entry.id)
      return undefined
    return this.#shown(principal, union, member)
  }

  async principalOf(view: string, filter: Filter, ctx: Context): Promise<Principal | undefined> {
    const union = this.#unions.get(view)
    if (union === undefined) {
      const inward = await this.#references.inward(filter, view, ctx)
      return this.#core.principalOf(view, inward, ctx)
    }
    for (const member of union.members) {
      const request = { view: member, filter, attributes: new Set<string>() }
      const { query } = await this.#core.prepare(request, ctx)
      // What a member cannot seek names nobody, but would cost a look at everybody.
      if (query.filter.op === 'const' && query.filter.value) return undefined
    }
    const found = await this.#onlyOne(union, filter, ctx)
    if (found === undefined) return undefined
    const member = union.members[found.index] ?? ''
    const principal = await this.#core.principalOf(member, { op: 'key', id: found.entry.id }, ctx)
    if (principal?.kind !== 'entry') return undefined
    return this.#shown(principal, union, member)
  }

  actAs(_principal: Principal, identity: Identity, ctx: Context): Promise<Principal | undefined> {
    return this.vouchFor(identity, ctx)
  }

  async vouchFor(identity: Identity, ctx: Context): Promise<Principal | undefined> {
    if ('service' in identity) return this.#core.vouchFor(identity, ctx)
    const filter = filterOfName(identity.names, this.#viewOf(identity.view), this.schema)
    return this.principalOf(identity.view, filter, ctx)
  }

  #shown(own: Extract<Principal, { kind: 'entry' }>, union: Union, member: string): Principal {
    const principal = { ...own, view: union.view.name, id: idOf(member, own.id) }
    this.#principals.set(principal, own)
    return principal
  }

  /** Undefined where there are none or several. */
  async #onlyOne(union: Union, filter: Filter, ctx: Context): Promise<Found | undefined> {
    const request = {
      view: union.view.name,
      filter,
      attributes: new Set<string>(),
      limit: 2,
      unordered: true as const,
    }
    const all: Found[] = []
    // Who somebody is cannot be told without one of the members.
    const { missing: _, ...strict } = { ...ctx, signal: ctx.signal }
    for await (const found of this.#reader.search(union, request, strict)) all.push(...found)
    return all.length === 1 ? all[0] : undefined
  }

  isVisible(view: string): boolean {
    return this.views.has(view)
  }

  add(...[request, ctx]: Parameters<Directory['add']>): Promise<EntryId> {
    return this.#isPlain(request.view) ? this.#core.add(request, ctx) : this.#writer.add(request, ctx)
  }

  modify(...[request, ctx]: Parameters<Directory['modify']>): Promise<void> {
    return this.#isPlain(request.view) ? this.#core.modify(request, ctx) : this.#writer.modify(request, ctx)
  }

  delete(...[request, ctx]: Parameters<Directory['delete']>): Promise<void> {
    return this.#isPlain(request.view) ? this.#core.delete(request, ctx) : this.#writer.delete(request, ctx)
  }

  deleteAll(...[requests, ctx]: Parameters<Directory['deleteAll']>): Promise<void> {
    if (requests.every(({ view }) => this.#isPlain(view))) return this.#core.deleteAll(requests, ctx)
    throw new VitrineError('unwillingToPerform', {
      message: 'what belongs to several mappings is not deleted at once',
    })
  }

  /** Does it have nothing to do with unions? */
  #isPlain(view: string): boolean {
    return !this.#unions.has(view) && this.#references.referring(view).size === 0
  }

  async *deletions(view: string, since: Date, ctx: Context): AsyncIterable<readonly Deletion[]> {
    const union = this.#unions.get(view)
    for (const member of union?.members ?? [view]) {
      for await (const batch of this.#core.deletions(member, since, ctx))
        yield union === undefined ? batch : batch.map(({ id, at }) => ({ id: idOf(member, id), at }))
    }
  }

  async uniqueAttributes(view: string): Promise<ReadonlySet<string>> {
    const union = this.#unions.get(view)
    if (union === undefined) return this.#core.uniqueAttributes(view)
    const all = await Promise.all(union.members.map((member) => this.#core.uniqueAttributes(member)))
    const kept = union.sameness.criteria.flatMap(([attr, ...others]) =>
      attr === undefined || others.length > 0 ? [] : [attr],
    )
    return new Set(kept.filter((attr) => all.every((unique) => unique.has(attr))))
  }

  async handles(view: string): Promise<Handles> {
    const union = this.#unions.get(view)
    if (union === undefined) return this.#core.handles(view)
    const all = await Promise.all(union.members.map((member) => this.#core.handles(member)))
    return handlesOf(union, all)
  }

  #viewOf(name: string): View {
    const view = this.views.get(name)
    if (view === undefined) throw new VitrineError('internalError', { detail: `there is no view ${name}` })
    return view
  }
}

/** The entry as the union's own, with nothing but what was asked for. */
function asked(union: Union, { index, entry }: Found, attributes: SearchRequest['attributes']): Entry {
  const shown =
    attributes === 'all'
      ? entry.attributes
      : new Map([...entry.attributes].filter(([attr]) => attributes.has(attr)))
  return {
    ...entry,
    view: union.view.name,
    id: idOf(union.members[index] ?? '', entry.id),
    attributes: shown,
  }
}
