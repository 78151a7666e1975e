/**
 * Slows down guessing over HTTP: after so many failures for one name, or from one address, within the window, further
 * ones are told `busy` and nothing is checked. A name that has succeeded from a network before is counted apart there,
 * so that others cannot lock it out.
 */
import { createHash } from 'node:crypto'
import { Failures } from '../../../directory/layers/failures.js'
import { networkOf } from '../../../directory/layers/network.js'
import { Recent } from '../../../directory/layers/recent.js'
import { VitrineError } from '../../../model/errors.js'
import type { Siblings } from '../../../model/siblings.js'
import type { AuthSettings } from './settings.js'
import type { Asking } from './subjects.js'

/** Names remembered at most that have succeeded from a network; the longest unused are forgotten first. */
const REMEMBERED = 100_000

export class Attempts {
  readonly #limits: AuthSettings['failures']
  readonly #failures: Failures
  readonly #siblings: Siblings
  readonly #familiar = new Recent<true>(REMEMBERED)
  /** The last attempt of each network: the next begins when it has ended. */
  readonly #last = new Map<string, { readonly ended: Promise<unknown>; waiting: number }>()

  constructor(limits: AuthSettings['failures'], now: () => number, siblings: Siblings) {
    this.#limits = limits
    this.#siblings = siblings
    this.#failures = new Failures({ window: limits.window, now, siblings, topic: 'attempts over HTTP' })
    siblings.hear('authenticated over HTTP', (own) => this.#familiar.set(own, true))
  }

  /**
   * Runs a check of a secret; what it yields is undefined for a wrong one.
   * @param name whose secret it would be
   * @throws VitrineError busy after too many failures
   */
  async check<T>(
    name: string,
    { address = '', signal }: Asking,
    run: () => Promise<T | undefined>,
  ): Promise<T | undefined> {
    const network = networkOf(address)
    return this.#inTurn(network, async () => {
      signal.throwIfAborted()
      // Short however long the name is that somebody has made up.
      const form = createHash('sha256').update(name).digest('base64')
      const own = `${form} ${network}`
      const keys = [
        { key: `network ${network}`, limit: this.#limits.perAddress },
        { key: this.#familiar.get(own) ? `own ${own}` : `name ${form}`, limit: this.#limits.perName },
      ]
      if (keys.some(({ key, limit }) => this.#failures.count(key) >= limit)) throw tooMany()
      // Counted until it has succeeded, so that attempts at the same time from several networks count, too.
      const undo = keys.map(({ key }) => this.#failures.begin(key))
      let found: T | undefined
      try {
        found = await run()
      } catch (error) {
        for (const one of undo) one()
        throw error
      }
      if (found === undefined) for (const { key } of keys) this.#failures.failed(key)
      else {
        for (const one of undo) one()
        if (!this.#familiar.get(own)) this.#siblings.tell('authenticated over HTTP', own)
        this.#familiar.set(own, true)
      }
      return found
    })
  }

  /**
   * Before somebody else is asked about a token that may be none.
   * @throws VitrineError busy after too many failures from the address
   */
  demandToken({ address = '' }: Asking): void {
    if (this.#failures.count(`token ${networkOf(address)}`) >= this.#limits.perAddress) throw tooMany()
  }

  failedToken({ address = '' }: Asking): void {
    this.#failures.add(`token ${networkOf(address)}`)
  }

  async #inTurn<T>(network: string, run: () => Promise<T>): Promise<T> {
    const before = this.#last.get(network)
    if (before !== undefined && before.waiting >= this.#limits.perAddress) throw tooMany()
    const outcome = (before?.ended ?? Promise.resolve()).then(run)
    const own = { ended: outcome.catch(() => undefined), waiting: (before?.waiting ?? 0) + 1 }
    this.#last.set(network, own)
    try {
      return await outcome
    } finally {
      const last = this.#last.get(network)
      if (last === own) this.#last.delete(network)
      else if (last !== undefined) last.waiting--
    }
  }
}

function tooMany(): VitrineError {
  return new VitrineError('busy', { message: 'too many failed attempts; try again later' })
}
