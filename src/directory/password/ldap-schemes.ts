/**
 * The digest schemes of LDAP's userPassword: one pass of SHA or MD5 over password and salt, in base64
 * (RFC 2307 5.3 for the unsalted ones; OpenLDAP and pw-sha2 for the salted). Fast, so computed at once.
 */
import { digest } from './digest.js'
import { base64 } from './notation.js'
import { fast, type Scheme } from './scheme.js'

/** `{TAG}` base64 of the digest. */
function unsalted(tag: string, algorithm: string, length: number): Scheme {
  return {
    tag,
    read: (rest) => {
      const expected = base64(rest)
      if (expected?.length !== length) return 'malformed'
      return fast(expected, (password) => digest(algorithm, password))
    },
  }
}

/** `{TAG}` base64 of the digest of password and salt, then the salt, which is at least one byte. */
function salted(tag: string, algorithm: string, length: number): Scheme {
  return {
    tag,
    read: (rest) => {
      const bytes = base64(rest)
      if (bytes === undefined || bytes.length <= length) return 'malformed'
      return fast(bytes.subarray(0, length), (password) =>
        digest(algorithm, withSalt(password, bytes, length)),
      )
    },
  }
}

/** The password and what stands from `at` on behind it; so few octets are copied soonest one by one. */
function withSalt(password: Uint8Array, bytes: Uint8Array, at: number): Buffer {
  const { length } = password
  const input = Buffer.allocUnsafe(length + bytes.length - at)
  for (let i = 0; i < length; i++) input[i] = password[i] as number
  for (let i = at; i < bytes.length; i++) input[length + i - at] = bytes[i] as number
  return input
}

export const ldapSchemes: readonly Scheme[] = [
  unsalted('{MD5}', 'md5', 16),
  unsalted('{SHA}', 'sha1', 20),
  unsalted('{SHA256}', 'sha256', 32),
  unsalted('{SHA384}', 'sha384', 48),
  unsalted('{SHA512}', 'sha512', 64),
  salted('{SMD5}', 'md5', 16),
  salted('{SSHA}', 'sha1', 20),
  salted('{SSHA256}', 'sha256', 32),
  salted('{SSHA384}', 'sha384', 48),
  salted('{SSHA512}', 'sha512', 64),
]
