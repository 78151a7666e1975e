/** Durations, sizes and endpoints as operators write them. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDuration } from '../../../src/config/duration.js'
import { parseEndpoint } from '../../../src/config/endpoint.js'
import { parseSize } from '../../../src/config/size.js'

describe('duration', () => {
  it.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['15m', 900_000],
    ['1h', 3_600_000],
    ['2d', 172_800_000],
    ['1.5s', 1500],
    ['30', 30_000],
    ['0.25', 250],
    ['10 s', 10_000],
    ['0', 0],
  ])('%s is %d ms', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds)
  })

  it.each(['', 's', '-1s', '5 parsecs', '1h30m', '1e3', 'NaN', 'Infinity', '.5s', '25d'])(
    'refuses "%s"',
    (text) => {
      expect(parseDuration(text)).toBeUndefined()
    },
  )

  it('never exceeds what a timer can wait', () => {
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom('ms', 's', 'm', 'h', 'd', ''), (count, unit) => {
        const milliseconds = parseDuration(`${count}${unit}`)
        return milliseconds === undefined || (Number.isInteger(milliseconds) && milliseconds < 2 ** 31)
      }),
    )
  })
})

describe('size', () => {
  it.each([
    ['4096', 4096],
    ['100B', 100],
    ['256KiB', 262_144],
    ['10MiB', 10_485_760],
    ['2 GiB', 2_147_483_648],
  ])('%s is %d bytes', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes)
  })

  it.each(['', 'MiB', '10MB', '-1', '1.5MiB', '999999999999GiB'])('refuses "%s"', (text) => {
    expect(parseSize(text)).toBeUndefined()
  })
})

describe('endpoint', () => {
  it.each([
    ['1389', '127.0.0.1', 1389],
    ['0', '127.0.0.1', 0],
    ['0.0.0.0:389', '0.0.0.0', 389],
    ['localhost:389', 'localhost', 389],
    ['[::]:389', '::', 389],
    ['[fe80::1%eth0]:65535', 'fe80::1%eth0', 65_535],
  ])('%s', (text, host, port) => {
    expect(parseEndpoint(text)).toEqual({ host, port })
  })

  it.each([
    '',
    ':389',
    '::1:389',
    'localhost',
    'localhost:',
    'localhost:ldap',
    '65536',
    'a b:1',
    'ldap://h:389',
  ])('refuses "%s"', (text) => {
    expect(parseEndpoint(text)).toBeUndefined()
  })
})
