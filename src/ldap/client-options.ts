/** What a client's operations take and give beside messages. Types only. */
import type { Socket } from 'node:net'
import type { LdapError } from './errors.js'
import type { LdapFilter } from './filter.js'
import type {
  AliasDereferencing,
  Control,
  ModifyOperation,
  SearchResultDone,
  SearchResultEntry,
  SearchScope,
} from './message.js'

export interface OperationOptions {
  readonly controls?: readonly Control[]
  /** Milliseconds without a message from the server until the operation is abandoned; 0: never. */
  readonly timeoutMs?: number
  /** Abandons the operation when it is aborted. */
  readonly signal?: AbortSignal
}

export interface ClientOptions {
  /** 127.0.0.1 unless given. */
  readonly host?: string
  /** 389 unless given. */
  readonly port?: number
  /** Milliseconds to connect; 10,000. */
  readonly connectTimeoutMs?: number
  /** The `timeoutMs` of operations that set none of their own; 0, the default: no limit. */
  readonly timeoutMs?: number
  /** Octets of one message; 10 MiB. */
  readonly maxPduBytes?: number
  /** Makes the socket, connected or connecting, in place of host and port; one of TLS after its handshake. */
  readonly socket?: () => Socket | Promise<Socket>
  /** Hears once that the connection has ended, and why if it was not closed here. */
  readonly onClose?: (error: LdapError | undefined) => void
}

export interface SearchOptions extends OperationOptions {
  /** wholeSubtree unless given. */
  readonly scope?: SearchScope
  /** Every entry unless given. */
  readonly filter?: string | LdapFilter
  /** All user attributes unless given. */
  readonly attributes?: readonly string[]
  readonly derefAliases?: AliasDereferencing
  readonly sizeLimit?: number
  /** Seconds, for the server. */
  readonly timeLimit?: number
  readonly typesOnly?: boolean
  /** Entries that may wait for the consumer before the socket is held back; 1000. */
  readonly maxQueued?: number
  readonly onReference?: (uris: readonly string[]) => void
}

export interface AnswerOptions extends SearchOptions {
  /** Ends the search as with sizeLimitExceeded when more come than these, whatever the server makes of `sizeLimit`. */
  readonly maxEntries?: number
}

export interface PagedSearchOptions extends SearchOptions {
  /** Entries of one page; 500. */
  readonly pageSize?: number
}

export interface SearchResult {
  readonly entries: SearchResultEntry[]
  readonly references: string[]
  readonly done: SearchResultDone
}

export interface ClientAttribute {
  readonly type: string
  readonly values: readonly (string | Uint8Array)[]
}

export interface ClientChange extends ClientAttribute {
  readonly operation: ModifyOperation
}
