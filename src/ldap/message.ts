/**
 * The LDAP messages as types (RFC 4511 section 4), told apart by `op`. Names stay strings, values stay octets:
 * what they mean is left to the schema of whoever uses them.
 */
import type { LdapFilter } from './filter.js'

/** Buffers of a decoded message are views of what was received: copy those that are kept for long. */
export interface Control {
  /** Its OID. */
  readonly type: string
  readonly critical: boolean
  readonly value?: Buffer
}

export interface Envelope {
  /** 1 to 2^31-1; 0 only for an unsolicited notification. */
  readonly messageId: number
  readonly controls: readonly Control[]
}

export interface Attribute {
  /** An attribute description: type and options. */
  readonly type: string
  readonly values: readonly Buffer[]
}

/** An attribute to be sent; octets of a `type` made beforehand save their encoding. */
export interface OutgoingAttribute {
  readonly type: string | Uint8Array
  readonly values: readonly (string | Uint8Array)[]
}

export interface SimpleAuthentication {
  readonly mechanism: 'simple'
  readonly password: Buffer
}

export interface SaslAuthentication {
  readonly mechanism: 'sasl'
  /** The name of the SASL mechanism, e.g. `EXTERNAL`. */
  readonly sasl: string
  readonly credentials?: Buffer
}

export interface BindRequest extends Envelope {
  readonly op: 'bindRequest'
  readonly version: number
  readonly name: string
  readonly authentication: SimpleAuthentication | SaslAuthentication
}

export interface UnbindRequest extends Envelope {
  readonly op: 'unbindRequest'
}

/** In the order of their numbers on the wire; the last one is draft-sermersheim-ldap-subordinate-scope. */
export const searchScopes = ['baseObject', 'singleLevel', 'wholeSubtree', 'subordinateSubtree'] as const
export type SearchScope = (typeof searchScopes)[number]

/** In the order of their numbers on the wire. */
export const aliasDereferencings = [
  'neverDerefAliases',
  'derefInSearching',
  'derefFindingBaseObj',
  'derefAlways',
] as const
export type AliasDereferencing = (typeof aliasDereferencings)[number]

export interface SearchRequest extends Envelope {
  readonly op: 'searchRequest'
  readonly base: string
  readonly scope: SearchScope
  readonly derefAliases: AliasDereferencing
  /** Entries; 0: no limit. */
  readonly sizeLimit: number
  /** Seconds; 0: no limit. */
  readonly timeLimit: number
  readonly typesOnly: boolean
  readonly filter: LdapFilter
  readonly attributes: readonly string[]
  /** For `LdapHandlers.recall`: by what the same search is known when it comes again. */
  readonly encoded?: string
}

/** In the order of their numbers on the wire; `increment` is RFC 4525. */
export const modifyOperations = ['add', 'delete', 'replace', 'increment'] as const
export type ModifyOperation = (typeof modifyOperations)[number]

export interface Change {
  readonly operation: ModifyOperation
  readonly attribute: Attribute
}

export interface ModifyRequest extends Envelope {
  readonly op: 'modifyRequest'
  readonly object: string
  readonly changes: readonly Change[]
}

export interface AddRequest extends Envelope {
  readonly op: 'addRequest'
  readonly entry: string
  readonly attributes: readonly Attribute[]
}

export interface DelRequest extends Envelope {
  readonly op: 'delRequest'
  readonly entry: string
}

export interface ModifyDnRequest extends Envelope {
  readonly op: 'modifyDnRequest'
  readonly entry: string
  readonly newRdn: string
  readonly deleteOldRdn: boolean
  readonly newSuperior?: string
}

export interface CompareRequest extends Envelope {
  readonly op: 'compareRequest'
  readonly entry: string
  readonly attribute: string
  readonly value: Buffer
}

export interface AbandonRequest extends Envelope {
  readonly op: 'abandonRequest'
  /** The message id of the operation that is abandoned. */
  readonly target: number
}

export interface ExtendedRequest extends Envelope {
  readonly op: 'extendedRequest'
  /** Its OID. */
  readonly name: string
  readonly value?: Buffer
}

/** LDAPResult (RFC 4511 4.1.9) as a server gives it; `controls` go with the response. */
export interface LdapResult {
  readonly code: number
  readonly matchedDN?: string
  readonly message?: string
  readonly referrals?: readonly string[]
  readonly controls?: readonly Control[]
}

export interface BindResult extends LdapResult {
  readonly serverSaslCreds?: Uint8Array
}

export interface ExtendedResult extends LdapResult {
  readonly name?: string
  readonly value?: Uint8Array
}

/** LDAPResult as it was received. */
export interface ResultMessage extends Envelope {
  readonly code: number
  readonly matchedDN: string
  readonly message: string
  readonly referrals?: readonly string[]
}

export interface BindResponse extends ResultMessage {
  readonly op: 'bindResponse'
  readonly serverSaslCreds?: Buffer
}

export interface SearchResultEntry extends Envelope {
  readonly op: 'searchResultEntry'
  readonly dn: string
  readonly attributes: readonly Attribute[]
}

export interface SearchResultReference extends Envelope {
  readonly op: 'searchResultReference'
  readonly uris: readonly string[]
}

export interface SearchResultDone extends ResultMessage {
  readonly op: 'searchResultDone'
}

export interface ModifyResponse extends ResultMessage {
  readonly op: 'modifyResponse'
}

export interface AddResponse extends ResultMessage {
  readonly op: 'addResponse'
}

export interface DelResponse extends ResultMessage {
  readonly op: 'delResponse'
}

export interface ModifyDnResponse extends ResultMessage {
  readonly op: 'modifyDnResponse'
}

export interface CompareResponse extends ResultMessage {
  readonly op: 'compareResponse'
}

export interface ExtendedResponse extends ResultMessage {
  readonly op: 'extendedResponse'
  readonly name?: string
  readonly value?: Buffer
}

export interface IntermediateResponse extends Envelope {
  readonly op: 'intermediateResponse'
  readonly name?: string
  readonly value?: Buffer
}

export type LdapRequest =
  | BindRequest
  | UnbindRequest
  | SearchRequest
  | ModifyRequest
  | AddRequest
  | DelRequest
  | ModifyDnRequest
  | CompareRequest
  | AbandonRequest
  | ExtendedRequest

export type LdapResponse =
  | BindResponse
  | SearchResultEntry
  | SearchResultReference
  | SearchResultDone
  | ModifyResponse
  | AddResponse
  | DelResponse
  | ModifyDnResponse
  | CompareResponse
  | ExtendedResponse
  | IntermediateResponse

export type LdapMessage = LdapRequest | LdapResponse

export type RequestOp = LdapRequest['op']
