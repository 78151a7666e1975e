/** The request of the Password Modify extended operation (RFC 3062). */
import { BerWriter } from './ber-writer.js'
import { SEQUENCE } from './tags.js'

export const PASSWORD_MODIFY = '1.3.6.1.4.1.4203.1.11.1'

const USER_IDENTITY = 0x80
const NEW_PASSWORD = 0x82

/** Sets the password of the entry with this DN. */
export function passwordModifyRequest(dn: string, newPassword: Uint8Array): Buffer {
  const writer = new BerWriter(Buffer.allocUnsafeSlow(64 + newPassword.length + 4 * dn.length))
  const start = writer.begin(SEQUENCE)
  writer.string(dn, USER_IDENTITY)
  writer.octets(newPassword, NEW_PASSWORD)
  writer.end(start)
  return writer.bytes()
}
