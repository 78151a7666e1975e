/** Whom certificates of clients stand for: patterns of subjects, and the DNs that the texts in them make. */
import { formatDn, parseDn, type Rdn } from '../../ldap/index.js'
import type { Schema } from '../../schema/schema.js'

export interface CertificatePattern {
  /** A DN, in whose values `{name}` stands for any text. */
  readonly subject: string
  /** A DN, in whose values `{name}` stands for that text. */
  readonly dn: string
}

interface CompiledPattern {
  readonly rdns: readonly (readonly { readonly type: string; readonly value: RegExp }[])[]
  readonly dn: readonly Rdn[]
}

/** Names of a type (RFC 2985) that the schemas of directories do not know. */
const EMAIL: ReadonlySet<string> = new Set(['e', 'email', 'emailaddress', '1.2.840.113549.1.9.1'])

export class CertificateNames {
  readonly #patterns: readonly CompiledPattern[]
  readonly #schema: Schema

  constructor(patterns: readonly CertificatePattern[], schema: Schema) {
    this.#schema = schema
    this.#patterns = patterns.map(({ subject, dn }) => ({
      rdns: parseDn(subject).map((rdn) =>
        rdn.map(({ type, value }) => ({ type: this.#typeOf(type), value: expressionOf(String(value)) })),
      ),
      dn: parseDn(dn),
    }))
  }

  /** The DN for which a subject, leaf first, stands by the first pattern that fits it; undefined if none does. */
  nameOf(subject: readonly Rdn[]): string | undefined {
    for (const { rdns, dn } of this.#patterns) {
      const found = new Map<string, string>()
      const fits =
        rdns.length === subject.length && rdns.every((rdn, i) => this.#fits(rdn, subject[i] ?? [], found))
      if (fits)
        return formatDn(
          dn.map((rdn) => rdn.map(({ type, value }) => ({ type, value: filled(value, found) }))),
        )
    }
    return undefined
  }

  #fits(pattern: CompiledPattern['rdns'][number], rdn: Rdn, found: Map<string, string>): boolean {
    if (pattern.length !== rdn.length) return false
    return pattern.every(({ type, value }) => {
      const text = rdn.find((one) => this.#typeOf(one.type) === type)?.value
      const match = typeof text === 'string' ? value.exec(folded(text)) : null
      if (match === null) return false
      for (const [name, part] of Object.entries(match.groups ?? {})) {
        // A name that stands in two places stands for the same text in both.
        if ((found.get(name) ?? part).toLowerCase() !== part.toLowerCase()) return false
        found.set(name, part)
      }
      return true
    })
  }

  #typeOf(type: string): string {
    const key = type.toLowerCase()
    return EMAIL.has(key) ? 'emailaddress' : (this.#schema.attribute(type)?.name ?? key)
  }
}

/** Spaces as caseIgnoreMatch takes them. */
function folded(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ')
}

function expressionOf(value: string): RegExp {
  const parts = folded(value).split(/\{(\w+)\}/)
  const seen = new Set<string>()
  const source = parts.map((part, i) => {
    if (i % 2 === 0) return part.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
    if (seen.has(part)) return `\\k<${part}>`
    seen.add(part)
    return `(?<${part}>.+)`
  })
  return new RegExp(`^${source.join('')}$`, 'isu')
}

function filled(value: string | Buffer, found: ReadonlyMap<string, string>): string | Buffer {
  if (typeof value !== 'string') return value
  return value.replaceAll(/\{(\w+)\}/g, (whole, name: string) => found.get(name) ?? whole)
}
