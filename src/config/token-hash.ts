/** Secrets of SCIM clients as the configuration may hold them: hashed, or marked as cleartext. */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { complain } from './scalar.js'
import { passwordHash } from './schema-access.js'

const HEX = /^\{SHA256\}([0-9a-f]{64})$/i
const BASE64 = /^\{SHA256\}([A-Za-z0-9+/]{43})=?$/i
/** RFC 6750 2.1. */
const CLEARTEXT = /^\{CLEARTEXT\}([A-Za-z0-9._~+/-]{12,}=*)$/i

/** The SHA-256 of a token in hexadecimal digits, whichever way it is written; undefined if it is in none. */
export function tokenHash(text: string): string | undefined {
  const hex = HEX.exec(text)?.[1]
  if (hex !== undefined) return hex.toLowerCase()
  const base64 = BASE64.exec(text)?.[1]
  if (base64 !== undefined) return Buffer.from(base64, 'base64').toString('hex')
  const token = CLEARTEXT.exec(text)?.[1]
  return token === undefined ? undefined : createHash('sha256').update(token).digest('hex')
}

/** A token in any of these forms, as its hash. */
export const tokenForm = z.string().transform((text, ctx): string => {
  const hash = tokenHash(text)
  if (hash !== undefined) return hash
  const remedy = /^\{CLEARTEXT\}/i.test(text)
    ? 'A token has 12 letters, digits or - . _ ~ + / at least; make one with: openssl rand -hex 32.'
    : 'Write {SHA256} and what this prints: printf %s TOKEN | sha256sum.'
  ctx.addIssue({
    code: 'custom',
    ...complain({ message: 'neither the hash of a token nor marked as cleartext', remedy }),
  })
  return z.NEVER
})

/** A stored password as the password verifier reads it, which knows {SHA256} in base64 alone. */
export const clientSecret = passwordHash.transform((text) => {
  const hex = HEX.exec(text)?.[1]
  return hex === undefined ? text : `{SHA256}${Buffer.from(hex, 'hex').toString('base64')}`
})
