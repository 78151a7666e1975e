/**
 * scrypt (RFC 7914) as passlib (`$scrypt$ln=16,r=8,p=1$salt$result`) and Django (`scrypt$N$salt$r$p$result`)
 * write it. The computation runs in libuv's thread pool.
 *
 * Bounds: up to 256 MiB of memory (128 N r), N r p up to 2^21, p up to 64. A result has exactly the length that its format
 * gives it: a shorter one of the same password would be its beginning, so that a truncated hash would still match.
 */
import { type ScryptOptions, scrypt } from 'node:crypto'
import { base64, decimal, unpaddedBase64 } from './notation.js'
import { type Derivation, type Scheme, slow, type Unreadable } from './scheme.js'

const mostMemory = 256 * 1024 * 1024
const mostWork = 2 ** 21
const mostParallel = 64

function derivation(
  cost: { readonly N: number; readonly r: number; readonly p: number },
  salt: Uint8Array,
  expected: Uint8Array,
): Derivation | Unreadable {
  const { N, r, p } = cost
  const powerOfTwo = N > 1 && Number.isInteger(Math.log2(N))
  if (!powerOfTwo || N >= 2 ** (16 * r)) return 'malformed'
  if (128 * N * r > mostMemory || N * r * p > mostWork || p > mostParallel) return 'cost'
  const options = { N, r, p, maxmem: 128 * r * (N + p + 4) }
  const length = expected.length
  return slow(expected, (password) => compute(password, salt, length, options))
}

function compute(password: Uint8Array, salt: Uint8Array, length: number, options: ScryptOptions) {
  return new Promise<Uint8Array>((resolve, reject) => {
    scrypt(password, salt, length, options, (error, key) => (error === null ? resolve(key) : reject(error)))
  })
}

function readPasslib(rest: string): Derivation | Unreadable {
  const [, ln, rText, pText, saltText, result] =
    /^ln=(\d{1,2}),r=(\d+),p=(\d+)\$([A-Za-z0-9+/]*)\$([A-Za-z0-9+/]+)$/.exec(rest) ?? []
  const logN = decimal(ln)
  const r = decimal(rText)
  const p = decimal(pText)
  const salt = unpaddedBase64(saltText ?? '')
  const expected = unpaddedBase64(result ?? '')
  if (logN === undefined || r === undefined || p === undefined) return 'malformed'
  if (salt === undefined || expected?.length !== 32) return 'malformed'
  return derivation({ N: 2 ** logN, r, p }, salt, expected)
}

function readDjango(rest: string): Derivation | Unreadable {
  const [nText, salt, rText, pText, result, more] = rest.split('$')
  const N = decimal(nText)
  const r = decimal(rText)
  const p = decimal(pText)
  const expected = base64(result ?? '')
  if (N === undefined || r === undefined || p === undefined || more !== undefined) return 'malformed'
  if (salt === undefined || salt === '' || expected?.length !== 64) return 'malformed'
  return derivation({ N, r, p }, Buffer.from(salt), expected)
}

export const scryptSchemes: readonly Scheme[] = [
  { tag: '$scrypt$', read: readPasslib },
  { tag: 'scrypt$', read: readDjango },
]
