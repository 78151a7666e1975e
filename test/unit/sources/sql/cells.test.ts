/** What drivers give, as cells. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type CellReader,
  readBinary,
  readBoolean,
  readInteger,
  readPadded,
  readText,
  readTime,
} from '../../../../src/sources/sql/cells.js'

const readers: readonly (readonly [name: string, read: CellReader])[] = [
  ['readInteger', readInteger],
  ['readText', readText],
  ['readPadded', readPadded],
  ['readTime', readTime],
  ['readBinary', readBinary],
  ['readBoolean', readBoolean],
]

describe('every reader', () => {
  it.each(readers)('%s keeps NULL', (_name, read) => {
    expect(read(null)).toBeNull()
    expect(read(undefined)).toBeNull()
  })
})

it('keeps integers exact beyond doubles', () => {
  expect(readInteger('42')).toBe(42)
  expect(readInteger(42n)).toBe(42)
  expect(readInteger('9007199254740991')).toBe(9007199254740991)
  expect(readInteger('9007199254740993')).toBe(9007199254740993n)
  expect(readInteger('-9223372036854775808')).toBe(-9223372036854775808n)
  expect(readInteger('18446744073709551615')).toBe(18446744073709551615n)
})

it('reads text of bytes and of numbers', () => {
  expect(readText(Buffer.from('é'))).toBe('é')
  expect(readText(1.5)).toBe('1.5')
  expect(readPadded('ab  ')).toBe('ab')
  expect(readPadded(' ab')).toBe(' ab')
})

describe('times', () => {
  it.each([
    ['2025-01-02', '2025-01-02T00:00:00.000Z'],
    ['2025-01-02 03:04:05', '2025-01-02T03:04:05.000Z'],
    ['2025-01-02T03:04:05', '2025-01-02T03:04:05.000Z'],
    ['2025-01-02 03:04', '2025-01-02T03:04:00.000Z'],
    ['2025-01-02 03:04:05.678999', '2025-01-02T03:04:05.678Z'],
    ['2025-01-02 03:04:05+02', '2025-01-02T01:04:05.000Z'],
    ['2025-01-02 03:04:05.5-05:30', '2025-01-02T08:34:05.500Z'],
    ['2025-01-02T03:04:05Z', '2025-01-02T03:04:05.000Z'],
  ])('%s', (text, wanted) => {
    expect((readTime(text) as Date).toISOString()).toBe(wanted)
  })

  it('any moment, as databases write it', () => {
    const moments = fc.date({ min: new Date('1000-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z') })
    fc.assert(
      fc.property(moments, fc.nat(6), (moment, places) => {
        const [day = '', time = ''] = moment.toISOString().slice(0, -1).split('T')
        const [whole = '', millis = ''] = time.split('.')
        const fraction = `${millis}999`.slice(0, places)
        const text = `${day} ${whole}${fraction === '' ? '' : `.${fraction}`}`
        const wanted = `${day}T${whole}.${fraction.slice(0, 3).padEnd(3, '0')}Z`
        expect((readTime(text) as Date).toISOString()).toBe(wanted)
      }),
    )
  })

  it.each([
    '',
    'infinity',
    '0000-00-00 00:00:00',
    'yesterday',
    '2025-13-01',
    '2025-01-02 03:04:05 PM',
    '2025-01-02x',
  ])('%j is none', (text) => {
    expect(readTime(text)).toBeNull()
  })
})

it('reads bytes as they are and as PostgreSQL writes them', () => {
  expect(readBinary(Buffer.from([0, 255]))).toEqual(Buffer.from([0, 255]))
  expect(readBinary('\\x00ff')).toEqual(Buffer.from([0, 255]))
})

it('reads truth from bits, numbers and words', () => {
  expect([true, 1, 1n, '1', 't', 'true', Buffer.from([1])].map(readBoolean)).toEqual(Array(7).fill(true))
  expect([false, 0, 0n, '0', 'f', 'false', Buffer.from([0])].map(readBoolean)).toEqual(Array(7).fill(false))
})
