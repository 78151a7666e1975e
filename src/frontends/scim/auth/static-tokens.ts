/** Tokens that the configuration holds, as hashes. They are long and random, so that one round of SHA-256 will do. */
import { timingSafeEqual } from 'node:crypto'
import { invalidToken } from './bearer.js'
import { type Grant, scopeSet } from './grant.js'
import type { StaticTokenSettings } from './settings.js'

interface Known {
  readonly hash: Uint8Array
  readonly grant: Grant
}

export class StaticTokens {
  readonly #known: ReadonlyMap<string, Known>
  readonly #now: () => number

  constructor(tokens: readonly StaticTokenSettings[], now: () => number) {
    this.#now = now
    this.#known = new Map(
      tokens.map(({ name, sha256, as, scopes, expires }) => [
        sha256,
        {
          hash: Buffer.from(sha256, 'hex'),
          grant: {
            name,
            subject: { dn: as },
            scopes: scopeSet(scopes),
            until: expires ?? Number.POSITIVE_INFINITY,
          },
        },
      ]),
    )
  }

  /**
   * Undefined if no token of the configuration has this SHA-256 (hexadecimal). What is compared are hashes: the time it
   * takes tells nothing about the tokens themselves.
   * @throws BearerError once it has expired
   */
  find(print: string): Grant | undefined {
    const known = this.#known.get(print)
    if (known === undefined || !timingSafeEqual(known.hash, Buffer.from(print, 'hex'))) return undefined
    if (known.grant.until <= this.#now()) {
      throw invalidToken(`${known.grant.name} has expired`, 'the token has expired')
    }
    return known.grant
  }
}
