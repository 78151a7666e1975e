/** Numbers with a fraction: how columns keep them, and what they are asked. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decimalCodec, plainText } from '../../../src/mapping/codecs/decimal.js'
import { UNKNOWN } from '../../../src/mapping/mapping.js'
import { NEVER } from '../../../src/sources/logic.js'
import type { Column } from '../../../src/sources/source.js'

const decimal: Column = { name: 'n', kind: 'decimal' }
const money: Column = { ...decimal, precision: { digits: 10, scale: 2 } }
const single: Column = { ...decimal, precision: 'single' }
const whole: Column = { name: 'n', kind: 'integer', range: [-(2n ** 63n), 2n ** 63n - 1n] }

describe('decimals', () => {
  it('are written with all their digits, and read again', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
        expect(plainText(number)).toMatch(/^-?\d+(\.\d+)?$/)
        expect(decimalCodec(decimal).decode(plainText(number))).toBe(number + 0)
      }),
    )
  })

  it.each([
    ['1.50', 1.5],
    ['-0.00', 0],
    ['1e+20', 1e20],
    [7n, 7],
    [2 ** 70, 2 ** 70],
    ['abc', undefined],
    ['NaN', undefined],
    ['Infinity', undefined],
    ['1e999', undefined],
    ['', undefined],
    [null, undefined],
    [true, undefined],
  ])('read %s as %s', (cell, value) => {
    expect(decimalCodec(decimal).decode(cell)).toBe(value)
  })

  it('of 4 bytes are the shortest that are the same there', () => {
    const { decode, encode } = decimalCodec(single)
    expect([decode(Math.fround(0.1)), decode('16777216'), decode('1e300')]).toEqual([
      0.1,
      16_777_216,
      undefined,
    ])
    expect([encode(0.1, single), encode(123_456.789, single), encode(1e300, single)]).toEqual([
      '0.1',
      undefined,
      undefined,
    ])
  })

  it('are not rounded where they are stored', () => {
    const { encode } = decimalCodec(money)
    expect([encode(1.25, money), encode(1.255, money), encode(1e-3, money)]).toEqual([
      '1.25',
      undefined,
      undefined,
    ])
    expect([encode(3, whole), encode(3.5, whole), encode(2 ** 70, whole)]).toEqual([3n, undefined, undefined])
  })

  it('are asked of whole numbers as far as those are exact', () => {
    const ask = (op: 'eq' | 'ge' | 'gt' | 'le' | 'lt', value: number) =>
      decimalCodec(whole).rewrite(whole, { op, attr: 'x', value })
    const test = (op: string, value: bigint) => ({
      op: 'test',
      on: whole,
      test: { test: 'compare', op, value },
      negated: false,
    })
    expect(ask('eq', 2.5)).toEqual(NEVER)
    expect(ask('eq', 2)).toEqual(test('eq', 2n))
    expect([ask('ge', 2.5), ask('gt', 2.5)]).toEqual([test('ge', 3n), test('gt', 2n)])
    expect([ask('le', -2.5), ask('lt', -2.5)]).toEqual([test('le', -3n), test('lt', -2n)])
    expect(ask('eq', 2 ** 53)).toEqual(UNKNOWN)
  })
})
