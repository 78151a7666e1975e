/** What a database refuses to write, as the client may know it: what to do, and nothing of the source's inside. */
import { type ErrorCode, VitrineError } from '../../model/errors.js'
import { detailOf, errorName } from './errors.js'

interface Refusal {
  readonly code: ErrorCode
  readonly message?: string
}

const taken: Refusal = {
  code: 'entryAlreadyExists',
  message: 'a value that has to be unique is in use already; choose another',
}
const violation = (message: string): Refusal => ({ code: 'constraintViolation', message })
const missing = violation('a value is missing that the source of this data requires; give one')
const tooLong = violation('a value is longer than the source of this data can hold; shorten it')
const outOfRange = violation('a number or time is beyond what the source of this data can hold; change it')
const unfit = violation('a value is of a form that the source of this data cannot hold; change it')
const ruledOut = violation('the rules of the source of this data do not allow these values; change them')
const unknownTarget = violation('a value refers to something that does not exist; create that first')
const stillReferred = violation('other data still refers to this; remove that first')
const unlinked = violation(
  'a value refers to something that does not exist, or other data still refers to this',
)
const denied: Refusal = { code: 'insufficientAccessRights' }
const readOnly: Refusal = {
  code: 'unwillingToPerform',
  message: 'the source of this data is not to be written',
}

const refusals: Readonly<Record<string, Refusal>> = {
  ER_DUP_ENTRY: taken,
  ER_DUP_KEY: taken,
  ER_DUP_ENTRY_WITH_KEY_NAME: taken,
  ER_FOREIGN_DUPLICATE_KEY: taken,
  ER_FOREIGN_DUPLICATE_KEY_WITH_CHILD_INFO: taken,
  ER_FOREIGN_DUPLICATE_KEY_WITHOUT_CHILD_INFO: taken,
  ER_BAD_NULL_ERROR: missing,
  ER_NO_DEFAULT_FOR_FIELD: missing,
  ER_NO_DEFAULT_FOR_VIEW_FIELD: missing,
  ER_DATA_TOO_LONG: tooLong,
  ER_TOO_BIG_ROWSIZE: tooLong,
  ER_NET_PACKET_TOO_LARGE: tooLong,
  ER_WARN_DATA_OUT_OF_RANGE: outOfRange,
  ER_DATA_OUT_OF_RANGE: outOfRange,
  ER_DATETIME_FUNCTION_OVERFLOW: outOfRange,
  ER_TRUNCATED_WRONG_VALUE: unfit,
  ER_TRUNCATED_WRONG_VALUE_FOR_FIELD: unfit,
  ER_CANNOT_CONVERT_CHARACTER: unfit,
  WARN_DATA_TRUNCATED: unfit,
  ER_INVALID_CHARACTER_STRING: unfit,
  ER_CHECK_CONSTRAINT_VIOLATED: ruledOut,
  // The same of MariaDB.
  4025: ruledOut,
  ER_SIGNAL_EXCEPTION: ruledOut,
  ER_VIEW_CHECK_FAILED: ruledOut,
  ER_NO_REFERENCED_ROW: unknownTarget,
  ER_NO_REFERENCED_ROW_2: unknownTarget,
  ER_ROW_IS_REFERENCED: stillReferred,
  ER_ROW_IS_REFERENCED_2: stillReferred,
  ER_TABLEACCESS_DENIED_ERROR: denied,
  ER_COLUMNACCESS_DENIED_ERROR: denied,
  ER_SPECIFIC_ACCESS_DENIED_ERROR: denied,
  ER_OPTION_PREVENTS_STATEMENT: readOnly,
  ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION: readOnly,
  ER_READ_ONLY_MODE: readOnly,
  ER_OPEN_AS_READONLY: readOnly,
  ER_NON_UPDATABLE_TABLE: readOnly,
  ER_NON_INSERTABLE_TABLE: readOnly,
  ER_NONUPDATEABLE_COLUMN: readOnly,
  ER_NON_DEFAULT_VALUE_FOR_GENERATED_COLUMN: readOnly,
  // Generated columns of MariaDB.
  1906: readOnly,

  '23505': taken,
  '23P01': taken,
  '23502': missing,
  '22001': tooLong,
  '54000': tooLong,
  '22003': outOfRange,
  '22008': outOfRange,
  '22': unfit,
  '23514': ruledOut,
  '44000': ruledOut,
  P0001: ruledOut,
  '23503': unknownTarget,
  '23001': stillReferred,
  '42501': denied,
  '25006': readOnly,
  '428C9': readOnly,
  '55000': readOnly,
  '0A000': readOnly,

  SQLITE_CONSTRAINT_UNIQUE: taken,
  SQLITE_CONSTRAINT_PRIMARYKEY: taken,
  SQLITE_CONSTRAINT_ROWID: taken,
  SQLITE_CONSTRAINT_NOTNULL: missing,
  SQLITE_TOOBIG: tooLong,
  SQLITE_MISMATCH: unfit,
  SQLITE_CONSTRAINT_DATATYPE: unfit,
  SQLITE_CONSTRAINT_FOREIGNKEY: unlinked,
  SQLITE_CONSTRAINT: ruledOut,
  SQLITE_READONLY: readOnly,
  SQLITE_PERM: readOnly,
  SQLITE_AUTH: denied,
}

/** An error of a transaction that writes, as what the client has to do about it. Detail and cause go to the log. */
export function refusalOf(error: unknown): unknown {
  if (!(error instanceof VitrineError) || error.code !== 'internalError') return error
  const refusal = refusalBy(error.cause)
  if (refusal === undefined) return error
  const { code, message } = refusal
  return new VitrineError(code, {
    ...(message !== undefined && { message }),
    detail: detailOf(error.cause),
    cause: error.cause,
  })
}

function refusalBy(cause: unknown): Refusal | undefined {
  const name = errorName(cause, refusals)
  if (name === undefined) return undefined
  if (name === '23503' && /still referenced/.test(textOf(cause))) return stillReferred
  // PostgreSQL's whole class of data that it cannot read.
  return refusals[name] ?? (/^22\w{3}$/.test(name) ? refusals['22'] : undefined)
}

const textOf = (cause: unknown) => {
  const { detail } = cause as { detail?: unknown }
  return typeof detail === 'string' ? detail : ''
}

const contentions = new Set<unknown>([
  'ER_LOCK_DEADLOCK',
  // What a deadlock is called that comes about over the next number.
  'ER_AUTOINC_READ_FAILED',
  'ER_CHECKREAD',
  '40001',
  '40P01',
  '26000',
])

/** The database has ended the transaction for the sake of another, or knows its statement no more: it may do again. */
export function mayDoAgain(error: unknown): boolean {
  if (!(error instanceof VitrineError)) return false
  const { code, message } = (error.cause ?? {}) as { code?: unknown; message?: unknown }
  return contentions.has(code) || (code === '0A000' && /cached plan/.test(String(message)))
}
