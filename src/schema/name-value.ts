/** Values as the names of entries hold them: as text, octets as the characters of Latin-1, so that nothing is lost. */
import type { Scalar } from '../model/value.js'
import type { AttributeType } from './attribute-types.js'

type Named = Pick<AttributeType, 'syntax'>

/** Undefined where a value has no form that could be a part of a name. */
export function nameOfValue({ syntax }: Named, value: Scalar): string | undefined {
  if (typeof value === 'string' && syntax.kind === 'text') return value === '' ? undefined : value
  const rendered = syntax.render(value)
  if (rendered === undefined || rendered.length === 0) return undefined
  if (typeof rendered === 'string') return rendered
  const octets = Buffer.from(rendered.buffer, rendered.byteOffset, rendered.byteLength)
  return octets.toString(syntax.kind === 'binary' ? 'latin1' : 'utf8')
}

/** The value in the encoding of its syntax. */
export function octetsOfName({ syntax }: Named, name: string): Buffer {
  return Buffer.from(name, syntax.kind === 'binary' ? 'latin1' : 'utf8')
}

/** What a DN holds, text or octets, as a name; undefined for octets where there is text only. */
export function nameInDn({ syntax }: Named, value: string | Buffer): string | undefined {
  if (syntax.kind !== 'binary') return typeof value === 'string' ? value : undefined
  return (typeof value === 'string' ? Buffer.from(value, 'utf8') : value).toString('latin1')
}
