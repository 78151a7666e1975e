/** Values as texts: forms that are equal for equal values, and what a failure tells of them. */
import type { MatchingOf } from '../../src/model/match.js'
import type { Change } from '../../src/model/request.js'
import { isComplex, Ref, type Scalar, type Value } from '../../src/model/value.js'

/** Equal for equal values; undefined for what is none. References are given by key. */
export function formOf(attr: string, value: Value, matchingOf: MatchingOf): string | undefined {
  const scalar = (name: string, part: Scalar) => String(matchingOf(name)?.equality?.(part) ?? textOf(part))
  if (value instanceof Ref) return `${value.view} ${value.id}`
  if (!isComplex(value)) return isBlank(value) ? undefined : JSON.stringify({ value: scalar(attr, value) })
  const own = value.value
  if (attr.includes('addresses') ? Object.keys(value).length === 0 : own === undefined || isBlank(own))
    return undefined
  const parts = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify(
    Object.fromEntries(
      parts.map(([name, part]) => [name, scalar(name === 'value' ? attr : `${attr}.${name}`, part)]),
    ),
  )
}

const isBlank = (value: Scalar) => typeof value === 'string' && !/[^ ]/.test(value)

export const shown = ({ op, attr, values }: Change) => `${op} ${attr} ${values.map(textOf).join(' | ')}`

function textOf(value: Value): string {
  if (value instanceof Ref) return `${value.view} ${value.id ?? value.names.join('+')}`
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  if (!isComplex(value))
    return JSON.stringify(value, (_key, v: unknown) => (typeof v === 'bigint' ? `${v}` : v))
  return `{${Object.entries(value)
    .map(([part, v]) => `${part}: ${textOf(v)}`)
    .join(', ')}}`
}
