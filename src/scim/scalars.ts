/** Simple values of SCIM attributes (RFC 7643 2.3): checked as clients send them, and brought to a form to compare them by. */
import { VitrineError } from '../model/errors.js'
import type { ScimAttribute } from '../model/resource.js'
import { caseExact, caseIgnore } from '../schema/normalize.js'
import type { Json } from './json.js'

const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):(\d\d))?$/
const MINUTE = 60_000

/** The moment an xsd:dateTime names (RFC 7643 2.3.5), cut to milliseconds; UTC where it names no zone. */
export function parseDateTime(text: string): Date | undefined {
  const parts = DATE_TIME.exec(text)
  if (parts === null) return undefined
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number) as [
    ...[number, number, number],
    ...[number, number, number],
  ]
  const [fraction = '', sign, offsetHours, offsetMinutes] = parts.slice(7)
  const endOfDay = hour === 24 && minute === 0 && second === 0 && Number(fraction) === 0
  if ((hour > 23 && !endOfDay) || minute > 59 || second > 59) return undefined
  const offset = Number(offsetHours ?? 0) * 60 + Number(offsetMinutes ?? 0)
  if (Number(offsetMinutes ?? 0) > 59 || offset > 14 * 60) return undefined
  const local = new Date(0)
  local.setUTCFullYear(year, month - 1, day)
  if (local.getUTCMonth() !== month - 1 || local.getUTCDate() !== day) return undefined
  local.setUTCHours(hour, minute, second, Number(fraction.padEnd(3, '0').slice(0, 3)))
  return new Date(local.getTime() - (sign === '-' ? -offset : offset) * MINUTE)
}

/** Base64 in either alphabet, padded or not, white space ignored, as RFC 4648 4 writes it. */
function canonicalBase64(text: string): string | undefined {
  const digits = text
    .replace(/\s+/g, '')
    .replaceAll('-', '+')
    .replaceAll('_', '/')
    .replace(/={1,2}$/, '')
  if (digits.length % 4 === 1 || !/^[A-Za-z0-9+/]*$/.test(digits)) return undefined
  return Buffer.from(digits, 'base64').toString('base64')
}

const expectations = {
  string: 'a string',
  boolean: 'true or false',
  decimal: 'a number',
  integer: 'an integer',
  dateTime: 'a date and time such as 2025-01-31T09:30:00Z',
  binary: 'base64',
  reference: 'a URI as a string',
  complex: 'an object',
} as const

/** Says what the attribute at this path would have to be. */
export function wrongValue(attribute: ScimAttribute, path: string): VitrineError {
  return new VitrineError('invalidAttributeSyntax', {
    message: `${path}: ${expectations[attribute.type]} expected`,
  })
}

/**
 * The value as it is kept: bytes in canonical base64, all others as they are. Booleans as strings are taken where
 * `lenient`. U+0000 is refused, which not every database can hold in text. Throws `invalidAttributeSyntax`.
 */
export function acceptScalar(attribute: ScimAttribute, value: Json, path: string, lenient: boolean): Json {
  const accepted = scalarOf(attribute, value, lenient)
  if (accepted === undefined) throw wrongValue(attribute, path)
  if (typeof accepted === 'string' && accepted.includes('\0')) {
    throw new VitrineError('invalidAttributeSyntax', { message: `${path}: text without U+0000 expected` })
  }
  return accepted
}

function scalarOf(attribute: ScimAttribute, value: Json, lenient: boolean): Json | undefined {
  switch (attribute.type) {
    case 'boolean':
      if (typeof value === 'boolean') return value
      return lenient && typeof value === 'string' ? booleanOf(value) : undefined
    case 'decimal':
      return typeof value === 'number' && Number.isFinite(value) ? value : undefined
    case 'integer':
      return Number.isSafeInteger(value) ? value : undefined
    case 'dateTime':
      return typeof value === 'string' && parseDateTime(value) !== undefined ? value : undefined
    case 'binary':
      return typeof value === 'string' ? canonicalBase64(value) : undefined
    case 'complex':
      return undefined
    default:
      return typeof value === 'string' ? value : undefined
  }
}

function booleanOf(text: string): boolean | undefined {
  const lower = text.trim().toLowerCase()
  return lower === 'true' ? true : lower === 'false' ? false : undefined
}

/**
 * A form that is identical for values that are equal: text by the attribute's case rule and without insignificant
 * spaces, moments as milliseconds. Undefined for what is no value of the attribute; `"true"` is one of a boolean.
 */
export function normalForm(attribute: ScimAttribute, value: Json): string | number | boolean | undefined {
  const accepted = scalarOf(attribute, value, true)
  if (typeof accepted !== 'string') {
    return typeof accepted === 'number' || typeof accepted === 'boolean' ? accepted : undefined
  }
  switch (attribute.type) {
    case 'dateTime':
      return parseDateTime(accepted)?.getTime()
    case 'string':
      return attribute.caseExact ? caseExact(accepted) : caseIgnore(accepted)
    default:
      return accepted
  }
}
