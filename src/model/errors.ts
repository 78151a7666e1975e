/**
 * The one error class and the one table behind it: what went wrong, as LDAP and as HTTP say it, and the only
 * text a client may see. Detail belongs to the log: pass it as `cause` or `detail`.
 */

interface ErrorKind {
  /** LDAP result code (RFC 4511 4.1.9). */
  readonly ldap: number
  /** HTTP status. */
  readonly http: number
  /** SCIM error type (RFC 7644 3.12), where one fits. */
  readonly scimType?: string
  /** What the client is told when nothing more specific is safe. */
  readonly message: string
}

const kinds = {
  operationsError: { ldap: 1, http: 500, message: 'operation out of order' },
  protocolError: { ldap: 2, http: 400, scimType: 'invalidSyntax', message: 'malformed request' },
  timeLimitExceeded: { ldap: 3, http: 504, message: 'time limit exceeded' },
  sizeLimitExceeded: { ldap: 4, http: 400, scimType: 'tooMany', message: 'size limit exceeded' },
  authMethodNotSupported: { ldap: 7, http: 401, message: 'authentication method not supported' },
  strongerAuthRequired: { ldap: 8, http: 401, message: 'stronger authentication required' },
  adminLimitExceeded: { ldap: 11, http: 413, message: 'administrative limit exceeded' },
  unavailableCriticalExtension: { ldap: 12, http: 400, message: 'critical extension not available' },
  confidentialityRequired: { ldap: 13, http: 403, message: 'confidentiality required' },
  noSuchAttribute: { ldap: 16, http: 400, scimType: 'noTarget', message: 'no such attribute' },
  undefinedAttributeType: {
    ldap: 17,
    http: 400,
    scimType: 'invalidPath',
    message: 'undefined attribute type',
  },
  notModifiable: { ldap: 19, http: 400, scimType: 'mutability', message: 'cannot be changed' },
  constraintViolation: { ldap: 19, http: 400, scimType: 'invalidValue', message: 'constraint violation' },
  filterError: { ldap: 2, http: 400, scimType: 'invalidFilter', message: 'malformed filter' },
  invalidCursor: { ldap: 2, http: 400, scimType: 'invalidCursor', message: 'invalid cursor' },
  inappropriateMatching: {
    ldap: 18,
    http: 400,
    scimType: 'invalidFilter',
    message: 'inappropriate matching',
  },
  attributeOrValueExists: {
    ldap: 20,
    http: 400,
    scimType: 'invalidValue',
    message: 'a value is there already, or given twice',
  },
  invalidAttributeSyntax: {
    ldap: 21,
    http: 400,
    scimType: 'invalidValue',
    message: 'invalid attribute value',
  },
  noSuchObject: { ldap: 32, http: 404, message: 'no such object' },
  invalidDNSyntax: { ldap: 34, http: 400, scimType: 'invalidValue', message: 'invalid DN' },
  invalidCredentials: { ldap: 49, http: 401, message: 'invalid credentials' },
  insufficientAccessRights: { ldap: 50, http: 403, message: 'insufficient access rights' },
  busy: { ldap: 51, http: 429, message: 'busy; try again later' },
  unavailable: { ldap: 52, http: 503, message: 'the source of this data is unavailable; try again later' },
  unwillingToPerform: { ldap: 53, http: 403, message: 'unwilling to perform' },
  namingViolation: { ldap: 64, http: 400, scimType: 'invalidValue', message: 'no entry can be named so' },
  objectClassViolation: {
    ldap: 65,
    http: 400,
    scimType: 'invalidValue',
    message: 'a required attribute is missing',
  },
  notAllowedOnNonLeaf: { ldap: 66, http: 409, message: 'there are entries below it' },
  entryAlreadyExists: { ldap: 68, http: 409, scimType: 'uniqueness', message: 'entry already exists' },
  objectClassModsProhibited: {
    ldap: 69,
    http: 400,
    scimType: 'mutability',
    message: 'what kind of entry it is cannot be changed',
  },
  affectsMultipleDSAs: { ldap: 71, http: 403, message: 'this would move it to another place' },
  internalError: { ldap: 80, http: 500, message: 'internal error' },
  assertionFailed: { ldap: 122, http: 412, message: 'the entry is no longer as the request expects it' },
  authorizationDenied: { ldap: 123, http: 403, message: 'not authorized to act as somebody else' },
  noOperation: { ldap: 16654, http: 409, message: 'nothing was changed, as was asked for' },
  canceled: { ldap: 118, http: 499, message: 'canceled' },
} as const satisfies Record<string, ErrorKind>

export type ErrorCode = keyof typeof kinds

/** The table, for frontends that render it and for the test that holds `docs/errors.md` to it. */
export const errorKinds: Readonly<Record<ErrorCode, ErrorKind>> = kinds

export interface ErrorOptions {
  /** Shown to the client in place of the table's text; must hold nothing of the source's inside. */
  readonly message?: string
  /** For the log only. */
  readonly detail?: string
  readonly cause?: unknown
}

export class VitrineError extends Error {
  readonly code: ErrorCode
  /** The text that a client may see. */
  readonly safeMessage: string

  constructor(code: ErrorCode, options: ErrorOptions = {}) {
    const safeMessage = options.message ?? kinds[code].message
    super(options.detail === undefined ? safeMessage : `${safeMessage} (${options.detail})`, {
      cause: options.cause,
    })
    this.name = 'VitrineError'
    this.code = code
    this.safeMessage = safeMessage
  }

  /** Any thrown thing as one of ours: what is unknown is an internal error whose text stays in the log. */
  static from(thrown: unknown): VitrineError {
    if (thrown instanceof VitrineError) return thrown
    const detail = thrown instanceof Error ? thrown.message : String(thrown)
    return new VitrineError('internalError', { detail, cause: thrown })
  }
}
