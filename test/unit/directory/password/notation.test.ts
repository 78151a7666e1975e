/** Strict notations: what they read, they read in one spelling only. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  adaptedBase64,
  base64,
  decimal,
  radix64,
  radix64Value,
  unpaddedBase64,
} from '../../../../src/directory/password/notation.js'

const bytes = fc.uint8Array({ maxLength: 70 }).map((array) => Buffer.from(array))

describe('base64', () => {
  it('reads back what was written, in each dialect', () => {
    fc.assert(
      fc.property(bytes, (value) => {
        const padded = value.toString('base64')
        const unpadded = padded.replace(/=+$/, '')
        expect(base64(padded)).toEqual(value)
        expect(unpaddedBase64(unpadded)).toEqual(value)
        expect(adaptedBase64(unpadded.replaceAll('+', '.'))).toEqual(value)
      }),
    )
  })

  it('has one spelling for every value', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'AQgwabc+/.-_=01 \n') }), (text) => {
        const value = base64(text)
        if (value !== undefined) expect(value.toString('base64')).toBe(text)
        const unpadded = unpaddedBase64(text)
        if (unpadded !== undefined) expect(unpadded.toString('base64').replace(/=+$/, '')).toBe(text)
      }),
    )
  })

  it('refuses missing, needless and misplaced padding, other alphabets and stray bits', () => {
    for (const text of ['YQ', 'YQ=', 'YR==', 'YWJj=', 'Y=Q=', 'Y', '-_-_', 'YQ==\n']) {
      expect(base64(text), text).toBeUndefined()
    }
    for (const text of ['YQ==', 'YR', 'Y', '....']) expect(unpaddedBase64(text), text).toBeUndefined()
    for (const text of ['+AAA', 'YR', 'YQ==']) expect(adaptedBase64(text), text).toBeUndefined()
  })
})

describe('decimal', () => {
  it('reads positive numbers only', () => {
    expect(decimal('1')).toBe(1)
    expect(decimal('9999999999')).toBe(9_999_999_999)
    for (const text of ['0', '01', '-1', '+1', '1.0', '1e3', ' 1', '', '10000000000', undefined])
      expect(decimal(text)).toBeUndefined()
  })
})

describe('radix 64', () => {
  it('writes the least significant digit first', () => {
    expect(radix64(0, 2)).toBe('..')
    expect(radix64(1 + 64 * 63, 2)).toBe('/z')
    expect(radix64Value('B')).toBe(13)
    for (const digit of ['', '$', 'BB']) expect(radix64Value(digit)).toBe(-1)
  })
})
