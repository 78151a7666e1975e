/**
 * Slows down guessing: after so many failed binds to one name, or from one address, within the window, further
 * ones are told `busy` and nothing is checked until old failures have gone out of the window. Where a name has
 * bound from before, only failures from there count, so that others cannot lock it out.
 */
import { createHash } from 'node:crypto'
import { whenAborted } from '../../abort.js'
import { VitrineError } from '../../model/errors.js'
import type { Identity } from '../../model/request.js'
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
    const pending = new Pending()
    return {
      ...passOn(next),
      authenticate: async (identity, password, ctx) => {
        const network = networkOf(ctx.address ?? '')
        const shared = keyOf(identity, next)
        const own = `${shared} ${network}`
        const name = familiar.has(own) ? own : shared
        const address = `address ${network}`
        // Checks under way may fail: what they leave of the limit is what others may try at the same time.
        while (true) {
          const [byName, byAddress] = [failures.count(name), failures.count(address)]
          if (byName >= perName || byAddress >= perAddress)
            throw new VitrineError('busy', { message: 'too many failed binds; try again later' })
          if (byName + pending.count(name) >= perName) await pending.change(name, ctx.signal)
          else if (byAddress + pending.count(address) >= perAddress) await pending.change(address, ctx.signal)
          else break
        }
        pending.begin(name)
        pending.begin(address)
        try {
          const principal = await next.authenticate(identity, password, ctx)
          if (principal === undefined) {
            failures.add(name)
            failures.add(address)
          } else {
            // One right guess does not excuse the others from the same address, nor those from elsewhere.
            failures.clear(name)
            familiar.add(own)
          }
          return principal
        } finally {
          pending.end(name)
          pending.end(address)
        }
      },
    }
  }
}

/** The same for every spelling of a name, and short however long that is. */
function keyOf(identity: Identity, directory: Directory): string {
  const form = formOf(identity, directory)
  return `name ${form.length <= SHORT ? form : createHash('sha256').update(form).digest('base64')}`
}

function formOf(identity: Identity, { views, matchingOf }: Directory): string {
  if ('service' in identity) return `service ${identity.service.toLowerCase()}`
  const view = views.get(identity.view)
  const naming = view === undefined ? [] : namingAttributes(view)
  let form = `entry ${identity.view}`
  for (const [i, name] of identity.names.entries()) {
    const one = String(matchingOf(naming[i] ?? '')?.equality?.(name) ?? name)
    form += ` ${one.length} ${one}`
  }
  return form
}

/** Checks under way, by key, and those who wait for one of them to end. */
class Pending {
  readonly #counts = new Map<string, number>()
  readonly #waiting = new Map<string, Set<() => void>>()

  count(key: string): number {
    return this.#counts.get(key) ?? 0
  }

  begin(key: string): void {
    this.#counts.set(key, this.count(key) + 1)
  }

  end(key: string): void {
    const left = this.count(key) - 1
    if (left > 0) this.#counts.set(key, left)
    else this.#counts.delete(key)
    if (this.#waiting.size > 0) for (const wake of this.#waiting.get(key) ?? []) wake()
  }

  /** Resolves when one has ended; rejects with the reason of the signal. */
  async change(key: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const waiting = this.#waiting.get(key) ?? new Set()
    this.#waiting.set(key, waiting)
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
      if (waiting.size === 0) this.#waiting.delete(key)
    }
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

  has(key: string): boolean {
    return (this.#seen.get(key) ?? Number.NEGATIVE_INFINITY) > this.#now() - FAMILIAR
  }

  add(key: string): void {
    const now = this.#now()
    const last = this.#seen.get(key) ?? Number.NEGATIVE_INFINITY
    if (last > now - NOTED) return
    if (last <= now - FAMILIAR) this.#siblings.tell('bound', key)
    this.#seen.set(key, now)
  }
}
