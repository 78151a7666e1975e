/** The one form of a distinguished name in which all its spellings are the same text, and which still names the entry. */
import { formatRdn, parseDn, type Rdn } from '../../ldap/dn.js'
import { caseExact, caseIgnore } from '../../schema/normalize.js'

export class Names {
  /** Lower-case names of the attribute types whose values differ by case. */
  readonly #exact: ReadonlySet<string>
  /** The first of several names of a type, all in lower case. */
  readonly #canonical: ReadonlyMap<string, string>

  constructor(exact: ReadonlySet<string>, canonical: ReadonlyMap<string, string>) {
    this.#exact = exact
    this.#canonical = canonical
  }

  /** Undefined where the text is no DN. */
  canonical(text: string): string | undefined {
    return this.#simple(text) ?? this.#parsed(text)
  }

  /** Leaf first; undefined where the text is no DN. */
  rdns(text: string): readonly Rdn[] | undefined {
    try {
      return parseDn(text)
    } catch {
      return undefined
    }
  }

  /** Attribute types (as the first of their names, in lower case) and values of the leaf. */
  naming(text: string): readonly { readonly type: string; readonly value: string }[] {
    const [leaf = []] = this.rdns(text) ?? []
    return leaf.map(({ type, value }) => ({ type: this.type(type), value: value.toString() }))
  }

  type(name: string): string {
    const folded = name.toLowerCase()
    return this.#canonical.get(folded) ?? folded
  }

  /** Most names need no parsing; undefined where this one does. */
  #simple(text: string): string | undefined {
    if (!SIMPLE.test(text)) return undefined
    const folded = text.toLowerCase()
    for (let at = 0; at < folded.length; ) {
      const equals = folded.indexOf('=', at)
      const type = folded.slice(at, equals)
      if (this.#exact.has(type) || this.#canonical.get(type) !== type) return undefined
      const comma = folded.indexOf(',', equals)
      if (comma < 0) break
      at = comma + 1
    }
    return folded
  }

  #parsed(text: string): string | undefined {
    const rdns = this.rdns(text)
    return rdns
      ?.map((rdn) => {
        const parts = rdn.map(({ type, value }) => {
          const name = this.type(type)
          if (typeof value !== 'string') return formatRdn([{ type: name, value }])
          return formatRdn([
            { type: name, value: this.#exact.has(name) ? caseExact(value) : caseIgnore(value) },
          ])
        })
        return parts.sort().join('+')
      })
      .join(',')
  }
}

/** Attributes of one value each, printable ASCII with nothing to escape, no two spaces together and none at an end. */
const SIMPLE =
  /^[A-Za-z][\w-]*=[\w.@'()/:&*!?-]+(?: [\w.@'()/:&*!?-]+)*(?:,[A-Za-z][\w-]*=[\w.@'()/:&*!?-]+(?: [\w.@'()/:&*!?-]+)*)*$/

/** Is the name that of `base`, or of something below it? Both canonical. */
export function isBelow(name: string, base: string): boolean {
  return base === '' || name === base || name.endsWith(`,${base}`)
}

/** The name above a canonical one; undefined for the root. */
export function superiorOf(name: string): string | undefined {
  if (name === '') return undefined
  for (let at = 0; at < name.length; at++) {
    if (name[at] === '\\') at++
    else if (name[at] === ',') return name.slice(at + 1)
  }
  return ''
}
