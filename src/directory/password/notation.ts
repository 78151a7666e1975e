/**
 * The notations that hash formats share: strict base64 in its dialects, crypt(3)'s radix 64, decimal numbers.
 * Strict because a lenient decoder makes a truncated hash a shorter, weaker one.
 */

/** Bits that stand for no octet are zero. */
const canonical = /^[A-Za-z0-9+/]*(?:[AQgw]==|[AEIMQUYcgkosw048]=)?$/

/** Standard base64 with its padding (RFC 4648 4), in its one canonical spelling. */
export function base64(text: string): Buffer | undefined {
  return text.length % 4 === 0 && canonical.test(text) ? Buffer.from(text, 'base64') : undefined
}

/** Standard alphabet without padding, as in PHC strings. */
export function unpaddedBase64(text: string): Buffer | undefined {
  return text.includes('=') ? undefined : base64(text + '='.repeat((4 - (text.length % 4)) % 4))
}

/** Without padding and with `.` for `+`, as passlib and OpenLDAP's pw-pbkdf2 write it. */
export function adaptedBase64(text: string): Buffer | undefined {
  return text.includes('+') ? undefined : unpaddedBase64(text.replaceAll('.', '+'))
}

const radix64Digits = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** crypt(3)'s radix 64: `length` digits of a number, least significant first. */
export function radix64(number: number, length: number): string {
  let text = ''
  for (let rest = number; text.length < length; rest >>>= 6) text += radix64Digits.charAt(rest & 63)
  return text
}

/** The value of one radix 64 digit, or -1. */
export function radix64Value(digit: string): number {
  return digit.length === 1 ? radix64Digits.indexOf(digit) : -1
}

/** A positive decimal number of at most ten digits, without sign or leading zeros. */
export function decimal(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9]\d{0,9}$/.test(text) ? Number(text) : undefined
}
