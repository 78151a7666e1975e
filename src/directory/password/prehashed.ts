/** Passwords that are given as hashes already, as administrators of directories do (RFC 2307 5.3): `{SSHA}...`. */
import { VitrineError } from '../../model/errors.js'
import { readStored } from './schemes.js'

/**
 * The text to be stored as it is; undefined for what is a password, whatever it looks like.
 * @throws VitrineError constraintViolation where hashes are refused, and for one that nobody could bind by
 */
export function keptHash(given: Uint8Array, what: 'keep' | 'refuse' | 'hash'): string | undefined {
  if (what === 'hash') return undefined
  const text = Buffer.from(given.buffer, given.byteOffset, given.byteLength).toString('utf8')
  const { scheme, hash } = /^\{[^{}"]+\}/.test(text)
    ? readStored(text)
    : { scheme: undefined, hash: undefined }
  if (scheme === undefined) return undefined
  if (what === 'refuse') throw refused('passwords are to be given in clear here, and are hashed then')
  if (typeof hash !== 'object') throw refused(`nobody could bind by this ${scheme}`)
  return text
}

const refused = (message: string) => new VitrineError('constraintViolation', { message })
