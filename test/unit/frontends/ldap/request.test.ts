/** How long an operation may take. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { type LdapOperation, withContext } from '../../../../src/frontends/ldap/request.js'

function operation() {
  const controller = new AbortController()
  const op: Pick<LdapOperation, 'signal' | 'cancel' | 'controls'> & { connection: object } = {
    signal: controller.signal,
    cancel: (reason) => controller.abort(reason),
    connection: {},
    controls: [],
  }
  return op as LdapOperation
}

it('a limit longer than any timer is none that comes at once', async () => {
  const op = operation()
  expect(await withContext(op, 2_147_483_647 * 1000, () => sleep(50, 'done'))).toBe('done')
  expect(op.signal.aborted).toBe(false)
})

it('a short limit ends the operation', async () => {
  const op = operation()
  const work = withContext(op, 10, () => sleep(1000, 'done', { ref: false }))
  await expect(work).rejects.toMatchObject({ code: 'timeLimitExceeded' })
  expect(op.signal.reason).toMatchObject({ code: 'timeLimitExceeded' })
})
