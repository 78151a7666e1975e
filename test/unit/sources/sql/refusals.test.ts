/** What databases refuse to write, as those hear who wanted it. */
import { describe, expect, it } from 'vitest'
import { VitrineError } from '../../../../src/model/errors.js'
import { translateError } from '../../../../src/sources/sql/errors.js'
import { mayDoAgain, refusalOf } from '../../../../src/sources/sql/refusals.js'

const inside = 'Duplicate entry in staff.badge_number'
const refused = (props: object) => refusalOf(translateError(Object.assign(new Error(inside), props)))

describe('what a database refuses to write', () => {
  it.each([
    [{ code: 'ER_DUP_ENTRY', errno: 1062 }, 'entryAlreadyExists'],
    [{ code: '23505' }, 'entryAlreadyExists'],
    [{ code: 'SQLITE_CONSTRAINT_UNIQUE' }, 'entryAlreadyExists'],
    [{ code: 'ERR_SQLITE_ERROR', errcode: 2067 }, 'entryAlreadyExists'],
    [{ code: 'ERR_SQLITE_ERROR', errcode: 1555 }, 'entryAlreadyExists'],
    [{ code: 'ER_BAD_NULL_ERROR', errno: 1048 }, 'constraintViolation'],
    [{ code: 'ER_INNODB_AUTOEXTEND_SIZE_OUT_OF_RANGE', errno: 4025 }, 'constraintViolation'],
    [{ code: 'UNKNOWN_CODE_PLEASE_REPORT', errno: 1906 }, 'unwillingToPerform'],
    [{ code: '22P02' }, 'constraintViolation'],
    [{ code: '22021' }, 'constraintViolation'],
    [{ code: '23503' }, 'constraintViolation'],
    [{ code: 'ERR_SQLITE_ERROR', errcode: 787 }, 'constraintViolation'],
    [{ code: 'SQLITE_CONSTRAINT_TRIGGER' }, 'constraintViolation'],
    [{ code: 'ERR_SQLITE_ERROR', errcode: 1811 }, 'constraintViolation'],
    [{ code: '42501' }, 'insufficientAccessRights'],
    [{ code: 'ER_TABLEACCESS_DENIED_ERROR', errno: 1142 }, 'insufficientAccessRights'],
    [{ code: '25006' }, 'unwillingToPerform'],
    [{ code: 'ER_OPTION_PREVENTS_STATEMENT', errno: 1290 }, 'unwillingToPerform'],
    [{ code: 'SQLITE_READONLY_DBMOVED' }, 'unavailable'],
    [{ code: 'ERR_SQLITE_ERROR', errcode: 1032 }, 'unavailable'],
    [{ code: 'SQLITE_FULL' }, 'unavailable'],
    [{ code: 'SQLITE_IOERR_WRITE' }, 'unavailable'],
    [{ code: 'ERR_SQLITE_ERROR', errcode: 5 }, 'busy'],
    [{ code: 'SQLITE_BUSY_SNAPSHOT' }, 'busy'],
    [{ code: 'ER_PARSE_ERROR', errno: 1064 }, 'internalError'],
    [{ code: '42P01' }, 'internalError'],
  ] as const)('%j is %s, and its words stay inside', (props, code) => {
    const error = refused(props)
    expect(error).toMatchObject({ code, message: expect.stringContaining(inside) })
    expect(error).toMatchObject({ safeMessage: expect.not.stringMatching(/staff|badge|Duplicate/) })
  })

  it('tells what is referred to in vain from what is still referred to', () => {
    const missing = refused({ code: '23503', detail: 'Key (id)=(7) is not present in table "staff".' })
    const held = refused({ code: '23503', detail: 'Key (id)=(7) is still referenced from table "desks".' })
    expect(missing).toMatchObject({ safeMessage: expect.stringContaining('does not exist') })
    expect(held).toMatchObject({ safeMessage: expect.stringContaining('still refers') })
  })

  it('is nothing else that goes wrong', () => {
    for (const other of [new Error('x'), new VitrineError('canceled'), 'text', undefined])
      expect(refusalOf(other)).toBe(other)
  })
})

describe('a transaction', () => {
  const failed = (props: object) => translateError(Object.assign(new Error('x'), props))

  it('is begun again where the database ended it for another, or knows its statement no more', () => {
    for (const code of ['ER_LOCK_DEADLOCK', '40001', '40P01', '26000'])
      expect(mayDoAgain(failed({ code })), code).toBe(true)
    const stale = new Error('cached plan must not change result type')
    expect(mayDoAgain(translateError(Object.assign(stale, { code: '0A000' })))).toBe(true)
  })

  it('is not begun again where that would not help, or might do it twice', () => {
    for (const code of ['23505', 'ER_DUP_ENTRY', '0A000', 'ECONNRESET', '57P01', 'ER_LOCK_WAIT_TIMEOUT'])
      expect(mayDoAgain(failed({ code })), code).toBe(false)
    const unknown = new VitrineError('unavailable', { cause: { code: 'ECONNRESET' } })
    for (const other of [unknown, new Error('40001'), undefined]) expect(mayDoAgain(other)).toBe(false)
  })
})
