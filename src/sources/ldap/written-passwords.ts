/** Passwords as servers take them. */
import type { ClientAttribute } from '../../ldap/client-options.js'
import type { Cell } from '../source.js'
import type { Password } from './changes.js'

/** Active Directory takes a password in quotation marks, in UTF-16 (MS-ADTS 3.1.1.3.1.5), over encrypted connections only. */
export const isUnicode = (attribute: string) => attribute.toLowerCase() === 'unicodepwd'

export function unicodePassword({ column, value }: Password): readonly ClientAttribute[] {
  if (value === null) return []
  return [
    { type: column.attribute, values: [Buffer.from(`"${octetsOf(value).toString('utf8')}"`, 'utf16le')] },
  ]
}

export function octetsOf(value: Exclude<Cell, null>): Buffer {
  return value instanceof Uint8Array ? Buffer.from(value) : Buffer.from(String(value))
}
