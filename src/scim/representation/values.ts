/** Scalars of entries as JSON, and JSON as scalars: by the type that SCIM gives an attribute (RFC 7643 2.3). */
import { VitrineError } from '../../model/errors.js'
import type { ScimType } from '../../model/resource.js'
import { Ref, type Scalar, type ValueKind } from '../../model/value.js'
import { decimalOf } from '../../schema/scalars.js'
import type { Json } from '../json.js'
import { parseDateTime } from '../scalars.js'

/** Undefined for a value that has no such form. */
export type ShowScalar = (value: Scalar) => string | number | boolean | undefined

export function shownAs(type: ScimType): ShowScalar {
  return shows[type]
}

const shows: { readonly [T in ScimType]: ShowScalar } = {
  string: showText,
  reference: showText,
  boolean: showBoolean,
  integer: showInteger,
  decimal: showDecimal,
  dateTime: (value) => {
    if (typeof value === 'string') return value
    return value instanceof Date ? showDate(value) : undefined
  },
  binary: (value) => {
    if (value instanceof Uint8Array) return showBytes(value)
    return typeof value === 'string' ? value : undefined
  },
  complex: () => undefined,
}

function showText(value: Scalar): string | undefined {
  if (typeof value === 'string') return value
  if (value instanceof Date) return showDate(value)
  if (value instanceof Uint8Array) return showBytes(value)
  return value instanceof Ref ? undefined : String(value)
}

function showBoolean(value: Scalar): boolean | undefined {
  if (typeof value === 'boolean') return value
  if (typeof value === 'number' || typeof value === 'bigint') return Number(value) !== 0
  if (typeof value !== 'string') return undefined
  return TRUE_TEXT.test(value) ? true : FALSE_TEXT.test(value) ? false : undefined
}

const TRUE_TEXT = /^(?:true|1)$/i
const FALSE_TEXT = /^(?:false|0)$/i

/** What no JSON number can say exactly is shown as text. */
function showInteger(value: Scalar): number | string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'bigint' || (typeof value === 'string' && /^-?\d{1,1000}$/.test(value))) {
    const number = Number(value)
    return Number.isSafeInteger(number) ? number : String(value)
  }
  return undefined
}

function showDecimal(value: Scalar): number | string | undefined {
  if (typeof value !== 'string' || value === '') return showInteger(value)
  const number = Number(value)
  return Number.isFinite(number) ? number : undefined
}

const DAY = 86_400_000
/** Days, as many as are remembered at most, to their dates: most moments are of few days. */
const dates = new Map<number, string>()
const MOST_DATES = 5000
const upTo60 = Array.from({ length: 60 }, (_, n) => String(n).padStart(2, '0'))

/** RFC 3339 in UTC, with milliseconds; `toISOString` takes far longer than all else about a resource. */
export function showDate(value: Date): string | undefined {
  const time = value.getTime()
  if (Number.isNaN(time)) return undefined
  const day = Math.floor(time / DAY)
  let date = dates.get(day)
  if (date === undefined) {
    const whole = value.toISOString()
    date = whole.slice(0, whole.indexOf('T') + 1)
    if (dates.size >= MOST_DATES) dates.clear()
    dates.set(day, date)
  }
  const ms = time - day * DAY
  const minutes = Math.floor(ms / 60_000)
  const seconds = upTo60[Math.floor(ms / 1000) % 60]
  const fraction = String(1000 + (ms % 1000)).slice(1)
  return `${date}${upTo60[Math.floor(minutes / 60)]}:${upTo60[minutes % 60]}:${seconds}.${fraction}Z`
}

function showBytes(value: Uint8Array): string {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')
}

const BASE64 = /^(?:[A-Za-z0-9+/_-]{4})*(?:[A-Za-z0-9+/_-]{2}(?:==)?|[A-Za-z0-9+/_-]{3}=?)?$/

/** Base64 in either alphabet, padded or not (RFC 7643 2.3.6). */
export function parseBase64(text: string): Uint8Array | undefined {
  return BASE64.test(text) ? Buffer.from(text, 'base64') : undefined
}

/**
 * What is kept of a JSON value; undefined where it says that there is none: text that is empty or only spaces is no
 * value.
 * @param path names the attribute to the client
 * @throws VitrineError `invalidAttributeSyntax`
 */
export function keptAs(kind: ValueKind, json: Json, path: string): Scalar | undefined {
  if (json === null || (typeof json === 'string' && !/[^ ]/.test(json))) return undefined
  const scalar = typeof json === 'object' ? undefined : keeps[kind](json)
  if (scalar === undefined)
    throw new VitrineError('invalidAttributeSyntax', { message: `${path} cannot have such a value` })
  return scalar
}

const keeps: { readonly [K in ValueKind]: (json: string | number | boolean) => Scalar | undefined } = {
  text: (json) => (typeof json === 'boolean' ? (json ? 'TRUE' : 'FALSE') : String(json)),
  integer: (json) => {
    if (typeof json === 'boolean') return json ? 1 : 0
    if (typeof json === 'number' && !Number.isInteger(json)) return undefined
    if (typeof json === 'string' && !/^-?\d{1,1000}$/.test(json)) return undefined
    const number = Number(json)
    return Number.isSafeInteger(number) ? number : BigInt(json)
  },
  decimal: (json) => {
    if (typeof json === 'boolean') return json ? 1 : 0
    return decimalOf(json)
  },
  boolean: (json) => showBoolean(json),
  time: (json) => (typeof json === 'string' ? parseDateTime(json) : undefined),
  binary: (json) => (typeof json === 'string' ? parseBase64(json) : undefined),
}

/** What a part of an element is as a value; times are text there. */
export function kindOfPart(type: ScimType): ValueKind {
  return type === 'boolean' || type === 'integer' || type === 'decimal' ? type : 'text'
}
