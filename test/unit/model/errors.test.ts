/** What a client is told of an error, and what is not for it. */
import { describe, expect, it } from 'vitest'
import { errorKinds, VitrineError } from '../../../src/model/errors.js'

describe('an error', () => {
  it('keeps its detail from the client', () => {
    const error = new VitrineError('unavailable', {
      detail: 'db.internal:3306 refused',
      cause: new Error('x'),
    })
    expect(error.safeMessage).toBe(errorKinds.unavailable.message)
    expect(error.safeMessage).not.toContain('db.internal')
    expect(error.message).toContain('db.internal:3306 refused')
  })

  it('may tell more than its kind does', () => {
    expect(new VitrineError('busy', { message: 'too many' }).safeMessage).toBe('too many')
  })

  it('is made of anything that is thrown, once', () => {
    const own = new VitrineError('canceled')
    expect(VitrineError.from(own)).toBe(own)
    for (const thrown of [new TypeError('secret'), 'secret', undefined, { secret: 1 }]) {
      const error = VitrineError.from(thrown)
      expect(error).toMatchObject({ code: 'internalError', safeMessage: 'internal error' })
      expect(error.cause).toBe(thrown)
    }
  })
})

describe('every kind of error', () => {
  it.each(Object.entries(errorKinds))('%s is an error to LDAP and to HTTP', (_code, kind) => {
    expect(kind.ldap).toBeGreaterThan(0)
    expect(kind.http).toBeGreaterThanOrEqual(400)
    expect(kind.http).toBeLessThan(600)
    expect(kind.message).toMatch(/^[a-zA-Z]/)
  })

  it('tells what passes from what does not', () => {
    expect(errorKinds.busy).toMatchObject({ ldap: 51, http: 429 })
    expect(errorKinds.unavailable).toMatchObject({ ldap: 52, http: 503 })
    expect(errorKinds.timeLimitExceeded).toMatchObject({ ldap: 3, http: 504 })
    expect(errorKinds.invalidCredentials).toMatchObject({ ldap: 49 })
  })
})
