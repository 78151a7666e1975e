/** Cutting chunks into messages: every cut, bounds, early refusal, no more memory than was received. */
import { describe, expect, it } from 'vitest'
import { BerError, Framer } from '../../../src/ldap/index.js'
import { hex, int, sequence, tlv } from './tlv.js'

function take(framer: Framer): Buffer[] {
  const found: Buffer[] = []
  while (framer.next()) found.push(Buffer.from(framer.buffer.subarray(framer.start, framer.end)))
  return found
}

const small = sequence(int(1), tlv(0x42))
const medium = sequence(int(2), tlv(0x4a, 'x'.repeat(300)))
const longForm = hex('30 84 00000005 020103 4200')
const stream = Buffer.concat([small, medium, longForm, small])

describe('Framer', () => {
  it('finds all messages of one chunk', () => {
    const framer = new Framer()
    framer.push(stream)
    expect(take(framer)).toEqual([small, medium, longForm, small])
  })

  it('finds them wherever the stream is cut', () => {
    for (let cut = 1; cut < stream.length; cut++) {
      const framer = new Framer()
      framer.push(stream.subarray(0, cut))
      const found = take(framer)
      framer.push(stream.subarray(cut))
      found.push(...take(framer))
      expect(Buffer.concat(found).equals(stream)).toBe(true)
      expect(found).toHaveLength(4)
    }
  })

  it('finds them octet by octet, and with chunks queued before anyone asks', () => {
    const framer = new Framer()
    for (const octet of stream) framer.push(Buffer.from([octet]))
    expect(take(framer)).toEqual([small, medium, longForm, small])
    expect(framer.queued).toBe(0)
  })

  it('leaves the octets of a message alone when more arrive', () => {
    const framer = new Framer()
    framer.push(medium.subarray(0, 100))
    expect(framer.next()).toBe(false)
    framer.push(Buffer.concat([medium.subarray(100), medium.subarray(0, 50)]))
    expect(framer.next()).toBe(true)
    const view = framer.buffer.subarray(framer.start, framer.end)
    framer.next()
    framer.push(Buffer.alloc(300, 0xff))
    framer.next()
    expect(view).toEqual(medium)
  })

  it.each([
    ['another tag', '60'],
    ['an indefinite length', '30 80'],
    ['a length of five octets', '30 85'],
    ['a length over the limit', '30 84 00a00000'],
    ['the longest length there is', '30 84 ffffffff'],
  ])('refuses %s at once', (_name, octets) => {
    const whole = new Framer()
    whole.push(hex(octets))
    expect(() => whole.next()).toThrow(BerError)
    const bitwise = new Framer()
    expect(() => {
      for (const octet of hex(octets)) {
        bitwise.push(Buffer.from([octet]))
        bitwise.next()
      }
    }).toThrow(BerError)
  })

  it('holds its bound exactly, header included', () => {
    const framer = new Framer(small.length)
    framer.push(small)
    expect(framer.next()).toBe(true)
    framer.push(sequence(int(1), tlv(0x4a, 'x')))
    expect(() => framer.next()).toThrow(BerError)
  })

  it('reserves no memory for octets that have only been announced', () => {
    const before = process.memoryUsage().arrayBuffers
    const framers = Array.from({ length: 100 }, () => {
      const framer = new Framer()
      framer.push(hex('30 83 900000 02'))
      framer.next()
      return framer
    })
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * 1024 * 1024)
    expect(framers).toHaveLength(100)
  })

  it('takes a large message in small chunks in linear time', () => {
    const large = sequence(int(1), tlv(0x4a, Buffer.alloc(8 * 1024 * 1024, 'x')))
    const framer = new Framer()
    const started = performance.now()
    let found = 0
    for (let at = 0; at < large.length; at += 100) {
      framer.push(large.subarray(at, at + 100))
      while (framer.next()) found += framer.end - framer.start
    }
    expect(found).toBe(large.length)
    expect(performance.now() - started).toBeLessThan(3000)
  })
})
