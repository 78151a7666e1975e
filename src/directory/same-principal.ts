/** The same object for the same principal: what is decided about one is kept by the object. */
import type { Principal } from '../model/request.js'

/** Principals remembered at most; the oldest are forgotten first. */
const REMEMBERED = 10_000

export class SamePrincipal {
  readonly #known = new Map<string, Principal>()

  of(principal: Principal): Principal {
    const key = JSON.stringify(principal)
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const [oldest] = this.#known.keys()
    if (this.#known.size >= REMEMBERED && oldest !== undefined) this.#known.delete(oldest)
    this.#known.set(key, principal)
    return principal
  }
}
