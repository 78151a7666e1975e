/**
 * What an entry comes to as a whole, as one SHA-256: the same for the same values in any order, another for anything else,
 * be it the case of a letter.
 */
import { hash } from 'node:crypto'
import { isComplex, Ref, type Scalar, type Value } from '../../model/value.js'
import type { SourceEntry } from './plan.js'

/** 43 characters of base64url. `salt` stands for how entries are kept: with another one, all are different. */
export function fingerprint(of: SourceEntry, salt = ''): string {
  return hash('sha256', canonicalText(of, salt), 'base64url')
}

/** Texts are preceded by their lengths, so that none can be taken for another. */
function canonicalText({ entry, enabled, secrets, uuid }: SourceEntry, salt: string): string {
  let out = `${measured(salt)}${enabled ? '+' : '-'}`
  if (entry.version !== undefined) out += `v${measured(entry.version)}`
  const names = [...entry.attributes.keys()].sort()
  for (const name of names) {
    const values = entry.attributes.get(name) ?? []
    out += `${measured(name)}${values.length}`
    if (values.length === 1) out += valueText(values[0] as Value)
    else out += values.map(valueText).sort().join('')
  }
  if (uuid !== undefined) out += `u${measured(uuid)}`
  if (secrets !== undefined) {
    for (const attr of [...secrets.keys()].sort())
      out += `!${measured(attr)}${measured(secrets.get(attr) ?? '')}`
  }
  return out
}

/** The same for the same value alone. */
export function valueText(value: Value): string {
  if (typeof value === 'string') return `s${value.length}:${value}`
  if (!isComplex(value)) return scalarText(value)
  const parts = Object.keys(value).sort()
  const texts = parts.map((part) => `${measured(part)}${scalarText(value[part] as Scalar)}`)
  return `c${parts.length}${texts.join('')}`
}

function scalarText(value: Scalar): string {
  if (typeof value === 'string') return `s${value.length}:${value}`
  if (typeof value === 'boolean') return value ? 't' : 'f'
  if (typeof value === 'number' || typeof value === 'bigint') return `n${value};`
  if (value instanceof Date) return `d${value.getTime()};`
  if (value instanceof Ref) return refText(value)
  return `b${measured(Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64'))}`
}

/** What the other entry is called does not matter where its key is known. */
function refText({ view, id, names }: Ref): string {
  if (id !== undefined) return `r${measured(view)}${measured(id)}`
  return `R${measured(view)}${names.length}${names.map(measured).join('')}`
}

function measured(text: string): string {
  return `${text.length}:${text}`
}
