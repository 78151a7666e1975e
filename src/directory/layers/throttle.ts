/**
 * Slows down guessing: after so many failed binds to one name, or from one address, within the window, further
 * ones are told `busy` and nothing is checked until old failures have gone out of the window. Where a name has
 * bound from before, only failures from there count, so that others cannot lock it out.
 */
import { createHash } from 'node:crypto'
import { whenAborted } from '../../abort.js'
import { VitrineError } from '../../model/errors.js'
import type { Matching } from '../../model/match.js'
import type { EntryName, Identity } from '../../model/request.js'
import { ALONE, type Siblings } from '../../model/siblings.js'
import { namingAttributes } from '../../model/view.js'
import type { Directory, Layer } from '../directory.js'
import { Failures } from './failures.js'
import { networkOf } from './network.js'
import { passOn } from './pass-on.js'
import { Recent } from './recent.js'

export interface ThrottleOptions {
  readonly perName: number
  readonly perAddress: number
  /** Milliseconds. */
  readonly window: number
  readonly siblings?: Siblings
  /** Milliseconds since 1970. */
  readonly now?: () => number
}

/** Names remembered at most; the oldest are forgotten first. */
const REMEMBERED = 100_000
/** Milliseconds for which it is remembered where a name has bound from: 30 days. */
const FAMILIAR = 30 * 24 * 60 * 60 * 1000
/** Milliseconds for which it is not noted again. */
const NOTED = 60 * 60 * 1000
/** Characters of names that are short. */
const SHORT = 64

export function throttleLayer(options: ThrottleOptions): Layer {
  const { perName, perAddress, window, siblings = ALONE, now = Date.now } = options
  return (next) => {
    const failures = new Failures({ window, now, siblings, topic: 'bind failures' })
    const familiar = new Familiar(now, siblings)
    const names = new Names(next)
    const pendingByName = new Pending()
    const pendingByAddress = new Pending()
    return {
      ...passOn(next),
      authenticate: async (identity, password, ctx) => {
        const network = networkOf(ctx.address ?? '')
        const shared = names.keyOf(identity)
        const own = `${shared} ${network}`
        const standing = familiar.standing(own)
        const name = standing === 'stranger' ? shared : own
        const address = `address ${network}`
        let ofName = pendingByName.of(name)
        let ofAddress = pendingByAddress.of(network)
        // Checks under way may fail: what they leave of the limit is what others may try at the same time.
        while (true) {
          const [byName, byAddress] = [failures.count(name), failures.count(address)]
          if (byName >= perName || byAddress >= perAddress)
            throw new VitrineError('busy', { message: 'too many failed binds; try again later' })
          if (byName + ofName.count >= perName) await ofName.change(ctx.signal)
          else if (byAddress + ofAddress.count >= perAddress) await ofAddress.change(ctx.signal)
          else break
          ofName = pendingByName.of(name)
          ofAddress = pendingByAddress.of(network)
        }
        pendingByName.begin(ofName)
        pendingByAddress.begin(ofAddress)
        try {
          const principal = await next.authenticate(identity, password, ctx)
          if (principal === undefined) {
            failures.add(name)
            failures.add(address)
          } else {
            // One right guess does not excuse the others from the same address, nor those from elsewhere.
            failures.clear(name)
            if (standing !== 'noted') familiar.add(own)
          }
          return principal
        } finally {
          pendingByName.end(ofName)
          pendingByAddress.end(ofAddress)
        }
      },
    }
  }
}

/** What the keys of a view's entries begin with, and how each of their names is compared. */
interface Naming {
  readonly start: string
  readonly forms: readonly Matching['equality'][]
}

/** The same for every spelling of a name, and short however long that is. */
class Names {
  readonly #directory: Directory
  readonly #views = new Map<string, Naming>()

  constructor(directory: Directory) {
    this.#directory = directory
  }

  keyOf(identity: Identity): string {
    const form = 'service' in identity ? `service ${identity.service.toLowerCase()}` : this.#formOf(identity)
    return `name ${form.length <= SHORT ? form : createHash('sha256').update(form).digest('base64')}`
  }

  #formOf({ view, names }: EntryName): string {
    const { start, forms } = this.#views.get(view) ?? this.#namingOf(view)
    let form = start
    for (let i = 0; i < names.length; i++) {
      const name = names[i] ?? ''
      const one = String(forms[i]?.(name) ?? name)
      form += ` ${one.length} ${one}`
    }
    return form
  }

  #namingOf(name: string): Naming {
    const { views, matchingOf } = this.#directory
    const view = views.get(name)
    const naming = view === undefined ? [] : namingAttributes(view)
    const made = { start: `entry ${name}`, forms: naming.map((attr) => matchingOf(attr)?.equality) }
    if (view !== undefined) this.#views.set(name, made)
    return made
  }
}

/** Checks of one key that are under way, and those who wait for one of them to end. */
class Checks {
  readonly key: string
  count = 0
  #waiting: Set<() => void> | undefined = undefined

  constructor(key: string) {
    this.key = key
  }

  /** One of them has ended. */
  wake(): void {
    if (this.#waiting !== undefined) for (const wake of this.#waiting) wake()
  }

  /** Resolves when one has ended; rejects with the reason of the signal. */
  async change(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    this.#waiting ??= new Set()
    const waiting = this.#waiting
    let leave = (): void => undefined
    try {
      await new Promise<void>((resolve, reject) => {
        const abort = () => reject(signal.reason)
        waiting.add(resolve)
        const ignore = whenAborted(signal, abort)
        leave = () => {
          waiting.delete(resolve)
          ignore()
        }
      })
    } finally {
      leave()
    }
  }
}

/** Checks under way, by key. */
class Pending {
  readonly #known = new Map<string, Checks>()

  /** Those of the key as long as nobody else has had a turn. */
  of(key: string): Checks {
    return this.#known.get(key) ?? new Checks(key)
  }

  begin(checks: Checks): void {
    if (checks.count++ === 0) this.#known.set(checks.key, checks)
  }

  end(checks: Checks): void {
    if (--checks.count === 0) this.#known.delete(checks.key)
    checks.wake()
  }
}

/** Which names have bound from where; the longest unused are forgotten first. */
class Familiar {
  readonly #now: () => number
  readonly #siblings: Siblings
  readonly #seen = new Recent<number>(REMEMBERED)

  constructor(now: () => number, siblings: Siblings) {
    this.#now = now
    this.#siblings = siblings
    siblings.hear('bound', (key) => this.#seen.set(key, now()))
  }

  /** `noted`: so lately that it need not be noted again. */
  standing(key: string): 'stranger' | 'familiar' | 'noted' {
    const last = this.#seen.get(key)
    if (last === undefined) return 'stranger'
    const now = this.#now()
    if (last <= now - FAMILIAR) return 'stranger'
    return last > now - NOTED ? 'noted' : 'familiar'
  }

  add(key: string): void {
    const now = this.#now()
    const last = this.#seen.get(key) ?? Number.NEGATIVE_INFINITY
    if (last > now - NOTED) return
    if (last <= now - FAMILIAR) this.#siblings.tell('bound', key)
    this.#seen.set(key, now)
  }
}
