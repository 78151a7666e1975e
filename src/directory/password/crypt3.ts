/**
 * crypt(3) on MD5 (`$1$`, Apache's `$apr1$`) and SHA-2 (`$5$`, `$6$`), computed in slices on the event loop:
 * a `$6$` of 5000 rounds takes about 5 ms. The formats' texts are read here; bcrypt has its own file.
 *
 * Bounds: 1000 to 1,000,000 rounds; passwords up to 512 bytes (libxcrypt's limit) and without NUL, which
 * ends a C string; every other one matches nothing.
 */
import { hash } from 'node:crypto'
import { decimal, radix64 } from './notation.js'
import { noMatch, type Scheme, slow } from './scheme.js'
import { inSlices } from './slices.js'

const longestPassword = 512
const defaultRounds = 5000
const fewestRounds = 1000
const mostRounds = 1_000_000
/** Rounds between two offers to give way. */
const stride = 64

type Algorithm = 'md5' | 'sha256' | 'sha512'

function digest(algorithm: Algorithm, ...parts: readonly Uint8Array[]): Buffer {
  return hash(algorithm, Buffer.concat(parts), 'buffer')
}

/** The first `length` bytes of `bytes` said over and over. */
function repeated(bytes: Uint8Array, length: number): Buffer {
  return Buffer.alloc(length, bytes)
}

/**
 * The rounds that all these functions share: each hashes the last result with password and salt, in an order
 * that depends on the round's number modulo 2, 3 and 7. The eight orders are laid out once, and a round only
 * puts the last result into its place.
 */
function* mix(
  algorithm: Algorithm,
  start: Buffer,
  password: Uint8Array,
  salt: Uint8Array,
  rounds: number,
): Generator<void, Buffer> {
  const layouts = Array.from({ length: 8 }, (_, kind) => {
    const odd = (kind & 1) !== 0
    const withSalt = (kind & 2) !== 0 ? salt : noMatch
    const withPassword = (kind & 4) !== 0 ? password : noMatch
    const parts = odd ? [password, withSalt, withPassword, start] : [start, withSalt, withPassword, password]
    const input = Buffer.concat(parts)
    return { input, at: odd ? input.length - start.length : 0 }
  })
  let result = start.toString('latin1')
  for (let round = 0; round < rounds; round++) {
    const layout = layouts[(round & 1) | (round % 3 === 0 ? 0 : 2) | (round % 7 === 0 ? 0 : 4)]
    if (layout === undefined) throw new RangeError('a round is of one of eight kinds')
    layout.input.write(result, layout.at, 'latin1')
    result = hash(algorithm, layout.input, 'binary')
    if (round % stride === stride - 1) yield
  }
  return Buffer.from(result, 'latin1')
}

/** Poul-Henning Kamp's MD5-based crypt, 1000 rounds; `magic` is the tag it was made for. */
function* md5Crypt(magic: string, password: Uint8Array, salt: Uint8Array): Generator<void, string> {
  const inner = digest('md5', password, salt, password)
  const bits: Uint8Array[] = []
  for (let length = password.length; length > 0; length >>>= 1)
    bits.push((length & 1) === 1 ? Buffer.alloc(1) : password.subarray(0, 1))
  const start = digest('md5', password, Buffer.from(magic), salt, repeated(inner, password.length), ...bits)
  return spell(yield* mix('md5', start, password, salt, 1000), md5Order)
}

/** Ulrich Drepper's SHA-crypt. */
function* shaCrypt(
  algorithm: 'sha256' | 'sha512',
  password: Uint8Array,
  salt: Uint8Array,
  rounds: number,
): Generator<void, string> {
  const inner = digest(algorithm, password, salt, password)
  const bits: Uint8Array[] = []
  for (let length = password.length; length > 0; length >>>= 1)
    bits.push((length & 1) === 1 ? inner : password)
  const start = digest(algorithm, password, salt, repeated(inner, password.length), ...bits)
  const allPasswords = repeated(password, password.length * password.length)
  const p = repeated(digest(algorithm, allPasswords), password.length)
  const s = repeated(digest(algorithm, repeated(salt, salt.length * (16 + (start[0] ?? 0)))), salt.length)
  yield
  const order = algorithm === 'sha256' ? sha256Order : sha512Order
  return spell(yield* mix(algorithm, start, p, s, rounds), order)
}

/**
 * In which order the result's bytes are spelled: groups of three, most significant first, as four radix 64
 * digits. In each of these functions a group's places advance together, in one of three rotations.
 */
type Order = readonly (readonly number[])[]

const md5Order: Order = [[0, 6, 12], [1, 7, 13], [2, 8, 14], [3, 9, 15], [4, 10, 5], [11]]
const sha256Order: Order = [...rotating(10, (group) => group * 2), [31, 30]]
const sha512Order: Order = [...rotating(21, (group) => group), [63]]

/** Groups of places `n`, `n + groups`, `n + 2 * groups`, each beginning one or two places further round. */
function rotating(groups: number, shift: (group: number) => number): Order {
  return Array.from({ length: groups }, (_, group) =>
    [0, 1, 2].map((place) => group + groups * ((place + shift(group)) % 3)),
  )
}

function spell(bytes: Buffer, order: Order): string {
  return order
    .map((group) =>
      radix64(
        group.reduce((number, at) => (number << 8) | (bytes[at] ?? 0), 0),
        group.length + 1,
      ),
    )
    .join('')
}

/** Does crypt(3) take this password as it is? */
function holds(password: Uint8Array): boolean {
  return password.length <= longestPassword && !password.includes(0)
}

function md5Scheme(tag: string): Scheme {
  return {
    tag,
    read: (rest) => {
      const [, saltText, result] = /^([!-#%-9;-~]{0,8})\$([./0-9A-Za-z]{22})$/.exec(rest) ?? []
      if (saltText === undefined || result === undefined) return 'malformed'
      const salt = Buffer.from(saltText)
      return slow(Buffer.from(result), async (password) =>
        holds(password) ? Buffer.from(await inSlices(md5Crypt(tag, password, salt))) : noMatch,
      )
    },
  }
}

function shaScheme(tag: string, algorithm: 'sha256' | 'sha512', length: number): Scheme {
  const format = new RegExp(`^(?:rounds=(\\d+)\\$)?([!-#%-9;-~]{0,16})\\$([./0-9A-Za-z]{${length}})$`)
  return {
    tag,
    read: (rest) => {
      const [, roundsText, saltText, result] = format.exec(rest) ?? []
      if (saltText === undefined || result === undefined) return 'malformed'
      if (roundsText === undefined && saltText.startsWith('rounds=')) return 'malformed'
      const rounds = roundsText === undefined ? defaultRounds : decimal(roundsText)
      if (rounds === undefined || rounds < fewestRounds) return 'malformed'
      if (rounds > mostRounds) return 'cost'
      const salt = Buffer.from(saltText)
      return slow(Buffer.from(result), async (password) =>
        holds(password) ? Buffer.from(await inSlices(shaCrypt(algorithm, password, salt, rounds))) : noMatch,
      )
    },
  }
}

/** What follows each tag is `salt$result`; in SHA-crypt `rounds=N$` may stand before it. */
export const crypt3Schemes: readonly Scheme[] = [
  md5Scheme('$1$'),
  md5Scheme('$apr1$'),
  shaScheme('$5$', 'sha256', 43),
  shaScheme('$6$', 'sha512', 86),
]
