/** What somebody may do, in one view and in those that it leads to: which attributes, of which entries. */
import type { Principal } from '../../../model/request.js'
import type { EntryId } from '../../../model/value.js'
import { namingAttributes, type View } from '../../../model/view.js'
import { type Cover, either, isNowhere, type Row } from './cover.js'
import type { Right, Rule } from './rule.js'

/** May this attribute be used so? */
export type Allowed = (attr: string) => boolean

export const NONE: Allowed = () => false

/**
 * What tells only the kind of an entry comes with any right to it, without which no client's filter would work;
 * so do the attributes that name it, which its DN shows.
 */
const IMPLIED: ReadonlySet<string> = new Set(['objectClass', 'structuralObjectClass'])

const CHANGING: ReadonlySet<Right> = new Set(['add', 'modify', 'delete'])

/** A rule that counts for somebody. */
export interface Applying {
  readonly rule: Rule
  /** The entries of a view that it counts for; undefined: all. */
  readonly rows: (view: string) => Row | 'none' | undefined
}

/** A rule as it stands for one view. */
interface Grant {
  readonly rule: Rule
  readonly row: Row | undefined
}

export class Asker {
  readonly principal: Principal
  readonly #applying: readonly Applying[]
  readonly #views: ReadonlyMap<string, View>
  readonly #grants = new Map<string, readonly Grant[]>()
  readonly #allowed = new Map<string, Allowed>()
  readonly #covers = new Map<string, Cover>()
  readonly #knowledge = new Map<string, Cover>()

  constructor(principal: Principal, applying: readonly Applying[], views: ReadonlyMap<string, View>) {
    this.principal = principal
    this.#applying = applying
    this.#views = views
  }

  /** The asker's own entry, if it is one of the view. */
  own(view: string): EntryId | undefined {
    const { principal } = this
    return principal.kind === 'entry' && principal.view === view ? principal.id : undefined
  }

  /**
   * What is allowed with all entries of the view, or with one's own, by rules that do not choose among entries; the same
   * function where one's own entry makes no difference.
   */
  allowed(view: string, right: Right, self: boolean): Allowed {
    const key = `${view} ${right} ${self}`
    const known = this.#allowed.get(key)
    if (known !== undefined) return known
    const whole = this.#of(view, right).filter(({ row }) => row === undefined)
    const own = self ? this.#of(view, right).filter(({ row }) => row?.own !== undefined) : []
    const found =
      self && own.length === 0
        ? this.allowed(view, right, false)
        : this.#allowing([...whole, ...own], view, right)
    this.#allowed.set(key, found)
    return found
  }

  /** Are there rules for the view that choose among entries otherwise than by whose they are? */
  choosesIn(view: string, right: Right): boolean {
    return this.#of(view, right).some(({ row }) => row !== undefined && row.own === undefined)
  }

  /** The entries with which an attribute may be used so; without one, those with which any may. */
  cover(view: string, right: Right, attr?: string): Cover {
    const key = `${view} ${right} ${attr ?? '*'}`
    const known = this.#covers.get(key)
    if (known !== undefined) return known
    const fitting = this.#of(view, right).filter(
      (grant) => attr === undefined || this.#allowing([grant], view, right)(attr),
    )
    const found = either(...fitting.map(({ row }): Cover => (row === undefined ? 'all' : [row])))
    this.#covers.set(key, found)
    return found
  }

  /** All that rules for this right choose entries by, whatever others allow with all. */
  rows(view: string, right: Right): readonly Row[] {
    const chosen = this.#of(view, right).flatMap(({ row }) => (row === undefined ? [] : [row]))
    return [...new Map(chosen.map((row) => [row.key, row])).values()]
  }

  /** The entries of which one may know that they are there. */
  knowledge(view: string): Cover {
    const known = this.#knowledge.get(view)
    if (known !== undefined) return known
    const found = either(...(['read', 'search', 'compare'] as const).map((right) => this.cover(view, right)))
    this.#knowledge.set(view, found)
    return found
  }

  /** May one know of some entries, but not of all? */
  knowsSome(view: string): boolean {
    const cover = this.knowledge(view)
    return cover !== 'all' && !isNowhere(cover)
  }

  #of(view: string, right: Right): readonly Grant[] {
    return this.#grantsIn(view).filter(({ rule }) => rule.allow.has(right))
  }

  #grantsIn(view: string): readonly Grant[] {
    const known = this.#grants.get(view)
    if (known !== undefined) return known
    const found = this.#applying.flatMap(({ rule, rows }): Grant[] => {
      if (rule.views !== '*' && !rule.views.has(view)) return []
      const row = rows(view)
      return row === 'none' ? [] : [{ rule, row }]
    })
    this.#grants.set(view, found)
    return found
  }

  #allowing(grants: readonly Grant[], view: string, right: Right): Allowed {
    if (grants.length === 0) return NONE
    const described = this.#views.get(view)
    const naming = described === undefined ? [] : namingAttributes(described)
    const changes = CHANGING.has(right)
    return (attr) =>
      (changes || described?.attributes.get(attr)?.verifyOnly !== true) &&
      ((!changes && (IMPLIED.has(attr) || naming.includes(attr))) ||
        grants.some(
          ({ rule: { attributes, except } }) =>
            (attributes === '*' || attributes.has(attr)) && !except.has(attr),
        ))
  }
}
