/**
 * Portable phpass, as WordPress before 6.8 (`$P$`) and phpBB 3 (`$H$`) store it: iterated MD5, computed in
 * slices on the event loop (8192 rounds take about 5 ms). WordPress's newer format has its own file.
 *
 * Bounds: 2^7 to 2^20 rounds; passwords up to 4096 bytes, phpass's own limit.
 */
import { hash } from 'node:crypto'
import { radix64, radix64Value } from './notation.js'
import { noMatch, type Scheme, slow } from './scheme.js'
import { inSlices } from './slices.js'

const longestPassword = 4096
const leastLog = 7
const mostLog = 20
/** Rounds between two offers to give way. */
const stride = 64

/** MD5 of salt and password, then `rounds` times of the last result and the password, in 22 digits. */
function* phpassMd5(password: Uint8Array, salt: Uint8Array, rounds: number): Generator<void, string> {
  const start = hash('md5', Buffer.concat([salt, password]), 'buffer')
  const input = Buffer.concat([start, password])
  for (let round = 0; round < rounds; round++) {
    input.write(hash('md5', input, 'binary'), 0, 'latin1')
    if (round % stride === stride - 1) yield
  }
  let text = ''
  for (let at = 0; at < 15; at += 3) text += radix64(input.readUIntLE(at, 3), 4)
  return text + radix64(input.readUInt8(15), 2)
}

/** One digit for the logarithm of the rounds, eight bytes of salt, 22 digits of result. */
function scheme(tag: string): Scheme {
  return {
    tag,
    read: (rest) => {
      const [, digit, saltText, result] =
        /^([./0-9A-Za-z])([!-#%-9;-~]{8})([./0-9A-Za-z]{22})$/.exec(rest) ?? []
      if (digit === undefined || saltText === undefined || result === undefined) return 'malformed'
      const log = radix64Value(digit)
      if (log < leastLog || log > 30) return 'malformed'
      if (log > mostLog) return 'cost'
      const salt = Buffer.from(saltText)
      return slow(Buffer.from(result), async (password) =>
        password.length <= longestPassword
          ? Buffer.from(await inSlices(phpassMd5(password, salt, 2 ** log)))
          : noMatch,
      )
    },
  }
}

export const phpassSchemes: readonly Scheme[] = [scheme('$P$'), scheme('$H$')]
