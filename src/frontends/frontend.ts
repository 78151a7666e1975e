/** The contract of a frontend: a protocol served from the directory. */
import type { Directory } from '../directory/directory.js'
import type { Filter } from '../model/filter.js'
import type { Log } from '../model/log.js'
import type { Context, Principal } from '../model/request.js'

export interface Address {
  readonly host: string
  readonly port: number
}

/** Where clients reach the gateway, by protocol. */
export type Addresses = { readonly [protocol in 'ldap' | 'ldaps' | 'http' | 'https']?: Address }

export interface Frontend {
  /** Resolves with the addresses that clients can now reach. */
  listen(): Promise<Addresses>
  /** Takes no more requests, ends those in progress within the grace (milliseconds), and closes. */
  close(grace: number): Promise<void>
}

/** Finds the one entry that a filter selects, without a look at rules; undefined also where it is disabled. */
export interface Finding {
  principalOf(view: string, filter: Filter, ctx: Context): Promise<Principal | undefined>
}

/** What every frontend is given. */
export interface FrontendParts {
  readonly directory: Directory
  /** For user names, before anybody is bound. */
  readonly finding: Finding
  readonly log: Log
  /** Of the product, as clients see it. */
  readonly version: string
}
