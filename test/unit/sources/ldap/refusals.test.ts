/** What a directory refuses to write, as clients are told it. */
import { describe, expect, it } from 'vitest'
import { LdapError } from '../../../../src/ldap/errors.js'
import { refusalOf } from '../../../../src/sources/ldap/refusals.js'

const refused = (code: number, message = '') => refusalOf(new LdapError(code, message))

describe('a refusal', () => {
  it('is the fault of whoever wrote, and never tells what the server said', () => {
    expect(refused(68)).toMatchObject({ code: 'entryAlreadyExists' })
    expect(refused(65, 'object class "x" wants attribute y')).toMatchObject({
      code: 'objectClassViolation',
      safeMessage: 'the directory behind wants other attributes in such an entry',
    })
    expect(refused(50)).toMatchObject({ code: 'insufficientAccessRights' })
    expect(refused(51)).toMatchObject({ code: 'busy' })
  })

  it.each([
    [53, '0000052D: SvcErr: DSID-031A12D2, problem 5003 (WILL_NOT_PERFORM), data 0'],
    [19, '0000052D: Constraint violation - check_password_restrictions: the password is too short.'],
  ])('of a password by Active Directory is one of a value: %i', (code, message) => {
    expect(refused(code, message)).toMatchObject({
      code: 'constraintViolation',
      safeMessage: 'the directory behind does not take this password',
    })
  })

  it('of something else that it is not willing to do stays that', () => {
    expect(refused(53, '00002077: SvcErr')).toMatchObject({ code: 'unwillingToPerform' })
  })
})
