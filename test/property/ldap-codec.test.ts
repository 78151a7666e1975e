/** Whatever is encoded comes back; whatever is decoded, however broken, ends in a message or a typed error. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  BerError,
  decodeMessage,
  encodeMessage,
  Framer,
  type LdapMessage,
  MessageError,
} from '../../src/ldap/index.js'
import { message } from './ldap-arbitraries.js'

/** Decodes; anything but a message or one of the typed errors is thrown on. */
function tryDecode(octets: Buffer): LdapMessage | undefined {
  try {
    return decodeMessage(octets)
  } catch (error) {
    if (error instanceof BerError || error instanceof MessageError) return undefined
    throw error
  }
}

describe('messages', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(message, (original) => {
        expect(decodeMessage(encodeMessage(original))).toEqual(original)
      }),
      { numRuns: 2000 },
    )
  })

  it('come back from a stream that is cut anywhere', () => {
    fc.assert(
      fc.property(
        fc.array(message, { minLength: 1, maxLength: 5 }),
        fc.array(fc.nat(200), { minLength: 1 }),
        (originals, cuts) => {
          const stream = Buffer.concat(originals.map((original) => encodeMessage(original)))
          const framer = new Framer()
          const found: LdapMessage[] = []
          for (let at = 0, cut = 0; at < stream.length; cut++) {
            const size = (cuts[cut % cuts.length] as number) + 1
            framer.push(stream.subarray(at, at + size))
            at += size
            while (framer.next()) {
              found.push(decodeMessage(framer.buffer.subarray(framer.start, framer.end)))
            }
          }
          expect(found).toEqual(originals)
        },
      ),
      { numRuns: 300 },
    )
  })
})

describe('broken octets', () => {
  it('never do worse than a typed error, when random', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const octets = Buffer.from(bytes)
        tryDecode(octets)
        tryDecode(Buffer.concat([Buffer.from([0x30, 0x82, octets.length >> 8, octets.length & 255]), octets]))
      }),
      { numRuns: 5000 },
    )
  })

  it('never do worse than a typed error, when sound ones are changed', () => {
    let decoded = 0
    fc.assert(
      fc.property(
        message,
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        fc.nat(),
        (original, changes, cut) => {
          const octets = encodeMessage(original)
          for (const [at, value] of changes) octets[at % octets.length] = value
          if (tryDecode(octets) !== undefined) decoded++
          tryDecode(octets.subarray(0, cut % octets.length))
        },
      ),
      { numRuns: 5000 },
    )
    expect(decoded).toBeGreaterThan(0)
  })

  it('never make the framer loop, grow or yield what is out of bounds', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 20 }), (chunks) => {
        const framer = new Framer(1000)
        let taken = 0
        let given = 0
        try {
          for (const chunk of chunks) {
            const octets = Buffer.from(chunk)
            if (given === 0 && octets.length > 0) octets[0] = 0x30
            framer.push(octets)
            given += octets.length
            while (framer.next()) {
              taken += framer.end - framer.start
              expect(framer.end).toBeLessThanOrEqual(framer.buffer.length)
              expect(taken).toBeLessThanOrEqual(given)
            }
          }
        } catch (error) {
          expect(error).toBeInstanceOf(BerError)
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('cost time in proportion to their length', () => {
    // The most elements that fit: every two octets are one.
    const many = Buffer.alloc(2_000_000, Buffer.from([0x04, 0x00]))
    const header = Buffer.from([0x30, 0x84, 0, 0, 0, 0, 0x02, 0x01, 0x01])
    header.writeUInt32BE(many.length + 3, 2)
    const unknown = Buffer.concat([header, Buffer.from([0x42, 0x00]), many.subarray(2)])
    const started = performance.now()
    tryDecode(unknown)
    expect(performance.now() - started).toBeLessThan(2000)
  })
})
