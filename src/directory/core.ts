/** The directory over sources, without any layer: plans, asks, decodes, decides. */
import type { Mapping } from '../mapping/mapping.js'
import { valueRelations } from '../mapping/references.js'
import type { Entry } from '../model/entry.js'
import { VitrineError } from '../model/errors.js'
import { type Filter, filterAttributes, TRUE } from '../model/filter.js'
import { type MatchingOf, match, matcher } from '../model/match.js'
import type {
  AddRequest,
  Context,
  DeleteRequest,
  EntryName,
  Identity,
  ModifyRequest,
  Principal,
  SearchRequest,
} from '../model/request.js'
import type { EntryId } from '../model/value.js'
import { namingAttributes, type View } from '../model/view.js'
import type { Normalizing } from '../schema/matching-rules.js'
import type { Schema } from '../schema/schema.js'
import type { Cell, ColumnKind, Field, FieldFilter, Vacancy } from '../sources/source.js'
import { withConstants } from './answers.js'
import { Authentication } from './authentication.js'
import { type Comparison, type Deletion, type Directory, filterOfName, type Handles } from './directory.js'
import { FoundEntries } from './found-entries.js'
import type { Mappings } from './mappings.js'
import { inOrder } from './ordered.js'
import type { PasswordHasher } from './password/hasher.js'
import type { PasswordVerifier } from './password/verifier.js'
import { prefetch } from './prefetch.js'
import { Preparation, type Prepared } from './preparation.js'
import { withReferences } from './references.js'
import { type Resolve, resolver } from './resolve.js'
import { Writer } from './writer.js'

/** So many entries come in a batch or two. */
const SHORT = 250
/** Entries fetched by key at a time. */
const BY_KEY = 200

/** By what columns can be in the order of what they hold. */
const STRICTLY: { readonly [kind in ColumnKind]?: readonly Normalizing[] } = {
  text: ['caseIgnore', 'caseExact', 'caseIgnoreIA5', 'caseExactIA5'],
  integer: ['integer', 'time'],
  time: ['time'],
  date: ['time'],
}

export interface DirectoryParts {
  readonly schema: Schema
  readonly views: ReadonlyMap<string, View>
  /** By view. */
  readonly mappings: ReadonlyMap<string, Mappings>
  readonly verifier: PasswordVerifier
  readonly hasher: PasswordHasher
  /** Password hashes of service accounts, by name. */
  readonly serviceAccounts: ReadonlyMap<string, string>
}

export class CoreDirectory implements Directory {
  readonly schema: Schema
  readonly views: ReadonlyMap<string, View>
  readonly matchingOf: MatchingOf
  readonly #mappings: ReadonlyMap<string, Mappings>
  readonly #authentication: Authentication
  readonly #services: ReadonlyMap<string, string>
  readonly #writer: Writer
  readonly #resolve: Resolve
  readonly #preparation: Preparation

  constructor(parts: DirectoryParts) {
    this.schema = parts.schema
    this.views = parts.views
    this.matchingOf = withReferences(this.schema.matching, parts.views)
    this.#mappings = parts.mappings
    const { schema, views, matchingOf } = this
    this.#resolve = resolver({
      search: (request, ctx) => this.search(request, ctx),
      views,
      schema,
      matchingOf,
    })
    this.#preparation = new Preparation({
      mappingsOf: (view) => this.#mappingsOf(view),
      schema,
      matchingOf,
      resolve: (refs, ctx) => this.#resolve(refs, ctx),
    })
    const { verifier, serviceAccounts } = parts
    this.#services = serviceAccounts
    this.#authentication = new Authentication({
      mappingsOf: (view) => this.#mappingsOf(view),
      viewOf: (view) => this.#viewOf(view),
      preparation: this.#preparation,
      schema,
      matchingOf,
      verifier,
      serviceAccounts,
    })
    this.#writer = new Writer({
      mappingsOf: (view) => this.#mappingsOf(view),
      matchingOf,
      views,
      hasher: parts.hasher,
      resolve: this.#resolve,
    })
  }

  search(request: SearchRequest, ctx: Context): AsyncIterable<readonly Entry[]> {
    ctx.asked?.push(request)
    const prepared = this.#preparation.atOnce(request)
    return prepared === undefined ? this.#later(request, ctx) : this.#found(prepared, request, ctx)
  }

  async *#later(request: SearchRequest, ctx: Context): AsyncIterable<readonly Entry[]> {
    yield* this.#found(await this.prepare(request, ctx), request, ctx)
  }

  #found(
    { mapping, query, decoder, residual, hidden }: Prepared,
    request: SearchRequest,
    ctx: Context,
  ): AsyncIterable<readonly Entry[]> {
    if (query.filter.op === 'const' && !query.filter.value) return nothing()
    const { order, limit } = request
    if (order !== undefined && query.order === undefined && mapping.attributes.has(order.attr))
      return this.#ordered(request, order, mapping, ctx)
    const decide = residual === undefined ? undefined : matcher(residual, this.matchingOf)
    const { source } = this.#mappingsOf(request.view)
    const rows = source.search(query, ctx)[Symbol.asyncIterator]()
    // Where the search is ended here and not by the source, nothing is read ahead; nor where hardly more than one batch comes.
    const isAlone = limit !== undefined && (residual !== undefined || limit <= SHORT)
    return new FoundEntries(isAlone ? rows : prefetch(rows), {
      decode: (row) => decoder.decode(row),
      ...(decide !== undefined && { decide: (entry: Entry) => decide(entry) === true }),
      hidden,
      skip: query.skip === undefined ? (request.skip ?? 0) : 0,
      limit: limit ?? Number.POSITIVE_INFINITY,
      tally: ctx.tally,
    })
  }

  /** What the source cannot put in order is ordered here. */
  async *#ordered(
    request: SearchRequest,
    order: NonNullable<SearchRequest['order']>,
    mapping: Mapping,
    ctx: Context,
  ): AsyncIterable<readonly Entry[]> {
    const { view, filter, id, skip = 0, limit = Number.POSITIVE_INFINITY } = request
    // The order of keys that are text is known here, too.
    const isText = mapping.key.kind === 'text'
    const all = {
      view,
      filter,
      attributes: new Set([order.attr]),
      ...(isText && { unordered: true as const }),
      ...(id !== undefined && { id }),
    }
    const ties = isText ? 'byKey' : 'asTheyCome'
    const ids = await inOrder(this.search(all, ctx), order, this.matchingOf(order.attr), ties)
    const wanted = ids.slice(skip, skip + limit)
    const { source } = this.#mappingsOf(view)
    const { query, decoder } = await this.prepare(
      { view, filter: TRUE, attributes: request.attributes, displays: request.displays === true },
      ctx,
    )
    for (let at = 0; at < wanted.length; at += BY_KEY) {
      const some = wanted.slice(at, at + BY_KEY)
      const values = some.flatMap((one) => mapping.cellOf(one) ?? [])
      const keyed: FieldFilter = {
        op: 'test',
        on: mapping.key,
        test: { test: 'oneOf', values },
        negated: false,
      }
      const found = new Map<string, Entry>()
      for await (const rows of source.search({ ...query, filter: keyed }, ctx)) {
        for (const row of rows) {
          const entry = decoder.decode(row)
          found.set(entry.id, entry)
        }
      }
      yield some.flatMap((one) => found.get(one) ?? [])
    }
  }

  async ordersStrictly(request: SearchRequest, ctx: Context): Promise<boolean> {
    const { source } = this.#mappingsOf(request.view)
    const { order } = request
    if (source.ordersStrictly === undefined || order === undefined) return false
    const { query, residual } = await this.prepare(request, ctx)
    const on = query.order?.on
    if (residual !== undefined || query.order?.strict !== true || on === undefined || 'concat' in on)
      return false
    const type = this.schema.attribute(order.attr)
    const compares = (type?.ordering ?? type?.equality)?.normalizing ?? 'none'
    if (compares.startsWith('caseExact') !== query.order.caseExact) return false
    return (STRICTLY[on.kind] ?? []).includes(compares) && source.ordersStrictly(query, ctx)
  }

  async count(request: SearchRequest, ctx: Context): Promise<number> {
    const { view, filter, id } = request
    const asked = {
      view,
      filter,
      attributes: new Set<string>(),
      unordered: true as const,
      ...(id !== undefined && { id }),
    }
    const { query, residual } = await this.prepare(asked, ctx)
    if (query.filter.op === 'const' && !query.filter.value) return 0
    if (residual === undefined) return this.#mappingsOf(view).source.count(query, ctx)
    let count = 0
    for await (const entries of this.search(asked, ctx)) count += entries.length
    return count
  }

  async countValues(view: string, id: EntryId, attr: string, ctx: Context): Promise<number | undefined> {
    const mappings = this.#mappingsOf(view)
    const mapping = await mappings.of(view)
    const value = mapping.cellOf(id)
    if (value === undefined) return 0
    const withRow = valueRelations(mapping.table)
    const stores = (mapping.attributes.get(attr)?.operations ?? []).flatMap(({ store }) => store ?? [])
    if (stores.some((store) => store.kind === 'set' && withRow.has(store.relation))) return undefined
    const counts = stores.map(async (store) => {
      if (store.kind !== 'set') return 0
      const { table, on, where } = store.relation
      const own = on.find(({ parent }) => parent.name === mapping.key.name)
      if (own === undefined || on.length > 1) return 0
      const test = { test: 'compare', op: 'eq', value } as const
      const filter: FieldFilter = { op: 'test', on: own.child, test, negated: false }
      return mappings.source.count({ table, key: own.child, where, filter, fields: [] }, ctx)
    })
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0)
  }

  async add(request: AddRequest, ctx: Context): Promise<EntryId> {
    return this.#writer.add(request, ctx, await this.#vacancy(request, ctx))
  }

  async modify(request: ModifyRequest, ctx: Context): Promise<void> {
    return this.#writer.modify(request, ctx, await this.#vacancy(request, ctx))
  }

  /** That no other entry has the name. */
  async #vacancy(
    { view: name, names }: Pick<AddRequest, 'view' | 'names'>,
    ctx: Context,
  ): Promise<Vacancy | undefined> {
    if (names === undefined) return undefined
    const view = this.#viewOf(name)
    const naming = namingAttributes(view)
    const request = {
      view: name,
      filter: filterOfName(names, view, this.schema),
      attributes: new Set(naming),
    }
    const { query, decoder, residual } = await this.prepare(request, ctx)
    const isMeant = residual === undefined ? undefined : matcher(residual, this.matchingOf)
    const forms = names.map((one, i) => this.matchingOf(naming[i] ?? '')?.equality?.(one) ?? one)
    return {
      claim: JSON.stringify([name, ...forms.map(String)]),
      filter: query.filter,
      fields: query.fields,
      isTakenBy: (row) => isMeant === undefined || isMeant(decoder.decode(row)) === true,
      taken: () => new VitrineError('entryAlreadyExists'),
    }
  }

  delete(request: DeleteRequest, ctx: Context): Promise<void> {
    return this.#writer.delete(request, ctx)
  }

  deleteAll(requests: readonly DeleteRequest[], ctx: Context): Promise<void> {
    return this.#writer.deleteAll(requests, ctx)
  }

  async uniqueAttributes(view: string): Promise<ReadonlySet<string>> {
    const mapping = await this.#mappingsOf(view).of(view)
    const unique = [...mapping.attributes.values()].filter(({ operations: [operation, ...others] }) => {
      const store = operation?.store
      return store?.kind === 'column' && store.column.distinct === true && others.length === 0
    })
    return new Set(unique.map(({ name }) => name))
  }

  async handles(view: string): Promise<Handles> {
    const mapping = await this.#mappingsOf(view).of(view)
    return {
      of: (id) => mapping.handleOf(id),
      idOf: (handle) => mapping.keyOfHandle(handle),
      declared: mapping.declaresUuid,
      plain: mapping.plainHandles,
      displays: mapping.displays,
    }
  }

  async compare(name: EntryName, assertion: Filter, ctx: Context): Promise<Comparison> {
    const attributes = filterAttributes(assertion)
    const entry = await this.#find(name, attributes, ctx)
    if (entry === undefined) return 'noSuchEntry'
    if (![...attributes].some((attr) => entry.attributes.has(attr))) return 'absent'
    const asked = withConstants(assertion, await this.#mappingsOf(name.view).of(name.view))
    return match(asked, entry, this.matchingOf) ?? 'undefined'
  }

  authenticate(identity: Identity, password: Uint8Array, ctx: Context): Promise<Principal | undefined> {
    return this.#authentication.of(identity, password, ctx)
  }

  /** The same of the entry with this key. */
  authenticateEntry(
    view: string,
    id: EntryId,
    password: Uint8Array,
    ctx: Context,
  ): Promise<Principal | undefined> {
    return this.#authentication.ofEntry(view, { op: 'key', id }, password, ctx)
  }

  /**
   * Who the one entry is that the filter selects, for those who vouch for it in another way than by its password.
   * Undefined where none or several are selected, and where it is disabled.
   */
  principalOf(view: string, filter: Filter, ctx: Context): Promise<Principal | undefined> {
    return this.#authentication.principalOf(view, filter, ctx)
  }

  actAs(_principal: Principal, identity: Identity, ctx: Context): Promise<Principal | undefined> {
    return this.vouchFor(identity, ctx)
  }

  async vouchFor(identity: Identity, ctx: Context): Promise<Principal | undefined> {
    if (!('service' in identity)) {
      const filter = filterOfName(identity.names, this.#viewOf(identity.view), this.schema)
      return this.principalOf(identity.view, filter, ctx)
    }
    return this.#services.has(identity.service) ? { kind: 'service', name: identity.service } : undefined
  }

  /** Since when which entries are gone, in key order; nothing where the source does not remember it. */
  async *deletions(view: string, since: Date, ctx: Context): AsyncIterable<readonly Deletion[]> {
    const mappings = this.#mappingsOf(view)
    const mapping = await mappings.of(view)
    const { deletions } = mapping
    if (deletions === undefined) return
    const { table, key, at, where } = deletions
    const filter: FieldFilter = {
      op: 'test',
      on: at,
      test: { test: 'compare', op: 'ge', value: since },
      negated: false,
    }
    const fields: Field[] = [key, at].map((column) => ({ kind: 'column', column }))
    for await (const rows of mappings.source.search({ table, key, where, filter, fields }, ctx)) {
      yield rows.flatMap(([id = null, when]) =>
        when instanceof Date ? [{ id: mapping.idOf(id as Cell), at: when }] : [],
      )
    }
  }

  isVisible(view: string): boolean {
    return this.views.has(view)
  }

  /** What `search` is about to ask, also for `explain`. @throws VitrineError */
  async prepare(request: SearchRequest, ctx: Context): Promise<Prepared> {
    return this.#preparation.of(request, ctx)
  }

  #mappingsOf(view: string): Mappings {
    const found = this.#mappings.get(view)
    if (found === undefined) throw new VitrineError('internalError', { detail: `there is no view ${view}` })
    return found
  }

  #viewOf(name: string): View {
    const view = this.views.get(name)
    if (view === undefined) throw new VitrineError('internalError', { detail: `there is no view ${name}` })
    return view
  }

  async #find(name: EntryName, attributes: ReadonlySet<string>, ctx: Context): Promise<Entry | undefined> {
    const filter = filterOfName(name.names, this.#viewOf(name.view), this.schema)
    const request = { view: name.view, filter, attributes, limit: 1, unordered: true as const }
    for await (const [entry] of this.search(request, ctx)) return entry
    return undefined
  }
}

async function* nothing(): AsyncIterable<readonly Entry[]> {}
