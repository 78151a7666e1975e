/** The values of the Password Modify extended operation (RFC 3062), as clients send them and as servers answer. */
import { BerReader } from './ber-reader.js'
import { BerWriter } from './ber-writer.js'
import { SEQUENCE } from './tags.js'

export const PASSWORD_MODIFY = '1.3.6.1.4.1.4203.1.11.1'

const USER_IDENTITY = 0x80
const OLD_PASSWORD = 0x81
const NEW_PASSWORD = 0x82
const GENERATED_PASSWORD = 0x80

export interface PasswordModify {
  /** Whose password, usually a DN; whoever asks where it is absent. */
  readonly userIdentity?: string
  readonly oldPassword?: Buffer
  /** The server makes one where it is absent. */
  readonly newPassword?: Buffer
}

/** The request's value. */
export function passwordModifyRequest(request: {
  readonly userIdentity?: string
  readonly oldPassword?: Uint8Array
  readonly newPassword?: Uint8Array
}): Buffer {
  const { userIdentity, oldPassword, newPassword } = request
  const length = 4 * (userIdentity?.length ?? 0) + (oldPassword?.length ?? 0) + (newPassword?.length ?? 0)
  const writer = new BerWriter(Buffer.allocUnsafeSlow(64 + length))
  const start = writer.begin(SEQUENCE)
  if (userIdentity !== undefined) writer.string(userIdentity, USER_IDENTITY)
  if (oldPassword !== undefined) writer.octets(oldPassword, OLD_PASSWORD)
  if (newPassword !== undefined) writer.octets(newPassword, NEW_PASSWORD)
  writer.end(start)
  return writer.bytes()
}

/** What is asked for; all of it is absent where there is no value. @throws BerError */
export function parsePasswordModify(value: Uint8Array | undefined): PasswordModify {
  if (value === undefined) return {}
  const reader = new BerReader(Buffer.from(value))
  reader.enter(SEQUENCE)
  const userIdentity = reader.peek() === USER_IDENTITY ? reader.string(USER_IDENTITY) : undefined
  const oldPassword = reader.peek() === OLD_PASSWORD ? reader.octets(OLD_PASSWORD) : undefined
  const newPassword = reader.peek() === NEW_PASSWORD ? reader.octets(NEW_PASSWORD) : undefined
  return {
    ...(userIdentity !== undefined && { userIdentity }),
    ...(oldPassword !== undefined && { oldPassword }),
    ...(newPassword !== undefined && { newPassword }),
  }
}

/** The response's value, where the server has made the password. */
export function passwordModifyResponse(generated: Uint8Array): Buffer {
  const writer = new BerWriter(Buffer.allocUnsafeSlow(64 + generated.length))
  const start = writer.begin(SEQUENCE)
  writer.octets(generated, GENERATED_PASSWORD)
  writer.end(start)
  return writer.bytes()
}

/** The password that the server has made, if it has. @throws BerError */
export function parseGeneratedPassword(value: Uint8Array | undefined): Buffer | undefined {
  if (value === undefined) return undefined
  const reader = new BerReader(Buffer.from(value))
  reader.enter(SEQUENCE)
  return reader.peek() === GENERATED_PASSWORD ? reader.octets(GENERATED_PASSWORD) : undefined
}
