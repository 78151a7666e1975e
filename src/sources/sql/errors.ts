/** Driver errors as ours. What passes by itself must be told from what is wrong with the statement. */
import { type ErrorCode, VitrineError } from '../../model/errors.js'

const byCode: Readonly<Record<string, ErrorCode>> = {
  // The server is away, going, or not yet there.
  ECONNREFUSED: 'unavailable',
  ECONNRESET: 'unavailable',
  EPIPE: 'unavailable',
  ENOENT: 'unavailable',
  ENOTFOUND: 'unavailable',
  EAI_AGAIN: 'unavailable',
  EHOSTUNREACH: 'unavailable',
  ENETUNREACH: 'unavailable',
  ETIMEDOUT: 'unavailable',
  PROTOCOL_CONNECTION_LOST: 'unavailable',
  ER_SERVER_SHUTDOWN: 'unavailable',
  ER_CONNECTION_KILLED: 'unavailable',
  ER_ACCESS_DENIED_ERROR: 'unavailable',
  ER_DBACCESS_DENIED_ERROR: 'unavailable',
  ER_BAD_DB_ERROR: 'unavailable',
  ER_HOST_IS_BLOCKED: 'unavailable',
  '57P01': 'unavailable',
  '57P02': 'unavailable',
  '57P03': 'unavailable',
  '08000': 'unavailable',
  '08003': 'unavailable',
  '08006': 'unavailable',
  '28000': 'unavailable',
  '28P01': 'unavailable',
  '3D000': 'unavailable',
  SQLITE_CANTOPEN: 'unavailable',
  SQLITE_IOERR: 'unavailable',
  SQLITE_NOTADB: 'unavailable',
  // Another file stands in its place, or none.
  SQLITE_READONLY_DBMOVED: 'unavailable',
  // There is no room for more.
  ER_DISK_FULL: 'unavailable',
  ER_RECORD_FILE_FULL: 'unavailable',
  53100: 'unavailable',
  SQLITE_FULL: 'unavailable',
  // The server is there and cannot now.
  ER_CON_COUNT_ERROR: 'busy',
  ER_TOO_MANY_USER_CONNECTIONS: 'busy',
  ER_USER_LIMIT_REACHED: 'busy',
  ER_LOCK_WAIT_TIMEOUT: 'busy',
  ER_LOCK_DEADLOCK: 'busy',
  '53300': 'busy',
  '40001': 'busy',
  '40P01': 'busy',
  '55P03': 'busy',
  SQLITE_BUSY: 'busy',
  SQLITE_LOCKED: 'busy',
  // The statement took too long and was ended.
  ER_QUERY_TIMEOUT: 'timeLimitExceeded',
  ER_STATEMENT_TIMEOUT: 'timeLimitExceeded',
  ER_QUERY_INTERRUPTED: 'timeLimitExceeded',
  1969: 'timeLimitExceeded',
  '57014': 'timeLimitExceeded',
}

const byText: readonly (readonly [RegExp, ErrorCode])[] = [
  [/timeout acquiring a connection|Operation timed out|pool is probably full/i, 'busy'],
  [
    /Connection terminated|connection is in closed state|Can't add new command|Connection lost|timeout expired|timeout exceeded when trying to connect|connect ETIMEDOUT|server closed the connection|Client has encountered a connection error|stream has been destroyed|Unable to acquire a connection|aborted|^SASL: /i,
    'unavailable',
  ],
]

/** By the numbers that `node:sqlite` has in place of names; their lower byte says the kind. */
const sqliteNames: Readonly<Record<number, string>> = {
  3: 'SQLITE_PERM',
  5: 'SQLITE_BUSY',
  6: 'SQLITE_LOCKED',
  8: 'SQLITE_READONLY',
  10: 'SQLITE_IOERR',
  13: 'SQLITE_FULL',
  14: 'SQLITE_CANTOPEN',
  18: 'SQLITE_TOOBIG',
  19: 'SQLITE_CONSTRAINT',
  20: 'SQLITE_MISMATCH',
  23: 'SQLITE_AUTH',
  26: 'SQLITE_NOTADB',
  275: 'SQLITE_CONSTRAINT_CHECK',
  787: 'SQLITE_CONSTRAINT_FOREIGNKEY',
  1032: 'SQLITE_READONLY_DBMOVED',
  1299: 'SQLITE_CONSTRAINT_NOTNULL',
  1555: 'SQLITE_CONSTRAINT_PRIMARYKEY',
  2067: 'SQLITE_CONSTRAINT_UNIQUE',
  2579: 'SQLITE_CONSTRAINT_ROWID',
}

/** What a database calls what went wrong; of a name that `known` does not have, the more general one. */
export function errorName(error: unknown, known: Readonly<Record<string, unknown>>): string | undefined {
  const { code, errcode, errno } = (error ?? {}) as { code?: unknown; errcode?: unknown; errno?: unknown }
  const name = typeof errcode === 'number' ? (sqliteNames[errcode] ?? sqliteNames[errcode & 0xff]) : code
  // mysql2 knows no names for what only MariaDB has.
  if (typeof errno === 'number' && `${errno}` in known) return `${errno}`
  if (typeof name !== 'string' || name in known) return typeof name === 'string' ? name : undefined
  return /^SQLITE_[A-Z]+/.exec(name)?.[0] ?? name
}

/** What a driver says, for the log. */
export function detailOf(error: unknown): string {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown }
  const text = typeof message === 'string' && message !== '' ? message : String(error)
  return typeof code === 'string' ? `${code}: ${text}` : text
}

/** Never throws; detail and cause go to the log. */
export function translateError(error: unknown): VitrineError {
  if (error instanceof VitrineError) return error
  const detail = detailOf(error)
  const name = errorName(error, byCode)
  const known = name === undefined ? undefined : byCode[name]
  const found = known ?? byText.find(([text]) => text.test(detail))?.[1]
  return new VitrineError(found ?? 'internalError', { detail, cause: error })
}
