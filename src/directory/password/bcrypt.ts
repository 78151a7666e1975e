/**
 * bcrypt (`$2a$`, `$2b$`, `$2y$`) and the ways in which Django and passlib feed it a digest of the password.
 * The computation runs in libuv's thread pool. `$2x$`, the mark of a broken implementation, is not accepted.
 *
 * As in PHP and passlib, bytes of the password after the 72nd do not count. A password with a NUL matches
 * nothing: bcrypt ends the password with one, so that `ab` and `ab\0ab` would be the same.
 * Bounds: cost 4 to 14 (a good second of one core).
 */

import { createHash, createHmac } from 'node:crypto'
import { bcrypt } from './native.js'
import { base64 } from './notation.js'
import { type Derivation, noMatch, prehashed, type Scheme, slow, type Unreadable } from './scheme.js'

const leastCost = 4
const mostCost = 14
/** Digits of the result; with salt and cost before them. */
const resultLength = 31

/** Reads `$2b$cost$` and 53 digits: 22 of salt, 31 of result. */
export function readBcrypt(text: string): Derivation | Unreadable {
  const [, cost, salt, result] = /^\$2[aby]\$(\d\d)\$([./A-Za-z0-9]{22})([./A-Za-z0-9]{31})$/.exec(text) ?? []
  if (cost === undefined || salt === undefined || result === undefined) return 'malformed'
  return derivation(Number(cost), salt, result)
}

function derivation(cost: number, saltText: string, result: string): Derivation | Unreadable {
  if (cost < leastCost) return 'malformed'
  if (cost > mostCost) return 'cost'
  const salt = saltBytes(saltText)
  if (salt === undefined) return 'malformed'
  return slow(Buffer.from(result), async (password) => {
    if (password.includes(0)) return noMatch
    const text = await bcrypt().hash(password, { salt, cost, version: '2b' })
    return Buffer.from(text.slice(-resultLength))
  })
}

const bcryptDigits = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const base64Digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** The 16 bytes of a salt. The last digit's unused bits count for nothing: old passlib set them at random. */
function saltBytes(text: string): Buffer | undefined {
  const standard = [...text].map((digit) => base64Digits.charAt(bcryptDigits.indexOf(digit))).join('')
  const last = base64Digits.charAt(base64Digits.indexOf(standard.slice(-1)) & 0x30)
  return base64(`${standard.slice(0, -1)}${last}==`)
}

const sha256 = (password: Uint8Array) => createHash('sha256').update(password)

/** passlib: `v=2,t=2b,r=12$salt$result` keys an HMAC with the salt's text, `2b,12$salt$result` only hashes. */
function readPasslib(rest: string): Derivation | Unreadable {
  const [, hmac, plain, salt, result] =
    /^(?:v=2,t=2b,r=(\d{1,2})|2[ab],(\d{1,2}))\$([./A-Za-z0-9]{22})\$([./A-Za-z0-9]{31})$/.exec(rest) ?? []
  if (salt === undefined || result === undefined) return 'malformed'
  const inner = derivation(Number(hmac ?? plain), salt, result)
  return prehashed(inner, (password) => {
    const digest = hmac === undefined ? sha256(password) : createHmac('sha256', salt).update(password)
    return Buffer.from(digest.digest('base64'))
  })
}

export const bcryptSchemes: readonly Scheme[] = [
  ...['$2a$', '$2b$', '$2y$'].map((tag) => ({ tag, read: (rest: string) => readBcrypt(tag + rest) })),
  { tag: '$bcrypt-sha256$', read: readPasslib },
  { tag: 'bcrypt$', read: readBcrypt },
  {
    tag: 'bcrypt_sha256$',
    read: (rest) => prehashed(readBcrypt(rest), (password) => Buffer.from(sha256(password).digest('hex'))),
  },
]
