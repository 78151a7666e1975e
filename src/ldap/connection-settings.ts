/** What a server's connections share, and what each begins with. Types only. */
import type { X509Certificate } from 'node:crypto'
import type { Socket } from 'node:net'
import type { FilterLimits } from './filter.js'
import type { LdapHandlers } from './handlers.js'
import type { ServerTls } from './server-tls.js'

/** What all connections of a server share. */
export interface ConnectionSettings<State> {
  readonly handlers: LdapHandlers<State>
  readonly supportedControls: ReadonlySet<string>
  readonly filterLimits: FilterLimits
  readonly maxInFlight: number
  readonly maxPduBytes: number
  readonly maxPduBytesBeforeBind: number
  readonly highWaterMark: number
  readonly handshakeTimeoutMs: number
  /** Undefined where there is no TLS to be had. */
  readonly tls: ServerTls | undefined
  readonly onError: (error: unknown) => void
  readonly onClientError: (error: Error, client: Client) => void
}

/** Who is at the other end. */
export interface Client {
  readonly remoteAddress: string
  readonly remotePort: number
}

/** A connection as it begins. */
export interface Arrival extends Client {
  readonly socket: Socket
  readonly secure: boolean
  readonly certificate: X509Certificate | undefined
  /** Is there to be TLS before anything of interest is said? */
  readonly requireTls: boolean
}
