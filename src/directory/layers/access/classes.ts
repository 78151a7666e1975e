/** Who has the same rights in everything, as far as rules tell: those for whom the very same rules count, in the same way. */
import type { Principal } from '../../../model/request.js'
import type { Rule } from './rule.js'

export class IdentityClasses {
  readonly #rules: readonly Rule[]
  readonly #known = new WeakMap<Principal, string>()

  constructor(rules: readonly Rule[]) {
    this.#rules = rules
  }

  /** The same text for those whose rights are the same. Where rules look at who somebody is, that is everybody for themselves. */
  of(principal: Principal): string {
    const known = this.#known.get(principal)
    if (known !== undefined) return known
    const counting = this.#rules.filter((rule) => rule.who(principal))
    const isOwn = counting.some(({ self, group, rows }) => self || group !== undefined || rows !== undefined)
    const found = isOwn
      ? JSON.stringify(principal)
      : JSON.stringify(counting.map((rule) => this.#rules.indexOf(rule)))
    this.#known.set(principal, found)
    return found
  }
}
