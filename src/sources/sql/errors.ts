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
  '57014': 'timeLimitExceeded',
}

const byText: readonly (readonly [RegExp, ErrorCode])[] = [
  [/timeout acquiring a connection|Operation timed out|pool is probably full/i, 'busy'],
  [
    /Connection terminated|connection is in closed state|Can't add new command|Connection lost|timeout expired|timeout exceeded when trying to connect|connect ETIMEDOUT|server closed the connection|Client has encountered a connection error|stream has been destroyed|Unable to acquire a connection|aborted|^SASL: /i,
    'unavailable',
  ],
]

/** Never throws; detail and cause go to the log. */
export function translateError(error: unknown): VitrineError {
  if (error instanceof VitrineError) return error
  const { code, errno, message } = error as { code?: unknown; errno?: unknown; message?: unknown }
  const detail = `${typeof code === 'string' ? `${code}: ` : ''}${typeof message === 'string' && message !== '' ? message : String(error)}`
  const known = typeof code === 'string' ? byCode[code] : undefined
  // mysql2 knows no name for MariaDB's own statement time-out.
  const found =
    errno === 1969 ? 'timeLimitExceeded' : (known ?? byText.find(([text]) => text.test(detail))?.[1])
  return new VitrineError(found ?? 'internalError', { detail, cause: error })
}
