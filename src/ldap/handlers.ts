/** What an application gives the server, and what it is given: handlers, operations, connections. Types only. */
import type { X509Certificate } from 'node:crypto'
import type {
  AddRequest,
  BindRequest,
  BindResult,
  CompareRequest,
  Control,
  DelRequest,
  ExtendedRequest,
  ExtendedResult,
  LdapResult,
  ModifyDnRequest,
  ModifyRequest,
  OutgoingAttribute,
  SearchRequest,
} from './message.js'
import type { ServerTlsOptions } from './server-tls.js'

export interface Connection<State = unknown> {
  /** Counts from 1 within a server. */
  readonly id: number
  /** The client's, also where a proxy connects for it (`proxies`). */
  readonly remoteAddress: string
  readonly remotePort: number
  /** Is it protected by TLS? */
  readonly secure: boolean
  /** The client's, verified; only where `tls` asks for certificates. */
  readonly certificate: X509Certificate | undefined
  /** The application's own: who is bound. Undefined at first, and again after a bind that failed and after StartTLS. */
  state: State | undefined
  /**
   * Notice of Disconnection (RFC 4511 4.4.1) with this result code, then the end of the session; what has been written is
   * still sent, operations in progress are aborted.
   */
  disconnect(code: number, message: string): void
}

export interface Operation<State = unknown> {
  readonly connection: Connection<State>
  readonly messageId: number
  readonly controls: readonly Control[]
  /** Aborted, with an `OperationAborted` as reason, on abandon, cancel, unbind, disconnect and shutdown. */
  readonly signal: AbortSignal
  /**
   * Calls the listener with the reason when the signal is aborted, or at once if it is, unless it is told before that nobody
   * listens any more: what it returns. Costs less than a signal, which is made only if somebody looks at it.
   */
  whenAborted(listener: (reason: Error) => void): () => void
  /** Aborts the signal with a reason of the application's own; the operation still has to be answered. */
  cancel(reason: Error): void
}

/**
 * Sends what precedes the result of a search. Each method returns nothing, or a promise if the client lags
 * behind, or others have to go first: wait for it before the next call. The promise is rejected with
 * `OperationAborted` when the operation is over; what is written to such an operation is dropped.
 */
export interface SearchWriter {
  entry(
    dn: string,
    attributes: readonly OutgoingAttribute[],
    controls?: readonly Control[],
  ): undefined | Promise<void>
  reference(uris: readonly string[], controls?: readonly Control[]): undefined | Promise<void>
  intermediate(
    name: string | undefined,
    value?: Uint8Array,
    controls?: readonly Control[],
  ): undefined | Promise<void>
}

/** An answer as it was given before: its entries as `encodeEntry` makes them, and its result. */
export interface RecalledAnswer {
  readonly entries: readonly Uint8Array[]
  readonly result: LdapResult
}

type Answer<Result> = Result | Promise<Result>

/**
 * An absent handler means unwillingToPerform, for extended operations protocolError (RFC 4511 4.12). Of these, the server
 * performs Cancel itself and, where it has `tls`, StartTLS. A handler
 * may throw: an error with a numeric `resultCode` and a string `safeMessage` is rendered, any other becomes
 * `other` (80) with a text that tells nothing, and goes to `onError`.
 */
export interface LdapHandlers<State = unknown> {
  /**
   * Asked of each search before it is decoded: its answer, where it is one that has been given before and still holds. `encoded` is
   * what `SearchRequest.encoded` of the same search was.
   */
  recall?:
    | ((encoded: string, connection: Connection<State>, messageId: number) => RecalledAnswer | undefined)
    | undefined
  /** No other operation of the connection runs while this one does (RFC 4511 4.2.1). */
  bind?(request: BindRequest, op: Operation<State>): Answer<BindResult>
  search?(request: SearchRequest, op: Operation<State>, writer: SearchWriter): Answer<LdapResult>
  compare?(request: CompareRequest, op: Operation<State>): Answer<LdapResult>
  add?(request: AddRequest, op: Operation<State>): Answer<LdapResult>
  modify?(request: ModifyRequest, op: Operation<State>): Answer<LdapResult>
  delete?(request: DelRequest, op: Operation<State>): Answer<LdapResult>
  modifyDn?(request: ModifyDnRequest, op: Operation<State>): Answer<LdapResult>
  extended?(request: ExtendedRequest, op: Operation<State>): Answer<ExtendedResult>
  onConnection?(connection: Connection<State>): void
  onClose?(connection: Connection<State>): void
}

export interface LdapServerOptions {
  /** OIDs of the controls that the handlers know; a critical one that is not here is refused with 12. None by default. */
  readonly supportedControls?: Iterable<string>
  /** Operations of one connection that run at a time; further requests wait unread. 64. */
  readonly maxInFlight?: number
  /** Octets of one message. 10 MiB. */
  readonly maxPduBytes?: number
  /** The same until a bind with a name or by SASL has succeeded. 256 KiB. */
  readonly maxPduBytesBeforeBind?: number
  /** 10,000; who comes after is told busy. */
  readonly maxConnections?: number
  /** Of one client address. As many as of all, unless given. */
  readonly maxConnectionsPerAddress?: number
  /** What addresses have in common that count as one. Each for itself, unless given. */
  readonly addressGroup?: (address: string) => string
  /** Key and certificate. With them there is StartTLS (RFC 4511 4.14), and `listen` may be told to be `secure`. */
  readonly tls?: ServerTlsOptions
  /**
   * Addresses and networks of proxies, e.g. `10.0.0.0/8`, whose connections all begin with a header of the PROXY protocol,
   * version 1 or 2. Others' headers are not believed. None by default.
   */
  readonly proxies?: readonly string[]
  /**
   * Milliseconds that the header of a proxy may take, a TLS handshake, and then the first octet of the first request.
   * 30 seconds.
   */
  readonly handshakeTimeoutMs?: number
  /** Milliseconds from the first to the last octet of a message. 1 minute. */
  readonly messageTimeoutMs?: number
  /** 128, never more than 1000. */
  readonly maxFilterDepth?: number
  /** 4096. */
  readonly maxFilterNodes?: number
  /** Milliseconds without an operation until a connection is closed; 0, the default: never. */
  readonly idleTimeoutMs?: number
  /** Milliseconds that a client may take nothing of what waits for it until its connection is destroyed. 5 minutes. */
  readonly sendTimeoutMs?: number
  /** Octets waiting for a client above which its operations have to wait. 256 KiB. */
  readonly highWaterMark?: number
  /** Hears of what handlers throw that is not made for clients, and of faults of the listening socket. Nobody by default. */
  readonly onError?: (error: unknown) => void
  /** Hears of clients with which there is no connection: their TLS handshake failed, or they have no header. Nobody by default. */
  readonly onClientError?: (
    error: Error,
    client: { readonly remoteAddress: string; readonly remotePort: number },
  ) => void
}
