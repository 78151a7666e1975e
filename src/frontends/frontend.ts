/** The contract of a frontend: a protocol served from the directory. */
import type { Directory } from '../directory/directory.js'
import type { Log } from '../model/log.js'

export interface Address {
  readonly host: string
  readonly port: number
}

/** Where clients reach the gateway, by protocol. */
export type Addresses = { readonly [protocol in 'ldap' | 'ldaps' | 'http']?: Address }

export interface Frontend {
  /** Resolves with the addresses that clients can now reach. */
  listen(): Promise<Addresses>
  /** Takes no more requests, ends those in progress within the grace (milliseconds), and closes. */
  close(grace: number): Promise<void>
}

/** What every frontend is given. */
export interface FrontendParts {
  readonly directory: Directory
  readonly log: Log
  /** Of the product, as clients see it. */
  readonly version: string
}
