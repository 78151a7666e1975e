/**
 * Makes of a new password what is stored. A format's own reader computes the result, for a text whose result is a
 * placeholder, so that what is written is what the verifier reads.
 */

import { randomBytes } from 'node:crypto'
import { VitrineError } from '../../model/errors.js'
import { Gate } from './gate.js'
import { argon2, bcrypt } from './native.js'
import { radix64 } from './notation.js'
import { readStored } from './schemes.js'

/** Longer passwords match nothing, so none is stored. */
const LONGEST = 4096
/** bcrypt counts so many bytes and no more. */
const BCRYPT_LONGEST = 72
const BCRYPT_COST = 10
const PBKDF2_ITERATIONS = 600_000
const SCRYPT = 'ln=15,r=8,p=3'

type Format = (password: Uint8Array) => Promise<string>

/** OWASP's parameters for Argon2id: 19 MiB, two passes, one lane. */
const argon2id: Format = (password) =>
  argon2().hash(password, { memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32 })

const formats: Readonly<Record<string, Format>> = {
  argon2id,
  bcrypt: (password) => {
    if (password.length > BCRYPT_LONGEST || password.includes(0)) throw refused('too long for bcrypt')
    return bcrypt().hash(password, { cost: BCRYPT_COST })
  },
  scrypt: async (password) => {
    const before = `$scrypt$${SCRYPT}$${unpadded(randomBytes(16))}$`
    return before + unpadded(await derived(`${before}${unpadded(Buffer.alloc(32))}`, password))
  },
  'pbkdf2-sha256': async (password) => {
    const before = `$pbkdf2-sha256$${PBKDF2_ITERATIONS}$${adapted(randomBytes(16))}$`
    return before + adapted(await derived(`${before}${adapted(Buffer.alloc(32))}`, password))
  },
  'sha512-crypt': async (password) => {
    const before = `$6$${Array.from(randomBytes(16), (byte) => radix64(byte & 63, 1)).join('')}$`
    return before + Buffer.from(await derived(before + '.'.repeat(86), password)).toString()
  },
  ssha: (password) => salted('{SSHA}', 20, password),
  ssha256: (password) => salted('{SSHA256}', 32, password),
  ssha512: (password) => salted('{SSHA512}', 64, password),
}

export class PasswordHasher {
  readonly #gate = new Gate(2, 256)

  /**
   * @param format a name of `hash` in a mapping
   * @throws VitrineError `constraintViolation` for a password that cannot be kept, `busy` when too many wait
   */
  async hash(format: string, password: Uint8Array, signal?: AbortSignal): Promise<string> {
    if (password.length === 0) throw refused('empty')
    if (password.length > LONGEST) throw refused('too long')
    const make = formats[format]
    if (make === undefined)
      throw new VitrineError('internalError', { detail: `no password format ${format}` })
    return this.#gate.run(() => make(password), signal)
  }

  close(): Promise<void> {
    return this.#gate.close()
  }
}

function refused(why: string): VitrineError {
  return new VitrineError('constraintViolation', { message: `the password is ${why}` })
}

/** What a stored text with a placeholder for its result would have for it. */
async function derived(placeholder: string, password: Uint8Array): Promise<Uint8Array> {
  const { hash } = readStored(placeholder)
  if (hash === undefined || typeof hash === 'string')
    throw new VitrineError('internalError', { detail: 'a password format of ours cannot be read' })
  return hash.derive(password)
}

async function salted(tag: string, length: number, password: Uint8Array): Promise<string> {
  const salt = randomBytes(16)
  const placeholder = tag + Buffer.concat([Buffer.alloc(length), salt]).toString('base64')
  return tag + Buffer.concat([await derived(placeholder, password), salt]).toString('base64')
}

const unpadded = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64').replace(/=+$/, '')
const adapted = (bytes: Uint8Array) => unpadded(bytes).replaceAll('+', '.')
