/** The result codes by name (RFC 4511 appendix A, RFC 3909, RFC 4370, RFC 4528) and those a client gives itself. */

export const resultCode = {
  success: 0,
  operationsError: 1,
  protocolError: 2,
  timeLimitExceeded: 3,
  sizeLimitExceeded: 4,
  compareFalse: 5,
  compareTrue: 6,
  authMethodNotSupported: 7,
  strongerAuthRequired: 8,
  referral: 10,
  adminLimitExceeded: 11,
  unavailableCriticalExtension: 12,
  confidentialityRequired: 13,
  saslBindInProgress: 14,
  noSuchAttribute: 16,
  undefinedAttributeType: 17,
  inappropriateMatching: 18,
  constraintViolation: 19,
  attributeOrValueExists: 20,
  invalidAttributeSyntax: 21,
  noSuchObject: 32,
  aliasProblem: 33,
  invalidDNSyntax: 34,
  aliasDereferencingProblem: 36,
  inappropriateAuthentication: 48,
  invalidCredentials: 49,
  insufficientAccessRights: 50,
  busy: 51,
  unavailable: 52,
  unwillingToPerform: 53,
  loopDetect: 54,
  namingViolation: 64,
  objectClassViolation: 65,
  notAllowedOnNonLeaf: 66,
  notAllowedOnRDN: 67,
  entryAlreadyExists: 68,
  objectClassModsProhibited: 69,
  affectsMultipleDSAs: 71,
  /** draft-ietf-ldapext-ldapv3-vlv-09. */
  virtualListViewError: 76,
  other: 80,
  canceled: 118,
  noSuchOperation: 119,
  tooLate: 120,
  cannotCancel: 121,
  assertionFailed: 122,
  authorizationDenied: 123,
  /** The no-op control: all would have gone well. OpenLDAP's number. */
  noOperation: 16654,
  /** Local to a client: the connection is gone. */
  serverDown: 81,
  /** Local to a client: the server sent what cannot be understood. */
  decodingError: 84,
  /** Local to a client: no answer in time. */
  timeout: 85,
  /** Local to a client: the caller's signal was aborted. */
  userCanceled: 88,
  /** Local to a client: no connection could be made. */
  connectError: 91,
} as const

export type ResultCodeName = keyof typeof resultCode

const names = new Map<number, string>(Object.entries(resultCode).map(([name, code]) => [code, name]))

/** The name of a result code, or `resultCode <n>` for one that is not in the table. */
export function resultCodeName(code: number): string {
  return names.get(code) ?? `resultCode ${code}`
}
