/**
 * How often each client may ask: so many operations per second for an address, and for an identity wherever it asks from. Who
 * has been silent for a second may send as many at once. Frontends refuse the others. What siblings have let through counts here
 * too, as soon as they tell.
 */
import type { Log } from '../../model/log.js'
import type { Principal } from '../../model/request.js'
import { ALONE, type Siblings } from '../../model/siblings.js'
import { networkOf } from './network.js'
import { Recent } from './recent.js'

/** Operations per second; 0: as many as come. */
export interface RateLimits {
  readonly perAddress: number
  readonly perIdentity: number
}

/** Addresses and identities remembered at most; the longest silent are forgotten first. */
const REMEMBERED = 100_000

/** Milliseconds over which it is gathered what siblings are to hear. */
const GATHERED = 50
const TOPIC = 'operations'
/** What keys of addresses begin with. */
const ADDRESS = 'address '

interface Allowance {
  /** Operations that may come at once; less than none where siblings have let through more. */
  left: number
  /** As of when; milliseconds. */
  at: number
  /** Has it been logged that they come too often? */
  told: boolean
}

export class Rates {
  readonly #limits: RateLimits
  readonly #log: Log
  readonly #now: () => number
  readonly #siblings: Siblings
  readonly #known = new Recent<Allowance>(REMEMBERED)
  /** What has been let through here of which siblings have not heard. */
  #untold = new Map<string, number>()

  constructor(
    limits: RateLimits,
    log: Log,
    siblings: Siblings = ALONE,
    now: () => number = () => performance.now(),
  ) {
    this.#limits = limits
    this.#log = log
    this.#siblings = siblings
    this.#now = now
    siblings.hear(TOPIC, (message) => {
      for (const [key, count] of JSON.parse(message) as [string, number][]) this.#of(key).left -= count
    })
  }

  /** Counts one operation of an address; false where it is one too many. */
  admitAddress(address: string): boolean {
    const { perAddress } = this.#limits
    return perAddress === 0 || this.#admit(`${ADDRESS}${networkOf(address)}`, perAddress)
  }

  /** Counts one operation of an identity; false where it is one too many. Those who have not bound are none. */
  admitIdentity(principal: Principal): boolean {
    const { perIdentity } = this.#limits
    return perIdentity === 0 || principal.kind === 'anonymous' || this.#admit(nameOf(principal), perIdentity)
  }

  #admit(key: string, perSecond: number): boolean {
    const known = this.#of(key)
    if (known.left === perSecond) known.told = false
    if (known.left >= 1) {
      known.left--
      this.#tell(key)
      return true
    }
    if (!known.told)
      this.#log.warn({ who: key, perSecond }, 'operations come more often than limits.rate lets')
    known.told = true
    return false
  }

  /** What is left of the key's allowance now. */
  #of(key: string): Allowance {
    const perSecond = key.startsWith(ADDRESS) ? this.#limits.perAddress : this.#limits.perIdentity
    const now = this.#now()
    const known = this.#known.get(key) ?? { left: perSecond, at: now, told: false }
    known.left = Math.min(perSecond, known.left + ((now - known.at) * perSecond) / 1000)
    known.at = now
    this.#known.set(key, known)
    return known
  }

  #tell(key: string): void {
    if (this.#untold.size === 0) {
      const tell = () => {
        this.#siblings.tell(TOPIC, JSON.stringify([...this.#untold]))
        this.#untold = new Map()
      }
      setTimeout(tell, GATHERED).unref()
    }
    this.#untold.set(key, (this.#untold.get(key) ?? 0) + 1)
  }
}

function nameOf(principal: Exclude<Principal, { kind: 'anonymous' }>): string {
  switch (principal.kind) {
    case 'service':
      return `service ${principal.name}`
    case 'certificate':
      return `certificate ${principal.subject}`
    case 'entry':
      return `entry ${principal.view} ${principal.id}`
  }
}
