import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Ref } from '../../../../src/model/value.js'
import { keptAs, showDate, shownAs } from '../../../../src/scim/representation/values.js'

describe('values are shown', () => {
  it('as RFC 3339 where they are times', () => {
    fc.assert(fc.property(fc.date({ noInvalidDate: true }), (date) => showDate(date) === date.toISOString()))
    expect(showDate(new Date(Number.NaN))).toBeUndefined()
    expect(shownAs('dateTime')('2024-01-01T00:00:00+02:00')).toBe('2024-01-01T00:00:00+02:00')
  })

  it.each([
    ['boolean', 1n, true],
    ['boolean', 0, false],
    ['boolean', 'TRUE', true],
    ['boolean', '0', false],
    ['boolean', 'perhaps', undefined],
    ['integer', 5n, 5],
    ['integer', -9007199254740993n, '-9007199254740993'],
    ['integer', '12', 12],
    ['integer', '1.5', undefined],
    ['integer', Number.NaN, undefined],
    ['decimal', '1.50', 1.5],
    ['decimal', '', undefined],
    ['decimal', 'x', undefined],
    ['string', 7n, '7'],
    ['string', false, 'false'],
    ['string', Uint8Array.of(255), '/w=='],
    ['string', new Ref('people', []), undefined],
    ['binary', 'AQID', 'AQID'],
    ['binary', 5, undefined],
    ['dateTime', 5, undefined],
    ['reference', 'https://x/', 'https://x/'],
    ['complex', 'x', undefined],
  ] as const)('as %s: %s', (type, value, shown) => {
    expect(shownAs(type)(value)).toBe(shown)
  })
})

describe('values are kept', () => {
  it.each([
    ['text', 5, '5'],
    ['text', true, 'TRUE'],
    ['text', ' ', undefined],
    ['text', null, undefined],
    ['integer', '9007199254740993', 9007199254740993n],
    ['integer', 5, 5],
    ['integer', true, 1],
    ['boolean', 'False', false],
    ['time', '2024-01-01T00:00:00Z', new Date('2024-01-01T00:00:00Z')],
    ['binary', '__8', Buffer.from([255, 255])],
  ] as const)('as %s: %s', (kind, json, kept) => {
    expect(keptAs(kind, json, 'x')).toEqual(kept)
  })

  it.each([
    ['integer', 1.5],
    ['integer', '1e3'],
    ['integer', '9'.repeat(2000)],
    ['boolean', 'perhaps'],
    ['time', 'today'],
    ['time', 5],
    ['binary', '%'],
    ['text', {}],
    ['text', []],
  ] as const)('never as %s: %s', (kind, json) => {
    expect(() => keptAs(kind, json, 'x.y')).toThrow(
      expect.objectContaining({
        code: 'invalidAttributeSyntax',
        safeMessage: expect.stringContaining('x.y'),
      }),
    )
  })
})
