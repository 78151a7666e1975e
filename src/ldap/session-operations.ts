/** What the server performs itself on its connections: StartTLS (RFC 4511 4.14) and Cancel (RFC 3909), as far as requests go. */
import { BerReader } from './ber-reader.js'
import { BerWriter } from './ber-writer.js'
import { BerError, MessageError, OperationAborted } from './errors.js'
import type { ExtendedRequest, ExtendedResult, LdapRequest, LdapResult } from './message.js'
import { resultCode } from './result-code.js'
import { SEQUENCE } from './tags.js'

/** OIDs of the extended operations that the server performs itself, for `supportedExtension` of the root DSE. */
export const sessionOperation = {
  startTls: '1.3.6.1.4.1.1466.20037',
  cancel: '1.3.6.1.1.8',
} as const

export const CANCELED: LdapResult = { code: resultCode.canceled, message: 'canceled by the client' }

export const STARTING_TLS: ExtendedResult = { code: resultCode.success, name: sessionOperation.startTls }

export const confidentialityRequired: LdapResult = {
  code: resultCode.confidentialityRequired,
  message: 'TLS is required here: begin with StartTLS',
}

/** Why TLS is not started; undefined where it is. `outstanding`: how many operations have not been answered. */
export function refusedTls(
  { value }: ExtendedRequest,
  secure: boolean,
  outstanding: number,
): LdapResult | undefined {
  if (value !== undefined) return { code: resultCode.protocolError, message: 'StartTLS has no value' }
  const refuse = (message: string): LdapResult => ({ code: resultCode.operationsError, message })
  if (secure) return refuse('TLS has been started already')
  if (outstanding > 0) return refuse('TLS cannot be started while operations are outstanding')
  return undefined
}

/** What can be canceled. */
interface Cancelable {
  readonly cancelable: boolean
  onCanceled: ((canceled: boolean) => void) | undefined
  cancel(reason: Error): void
}

/**
 * Has an operation canceled. It is answered first, as soon as its handler has ended it; `answer` follows.
 * @throws MessageError for a request that is malformed
 */
export function cancel(
  request: ExtendedRequest,
  live: { get(messageId: number): Cancelable | undefined },
  answer: (result: LdapResult) => void,
): void {
  const target = live.get(canceledId(request))
  const refuse = (code: number, message: string) => answer({ code, message })
  if (target === undefined) refuse(resultCode.noSuchOperation, 'there is no such operation')
  else if (!target.cancelable) refuse(resultCode.cannotCancel, 'this operation cannot be canceled')
  else if (target.onCanceled !== undefined)
    refuse(resultCode.operationsError, 'the operation is being canceled already')
  else {
    target.onCanceled = (canceled) =>
      canceled
        ? answer({ code: resultCode.success })
        : refuse(resultCode.tooLate, 'the operation has been done')
    target.cancel(new OperationAborted('cancel'))
  }
}

export function isCancel(request: LdapRequest): boolean {
  return request.op === 'extendedRequest' && request.name === sessionOperation.cancel
}

function canceledId({ value }: ExtendedRequest): number {
  if (value === undefined) throw new MessageError(resultCode.protocolError, 'Cancel needs a value')
  try {
    const reader = new BerReader(value)
    reader.enter(SEQUENCE)
    return reader.integer()
  } catch (error) {
    if (!(error instanceof BerError)) throw error
    throw new MessageError(resultCode.protocolError, `malformed Cancel request: ${error.message}`)
  }
}

/** The value of a Cancel request. */
export function cancelRequestValue(messageId: number): Buffer {
  const writer = new BerWriter(Buffer.allocUnsafeSlow(16))
  const start = writer.begin(SEQUENCE)
  writer.integer(messageId)
  writer.end(start)
  return writer.bytes()
}

/** May an operation be canceled? (RFC 3909 section 2.1) */
export function isCancelable(request: LdapRequest): boolean {
  if (request.op === 'bindRequest') return false
  if (request.op !== 'extendedRequest') return true
  return request.name !== sessionOperation.cancel && request.name !== sessionOperation.startTls
}

/** Was the operation done, so that it is too late to cancel it? */
export function isDone({ code }: LdapResult): boolean {
  return code === resultCode.success || code === resultCode.compareTrue || code === resultCode.compareFalse
}

/** Is a request answered before there is TLS, where that is required? */
export function isOpenToAll(request: LdapRequest): boolean {
  if (request.op === 'searchRequest') return request.base === '' && request.scope === 'baseObject'
  return request.op === 'extendedRequest' && request.name === sessionOperation.startTls
}
