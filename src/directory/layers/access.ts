/**
 * Who may see what. Rules only add; what no rule allows does not exist for the asker: an attribute that may not be
 * searched is Undefined in filters, one that may not be read is absent, and so is a reference into a view to which
 * one has no right at all. Passwords are checked for everybody: binding is a mapping's affair.
 */
import type { Entry } from '../../model/entry.js'
import { VitrineError } from '../../model/errors.js'
import {
  type Assertion,
  type Filter,
  filterAttributes,
  mapAssertions,
  UNDEFINED,
} from '../../model/filter.js'
import type { Change, Context, Identity, Principal, SearchRequest } from '../../model/request.js'
import { Ref } from '../../model/value.js'
import { namingAttributes } from '../../model/view.js'
import type { Directory, Layer } from '../directory.js'
import { asksElements } from '../references.js'
import { SamePrincipal } from '../same-principal.js'
import { inserted } from './insert.js'
import { passOn } from './pass-on.js'
import { isKnown, type Known, sparingStrangers, withoutDisplays, withoutStrangers } from './strangers.js'

export type Right = 'read' | 'search' | 'compare' | 'write' | 'proxy'

/** One rule, its names resolved: attributes as the schema spells them. */
export interface Rule {
  readonly who: (principal: Principal) => boolean
  /** Does it count only for the asker's own entry? */
  readonly self: boolean
  readonly allow: ReadonlySet<Right>
  readonly views: ReadonlySet<string> | '*'
  readonly attributes: ReadonlySet<string> | '*'
  readonly except: ReadonlySet<string>
}

/** May this attribute be used so? */
type Allowed = (attr: string) => boolean

const NONE: Allowed = () => false

interface Rights {
  readonly searchable: Allowed
  readonly readable: Allowed
  /** Can anything be found? */
  readonly any: boolean
  /** What becomes of an assertion. */
  readonly asked: (assertion: Assertion) => Filter
}

interface ViewRights {
  readonly known: Known
  /** The asker's own entry, if it is one of the view. */
  readonly own: string | undefined
  readonly toAll: Rights
  readonly toOwn: Rights
  readonly readable: WeakMap<ReadonlySet<string>, Readable>
}

interface Readable {
  readonly attributes: ReadonlySet<string>
  /** Those of them that refer to views of which one knows nothing. */
  readonly refers: readonly string[]
}

export function accessLayer(rules: readonly Rule[]): Layer {
  return (next) => {
    const decide = (principal: Principal, view: string, right: Right, self: boolean): Allowed => {
      const fitting = rules.filter(
        (r) =>
          r.allow.has(right) &&
          (self || !r.self) &&
          (r.views === '*' || r.views.has(view)) &&
          r.who(principal),
      )
      if (fitting.length === 0) return NONE
      const described = next.views.get(view)
      const naming = described === undefined ? [] : namingAttributes(described)
      const writes = right === 'write'
      return (attr) =>
        (writes || described?.attributes.get(attr)?.verifyOnly !== true) &&
        ((!writes && (IMPLIED.has(attr) || naming.includes(attr))) ||
          fitting.some((r) => (r.attributes === '*' || r.attributes.has(attr)) && !r.except.has(attr)))
    }
    const acting = new SamePrincipal()
    const hasSelf = rules.some((r) => r.self)
    // A principal is the same object as long as its connection is bound as it.
    const decided = new WeakMap<Principal, Map<string, Map<Right, Allowed>>>()
    const ownDecided: typeof decided = new WeakMap()
    const allowed = (principal: Principal, view: string, right: Right, self: boolean): Allowed => {
      const own = self && hasSelf
      const memory = own ? ownDecided : decided
      const byView = memory.get(principal) ?? new Map<string, Map<Right, Allowed>>()
      const byRight = byView.get(view) ?? new Map<Right, Allowed>()
      const known = byRight.get(right)
      if (known !== undefined) return known
      const found = decide(principal, view, right, own)
      memory.set(principal, byView.set(view, byRight.set(right, found)))
      return found
    }

    /** May the asker do anything in this view, if only with an entry of their own? */
    const knows =
      (principal: Principal): Known =>
      (view) =>
        RIGHTS.some((right) => allowed(principal, view, right, ownId(principal, view) !== undefined) !== NONE)

    // By what its entries are called where others refer to them; known before it is asked for.
    const displays = new Map<string, readonly string[]>()
    const learn = async (view: string, attributes: Iterable<string>): Promise<void> => {
      const described = next.views.get(view)?.attributes
      for (const attr of attributes) {
        for (const target of described?.get(attr)?.refers ?? []) {
          if (!displays.has(target)) displays.set(target, (await next.handles(target)).displays ?? [])
        }
      }
    }
    /** May the asker know what the entries of a view are called? */
    const names = (principal: Principal, right: Right): Known => {
      return (view) => {
        return displays.get(view)?.every(allowed(principal, view, right, false)) === true
      }
    }

    const asking = (
      can: Allowed,
      view: string,
      known: Known,
      named: Known,
    ): ((assertion: Assertion) => Filter) => {
      const described = next.views.get(view)?.attributes
      return (a) => {
        const of = described?.get(a.attr)
        const refers = of?.refers ?? []
        const strange = of?.mixed !== true && refers.length > 0 && !refers.some(known)
        if (strange || !can(a.attr)) return UNDEFINED
        if ('value' in a && a.value instanceof Ref && !known(a.value.view)) return UNDEFINED
        const acquainted = refers.every(known) ? undefined : ofKnown(refers, known, next)
        if (a.op === 'element') {
          const inner = mapAssertions(a.of, (part) => {
            if ('value' in part && part.value instanceof Ref && !known(part.value.view)) return UNDEFINED
            const isName = part.attr === 'display' && refers.length > 0
            const tells = refers.every((r) => named(r) || (acquainted !== undefined && !known(r)))
            return isName && !tells ? UNDEFINED : part
          })
          return { ...a, of: acquainted === undefined ? inner : { op: 'and', of: [acquainted, inner] } }
        }
        return a.op === 'present' && acquainted !== undefined
          ? { op: 'element', attr: a.attr, of: acquainted }
          : a
      }
    }

    /** What somebody may do in a view, with all entries and with their own; remembered like single rights. */
    const remembered = new WeakMap<Principal, Map<string, ViewRights>>()
    const rightsIn = (principal: Principal, view: string): ViewRights => {
      const byView = remembered.get(principal) ?? new Map<string, ViewRights>()
      const found = byView.get(view)
      if (found !== undefined) return found
      const known = knows(principal)
      const own = ownId(principal, view)
      const rightsTo = (self: boolean): Rights => {
        const searchable = allowed(principal, view, 'search', self)
        const readable = allowed(principal, view, 'read', self)
        const asked = asking(searchable, view, known, names(principal, 'search'))
        return { searchable, readable, any: searchable !== NONE && readable !== NONE, asked }
      }
      const toAll = rightsTo(false)
      const toOwn = own === undefined ? toAll : rightsTo(true)
      const readable = new WeakMap<ReadonlySet<string>, Readable>()
      const rights = { known, own, toAll, toOwn, readable }
      remembered.set(principal, byView.set(view, rights))
      return rights
    }

    /** What of the attributes may be read; the same for the very same set of them. */
    const readableIn = (asked: SearchRequest['attributes'], view: string, rights: ViewRights): Readable => {
      const remembered = asked === 'all' ? undefined : rights.readable.get(asked)
      if (remembered !== undefined) return remembered
      const found = readableOf(asked, view, rights.toOwn.readable, next, rights.known)
      if (asked !== 'all') rights.readable.set(asked, found)
      return found
    }

    /** What is left of a search for this asker; undefined: nothing. */
    const narrowed = (request: SearchRequest, { principal }: Context) => {
      const { view, order } = request
      const rights = rightsIn(principal, view)
      const { known, own, toAll, toOwn } = rights
      const onlyOwn = own !== undefined && (!toAll.any || request.id === own)
      if (!toOwn.any || (onlyOwn && (request.id ?? own) !== own)) return undefined
      const { refers, attributes } = readableIn(request.attributes, view, rights)
      const limited = ({ asked, searchable }: Rights, id: string | undefined): SearchRequest => {
        const left = {
          ...request,
          filter: mapAssertions(request.filter, asked),
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
      return { ofAll, ofOwn, own, onlyOwn, toAll, toOwn, refers, known }
    }

    const search = (request: SearchRequest, ctx: Context): AsyncIterable<readonly Entry[]> =>
      request.displays === true || asksElements(request.filter) ? learned(request, ctx) : found(request, ctx)

    /** What has to be known before a search is narrowed. */
    async function* learned(request: SearchRequest, ctx: Context): AsyncIterable<readonly Entry[]> {
      const { view, attributes, filter } = request
      if (request.displays === true) await learn(view, attributes === 'all' ? allOf(view, next) : attributes)
      await learn(view, elementAttributes(filter))
      yield* found(request, ctx)
    }

    const found = (request: SearchRequest, ctx: Context): AsyncIterable<readonly Entry[]> => {
      const left = narrowed(request, ctx)
      if (left === undefined) return nothing()
      const { ofAll, ofOwn, own, onlyOwn, toAll, toOwn, refers, known } = left
      const nameless =
        request.displays === true
          ? muting(request.view, ofAll.attributes === 'all' ? [] : ofAll.attributes, ctx.principal)
          : undefined
      const entries = ofOwn === undefined ? next.search(ofAll, ctx) : inserted(next, ofAll, ofOwn, ctx)
      const isWhole = onlyOwn || toAll.readable === toOwn.readable
      if (isWhole && refers.length === 0 && nameless === undefined) return entries
      return each(entries, (entry) => {
        const readable = isWhole || entry.id === own ? entry : only(entry, toAll.readable)
        const met = refers.length === 0 ? readable : withoutStrangers(readable, refers, known)
        return nameless === undefined ? met : nameless(met)
      })
    }

    /** Takes from entries what their targets are called, as far as the asker may not read that; undefined: all may. */
    const muting = (view: string, attributes: Iterable<string>, principal: Principal) => {
      const described = next.views.get(view)?.attributes
      const referring = [...attributes].filter((attr) => (described?.get(attr)?.refers.length ?? 0) > 0)
      const targets = new Set(referring.flatMap((attr) => described?.get(attr)?.refers ?? []))
      const named = names(principal, 'read')
      const mute = new Set([...targets].filter((target) => !named(target)))
      return mute.size === 0 ? undefined : (entry: Entry) => withoutDisplays(entry, referring, mute)
    }

    /** References into views of which the asker knows nothing are as good as references to nothing. */
    const mustKnow = (principal: Principal, changes: Iterable<Pick<Change, 'attr' | 'values'>>): void => {
      const known = knows(principal)
      for (const { attr, values } of changes) {
        const isMeant: Known = (view) =>
          known(view) || allowed(principal, view, 'write', ownId(principal, view) !== undefined) !== NONE
        if (values.every((value) => isKnown(value, isMeant))) continue
        throw new VitrineError('constraintViolation', {
          message: `${shortName(attr)}: there is no such entry to refer to`,
        })
      }
    }

    return {
      ...passOn(next),
      search,
      count: async (request, ctx) => {
        await learn(request.view, elementAttributes(request.filter))
        const left = narrowed(request, ctx)
        if (left === undefined) return 0
        if (left.ofOwn === undefined) return next.count(left.ofAll, ctx)
        const { view, filter, id } = request
        let count = 0
        const found = { view, filter, attributes: new Set<string>(), unordered: true as const }
        const counted = { ...found, ...(id !== undefined && { id }) }
        for await (const entries of search(counted, ctx)) count += entries.length
        return count
      },
      deletions: async function* (view, since, ctx) {
        // Of an entry that is gone, nothing is left that one could have a right to but that it was there.
        if (allowed(ctx.principal, view, 'search', false) !== NONE) yield* next.deletions(view, since, ctx)
      },
      add: async (request, ctx) => {
        mustWrite(allowed(ctx.principal, request.view, 'write', false), request.attributes.keys())
        mustKnow(
          ctx.principal,
          [...request.attributes].map(([attr, values]) => ({ attr, values })),
        )
        return next.add(request, ctx)
      },
      modify: async (request, ctx) => {
        const { principal } = ctx
        const own = ownId(principal, request.view) === request.id
        const writable = allowed(principal, request.view, 'write', own)
        if (writable === NONE) throw new VitrineError('insufficientAccessRights')
        const readable = allowed(principal, request.view, 'read', own)
        for (const attr of request.needs ?? []) {
          if (!readable(attr)) throw forbidden(attr, 'read, which this change would need')
        }
        if (request.displays === true) await learn(request.view, request.attributes)
        const nameless = muting(request.view, request.attributes, principal)
        const known = knows(principal)
        const { refers } = readableOf(request.attributes, request.view, () => true, next, known)
        const change: typeof request.change = (entry) => {
          const own = withoutStrangers(only(entry, readable), refers, known)
          const changes = request.change(nameless === undefined ? own : nameless(own))
          mustWrite(
            writable,
            changes.map((c) => c.attr),
          )
          mustKnow(
            principal,
            changes.filter((c) => c.op !== 'delete'),
          )
          return refers.length === 0
            ? changes
            : changes.map((c) => (refers.includes(c.attr) ? sparingStrangers(c, entry, known) : c))
        }
        return next.modify({ ...request, change }, ctx)
      },
      delete: async (request, ctx) => {
        const { principal } = ctx
        const own = ownId(principal, request.view) === request.id
        const described = [...(next.views.get(request.view)?.attributes.values() ?? [])]
        // Whoever deletes an entry changes all of it.
        mustWrite(
          allowed(principal, request.view, 'write', own),
          described.filter((a) => a.writable).map((a) => a.name),
        )
        const { check } = request
        const readable = allowed(principal, request.view, 'read', own)
        return next.delete(
          check === undefined ? request : { ...request, check: (entry) => check(only(entry, readable)) },
          ctx,
        )
      },
      actAs: async (principal, identity, ctx) => {
        if (isSelf(principal, identity, next)) return principal
        // Whoever is nobody is not trusted to be somebody; a service account is no entry of any view.
        if (principal.kind === 'anonymous' || 'service' in identity) return undefined
        if (allowed(principal, identity.view, 'proxy', false) === NONE) return undefined
        const found = await next.actAs(principal, identity, ctx)
        return found && acting.of(found)
      },
      isVisible: (view, { principal }, attr) => {
        // Only a view's own entries can find themselves in it.
        const self = ownId(principal, view) !== undefined
        const searchable = allowed(principal, view, 'search', self)
        if (searchable === NONE || allowed(principal, view, 'read', self) === NONE) return false
        return attr === undefined || searchable(attr)
      },
      compare: async (name, assertion: Filter, ctx) => {
        const own = isSelf(ctx.principal, name, next)
        const comparable = allowed(ctx.principal, name.view, 'compare', own)
        if (comparable === NONE) return 'noSuchEntry'
        const { principal } = ctx
        const named = names(principal, 'compare')
        const allowedPart = mapAssertions(assertion, asking(comparable, name.view, knows(principal), named))
        const [asked, left] = [filterAttributes(assertion).size, filterAttributes(allowedPart).size]
        if (asked > 0 && left === 0) throw new VitrineError('insufficientAccessRights')
        const result = await next.compare(name, allowedPart, ctx)
        // What may not be compared is not there for the asker, and so is not equal.
        return result === 'undefined' && left < asked ? false : result
      },
    }
  }
}

/**
 * What tells only the kind of an entry comes with any right to it, without which no client's filter would work;
 * so do the attributes that name it, which its DN shows.
 */
const IMPLIED: ReadonlySet<string> = new Set(['objectClass', 'structuralObjectClass'])

const RIGHTS: readonly Right[] = ['read', 'search', 'compare']

/** @throws VitrineError for an attribute that may not be written, or if none may */
function mustWrite(writable: Allowed, attributes: Iterable<string>): void {
  if (writable === NONE) throw new VitrineError('insufficientAccessRights')
  for (const attr of attributes) {
    if (!writable(attr)) throw forbidden(attr, 'written')
  }
}

function forbidden(attr: string, what: string): VitrineError {
  return new VitrineError('insufficientAccessRights', { message: `${shortName(attr)} may not be ${what}` })
}

/** Without the URN of its schema. */
const shortName = (attr: string) => attr.slice(attr.lastIndexOf(':') + 1)

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

/** What tells references into known views from others; undefined where their resource types do not. */
function ofKnown(refers: readonly string[], known: Known, { views }: Directory): Filter | undefined {
  const typeOf = (view: string) => views.get(view)?.resource?.type
  const types = new Set(refers.filter(known).map(typeOf))
  const others = refers.filter((view) => !known(view)).map(typeOf)
  if (types.has(undefined) || others.some((type) => types.has(type))) return undefined
  return {
    op: 'or',
    of: [...types].flatMap((value): Filter[] =>
      value === undefined ? [] : [{ op: 'eq', attr: 'type', value }],
    ),
  }
}

function ownId(principal: Principal, view: string): string | undefined {
  return principal.kind === 'entry' && principal.view === view ? principal.id : undefined
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

/** The attributes asked for that may be read, and those of them that refer to views of which one knows nothing. */
function readableOf(
  asked: SearchRequest['attributes'],
  view: string,
  readable: Allowed,
  { views }: Directory,
  known: Known,
): Readable {
  const described = views.get(view)?.attributes
  const attributes = new Set([...(asked === 'all' ? (described?.keys() ?? []) : asked)].filter(readable))
  const refers = [...attributes].filter((attr) => described?.get(attr)?.refers.every(known) === false)
  return { attributes, refers }
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
