/** Password hashes as four kinds of application would have stored them, with fixed salts and low costs. */
import { createHash, pbkdf2Sync } from 'node:crypto'
import { hash as argon2 } from '@node-rs/argon2'
import { hash as bcrypt } from '@node-rs/bcrypt'

export type HashKind = 'SSHA' | 'bcrypt' | 'argon2id' | 'PBKDF2'

export const hashKinds = ['SSHA', 'bcrypt', 'argon2id', 'PBKDF2'] as const

const ITERATIONS = 20_000

/** @param login what the salt is made of, so that the same person always gets the same hash */
export function hashPassword(kind: HashKind, password: string, login: string): Promise<string> {
  const salt = createHash('sha256').update(`salt of ${login}`).digest()
  switch (kind) {
    case 'SSHA': {
      const digest = createHash('sha1').update(password).update(salt.subarray(0, 8)).digest()
      return Promise.resolve(`{SSHA}${Buffer.concat([digest, salt.subarray(0, 8)]).toString('base64')}`)
    }
    case 'bcrypt':
      return bcrypt(password, { cost: 8, salt: salt.subarray(0, 16), version: '2b' })
    case 'argon2id':
      return argon2(password, { memoryCost: 4096, timeCost: 2, parallelism: 1, salt: salt.subarray(0, 16) })
    case 'PBKDF2': {
      const text = salt.toString('hex').slice(0, 22)
      const key = pbkdf2Sync(password, text, ITERATIONS, 32, 'sha256').toString('base64')
      return Promise.resolve(`pbkdf2_sha256$${ITERATIONS}$${text}$${key}`)
    }
  }
}
