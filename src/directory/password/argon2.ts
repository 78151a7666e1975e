/**
 * Argon2 (RFC 9106) in PHC strings: `$argon2id$v=19$m=65536,t=3,p=4$salt$result`, and Django's `argon2$` before
 * one. The computation runs in libuv's thread pool.
 *
 * Bounds: up to 256 MiB of memory, memory times passes up to 1 GiB, up to 64 lanes, salts of 8 to 64 bytes,
 * results of 16 to 128 bytes.
 */
import { argon2 } from './native.js'
import { decimal, unpaddedBase64 } from './notation.js'
import { type Derivation, type Scheme, slow, type Unreadable } from './scheme.js'

const mostMemory = 256 * 1024
const mostMemoryPasses = 1024 * 1024
const mostLanes = 64

interface Argon2Parameters {
  readonly type: 'd' | 'i' | 'id'
  readonly version: 0x10 | 0x13
  /** KiB. */
  readonly memory: number
  readonly passes: number
  readonly lanes: number
  readonly salt: Uint8Array
  readonly expected: Uint8Array
}

export function argon2Derivation(parameters: Argon2Parameters): Derivation | Unreadable {
  const { type, version, memory, passes, lanes, salt, expected } = parameters
  if (salt.length < 8 || salt.length > 64 || expected.length < 16 || expected.length > 128) return 'malformed'
  if (memory < 8 * lanes) return 'malformed'
  if (memory > mostMemory || memory * passes > mostMemoryPasses || lanes > mostLanes) return 'cost'
  const options = {
    algorithm: type === 'd' ? 0 : type === 'i' ? 1 : 2,
    version: version === 0x10 ? 0 : 1,
    memoryCost: memory,
    timeCost: passes,
    parallelism: lanes,
    outputLen: expected.length,
    salt,
  }
  return slow(expected, (password) => argon2().hashRaw(password, options))
}

const format =
  /^\$argon2(id|i|d)\$(?:v=(16|19)\$)?m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/

/** Reads a PHC string; one without a version is of version 0x10. */
function readArgon2(text: string): Derivation | Unreadable {
  const [, type, version, memoryText, passesText, lanesText, saltText, result] = format.exec(text) ?? []
  const memory = decimal(memoryText)
  const passes = decimal(passesText)
  const lanes = decimal(lanesText)
  const salt = unpaddedBase64(saltText ?? '')
  const expected = unpaddedBase64(result ?? '')
  if (memory === undefined || passes === undefined || lanes === undefined) return 'malformed'
  if (salt === undefined || expected === undefined) return 'malformed'
  return argon2Derivation({
    type: type === 'id' || type === 'i' ? type : 'd',
    version: version === '19' ? 0x13 : 0x10,
    memory,
    passes,
    lanes,
    salt,
    expected,
  })
}

export const argon2Schemes: readonly Scheme[] = [
  ...['$argon2id$', '$argon2i$', '$argon2d$'].map((tag) => ({
    tag,
    read: (rest: string) => readArgon2(tag + rest),
  })),
  { tag: 'argon2$', read: (rest) => readArgon2(`$${rest}`) },
]
