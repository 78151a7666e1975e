/** What servers and connections refuse, as the gateway says it. An outage is never an absence. */
import { LdapError } from '../../ldap/errors.js'
import { resultCode } from '../../ldap/result-code.js'
import { type ErrorCode, VitrineError } from '../../model/errors.js'

const codes: Readonly<Record<number, ErrorCode>> = {
  [resultCode.serverDown]: 'unavailable',
  [resultCode.connectError]: 'unavailable',
  [resultCode.timeout]: 'unavailable',
  [resultCode.decodingError]: 'unavailable',
  [resultCode.unavailable]: 'unavailable',
  // The gateway's own name and password are not good there: nobody's request is at fault.
  [resultCode.invalidCredentials]: 'unavailable',
  [resultCode.busy]: 'busy',
  [resultCode.timeLimitExceeded]: 'timeLimitExceeded',
  [resultCode.sizeLimitExceeded]: 'adminLimitExceeded',
  [resultCode.adminLimitExceeded]: 'adminLimitExceeded',
}

/** Never throws; the server's words go to the log. */
export function translateLdapError(error: unknown): VitrineError {
  if (error instanceof VitrineError) return error
  const code = error instanceof LdapError ? codes[error.code] : undefined
  const detail = error instanceof Error ? error.message : String(error)
  return new VitrineError(code ?? 'internalError', { detail, cause: error })
}

/** Has the connection failed, and not the operation? */
export function isLost(error: unknown): boolean {
  if (!(error instanceof LdapError)) return false
  const { code } = error
  return (
    code === resultCode.serverDown || code === resultCode.connectError || code === resultCode.decodingError
  )
}
