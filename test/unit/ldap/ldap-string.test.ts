/** Octets as text, whether a name has been seen before or one like it. */
import { isUtf8 } from 'node:buffer'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ldapString } from '../../../src/ldap/ldap-string.js'

const AROUND = Buffer.from('((')

/** As it stands in a message, between other octets. */
function within(octets: Uint8Array): string {
  const message = Buffer.concat([AROUND, octets, AROUND])
  return ldapString(message, AROUND.length, AROUND.length + octets.length)
}

it('is what was written, the first time and again', () => {
  const texts = fc.oneof(
    fc.string({ maxLength: 80 }),
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    // Much alike.
    fc.stringMatching(/^user0{2,8}[0-9]{1,3}m$/),
    fc.constant('\ufffd'),
  )
  fc.assert(
    fc.property(fc.array(texts, { minLength: 1 }), (all) => {
      for (const text of [...all, ...all])
        expect(within(Buffer.from(text))).toBe(Buffer.from(text).toString())
    }),
  )
})

it('is refused where the octets are not UTF-8', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 50 }).filter((octets) => !isUtf8(octets)),
      (octets) => {
        expect(() => within(octets)).toThrow('a string is not UTF-8')
      },
    ),
  )
})
