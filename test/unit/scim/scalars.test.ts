/** Dates and times of SCIM name moments; equal values have the same form. */
import { describe, expect, it } from 'vitest'
import { attribute, text } from '../../../src/schema/scim/attribute.js'
import { normalForm, parseDateTime } from '../../../src/scim/scalars.js'

describe('a date and time', () => {
  it.each([
    ['2011-05-13T04:42:34Z', '2011-05-13T04:42:34.000Z'],
    ['2011-05-13T04:42:34', '2011-05-13T04:42:34.000Z'],
    ['2011-05-13T04:42:34.5Z', '2011-05-13T04:42:34.500Z'],
    ['2011-05-13T04:42:34.98765Z', '2011-05-13T04:42:34.987Z'],
    ['2011-05-13T04:42:34+02:00', '2011-05-13T02:42:34.000Z'],
    ['2011-05-13T04:42:34-05:30', '2011-05-13T10:12:34.000Z'],
    ['2011-12-31T24:00:00Z', '2012-01-01T00:00:00.000Z'],
    ['0099-01-01T00:00:00Z', '0099-01-01T00:00:00.000Z'],
    ['2024-02-29T23:59:59+14:00', '2024-02-29T09:59:59.000Z'],
  ])('%s is the moment %s', (written, moment) => {
    expect(parseDateTime(written)?.toISOString()).toBe(moment)
  })

  it.each([
    '2011-05-13',
    '2011-05-13T04:42Z',
    '2011-05-13t04:42:34z',
    '2011-05-13 04:42:34Z',
    '2011-02-30T00:00:00Z',
    '2011-00-10T00:00:00Z',
    '2011-01-00T00:00:00Z',
    '2011-05-13T25:00:00Z',
    '2011-05-13T24:00:00.001Z',
    '2011-05-13T04:60:34Z',
    '2011-05-13T04:42:60Z',
    '2011-05-13T04:42:34+14:01',
    '2011-05-13T04:42:34+02:60',
    '2011-05-13T04:42:34+0200',
    '2011-05-13T04:42:34.Z',
    '-2011-05-13T04:42:34Z',
    '20110513044234Z',
    '',
  ])('is not %j', (written) => {
    expect(parseDateTime(written)).toBeUndefined()
  })
})

describe('values', () => {
  const named = text('a', '')
  const exact = text('a', '', { caseExact: true })

  it('are the same under the rule of their attribute', () => {
    expect(normalForm(named, 'Straße  X')).toBe(normalForm(named, ' STRAßE x '))
    expect(normalForm(exact, 'Ab')).not.toBe(normalForm(exact, 'ab'))
    expect(normalForm(attribute('a', 'dateTime', ''), '2011-05-13T04:42:34+02:00')).toBe(
      normalForm(attribute('a', 'dateTime', ''), '2011-05-13T02:42:34.000Z'),
    )
    expect(normalForm(attribute('a', 'binary', ''), '-_8')).toBe(
      normalForm(attribute('a', 'binary', ''), '+/8='),
    )
    expect(normalForm(attribute('a', 'boolean', ''), 'TRUE')).toBe(true)
    expect(normalForm(attribute('a', 'reference', ''), 'https://x/A')).toBe('https://x/A')
  })

  it('have no form where they are none', () => {
    expect(normalForm(named, 5)).toBeUndefined()
    expect(normalForm(attribute('a', 'integer', ''), 1.5)).toBeUndefined()
    expect(normalForm(attribute('a', 'dateTime', ''), 'now')).toBeUndefined()
    expect(normalForm(attribute('a', 'boolean', ''), 'yes')).toBeUndefined()
    expect(normalForm(attribute('a', 'complex', ''), {})).toBeUndefined()
  })
})
