/**
 * Who may see what. Rules only add; what no rule allows does not exist for the asker: an attribute that may not be
 * searched is Undefined in filters, one that may not be read is absent. Passwords are checked for everybody:
 * binding is a mapping's affair.
 */
import type { Entry } from '../../model/entry.js'
import { VitrineError } from '../../model/errors.js'
import { type Filter, filterAttributes, mapAssertions, UNDEFINED } from '../../model/filter.js'
import type { Principal, SearchRequest } from '../../model/request.js'
import { Ref } from '../../model/value.js'
import type { Directory, Layer } from '../directory.js'

export type Right = 'read' | 'search' | 'compare'

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
      return (attr) =>
        described?.attributes.get(attr)?.verifyOnly !== true &&
        (IMPLIED.has(attr) ||
          described?.rdn.includes(attr) === true ||
          fitting.some((r) => (r.attributes === '*' || r.attributes.has(attr)) && !r.except.has(attr)))
    }
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

    async function* search(
      request: SearchRequest,
      ctx: Parameters<typeof next.search>[1],
    ): AsyncIterable<readonly Entry[]> {
      const { principal } = ctx
      const { view } = request
      const general = allowed(principal, view, 'search', false)
      const isOwn = general === NONE
      const searchable = isOwn ? allowed(principal, view, 'search', true) : general
      const readable = allowed(principal, view, 'read', isOwn)
      if (searchable === NONE || readable === NONE) return
      const own = ownId(principal, view)
      if (isOwn && (own === undefined || (request.id !== undefined && request.id !== own))) return
      const readableOwn = own === undefined ? readable : allowed(principal, view, 'read', true)
      const attributes =
        request.attributes === 'all' ? next.views.get(view)?.attributes.keys() : request.attributes
      const limited: SearchRequest = {
        ...request,
        filter: mapAssertions(request.filter, (a) => (searchable(a.attr) ? a : UNDEFINED)),
        attributes: new Set([...(attributes ?? [])].filter(readableOwn)),
        ...(isOwn && own !== undefined && { id: own }),
      }
      for await (const entries of next.search(limited, ctx)) {
        yield readableOwn === readable ? entries : entries.map((e) => (e.id === own ? e : only(e, readable)))
      }
    }

    return {
      ...pass(next),
      search,
      isVisible: (view, principal) => {
        // Only a view's own entries can find themselves in it.
        const self = ownId(principal, view) !== undefined
        return (
          allowed(principal, view, 'search', self) !== NONE && allowed(principal, view, 'read', self) !== NONE
        )
      },
      compare: async (name, assertion: Filter, ctx) => {
        const own =
          ctx.principal.kind === 'entry' &&
          ctx.principal.view === name.view &&
          sameName(new Ref(name.view, ctx.principal.names), new Ref(name.view, name.names), next)
        const comparable = allowed(ctx.principal, name.view, 'compare', own)
        if (comparable === NONE) return 'noSuchEntry'
        if (![...filterAttributes(assertion)].every(comparable))
          throw new VitrineError('insufficientAccessRights')
        return next.compare(name, assertion, ctx)
      },
    }
  }
}

/**
 * What tells only the kind of an entry comes with any right to it, without which no client's filter would work;
 * so do the attributes that name it, which its DN shows.
 */
const IMPLIED: ReadonlySet<string> = new Set(['objectClass', 'structuralObjectClass'])

const pass = (next: Parameters<Layer>[0]) => ({
  schema: next.schema,
  views: next.views,
  matchingOf: next.matchingOf,
  authenticate: next.authenticate.bind(next),
})

function ownId(principal: Principal, view: string): string | undefined {
  return principal.kind === 'entry' && principal.view === view ? principal.id : undefined
}

/** Names are compared as the references of the view's entries are. */
function sameName(a: Ref, b: Ref, { matchingOf, views }: Directory): boolean {
  const [attr] = views.get(a.view)?.rdn ?? []
  const form = attr === undefined ? undefined : matchingOf(attr)?.equality
  return form !== undefined && form(a) === form(b)
}

function only(entry: Entry, readable: Allowed): Entry {
  return { ...entry, attributes: new Map([...entry.attributes].filter(([attr]) => readable(attr))) }
}
