/**
 * What only the sources tell of somebody who asks: which groups they are in, and what their own entry holds. Asked for
 * at most once in one operation, and never kept for the next.
 */
import { type Filter, TRUE } from '../../../model/filter.js'
import { match } from '../../../model/match.js'
import { ANONYMOUS, type Context, type Principal } from '../../../model/request.js'
import type { Value } from '../../../model/value.js'
import { namingAttributes } from '../../../model/view.js'
import { type Directory, filterOfName } from '../../directory.js'
import { conjunction, disjunction } from './cover.js'
import type { Group } from './rule.js'

export class Facts {
  readonly #directory: Directory
  readonly #principal: Principal
  readonly #ctx: Context
  readonly #groups = new Map<Group, Promise<boolean>>()
  #own: Promise<ReadonlyMap<string, readonly Value[]>> | undefined

  constructor(directory: Directory, principal: Principal, ctx: Context) {
    this.#directory = directory
    this.#principal = principal
    this.#ctx = ctx
  }

  /** Those of the groups that the principal is in. */
  async groupsOf(groups: Iterable<Group>): Promise<ReadonlySet<Group>> {
    const wanted = [...new Set(groups)]
    const open = new Map<string, Group[]>()
    for (const group of wanted) {
      if (this.#groups.has(group)) continue
      const sameQuestion = JSON.stringify([group.view, keyOf(group.membership(this.#principal))])
      open.set(sameQuestion, [...(open.get(sameQuestion) ?? []), group])
    }
    for (const together of open.values()) {
      const found = this.#found(together)
      for (const group of together) {
        const isIn = found.then((all) => all.has(group))
        // Whoever needs it hears of it.
        isIn.catch(() => undefined)
        this.#groups.set(group, isIn)
      }
    }
    const decided = await Promise.all(wanted.map((group) => this.#groups.get(group)))
    return new Set(wanted.filter((_group, i) => decided[i] === true))
  }

  /** What the principal's own entry holds of these attributes; always the same ones in one operation. */
  own(attributes: ReadonlySet<string>): Promise<ReadonlyMap<string, readonly Value[]>> {
    this.#own ??= this.#entry(attributes)
    return this.#own
  }

  /** With one question, for all are of one view and are asked for the same member. */
  async #found(groups: readonly Group[]): Promise<ReadonlySet<Group>> {
    const { views, schema, matchingOf } = this.#directory
    const [first] = groups
    const view = first && views.get(first.view)
    const membership = first?.membership(this.#principal)
    const found = new Set<Group>()
    if (view === undefined || membership === undefined) return found
    const named = groups.map((group) => filterOfName(group.names, view, schema))
    const request = {
      view: view.name,
      filter: conjunction([disjunction(named), membership]),
      attributes: new Set(namingAttributes(view)),
      unordered: true as const,
    }
    for await (const entries of this.#directory.search(request, asGateway(this.#ctx))) {
      for (const entry of entries) {
        groups.forEach((group, i) => {
          if (match(named[i] ?? TRUE, entry, matchingOf) === true) found.add(group)
        })
      }
    }
    return found
  }

  async #entry(attributes: ReadonlySet<string>): Promise<ReadonlyMap<string, readonly Value[]>> {
    const principal = this.#principal
    if (principal.kind !== 'entry' || attributes.size === 0) return new Map()
    const { view, id } = principal
    const known = new Set([...attributes].filter((attr) => this.#isReadable(view, attr)))
    const request = { view, id, filter: TRUE, attributes: known, limit: 1, unordered: true as const }
    for await (const [entry] of this.#directory.search(request, asGateway(this.#ctx)))
      if (entry?.id === id) return entry.attributes
    return new Map()
  }

  #isReadable(view: string, attr: string): boolean {
    return this.#directory.views.get(view)?.attributes.get(attr)?.verifyOnly === false
  }
}

/** Who somebody is cannot be told in part, nor by what was kept; and it is the gateway that wants to know. */
export function asGateway(ctx: Context): Context {
  const { address } = ctx
  ctx.kept?.live()
  return {
    principal: ANONYMOUS,
    ...(address !== undefined && { address }),
    get signal() {
      return ctx.signal
    },
  }
}

/** Filters of memberships are small and their values are references or text. */
const keyOf = (filter: Filter | undefined): string => JSON.stringify(filter ?? null)
