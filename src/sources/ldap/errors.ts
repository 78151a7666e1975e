/** What servers and connections refuse, as the gateway says it. An outage is never an absence. */
import { BerError, LdapError, MessageError } from '../../ldap/errors.js'
import { resultCode, resultCodeName } from '../../ldap/result-code.js'
import { type ErrorCode, VitrineError } from '../../model/errors.js'

const codes: Readonly<Record<number, ErrorCode>> = {
  [resultCode.serverDown]: 'unavailable',
  [resultCode.connectError]: 'unavailable',
  [resultCode.timeout]: 'unavailable',
  [resultCode.decodingError]: 'unavailable',
  [resultCode.unavailable]: 'unavailable',
  // The gateway's own name, password and base are not good there: nobody's request is at fault.
  [resultCode.invalidCredentials]: 'unavailable',
  [resultCode.noSuchObject]: 'unavailable',
  [resultCode.referral]: 'unavailable',
  [resultCode.busy]: 'busy',
  [resultCode.timeLimitExceeded]: 'timeLimitExceeded',
  [resultCode.sizeLimitExceeded]: 'adminLimitExceeded',
  [resultCode.adminLimitExceeded]: 'adminLimitExceeded',
  [resultCode.insufficientAccessRights]: 'insufficientAccessRights',
  [resultCode.authorizationDenied]: 'insufficientAccessRights',
  [resultCode.userCanceled]: 'canceled',
}

/** Never throws; the server's words go to the log. What a VitrineError was the signal's reason for stays that. */
export function translateLdapError(error: unknown, signal?: AbortSignal): VitrineError {
  if (signal?.aborted && signal.reason instanceof VitrineError) return signal.reason
  if (error instanceof VitrineError) return error
  if (error instanceof BerError || error instanceof MessageError)
    return new VitrineError('unavailable', { detail: `the LDAP server sent ${error.message}`, cause: error })
  if (!(error instanceof LdapError)) return VitrineError.from(error)
  const isLocal = error.code >= resultCode.serverDown && error.code <= resultCode.connectError
  const detail = isLocal ? error.message : `the LDAP server answered ${said(error)}`
  return new VitrineError(codes[error.code] ?? 'internalError', { detail, cause: error })
}

function said({ code, message }: LdapError): string {
  const name = resultCodeName(code)
  return message === name ? name : `${name}: ${message}`
}

/** The result of a server, or the failure of a connection, that an error tells of. */
export function resultBehind(error: unknown): LdapError | undefined {
  const cause = error instanceof VitrineError ? error.cause : error
  return cause instanceof LdapError ? cause : undefined
}

/** Did the server not say anything for as long as it may? */
export function isTimeout(error: unknown): boolean {
  return resultBehind(error)?.code === resultCode.timeout
}

/** Has the connection ended, or sent what is no LDAP, so that there is no answer? */
export function isLost(error: unknown): boolean {
  const code = resultBehind(error)?.code
  return code === resultCode.serverDown || code === resultCode.decodingError
}
