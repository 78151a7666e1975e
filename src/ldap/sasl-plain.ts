/** What the SASL mechanism PLAIN says (RFC 4616): who authenticates, by which password, and as whom to act. */
import { isUtf8 } from 'node:buffer'
import { MessageError } from './errors.js'
import { resultCode } from './result-code.js'

export interface PlainCredentials {
  /** As whom to act; empty: as who authenticates. */
  readonly authorizationId: string
  readonly authenticationId: string
  readonly password: Buffer
}

/** @throws MessageError protocolError for what is not of that form */
export function parsePlainCredentials(credentials: Buffer): PlainCredentials {
  const first = credentials.indexOf(0)
  const second = credentials.indexOf(0, first + 1)
  const isWhole = first >= 0 && second >= 0 && credentials.indexOf(0, second + 1) < 0
  if (!isWhole || !isUtf8(credentials))
    throw new MessageError(resultCode.protocolError, 'these are no credentials of SASL PLAIN')
  return {
    authorizationId: credentials.toString('utf8', 0, first),
    authenticationId: credentials.toString('utf8', first + 1, second),
    password: credentials.subarray(second + 1),
  }
}
