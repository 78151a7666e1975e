/** Why a server does not write what it is told, as the gateway says it to whoever wanted it written. */
import { resultCode, resultCodeName } from '../../ldap/result-code.js'
import { type ErrorCode, VitrineError } from '../../model/errors.js'
import { resultBehind, translateLdapError } from './errors.js'

interface Refusal {
  readonly code: ErrorCode
  readonly message?: string
}

const refusals: Readonly<Record<number, Refusal>> = {
  [resultCode.entryAlreadyExists]: { code: 'entryAlreadyExists' },
  [resultCode.constraintViolation]: { code: 'constraintViolation' },
  [resultCode.invalidAttributeSyntax]: { code: 'invalidAttributeSyntax' },
  [resultCode.undefinedAttributeType]: {
    code: 'unwillingToPerform',
    message: 'the directory behind knows no such attribute',
  },
  [resultCode.objectClassViolation]: {
    code: 'objectClassViolation',
    message: 'the directory behind wants other attributes in such an entry',
  },
  [resultCode.objectClassModsProhibited]: { code: 'objectClassViolation' },
  [resultCode.namingViolation]: { code: 'constraintViolation', message: 'no entry can be called so' },
  [resultCode.notAllowedOnRDN]: {
    code: 'constraintViolation',
    message: 'what names the entry cannot be taken from it',
  },
  [resultCode.notAllowedOnNonLeaf]: { code: 'unwillingToPerform', message: 'there are entries below it' },
  [resultCode.invalidDNSyntax]: { code: 'constraintViolation', message: 'no entry can be called so' },
  [resultCode.noSuchObject]: { code: 'unwillingToPerform', message: 'there is no place for it' },
  [resultCode.unwillingToPerform]: { code: 'unwillingToPerform' },
  [resultCode.confidentialityRequired]: { code: 'unwillingToPerform' },
  [resultCode.strongerAuthRequired]: { code: 'unwillingToPerform' },
  [resultCode.referral]: { code: 'unwillingToPerform', message: 'it is written elsewhere only' },
  [resultCode.attributeOrValueExists]: { code: 'constraintViolation', message: 'a value is given twice' },
  [resultCode.noOperation]: { code: 'noOperation' },
  [resultCode.noSuchAttribute]: { code: 'constraintViolation', message: 'a value is no longer there' },
}

/** How Active Directory begins to say that a password is too weak, or that an account that is enabled has none. */
const WEAK = /^0000052D/i

const password: Refusal = {
  code: 'constraintViolation',
  message: 'the directory behind does not take this password',
}

/** Never throws. What the server said goes to the log. */
export function refusalOf(error: unknown, signal?: AbortSignal): VitrineError {
  const answer = resultBehind(error)
  const known = answer && (WEAK.test(answer.message) ? password : refusals[answer.code])
  if (answer === undefined || known === undefined) return translateLdapError(error, signal)
  const detail = `the LDAP server answered ${resultCodeName(answer.code)}: ${answer.message}`
  const { code, message } = known
  return new VitrineError(code, { detail, cause: error, ...(message !== undefined && { message }) })
}

/** The same where nothing but a password was written. */
export function passwordRefusal(error: VitrineError): VitrineError {
  if (error.code !== password.code) return error
  return new VitrineError(password.code, {
    ...(password.message !== undefined && { message: password.message }),
    detail: error.message,
    cause: error.cause,
  })
}
