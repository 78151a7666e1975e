/**
 * Who may see what. Rules only add; what no rule allows does not exist for the asker: an attribute that may not be
 * searched is Undefined in filters, one that may not be read is absent, and so is a reference to an entry of which one
 * may not know. Passwords are checked for everybody unless rules say who may bind.
 */
import type { Entry } from '../../model/entry.js'
import { VitrineError } from '../../model/errors.js'
import { type Assertion, type Filter, filterAttributes, mapAssertions } from '../../model/filter.js'
import type { Context, EntryName, Identity, Principal, SearchRequest } from '../../model/request.js'
import { Ref } from '../../model/value.js'
import { type Directory, filterOfName, type Layer } from '../directory.js'
import { asksElements } from '../references.js'
import { SamePrincipal } from '../same-principal.js'
import { Acquaintance } from './acquaintance.js'
import { type Allowed, type Asker, NONE } from './asker.js'
import { Askers } from './askers.js'
import { Binding } from './binding.js'
import { Changes } from './changes.js'
import { conjunction, filterOfCover, isNowhere } from './cover.js'
import { asGateway } from './facts.js'
import { inserted } from './insert.js'
import { passOn } from './pass-on.js'
import { Decision, inTwoParts, narrowedByRow } from './rows.js'
import type { Rule } from './rule.js'
import { type Known, refsIn, refsOf, Sight, withoutStrangers } from './strangers.js'

interface Rights {
  readonly searchable: Allowed
  readonly readable: Allowed
  /** Can anything be found? */
  readonly any: boolean
  /** What becomes of an assertion. */
  readonly asked: (assertion: Assertion) => Filter
}

/** What somebody may find in a view. */
interface ViewRights {
  readonly asker: Asker
  /** The asker's own entry, if it is one of the view. */
  readonly own: string | undefined
  readonly toAll: Rights
  readonly toOwn: Rights
  readonly readable: WeakMap<ReadonlySet<string>, Readable>
  /** Can anything be found? */
  readonly visible: boolean
  /** Do rules choose among the entries, otherwise than by whose they are? */
  readonly chooses: boolean
  /** Does it have references of which only some may be known? */
  readonly knowsSome: boolean
}

interface Readable {
  readonly attributes: ReadonlySet<string>
  /** Those of them whose references may not all be known. */
  readonly refers: readonly string[]
}

export function accessLayer(rules: readonly Rule[]): Layer {
  return (next) => {
    const askers = new Askers(rules, next)
    const acquaintance = new Acquaintance(next)
    const changes = new Changes({ directory: next, askers, acquaintance })
    const binding = new Binding({ directory: next, askers, rules })
    const acting = new SamePrincipal()

    /** Remembered like the asker. */
    const remembered = new WeakMap<Asker, ViewRights>()
    const rightsIn = (asker: Asker, view: string): ViewRights => {
      const known = remembered.get(asker)
      if (known !== undefined) return known
      const own = asker.own(view)
      const rightsTo = (self: boolean): Rights => {
        const searchable = asker.allowed(view, 'search', self)
        const readable = asker.allowed(view, 'read', self)
        const asked = acquaintance.asking(asker, view, searchable, 'search', knowing(asker))
        return { searchable, readable, any: searchable !== NONE && readable !== NONE, asked }
      }
      const toAll = rightsTo(false)
      const toOwn = own === undefined ? toAll : rightsTo(true)
      const chooses = asker.choosesIn(view, 'search') || asker.choosesIn(view, 'read')
      const described = [...(next.views.get(view)?.attributes.values() ?? [])]
      const knowsSome = described.some(({ refers }) => refers.some((target) => asker.knowsSome(target)))
      const visible = isFindable(asker, view)
      const rights = { asker, own, toAll, toOwn, readable: new WeakMap(), visible, chooses, knowsSome }
      remembered.set(asker, rights)
      return rights
    }

    /** What of the attributes may be read; the same for the very same set of them. */
    const readableIn = (asked: SearchRequest['attributes'], view: string, rights: ViewRights): Readable => {
      const known = asked === 'all' ? undefined : rights.readable.get(asked)
      if (known !== undefined) return known
      const described = next.views.get(view)?.attributes
      const wanted = [...(asked === 'all' ? (described?.keys() ?? []) : asked)]
      const attributes = new Set(wanted.filter(rights.toOwn.readable))
      const found = { attributes, refers: referring(attributes, view, rights.asker) }
      if (asked !== 'all') rights.readable.set(asked, found)
      return found
    }
    const referring = (attributes: Iterable<string>, view: string, asker: Asker): readonly string[] => {
      const described = next.views.get(view)?.attributes
      return [...attributes].filter(
        (attr) => described?.get(attr)?.refers.every((target) => asker.knowledge(target) === 'all') === false,
      )
    }

    /** What is left of a search for this asker; undefined: nothing. */
    const narrowed = (request: SearchRequest, rights: ViewRights, sight: Sight | undefined) => {
      const { view, order } = request
      const { own, toAll, toOwn, asker } = rights
      const onlyOwn = own !== undefined && (!toAll.any || request.id === own)
      if (!toOwn.any || (onlyOwn && (request.id ?? own) !== own)) return undefined
      const { refers, attributes } = readableIn(request.attributes, view, rights)
      const limited = ({ asked, searchable }: Rights, id: string | undefined): SearchRequest => {
        const ask =
          sight === undefined ? asked : acquaintance.asking(asker, view, searchable, 'search', sight.knows)
        const left = {
          ...request,
          filter: mapAssertions(request.filter, ask),
          attributes,
          ...(id !== undefined && { id }),
        }
        if (order === undefined || searchable(order.attr)) return left
        // The order of what may not be searched would tell it.
        const { order: _, ...unordered } = left
        return unordered
      }
      const ofAll = limited(onlyOwn ? toOwn : toAll, onlyOwn ? own : request.id)
      const differs = () =>
        [...filterAttributes(request.filter)].some(
          (attr) => toOwn.searchable(attr) && !toAll.searchable(attr),
        )
      const alone =
        own === undefined || onlyOwn || request.id !== undefined || order !== undefined || !differs()
      const ofOwn = alone ? undefined : limited(toOwn, own)
      return { ofAll, ofOwn, own, onlyOwn, toAll, toOwn, refers }
    }

    /** The same where rules choose among entries. */
    const narrowedToRows = (request: SearchRequest, { asker }: ViewRights, sight: Sight | undefined) => {
      const { view } = request
      const searchable = (attr: string) => !isNowhere(asker.cover(view, 'search', attr))
      const known = sight?.knows ?? knowing(asker)
      return narrowedByRow(
        request,
        asker,
        acquaintance.asking(asker, view, searchable, 'search', known),
        next,
      )
    }

    const search = (request: SearchRequest, ctx: Context): AsyncIterable<readonly Entry[]> => {
      const asker = askers.of(ctx.principal, request.view, ctx)
      return asker instanceof Promise ? later(asker, request, ctx) : searchAs(asker, request, ctx)
    }
    async function* later(asker: Promise<Asker>, request: SearchRequest, ctx: Context) {
      yield* searchAs(await asker, request, ctx)
    }
    const searchAs = (asker: Asker, request: SearchRequest, ctx: Context) => {
      const rights = rightsIn(asker, request.view)
      const isReady = request.displays !== true && !asksElements(request.filter) && !rights.knowsSome
      return isReady ? found(request, rights, ctx, undefined) : prepared(request, rights, ctx)
    }

    /** What has to be known before a search is narrowed. */
    const prepare = async ({ view, filter }: SearchRequest, rights: ViewRights, ctx: Context) => {
      await acquaintance.learn(view, elementAttributes(filter))
      if (!rights.knowsSome) return undefined
      const sight = new Sight(next, rights.asker, ctx)
      await sight.lookUp(refsIn(filter))
      return sight
    }
    async function* prepared(request: SearchRequest, rights: ViewRights, ctx: Context) {
      const { view, attributes } = request
      if (request.displays === true)
        await acquaintance.learn(view, attributes === 'all' ? allOf(view, next) : attributes)
      yield* found(request, rights, ctx, await prepare(request, rights, ctx))
    }

    const found = (
      request: SearchRequest,
      rights: ViewRights,
      ctx: Context,
      sight: Sight | undefined,
    ): AsyncIterable<readonly Entry[]> => {
      if (rights.chooses) return foundByRow(request, rights, ctx, sight)
      const left = narrowed(request, rights, sight)
      if (left === undefined) return nothing()
      const { ofAll, ofOwn, own, onlyOwn, toAll, toOwn, refers } = left
      const entries = ofOwn === undefined ? next.search(ofAll, ctx) : inserted(next, ofAll, ofOwn, ctx)
      const isWhole = onlyOwn || toAll.readable === toOwn.readable
      const readable = isWhole
        ? entries
        : each(entries, (entry) => (entry.id === own ? entry : only(entry, toAll.readable)))
      return withoutTheUnknown(readable, ofAll, rights, refers, sight)
    }
    const foundByRow = (
      request: SearchRequest,
      rights: ViewRights,
      ctx: Context,
      sight: Sight | undefined,
    ): AsyncIterable<readonly Entry[]> => {
      const left = narrowedToRows(request, rights, sight)
      if (left === undefined) return nothing()
      const { orderedWhere, shown } = left
      const entries =
        orderedWhere === undefined
          ? next.search(left.request, ctx)
          : inTwoParts(left.request, orderedWhere, next, ctx)
      const readable = shown === undefined ? entries : eachBatch(entries, (batch) => shown(batch, ctx))
      const { attributes } = left.request
      const refers = referring(attributes === 'all' ? [] : attributes, request.view, rights.asker)
      return withoutTheUnknown(readable, left.request, rights, refers, sight)
    }

    /** Without references to entries of which one may not know, and names of those that one may not read. */
    const withoutTheUnknown = (
      entries: AsyncIterable<readonly Entry[]>,
      { view, attributes, displays }: SearchRequest,
      { asker }: ViewRights,
      refers: readonly string[],
      sight: Sight | undefined,
    ): AsyncIterable<readonly Entry[]> => {
      const nameless =
        displays === true
          ? acquaintance.muting(view, attributes === 'all' ? [] : attributes, asker)
          : undefined
      if (refers.length === 0 && nameless === undefined) return entries
      const known = sight?.knows ?? knowing(asker)
      const met = (entry: Entry) => {
        const acquainted = refers.length === 0 ? entry : withoutStrangers(entry, refers, known)
        return nameless === undefined ? acquainted : nameless(acquainted)
      }
      if (sight === undefined) return each(entries, met)
      return eachBatch(entries, async (batch) => {
        await sight.lookUp(refsOf(batch, refers))
        return batch.map(met)
      })
    }

    const count = async (request: SearchRequest, ctx: Context): Promise<number> => {
      const asker = await askers.of(ctx.principal, request.view, ctx)
      const rights = rightsIn(asker, request.view)
      const sight = await prepare(request, rights, ctx)
      if (rights.chooses) {
        const left = narrowedToRows({ ...request, attributes: new Set() }, rights, sight)
        return left === undefined ? 0 : next.count(left.request, ctx)
      }
      const left = narrowed(request, rights, sight)
      if (left === undefined) return 0
      if (left.ofOwn === undefined) return next.count(left.ofAll, ctx)
      const { view, filter, id } = request
      let count = 0
      const wanted = { view, filter, attributes: new Set<string>(), unordered: true as const }
      const counted = { ...wanted, ...(id !== undefined && { id }) }
      for await (const entries of search(counted, ctx)) count += entries.length
      return count
    }

    const compare = async (name: EntryName, assertion: Filter, ctx: Context) => {
      const { view } = name
      const asker = await askers.of(ctx.principal, view, ctx)
      const isCovered = await comparableIn(name, asker, ctx)
      if (isCovered === undefined) return 'noSuchEntry'
      const sight = new Sight(next, asker, ctx)
      await sight.lookUp(refsIn(assertion))
      const asked = acquaintance.asking(asker, view, isCovered, 'compare', sight.knows)
      const allowedPart = mapAssertions(assertion, asked)
      const [all, left] = [filterAttributes(assertion).size, filterAttributes(allowedPart).size]
      if (all > 0 && left === 0) throw new VitrineError('insufficientAccessRights')
      const result = await next.compare(name, allowedPart, ctx)
      // What may not be compared is not there for the asker, and so is not equal.
      return result === 'undefined' && left < all ? false : result
    }

    /** Which attributes of an entry may be compared; undefined where one may not know of it, or it is not there. */
    const comparableIn = async (
      name: EntryName,
      asker: Asker,
      ctx: Context,
    ): Promise<Allowed | undefined> => {
      const { view } = name
      if (!asker.choosesIn(view, 'compare')) {
        const comparable = asker.allowed(view, 'compare', isSelf(asker.principal, name, next))
        return comparable === NONE ? undefined : comparable
      }
      const described = next.views.get(view)
      const anything = asker.cover(view, 'compare')
      const decision = new Decision(asker.rows(view, 'compare'), described, next)
      const named = described === undefined ? [] : [filterOfName(name.names, described, next.schema)]
      const filter = conjunction([...named, filterOfCover(anything)])
      const request = { view, filter, attributes: decision.attributes, limit: 1, unordered: true as const }
      for await (const [entry] of next.search(request, asGateway(ctx))) {
        if (entry === undefined) continue
        const holds = await decision.of([entry], ctx)
        return (attr) => {
          const cover = asker.cover(view, 'compare', attr)
          return cover === 'all' || cover.some((row) => holds(entry, row))
        }
      }
      // It is answered alike whether it is there or not, where that may not be known.
      return anything === 'all' ? asker.allowed(view, 'compare', false) : undefined
    }

    const mayActAs = async (principal: Principal, identity: EntryName, ctx: Context): Promise<boolean> => {
      const { view, names } = identity
      const asker = await askers.of(principal, view, ctx)
      return binding.covers(asker.cover(view, 'proxy'), { view, names }, ctx)
    }

    return {
      ...passOn(next),
      search,
      count,
      compare,
      deletions: async function* (view, since, ctx) {
        const asker = await askers.of(ctx.principal, view, ctx)
        // Of an entry that is gone, nothing is left that one could have a right to but that it was there.
        if (asker.cover(view, 'search') === 'all') yield* next.deletions(view, since, ctx)
      },
      add: (request, ctx) => changes.add(request, ctx),
      modify: (request, ctx) => changes.modify(request, ctx),
      delete: (request, ctx) => changes.delete(request, ctx),
      authenticate: (identity, password, ctx) => binding.authenticate(identity, password, ctx),
      vouchFor: (identity, ctx) => binding.vouchFor(identity, ctx),
      actAs: async (principal, identity, ctx) => {
        if (isSelf(principal, identity, next)) return principal
        // Whoever is nobody is not trusted to be somebody; a service account is no entry of any view.
        if (principal.kind === 'anonymous' || 'service' in identity) return undefined
        if (!(await mayActAs(principal, identity, ctx))) return undefined
        const found = await next.actAs(principal, identity, ctx)
        return found && acting.of(found)
      },
      isVisible: (view, ctx, attr) => {
        const asker = askers.of(ctx.principal, view, ctx)
        const isFound = (one: Asker) =>
          attr === undefined ? rightsIn(one, view).visible : isFindable(one, view, attr)
        return asker instanceof Promise ? asker.then(isFound) : isFound(asker)
      },
    }
  }
}

/** Can anything be found in a view, by this attribute if one is named? */
const isFindable = (asker: Asker, view: string, attr?: string): boolean =>
  !isNowhere(asker.cover(view, 'search', attr)) && !isNowhere(asker.cover(view, 'read'))

/** What an asker may know of without anything being looked up. */
const knowing =
  (asker: Asker): Known =>
  (ref) =>
    asker.knowledge(ref.view) === 'all'

const allOf = (view: string, { views }: Directory): Iterable<string> =>
  views.get(view)?.attributes.keys() ?? []

/** The attributes of whose elements the filter asks. */
function elementAttributes(filter: Filter): ReadonlySet<string> {
  const found = new Set<string>()
  mapAssertions(filter, (assertion) => {
    if (assertion.op === 'element') found.add(assertion.attr)
    return assertion
  })
  return found
}

/** Is it they themselves whom this names? */
function isSelf(principal: Principal, identity: Identity, directory: Directory): boolean {
  if ('service' in identity) return principal.kind === 'service' && principal.name === identity.service
  return (
    principal.kind === 'entry' &&
    principal.view === identity.view &&
    sameName(new Ref(identity.view, principal.names), new Ref(identity.view, identity.names), directory)
  )
}

/** Names are compared as the references of the view's entries are. */
function sameName(a: Ref, b: Ref, { matchingOf, views }: Directory): boolean {
  const [attr] = views.get(a.view)?.rdn ?? []
  const formOf = attr === undefined ? undefined : matchingOf(attr)?.equality
  const form = formOf?.(a)
  return form !== undefined && form === formOf?.(b)
}

function only(entry: Entry, readable: Allowed): Entry {
  return { ...entry, attributes: new Map([...entry.attributes].filter(([attr]) => readable(attr))) }
}

async function* nothing(): AsyncIterable<never> {}

async function* each(
  batches: AsyncIterable<readonly Entry[]>,
  change: (entry: Entry) => Entry,
): AsyncIterable<readonly Entry[]> {
  for await (const entries of batches) yield entries.map(change)
}

async function* eachBatch(
  batches: AsyncIterable<readonly Entry[]>,
  change: (entries: readonly Entry[]) => Promise<readonly Entry[]>,
): AsyncIterable<readonly Entry[]> {
  for await (const entries of batches) yield await change(entries)
}
