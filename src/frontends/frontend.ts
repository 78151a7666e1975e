/** The contract of a frontend: a protocol served from the directory. */
import type { Directory } from '../directory/directory.js'
import type { Rates } from '../directory/layers/rates.js'
import type { Filter } from '../model/filter.js'
import type { Log } from '../model/log.js'
import type { Observe } from '../model/observe.js'
import type { Context, Principal } from '../model/request.js'
import type { Tracing } from '../model/trace.js'

export interface Address {
  readonly host: string
  readonly port: number
}

/** Where clients reach the gateway, by protocol. */
export type Addresses = { readonly [protocol in 'ldap' | 'ldaps' | 'http' | 'https' | 'ops']?: Address }

/** A protocol's ports, and what answers on them: a face, which another may replace while it is served. */
export interface Frontend<Face> {
  /** Resolves with the addresses that clients can now reach. */
  listen(): Promise<Addresses>
  /**
   * Opens the ports that another face wants besides, where any are open; rejects where that cannot be, and nothing has
   * changed then.
   */
  prepare(next: Face): Promise<Replacement>
  /** Connections of clients. */
  readonly connections: number
  /** Takes no more requests, ends those in progress within the grace (milliseconds), and closes. */
  close(grace: number): Promise<void>
}

/** A change that has been prepared and can no longer fail. */
export interface Replacement {
  /** Takes place at once; resolves when all that began before has ended. */
  commit(): Promise<void>
  /** Leaves everything as it was. */
  cancel(): Promise<void>
}

/** Finds the one entry that a filter selects, without a look at rules; undefined also where it is disabled. */
export interface Finding {
  principalOf(view: string, filter: Filter, ctx: Context): Promise<Principal | undefined>
}

/** What those know who keep what they have made of answers. */
export interface Keeping {
  /** The same text for those whose rights are the same in everything. */
  classOf(principal: Principal): string
  /** Answers at most, and bytes at most. */
  readonly maxAnswers: number
  readonly maxBytes: number
}

/** What every frontend is given. */
export interface FrontendParts {
  readonly directory: Directory
  /** For user names, before anybody is bound. */
  readonly finding: Finding
  readonly log: Log
  /** Hears of every operation that has ended, where anybody wants to. */
  readonly observe?: Observe
  /** Hears of what is done for operations, where anybody wants to. */
  readonly tracing?: Tracing
  /** Of the product, as clients see it. */
  readonly version: string
  /** Absent where everybody may ask as often as they like. */
  readonly rates?: Rates
  /** Absent where no answers are kept. */
  readonly keeping?: Keeping
}
