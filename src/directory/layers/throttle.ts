/**
 * Slows down guessing: after so many failed binds to one name, or from one address, within the window, further
 * ones are told `busy` and nothing is checked until old failures have gone out of the window.
 */
import { VitrineError } from '../../model/errors.js'
import type { Identity } from '../../model/request.js'
import type { Layer } from '../directory.js'

export interface ThrottleOptions {
  readonly perName: number
  readonly perAddress: number
  /** Milliseconds. */
  readonly window: number
}

/** Names and addresses remembered at most; the oldest are forgotten first. */
const REMEMBERED = 100_000

export function throttleLayer(options: ThrottleOptions, now: () => number = Date.now): Layer {
  return (next) => {
    const failures = new Failures(options.window, now)
    return {
      schema: next.schema,
      views: next.views,
      matchingOf: next.matchingOf,
      search: next.search.bind(next),
      compare: next.compare.bind(next),
      isVisible: next.isVisible.bind(next),
      authenticate: async (identity, password, ctx) => {
        const name = keyOf(identity)
        const address = `address ${ctx.address ?? ''}`
        if (failures.count(name) >= options.perName || failures.count(address) >= options.perAddress) {
          throw new VitrineError('busy', { message: 'too many failed binds; try again later' })
        }
        const principal = await next.authenticate(identity, password, ctx)
        if (principal === undefined) {
          failures.add(name)
          failures.add(address)
        }
        // One right guess does not excuse the others from the same address.
        else failures.clear(name)
        return principal
      },
    }
  }
}

function keyOf(identity: Identity): string {
  if ('service' in identity) return `service ${identity.service.toLowerCase()}`
  return `entry ${identity.view} ${JSON.stringify(identity.names).toLowerCase()}`
}

class Failures {
  readonly #window: number
  readonly #now: () => number
  readonly #times = new Map<string, number[]>()

  constructor(window: number, now: () => number) {
    this.#window = window
    this.#now = now
  }

  count(key: string): number {
    const times = this.#times.get(key)
    if (times === undefined) return 0
    const since = this.#now() - this.#window
    while (times[0] !== undefined && times[0] <= since) times.shift()
    if (times.length === 0) this.#times.delete(key)
    return times.length
  }

  add(key: string): void {
    const times = this.#times.get(key) ?? []
    times.push(this.#now())
    this.#times.delete(key)
    this.#times.set(key, times)
    const [oldest] = this.#times.keys()
    if (this.#times.size > REMEMBERED && oldest !== undefined) this.#times.delete(oldest)
  }

  clear(key: string): void {
    this.#times.delete(key)
  }
}
