/**
 * Keycloak's credentials: the columns `secret_data` and `credential_data`, both JSON, as one text. Either their
 * members in one object, `{"value":…,"salt":…,"hashIterations":…,"algorithm":…}`, or one object with the members
 * `secretData` and `credentialData`, each an object or its JSON text, as in a realm export. PBKDF2 and Argon2.
 */
import { argon2Derivation } from './argon2.js'
import { base64 } from './notation.js'
import { type Pbkdf2Digest, pbkdf2Derivation } from './pbkdf2.js'
import type { Derivation, Unreadable } from './scheme.js'

type Members = Readonly<Record<string, unknown>>

/** Reads the whole text. */
export function readKeycloak(text: string): Derivation | Unreadable {
  const outer = members(text)
  if (outer === undefined) return 'malformed'
  const credential = { ...outer, ...members(outer.secretData), ...members(outer.credentialData) }
  const expected = bytes(credential.value)
  const salt = bytes(credential.salt)
  const iterations = count(credential.hashIterations)
  if (expected === undefined || salt === undefined || iterations === undefined) return 'malformed'
  const digest = pbkdf2Digest(credential.algorithm)
  if (digest !== undefined) return pbkdf2Derivation(digest, iterations, salt, expected)
  if (credential.algorithm !== 'argon2') return 'malformed'
  return readArgon2(members(credential.additionalParameters) ?? {}, iterations, salt, expected)
}

/** Keycloak stores Argon2's parameters as lists of one text each, its passes as `hashIterations`. */
function readArgon2(
  parameters: Members,
  passes: number,
  salt: Uint8Array,
  expected: Uint8Array,
): Derivation | Unreadable {
  const type = only(parameters.type)
  const version = only(parameters.version)
  const memory = count(only(parameters.memory))
  const lanes = count(only(parameters.parallelism))
  if (memory === undefined || lanes === undefined) return 'malformed'
  if (type !== 'id' && type !== 'i' && type !== 'd') return 'malformed'
  if (version !== '1.3' && version !== '1.0') return 'malformed'
  return argon2Derivation({
    type,
    version: version === '1.3' ? 0x13 : 0x10,
    memory,
    passes,
    lanes,
    salt,
    expected,
  })
}

function pbkdf2Digest(algorithm: unknown): Pbkdf2Digest | undefined {
  if (algorithm === 'pbkdf2') return 'sha1'
  if (algorithm === 'pbkdf2-sha256') return 'sha256'
  if (algorithm === 'pbkdf2-sha512') return 'sha512'
  return undefined
}

function members(json: unknown): Members | undefined {
  if (typeof json !== 'string')
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as Members) : undefined
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'string' ? undefined : members(value)
  } catch {
    return undefined
  }
}

function only(value: unknown): unknown {
  return Array.isArray(value) && value.length === 1 ? value[0] : value
}

function bytes(value: unknown): Uint8Array | undefined {
  return typeof value === 'string' ? base64(value) : undefined
}

/** A positive integer, as a number or in decimal. */
function count(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isSafeInteger(number) && number > 0 ? number : undefined
}
