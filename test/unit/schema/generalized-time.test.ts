import { describe, expect, it } from 'vitest'
import { parseGeneralizedTime, renderGeneralizedTime } from '../../../src/schema/generalized-time.js'

describe('parseGeneralizedTime', () => {
  it.each([
    ['20250102030405Z', '2025-01-02T03:04:05.000Z'],
    ['20250102030405.5Z', '2025-01-02T03:04:05.500Z'],
    ['20250102030405,123456Z', '2025-01-02T03:04:05.123Z'],
    ['202501020304Z', '2025-01-02T03:04:00.000Z'],
    ['202501020304.5Z', '2025-01-02T03:04:30.000Z'],
    ['2025010203Z', '2025-01-02T03:00:00.000Z'],
    ['2025010203.25Z', '2025-01-02T03:15:00.000Z'],
    ['20250102030405+0130', '2025-01-02T01:34:05.000Z'],
    ['20250101230405-04', '2025-01-02T03:04:05.000Z'],
    ['20241231235960Z', '2025-01-01T00:00:00.000Z'],
    ['20240229000000Z', '2024-02-29T00:00:00.000Z'],
    ['00500101000000Z', '0050-01-01T00:00:00.000Z'],
  ])('reads %s', (text, moment) => {
    expect(parseGeneralizedTime(text)?.toISOString()).toBe(moment)
  })

  it.each([
    ...['', '20250102', '20250102030405', '2025010203040Z', '20250102030405.Z', '20250102030405z'],
    ...['20251301000000Z', '20250001000000Z', '20250100000000Z', '20250229000000Z', '20250102240000Z'],
    ...['20250102036000Z', '20250102030461Z', '20250102030405+2400', '20250102030405+0160'],
    ...['00000101000000+0100', '99991231235959-0100', ' 20250102030405Z', '20250102030405Z\n'],
  ])('refuses %j', (text) => {
    expect(parseGeneralizedTime(text)).toBeUndefined()
  })
})

describe('renderGeneralizedTime', () => {
  it('writes UTC, and a fraction only where there is one', () => {
    expect(renderGeneralizedTime(new Date(Date.UTC(2025, 0, 2, 3, 4, 5)))).toBe('20250102030405Z')
    expect(renderGeneralizedTime(new Date(Date.UTC(2025, 0, 2, 3, 4, 5, 70)))).toBe('20250102030405.07Z')
  })

  it('refuses what has no four-digit year', () => {
    expect(renderGeneralizedTime(new Date(Number.NaN))).toBeUndefined()
    expect(renderGeneralizedTime(new Date(Date.UTC(10000, 0)))).toBeUndefined()
  })
})
