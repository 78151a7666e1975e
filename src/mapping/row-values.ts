/** Values and cells as a row's draft compares them, and what it says of those that do not fit. */
import { VitrineError } from '../model/errors.js'
import type { Matching } from '../model/match.js'
import { isComplex, type Ref, type Scalar, type Value } from '../model/value.js'
import type { Cell, Column } from '../sources/source.js'

/** A password as its column takes it. */
export function clearCell(password: Value, { kind }: Column): Cell {
  const bytes = password instanceof Uint8Array ? password : Buffer.from(String(password), 'utf8')
  return kind === 'binary' ? bytes : Buffer.from(bytes).toString('utf8')
}

export const isRef = (value: unknown): value is Ref =>
  typeof value === 'object' && value !== null && 'names' in value && 'view' in value

/** Equal by the attribute's own rule; where it has none, the same. */
export function isEqualBy(matching: Matching | undefined): (a: Scalar, b: Scalar) => boolean {
  return (a, b) => {
    const form = matching?.equality?.(a)
    return form === undefined ? isSame(a, b) : form === matching?.equality?.(b)
  }
}

export const isSame = (a: Scalar, b: Scalar) => spelt(a) === spelt(b)

function spelt(value: Scalar): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  return value instanceof Date ? String(value.getTime()) : String(value)
}

/** Conditions and constants are written without regard to case. */
export function isSameCell(a: Cell | undefined, b: Cell | undefined): boolean {
  return String(a).toLowerCase() === String(b).toLowerCase()
}

/** A text of nothing but spaces reads as no value, and an element without its value as no element. */
export function isBlank(value: Value): boolean {
  if (isComplex(value)) {
    const own = value.value
    return own === undefined ? Object.values(value).every((part) => isBlank(part)) : isBlank(own)
  }
  return typeof value === 'string' && !/[^ ]/.test(value)
}

export const presentValue = (attr: string) =>
  new VitrineError('attributeOrValueExists', { message: `${shortName(attr)}: this value is there already` })

export const absentValue = (attr: string) =>
  new VitrineError('noSuchAttribute', { message: `${shortName(attr)}: there is no such value` })

export function cannot(attr: string): VitrineError {
  return new VitrineError('notModifiable', { message: `${shortName(attr)} cannot be changed` })
}

/** Without the URN of its schema. */
export function shortName(attr: string): string {
  return attr.slice(attr.lastIndexOf(':') + 1)
}
