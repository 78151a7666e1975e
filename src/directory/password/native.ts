/** Hash functions in machine code, each loaded for the first password that needs it. */
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

export function bcrypt(): typeof import('@node-rs/bcrypt') {
  return require('@node-rs/bcrypt')
}

export function argon2(): typeof import('@node-rs/argon2') {
  return require('@node-rs/argon2')
}
