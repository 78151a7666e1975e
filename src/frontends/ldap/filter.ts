/**
 * LDAP filters as canonical ones, for the entries of one view (or for one of the tree itself): names resolved,
 * supertypes and options spread over what has them, assertion values typed, DNs made references. What cannot be is
 * Undefined (RFC 4511 4.5.1.7).
 */
import type { AssertionFilter, LdapFilter, SubstringsFilter } from '../../ldap/index.js'
import { FALSE, type Filter, UNDEFINED } from '../../model/filter.js'
import type { Scalar } from '../../model/value.js'
import type { View } from '../../model/view.js'
import type { AttributeType, Schema } from '../../schema/schema.js'
import { extensible } from './filter-extensible.js'
import { equality, type Subject, settled } from './filter-tree.js'
import type { Namespace } from './namespace.js'
import type { OwnEntry } from './own-entry.js'

export class FilterTranslator {
  readonly #namespace: Namespace
  readonly #schema: Schema
  /** The value that was read last: a search asks the tree and several views the same. */
  #read:
    | { readonly of: AssertionFilter; readonly type: AttributeType; readonly value: Scalar | undefined }
    | undefined

  constructor(namespace: Namespace) {
    this.#namespace = namespace
    this.#schema = namespace.schema
  }

  /** @param own the entry of the tree that is asked, where it is none of a view; what is extensible is of it alone */
  translate(filter: LdapFilter, view: View | undefined, own?: OwnEntry): Filter {
    return this.#of(filter, { namespace: this.#namespace, view, own })
  }

  #of(filter: LdapFilter, subject: Subject): Filter {
    switch (filter.tag) {
      case 'and':
      case 'or':
        return { op: filter.tag, of: filter.filters.map((f) => this.#of(f, subject)) }
      case 'not':
        return { op: 'not', of: this.#of(filter.filter, subject) }
      case 'extensible':
        return extensible(filter, subject, (description, ask) => this.#about(description, subject, ask))
      default:
        return this.#about(filter.attribute, subject, (type) => this.#assertion(filter, type, subject))
    }
  }

  /** Spreads a question over an attribute's subtypes, of which the entries may hold any. */
  #about(description: string, { view }: Subject, ask: (type: AttributeType) => Filter): Filter {
    const all = this.#schema.describedBy(description)
    const [type] = all ?? []
    if (all === undefined) return UNDEFINED
    if (type === undefined) {
      // The options are known, but nothing has them.
      const plain = this.#schema.attribute(description.slice(0, description.indexOf(';')))
      const asked = plain && ask(plain)
      return asked?.op === 'const' && asked.value === undefined ? UNDEFINED : FALSE
    }
    if (all.length === 1) return ask(type)
    const held = all.filter((t) => t === type || view === undefined || view.attributes.has(t.name))
    return held.length === 1 ? ask(type) : { op: 'or', of: held.map(ask) }
  }

  #assertion(
    filter: Exclude<LdapFilter, { tag: 'and' | 'or' | 'not' | 'extensible' }>,
    type: AttributeType,
    subject: Subject,
  ): Filter {
    switch (filter.tag) {
      case 'present':
        return settled({ op: 'present', attr: type.name }, type, subject)
      case 'substrings':
        return settled(this.#substrings(filter, type), type, subject)
      default:
        return settled(this.#comparison(filter, type, subject), type, subject)
    }
  }

  #comparison(filter: AssertionFilter, type: AttributeType, subject: Subject): Filter {
    const attr = type.name
    const value = this.#valueOf(filter, type)
    if (value === undefined) return UNDEFINED
    if (filter.tag === 'greaterOrEqual') return { op: 'ge', attr, value }
    if (filter.tag === 'lessOrEqual') return { op: 'le', attr, value }
    return equality(attr, value, subject)
  }

  #valueOf(filter: AssertionFilter, type: AttributeType): Scalar | undefined {
    if (this.#read?.of === filter && this.#read.type === type) return this.#read.value
    const use = filter.tag === 'greaterOrEqual' || filter.tag === 'lessOrEqual' ? 'ordering' : 'equality'
    const value = this.#schema.parse(type.name, filter.value, use)
    this.#read = { of: filter, type, value }
    return value
  }

  #substrings(filter: SubstringsFilter, type: AttributeType): Filter {
    const pieces = [filter.initial, ...filter.any, filter.final].map((bytes) =>
      bytes === undefined ? '' : this.#schema.parse(type.name, bytes, 'substring'),
    )
    if (type.substring === undefined || pieces.some((p) => typeof p !== 'string')) return UNDEFINED
    const texts = pieces.map(String)
    return {
      op: 'substring',
      attr: type.name,
      ...(filter.initial !== undefined && { initial: texts[0] ?? '' }),
      any: texts.slice(1, -1),
      ...(filter.final !== undefined && { final: texts.at(-1) ?? '' }),
    }
  }
}

/** Does it ask what each of the tree's own entries answers for itself? */
export function hasExtensible(filter: LdapFilter): boolean {
  switch (filter.tag) {
    case 'and':
    case 'or':
      return filter.filters.some(hasExtensible)
    case 'not':
      return hasExtensible(filter.filter)
    default:
      return filter.tag === 'extensible'
  }
}
