/** Who may use the console: whoever sends its token, unless too many wrong ones came from the same network. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { Failures } from '../../directory/layers/failures.js'
import { networkOf } from '../../directory/layers/network.js'
import { VitrineError } from '../../model/errors.js'
import type { Siblings } from '../../model/siblings.js'

export interface TokenGateOptions {
  /** Of the token, in hexadecimal digits. */
  readonly sha256: string
  /** Wrong tokens from one network within so many milliseconds at most. */
  readonly failures: { readonly perAddress: number; readonly window: number }
  readonly siblings: Siblings
}

/** No token, or a wrong one. */
class NoToken extends VitrineError {
  readonly challenge = 'Bearer realm="console"'

  constructor(message: string) {
    super('invalidCredentials', { message })
  }
}

export class TokenGate {
  readonly #hash: Uint8Array
  readonly #perAddress: number
  readonly #failures: Failures

  constructor({ sha256, failures: { perAddress, window }, siblings }: TokenGateOptions) {
    this.#hash = Buffer.from(sha256, 'hex')
    this.#perAddress = perAddress
    this.#failures = new Failures({ window, now: Date.now, siblings, topic: 'tokens of the console' })
  }

  /**
   * Returns where an `Authorization` header holds the token.
   * @throws VitrineError invalidCredentials, with a `challenge`, or busy after too many wrong ones
   */
  demand(authorization: string | undefined, address: string): void {
    const network = networkOf(address)
    if (this.#failures.count(network) >= this.#perAddress)
      throw new VitrineError('busy', { message: 'too many wrong tokens; try again later' })
    const token = /^Bearer +([^\s]+) *$/i.exec(authorization ?? '')?.[1]
    if (token === undefined) throw new NoToken('a token is needed')
    // What is compared are hashes: the time it takes tells nothing about the token itself.
    if (timingSafeEqual(createHash('sha256').update(token).digest(), this.#hash)) return
    this.#failures.add(network)
    throw new NoToken('this is not the token')
  }
}
