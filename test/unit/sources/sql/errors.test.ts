/** What drivers throw, and what it is to those who ask. */
import { describe, expect, it } from 'vitest'
import { VitrineError } from '../../../../src/model/errors.js'
import { translateError } from '../../../../src/sources/sql/errors.js'

const thrown = (code: string | undefined, message = 'some words', errno?: number) =>
  Object.assign(new Error(message), code !== undefined && { code }, errno !== undefined && { errno })

describe('an error of a driver', () => {
  it.each([
    ['the server is not there', 'ECONNREFUSED', 'unavailable'],
    ['the connection broke', 'ECONNRESET', 'unavailable'],
    ['MariaDB closed the connection', 'PROTOCOL_CONNECTION_LOST', 'unavailable'],
    ['MariaDB goes down', 'ER_SERVER_SHUTDOWN', 'unavailable'],
    ['MariaDB refuses the password', 'ER_ACCESS_DENIED_ERROR', 'unavailable'],
    ['PostgreSQL goes down', '57P01', 'unavailable'],
    ['PostgreSQL starts', '57P03', 'unavailable'],
    ['PostgreSQL refuses the password', '28P01', 'unavailable'],
    ['the file is not there', 'SQLITE_CANTOPEN', 'unavailable'],
    ['MariaDB has no place', 'ER_CON_COUNT_ERROR', 'busy'],
    ['PostgreSQL has no place', '53300', 'busy'],
    ['rows are locked', 'ER_LOCK_WAIT_TIMEOUT', 'busy'],
    ['two locks wait for each other', '40P01', 'busy'],
    ['the file is locked', 'SQLITE_BUSY', 'busy'],
    ['PostgreSQL ended the statement', '57014', 'timeLimitExceeded'],
    ['MySQL ended the statement', 'ER_QUERY_TIMEOUT', 'timeLimitExceeded'],
    ['the statement is wrong', 'ER_PARSE_ERROR', 'internalError'],
    ['the table is gone', '42P01', 'internalError'],
  ])('where %s (%s): %s', (_what, code, wanted) => {
    const original = thrown(code)
    const error = translateError(original)
    expect(error.code).toBe(wanted)
    expect(error.cause).toBe(original)
    expect(error.message).toContain(code)
    expect(error.safeMessage).not.toContain(code)
  })

  it.each([
    ['Connection terminated unexpectedly', 'unavailable'],
    [`Can't add new command when connection is in closed state`, 'unavailable'],
    ['Knex: Timeout acquiring a connection. The pool is probably full.', 'busy'],
    ['operation timed out for an unknown reason', 'busy'],
    ['no such column: x', 'internalError'],
  ])('that says %j', (message, wanted) => {
    expect(translateError(thrown(undefined, message)).code).toBe(wanted)
  })

  it('is MariaDB’s own time-out, which mysql2 has no name for', () => {
    expect(translateError(thrown('UNKNOWN_CODE_PLEASE_REPORT', 'x', 1969)).code).toBe('timeLimitExceeded')
  })

  it('stays what it is, if it is one of ours', () => {
    const own = new VitrineError('canceled')
    expect(translateError(own)).toBe(own)
  })

  it('may be anything', () => {
    for (const strange of [undefined, null, 'text', 7, {}]) {
      if (strange === undefined || strange === null) continue
      expect(translateError(strange).code).toBe('internalError')
    }
  })
})
