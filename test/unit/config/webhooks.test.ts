/** Webhooks as configurations have them. */
import { expect, it } from 'vitest'
import { webhooksSchema } from '../../../src/config/schema-webhooks.js'

const url = 'https://ops.example.com/hook'
const parse = (more: object) => webhooksSchema.safeParse([{ url, secret: 'x'.repeat(24), ...more }])

it('secrets are octets in base64, or texts', () => {
  const octets = Buffer.alloc(32, 7)
  const secret = `whsec_${octets.toString('base64')}`
  expect(Buffer.from(parse({ secret }).data?.[0]?.secret ?? [])).toEqual(octets)
  expect(parse({ secret: 'ß'.repeat(12) }).data?.[0]?.secret).toHaveLength(24)
})

it('one is told of what changed and what went wrong, unless it says otherwise', () => {
  expect(parse({}).data?.[0]?.events).toEqual(['sync.changed', 'sync.held', 'sync.failed'])
  expect(parse({ events: 'sync.unchanged' }).data?.[0]?.events).toEqual(['sync.unchanged'])
})

it.each([
  [{ url: 'ops.example.com' }, /is no URL/],
  [{ secret: 'too short' }, /fewer than 24 octets/],
  [{ secret: `whsec_${Buffer.alloc(8).toString('base64')}` }, /fewer than 24 octets/],
  [{ events: 'sync.nothing' }, /Invalid/],
])('%j is refused', (more, message) => {
  expect(parse(more).error?.message).toMatch(message)
})

it('two of one name are refused, for what is still to be told is kept under it', () => {
  const one = { url, secret: 'x'.repeat(24) }
  expect(webhooksSchema.safeParse([one, one]).error?.message).toMatch(/name of another webhook/)
  expect(webhooksSchema.safeParse([one, { ...one, name: 'b' }]).success).toBe(true)
})
