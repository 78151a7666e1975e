/** Tokens that the configuration holds, as hashes. They are long and random, so that one round of SHA-256 will do. */
import { invalidToken } from './bearer.js'
import { type Grant, scopeSet } from './grant.js'
import type { StaticTokenSettings } from './settings.js'

export class StaticTokens {
  readonly #known: ReadonlyMap<string, Grant>
  readonly #now: () => number

  constructor(tokens: readonly StaticTokenSettings[], now: () => number) {
    this.#now = now
    this.#known = new Map(
      tokens.map(({ name, sha256, as, scopes, expires }) => [
        sha256,
        {
          name,
          subject: { dn: as },
          scopes: scopeSet(scopes),
          until: expires ?? Number.POSITIVE_INFINITY,
        },
      ]),
    )
  }

  /**
   * Undefined if no token of the configuration has this SHA-256 (hexadecimal). What is looked up are hashes: the time it
   * takes tells nothing about the tokens themselves.
   * @throws BearerError once it has expired
   */
  find(print: string): Grant | undefined {
    const known = this.#known.get(print)
    if (known !== undefined && known.until <= this.#now())
      throw invalidToken(`${known.name} has expired`, 'the token has expired')
    return known
  }
}
