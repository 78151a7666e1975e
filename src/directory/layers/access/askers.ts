/**
 * Who asks, as far as rules go: which of them count for a principal, and for which entries. What the principal alone
 * decides is remembered with the principal; what the sources or the connection tell, for one operation.
 */
import type { Context, Principal } from '../../../model/request.js'
import type { Directory } from '../../directory.js'
import { type Applying, Asker } from './asker.js'
import { decided, type Row, whereTrue } from './cover.js'
import { Facts } from './facts.js'
import type { Group, RowFilter, Rule } from './rule.js'

/** Rules that may count for a principal in a view and where it leads to. */
interface Relevant {
  readonly rules: readonly Rule[]
  /** Where nothing but the principal decides. */
  readonly fixed: Asker | undefined
  /** By which of the rules count, where the principal's entry has no say in what they say. */
  readonly askers: Map<string, Asker>
}

export class Askers {
  readonly #rules: readonly Rule[]
  readonly #directory: Directory
  /** By view: those that its entries lead to, directly or not, and itself. */
  readonly #reach = new Map<string, ReadonlySet<string>>()
  /** Attributes that filters of rules need, all together: one question in one operation. */
  readonly #needs: ReadonlySet<string>
  readonly #relevant = new WeakMap<Principal, Map<string, Relevant>>()
  readonly #inOperation = new WeakMap<Context, Map<Principal, Operation>>()

  constructor(rules: readonly Rule[], directory: Directory) {
    this.#rules = rules
    this.#directory = directory
    this.#needs = new Set(rules.flatMap((rule) => filtersOf(rule).flatMap(({ needs }) => [...needs])))
  }

  /** Throws what a source throws that has to be asked. */
  of(principal: Principal, view: string, ctx: Context): Asker | Promise<Asker> {
    const relevant = this.#relevantTo(principal, view)
    if (relevant.fixed !== undefined) return relevant.fixed
    // Who may see what may be another thing the next time.
    ctx.kept?.live()
    const byPrincipal = this.#inOperation.get(ctx) ?? new Map<Principal, Operation>()
    this.#inOperation.set(ctx, byPrincipal)
    const operation = byPrincipal.get(principal) ?? {
      facts: new Facts(this.#directory, principal, ctx),
      askers: new Map<string, Asker | Promise<Asker>>(),
    }
    byPrincipal.set(principal, operation)
    const known = operation.askers.get(view)
    if (known !== undefined) return known
    const found = this.#inContext(principal, relevant, operation.facts, ctx)
    operation.askers.set(view, found)
    return found
  }

  #inContext(principal: Principal, relevant: Relevant, facts: Facts, ctx: Context): Asker | Promise<Asker> {
    const rules = relevant.rules.filter((rule) => rule.when?.(ctx) !== false)
    const groups = rules.flatMap((rule) => rule.group ?? [])
    const needs = dependsOnEntry(principal, rules)
    const asker = (isIn: ReadonlySet<Group>, own: Awaited<ReturnType<Facts['own']>> | undefined): Asker => {
      const counting = rules.filter((rule) => rule.group === undefined || isIn.has(rule.group))
      const make = () =>
        new Asker(
          principal,
          counting.map((rule) => applying(rule, principal, (attr) => own?.get(attr) ?? [], this.#directory)),
          this.#directory.views,
        )
      if (own !== undefined) return make()
      const which = counting.map((rule) => relevant.rules.indexOf(rule)).join()
      const known = relevant.askers.get(which) ?? make()
      relevant.askers.set(which, known)
      return known
    }
    if (groups.length === 0 && !needs) return asker(new Set(), undefined)
    return Promise.all([facts.groupsOf(groups), needs ? facts.own(this.#needs) : undefined]).then(
      ([isIn, own]) => asker(isIn, own),
    )
  }

  #relevantTo(principal: Principal, view: string): Relevant {
    const byView = this.#relevant.get(principal) ?? new Map<string, Relevant>()
    const known = byView.get(view)
    if (known !== undefined) return known
    const reached = this.#reachOf(view)
    const rules = this.#rules.filter(
      (rule) =>
        (rule.views === '*' || [...reached].some((name) => rule.views !== '*' && rule.views.has(name))) &&
        rule.who(principal) &&
        (rule.group === undefined || rule.group.membership(principal) !== undefined),
    )
    const isFixed =
      !dependsOnEntry(principal, rules) &&
      rules.every((rule) => rule.when === undefined && rule.group === undefined)
    const fixed = isFixed
      ? new Asker(
          principal,
          rules.map((rule) => applying(rule, principal, () => [], this.#directory)),
          this.#directory.views,
        )
      : undefined
    const found = { rules, fixed, askers: new Map<string, Asker>() }
    this.#relevant.set(principal, byView.set(view, found))
    return found
  }

  #reachOf(view: string): ReadonlySet<string> {
    const known = this.#reach.get(view)
    if (known !== undefined) return known
    const reached = new Set([view])
    for (const name of reached) {
      for (const { refers } of this.#directory.views.get(name)?.attributes.values() ?? [])
        for (const target of refers) reached.add(target)
    }
    this.#reach.set(view, reached)
    return reached
  }
}

/** What is found out for one principal in one operation. */
interface Operation {
  readonly facts: Facts
  readonly askers: Map<string, Asker | Promise<Asker>>
}

function applying(
  rule: Rule,
  principal: Principal,
  valuesOf: Parameters<RowFilter['filled']>[1],
  { matchingOf }: Directory,
): Applying {
  const filled = new Map<string, Row | 'none' | undefined>()
  const rowsIn = (view: string): Row | 'none' | undefined => {
    if (rule.self) {
      // Only a view's own entries can find themselves in it.
      if (principal.kind !== 'entry' || principal.view !== view) return 'none'
      const own: Row = { key: 'own', filter: { op: 'key', id: principal.id }, own: principal.id }
      return rule.rows === undefined ? own : filtered(rule.rows.get(view), own)
    }
    return rule.rows === undefined ? undefined : filtered(rule.rows.get(view), undefined)
  }
  const filtered = (filter: RowFilter | undefined, own: Row | undefined): Row | 'none' | undefined => {
    const says = filter && whereTrue(filter.filled(principal, valuesOf), decided(matchingOf))
    if (filter === undefined || says === undefined || (says.op === 'const' && says.value !== true))
      return 'none'
    if (says.op === 'const') return own
    if (own === undefined) return { key: filter.key, filter: says }
    return { key: `own ${filter.key}`, filter: { op: 'and', of: [own.filter, says] } }
  }
  return {
    rule,
    rows: (view) => {
      if (!filled.has(view)) filled.set(view, rowsIn(view))
      return filled.get(view)
    },
  }
}

/** Do filters ask what the principal's entry holds? Others than entries hold nothing. */
const dependsOnEntry = (principal: Principal, rules: readonly Rule[]): boolean =>
  principal.kind === 'entry' && rules.some((rule) => filtersOf(rule).some((filter) => filter.needs.size > 0))

const filtersOf = ({ rows }: Rule): readonly RowFilter[] => [...(rows?.values() ?? [])]
