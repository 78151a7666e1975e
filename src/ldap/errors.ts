/**
 * What can go wrong on the wire, as typed errors. Those with `resultCode` and `safeMessage` may be thrown by a
 * server's handler: their text names no more than the fault of the request.
 */
import type { RequestOp } from './message.js'
import { resultCode, resultCodeName } from './result-code.js'

/** The encoding itself is broken or over its bounds: no answer is possible, the session ends (RFC 4511 4.1.1). */
export class BerError extends Error {
  override readonly name = 'BerError'
  readonly resultCode = resultCode.protocolError
  readonly safeMessage: string

  constructor(message: string) {
    super(message)
    this.safeMessage = message
  }
}

/** The encoding is sound but a field is not; the request can be answered with `resultCode` and the session goes on. */
export class MessageError extends Error {
  override readonly name = 'MessageError'
  readonly resultCode: number
  readonly safeMessage: string
  /** Of the message that holds the fault; 0 where that is not known. */
  messageId = 0
  /** Which request it was; undefined for a response and for a control or filter decoded alone. */
  op: RequestOp | undefined

  constructor(code: number, message: string) {
    super(message)
    this.resultCode = code
    this.safeMessage = message
  }
}

/** A distinguished name that RFC 4514 does not allow. `position` counts UTF-16 code units from 0. */
export class DnError extends Error {
  override readonly name = 'DnError'
  readonly resultCode = resultCode.invalidDNSyntax
  readonly safeMessage: string
  readonly position: number

  constructor(message: string, position: number) {
    super(`${message} at position ${position}`)
    this.safeMessage = this.message
    this.position = position
  }
}

/** A filter text that RFC 4515 does not allow. `position` counts UTF-16 code units from 0. */
export class FilterSyntaxError extends Error {
  override readonly name = 'FilterSyntaxError'
  readonly position: number

  constructor(message: string, position: number) {
    super(`${message} at position ${position}`)
    this.position = position
  }
}

export type AbortReason = 'abandon' | 'cancel' | 'unbind' | 'disconnect' | 'shutdown' | 'finished'

const abortText: Readonly<Record<AbortReason, string>> = {
  abandon: 'the client abandoned the operation',
  cancel: 'the client canceled the operation',
  unbind: 'the client unbound',
  disconnect: 'the connection is closed',
  shutdown: 'the server is shutting down',
  finished: 'the operation has already been answered',
}

/** Why an operation of the server ended early: the reason of its signal, and what a write to it rejects with. */
export class OperationAborted extends Error {
  override readonly name = 'OperationAborted'
  readonly reason: AbortReason

  constructor(reason: AbortReason) {
    super(abortText[reason])
    this.reason = reason
  }
}

export interface LdapErrorDetail {
  readonly matchedDN?: string
  readonly referrals?: readonly string[]
  readonly cause?: unknown
}

/** What a client's operation rejects with: the server's result, or a local failure (codes 81 to 91). */
export class LdapError extends Error {
  override readonly name = 'LdapError'
  /** LDAP result code (RFC 4511 4.1.9), or a local one: see `resultCode`. */
  readonly code: number
  readonly matchedDN: string
  readonly referrals: readonly string[]

  constructor(code: number, message: string, detail: LdapErrorDetail = {}) {
    super(message === '' ? resultCodeName(code) : message, { cause: detail.cause })
    this.code = code
    this.matchedDN = detail.matchedDN ?? ''
    this.referrals = detail.referrals ?? []
  }
}
