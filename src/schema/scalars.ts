/** Typed values read as text, octets, integers, booleans, times or UUIDs, whatever type the source gave them. */
import { Ref, type Scalar } from '../model/value.js'
import { parseGeneralizedTime, renderGeneralizedTime } from './generalized-time.js'

/** Longest integer accepted, in digits; far beyond what any source can hold. */
export const MAX_DIGITS = 1000

const UUID = /^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$/

const DECIMAL = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,4})?$/

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const encoder = new TextEncoder()

/** UTF-8 octets as text, or undefined where they are not UTF-8 (RFC 3629). */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}

/** The text of a scalar; undefined for references, invalid dates and octets that are not UTF-8. */
export function textOf(value: Scalar): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE'
  if (value instanceof Uint8Array) return decodeUtf8(value)
  if (value instanceof Date) return renderGeneralizedTime(value)
  if (value instanceof Ref) return undefined
  return String(value)
}

/** The octets of a scalar: its own, or its text in UTF-8. */
export function octetsOf(value: Scalar): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value
  const text = textOf(value)
  return text === undefined ? undefined : encoder.encode(text)
}

/** A whole number as a number where that is exact, else as a bigint; undefined for anything else. */
export function integerOf(value: Scalar): number | bigint | undefined {
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) return value === 0 ? 0 : value
    return Number.isInteger(value) ? BigInt(value) : undefined
  }
  if (typeof value === 'bigint') {
    return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value
  }
  if (typeof value !== 'string' && !(value instanceof Uint8Array)) return undefined
  const digits = textOf(value)
  if (digits === undefined || digits.length > MAX_DIGITS || !/^-?\d+$/.test(digits)) return undefined
  return integerOf(BigInt(digits))
}

/** A finite number, from one or from digits with a point or an exponent; that of more digits than fit is the nearest. */
export function decimalOf(value: Scalar): number | undefined {
  if (typeof value !== 'string' && !(value instanceof Uint8Array)) {
    const number = typeof value === 'number' || typeof value === 'bigint' ? Number(value) : Number.NaN
    return Number.isFinite(number) ? number + 0 : undefined
  }
  const digits = textOf(value)
  if (digits === undefined || digits.length > MAX_DIGITS || !DECIMAL.test(digits)) return undefined
  const number = Number(digits)
  return Number.isFinite(number) ? number + 0 : undefined
}

/** A boolean, or the `TRUE` and `FALSE` of RFC 4517 3.3.3. */
export function booleanOf(value: Scalar): boolean | undefined {
  if (typeof value === 'boolean') return value
  if (typeof value !== 'string' && !(value instanceof Uint8Array)) return undefined
  const name = textOf(value)
  return name === 'TRUE' ? true : name === 'FALSE' ? false : undefined
}

/** A valid Date, or the moment that a Generalized Time names. */
export function timeOf(value: Scalar): Date | undefined {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : value
  if (typeof value !== 'string' && !(value instanceof Uint8Array)) return undefined
  const written = textOf(value)
  return written === undefined ? undefined : parseGeneralizedTime(written)
}

/** A UUID in lower case with hyphens (RFC 4530 2.1), from that form or from its 16 octets. */
export function uuidOf(value: Scalar): string | undefined {
  if (value instanceof Uint8Array && value.length === 16) {
    const hex = Array.from(value, (byte) => byte.toString(16).padStart(2, '0')).join('')
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  }
  const written = textOf(value)
  return written !== undefined && UUID.test(written) ? written.toLowerCase() : undefined
}
