/** From a request to its handler, and from what a handler throws to a result. */
import { writeResult } from './encode-response.js'
import type { LdapHandlers, Operation, SearchWriter } from './handlers.js'
import type { LdapRequest, LdapResult, RequestOp } from './message.js'
import type { Outbox } from './outbox.js'
import { resultCode } from './result-code.js'
import * as tags from './tags.js'

/** A request that is answered. */
export type AnsweredRequest = Exclude<LdapRequest, { op: 'unbindRequest' | 'abandonRequest' }>

const responseTags: Readonly<Record<AnsweredRequest['op'], number>> = {
  bindRequest: tags.BIND_RESPONSE,
  searchRequest: tags.SEARCH_RESULT_DONE,
  modifyRequest: tags.MODIFY_RESPONSE,
  addRequest: tags.ADD_RESPONSE,
  delRequest: tags.DEL_RESPONSE,
  modifyDnRequest: tags.MODIFY_DN_RESPONSE,
  compareRequest: tags.COMPARE_RESPONSE,
  extendedRequest: tags.EXTENDED_RESPONSE,
}

/** Is a request of this kind answered? */
export function isAnswered(op: RequestOp): op is AnsweredRequest['op'] {
  return op in responseTags
}

const unwilling: LdapResult = {
  code: resultCode.unwillingToPerform,
  message: 'the server does not perform this operation',
}
const unknownExtension: LdapResult = {
  code: resultCode.protocolError,
  message: 'unknown extended operation',
}
const unknownVersion: LdapResult = {
  code: resultCode.protocolError,
  message: 'only LDAP version 3 is spoken',
}
const unknownControl: LdapResult = {
  code: resultCode.unavailableCriticalExtension,
  message: 'a critical control is not available',
}
const internalError: LdapResult = { code: resultCode.other, message: 'internal error' }

/** The refusal of a request with a critical control that is not supported (RFC 4511 4.1.11). */
export function refusedControl(
  supportedControls: ReadonlySet<string>,
  { controls }: AnsweredRequest,
): LdapResult | undefined {
  for (const { type, critical } of controls) {
    if (critical && !supportedControls.has(type)) return unknownControl
  }
  return undefined
}

/** Calls the handler; throws what it throws. */
export function callHandler<State>(
  handlers: LdapHandlers<State>,
  request: AnsweredRequest,
  op: Operation<State> & SearchWriter,
): LdapResult | Promise<LdapResult> {
  switch (request.op) {
    case 'searchRequest':
      return handlers.search?.(request, op, op) ?? unwilling
    case 'bindRequest':
      if (request.version !== 3) return unknownVersion
      return handlers.bind?.(request, op) ?? unwilling
    case 'compareRequest':
      return handlers.compare?.(request, op) ?? unwilling
    case 'addRequest':
      return handlers.add?.(request, op) ?? unwilling
    case 'modifyRequest':
      return handlers.modify?.(request, op) ?? unwilling
    case 'delRequest':
      return handlers.delete?.(request, op) ?? unwilling
    case 'modifyDnRequest':
      return handlers.modifyDn?.(request, op) ?? unwilling
    case 'extendedRequest':
      return handlers.extended?.(request, op) ?? unknownExtension
  }
}

export function isPromise<T extends object>(answer: T | Promise<T>): answer is Promise<T> {
  return answer instanceof Promise || (typeof answer === 'object' && 'then' in answer)
}

/** The result that a thrown error stands for; one not made for clients goes to `onError`. */
export function resultOfError(error: unknown, onError: (error: unknown) => void): LdapResult {
  if (typeof error === 'object' && error !== null && 'resultCode' in error && 'safeMessage' in error) {
    const { resultCode: code, safeMessage: message } = error
    if (Number.isInteger(code) && typeof message === 'string') return { code: code as number, message }
  }
  onError(error)
  return internalError
}

/**
 * Appends the response to a request and returns its result code; a result that is none or that cannot be encoded
 * becomes an internal error.
 */
export function respond(
  outbox: Outbox,
  messageId: number,
  op: AnsweredRequest['op'],
  result: LdapResult,
  onError: (error: unknown) => void,
): number {
  const tag = responseTags[op]
  const writer = outbox.begin()
  const before = writer.offset
  let { code } = internalError
  try {
    if (!Number.isInteger(result.code)) throw new TypeError(`the result of ${op} has no code`)
    writeResult(writer, messageId, tag, result)
    code = result.code
  } catch (error) {
    outbox.undo(before)
    onError(error)
    writeResult(writer, messageId, tag, internalError)
  }
  outbox.commit()
  return code
}
