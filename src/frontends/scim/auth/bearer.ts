/** Bearer tokens in requests, and refusals as RFC 6750 words them. What makes a token good is decided elsewhere. */
import { type ErrorCode, VitrineError } from '../../../model/errors.js'

const REALM = 'Bearer realm="SCIM"'

/** Longer ones are no tokens of ours or of any provider: RFC 9110 servers bound headers at a few kilobytes. */
const LONGEST = 16_384

/** A refusal that the `WWW-Authenticate` header explains (RFC 6750 3). */
export class BearerError extends VitrineError {
  /** The header's value. */
  readonly challenge: string

  constructor(code: ErrorCode, message: string, challenge: string, detail?: string) {
    super(code, { message, ...(detail !== undefined && { detail }) })
    this.challenge = challenge
  }
}

/** 401 without an error code, for requests that hold no token at all (RFC 6750 3.1). */
function missingToken(): BearerError {
  return new BearerError('invalidCredentials', 'a bearer token is needed', REALM)
}

/** @param detail for the log */
export function invalidToken(detail: string, reason = 'the token is not valid'): BearerError {
  const challenge = `${REALM}, error="invalid_token", error_description="${reason}"`
  return new BearerError('invalidCredentials', reason, challenge, detail)
}

/** @param scope as the client knows it */
export function insufficientScope(scope: string): BearerError {
  const challenge = `${REALM}, error="insufficient_scope", scope="${scope.replaceAll(/[^!#-[\]-~]/g, '')}"`
  return new BearerError('insufficientAccessRights', `the token lacks the scope ${scope}`, challenge)
}

/**
 * The token in an `Authorization` header (RFC 6750 2.1).
 * @throws BearerError where there is none, or it is malformed
 */
export function tokenIn(authorization: string | undefined): string {
  if (authorization === undefined || !/^bearer(?: |$)/i.test(authorization)) throw missingToken()
  const token = authorization.slice('bearer '.length).trim()
  if (token.length > LONGEST || !/^[A-Za-z0-9._~+/-]+=*$/.test(token)) throw invalidToken('malformed')
  return token
}
