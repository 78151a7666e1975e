/**
 * PBKDF2 (RFC 8018 5.2) as Django (`pbkdf2_sha256$N$salt$result`), passlib (`$pbkdf2-sha256$N$salt$result`) and
 * OpenLDAP's pw-pbkdf2 (`{PBKDF2-SHA256}N$salt$result`) write it. The computation runs in libuv's thread pool.
 *
 * Bounds: iterations times blocks of the result up to 6,000,000 with SHA-1, 4,000,000 with SHA-256 and 2,000,000
 * with SHA-512 (about two seconds of one core each); results of 16 to 128 bytes where the format leaves the
 * length open.
 */
import { pbkdf2 } from 'node:crypto'
import { adaptedBase64, base64, decimal } from './notation.js'
import { type Derivation, type Scheme, slow, type Unreadable } from './scheme.js'

const mostWork = { sha1: 6_000_000, sha256: 4_000_000, sha512: 2_000_000 } as const
const digestLength = { sha1: 20, sha256: 32, sha512: 64 } as const

export type Pbkdf2Digest = keyof typeof digestLength

export function pbkdf2Derivation(
  digest: Pbkdf2Digest,
  iterations: number,
  salt: Uint8Array,
  expected: Uint8Array,
): Derivation | Unreadable {
  if (salt.length === 0 || expected.length < 16 || expected.length > 128) return 'malformed'
  if (iterations * Math.ceil(expected.length / digestLength[digest]) > mostWork[digest]) return 'cost'
  const length = expected.length
  return slow(
    expected,
    (password) =>
      new Promise((resolve, reject) => {
        pbkdf2(password, salt, iterations, length, digest, (error, key) =>
          error === null ? resolve(key) : reject(error),
        )
      }),
  )
}

/** What follows each tag is `iterations$salt$result`; in these formats the result is one digest long. */
function scheme(
  tag: string,
  digest: Pbkdf2Digest,
  readSalt: (text: string) => Uint8Array | undefined,
  readResult: (text: string) => Uint8Array | undefined,
): Scheme {
  return {
    tag,
    read: (rest) => {
      const [iterationsText, saltText, result, more] = rest.split('$')
      const iterations = decimal(iterationsText)
      const salt = readSalt(saltText ?? '')
      const expected = readResult(result ?? '')
      if (iterations === undefined || salt === undefined || more !== undefined) return 'malformed'
      if (expected?.length !== digestLength[digest]) return 'malformed'
      return pbkdf2Derivation(digest, iterations, salt, expected)
    },
  }
}

const django = (tag: string, digest: Pbkdf2Digest) => scheme(tag, digest, (text) => Buffer.from(text), base64)
const passlib = (tag: string, digest: Pbkdf2Digest) => scheme(tag, digest, adaptedBase64, adaptedBase64)

export const pbkdf2Schemes: readonly Scheme[] = [
  django('pbkdf2_sha1$', 'sha1'),
  django('pbkdf2_sha256$', 'sha256'),
  passlib('$pbkdf2$', 'sha1'),
  passlib('$pbkdf2-sha256$', 'sha256'),
  passlib('$pbkdf2-sha512$', 'sha512'),
  passlib('{PBKDF2}', 'sha1'),
  passlib('{PBKDF2-SHA1}', 'sha1'),
  passlib('{PBKDF2-SHA256}', 'sha256'),
  passlib('{PBKDF2-SHA512}', 'sha512'),
]
