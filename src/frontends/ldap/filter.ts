/**
 * LDAP filters as canonical ones, for the entries of one view (or for those of none): names resolved, supertypes
 * spread over their subtypes, assertion values typed, DNs made references. What cannot be is Undefined
 * (RFC 4511 4.5.1.7).
 */
import { filterOfName } from '../../directory/directory.js'
import type { AssertionFilter, ExtensibleFilter, LdapFilter, SubstringsFilter } from '../../ldap/index.js'
import { FALSE, type Filter, TRUE, UNDEFINED } from '../../model/filter.js'
import type { View } from '../../model/view.js'
import type { AttributeType, Schema } from '../../schema/schema.js'
import { depthBelow, parseName } from './names.js'
import type { Namespace } from './namespace.js'
import { SUBSCHEMA_DN } from './subschema.js'

export class FilterTranslator {
  readonly #namespace: Namespace
  readonly #schema: Schema

  constructor(namespace: Namespace) {
    this.#namespace = namespace
    this.#schema = namespace.schema
  }

  translate(filter: LdapFilter, view: View | undefined): Filter {
    switch (filter.tag) {
      case 'and':
      case 'or':
        return { op: filter.tag, of: filter.filters.map((f) => this.translate(f, view)) }
      case 'not':
        return { op: 'not', of: this.translate(filter.filter, view) }
      case 'extensible':
        return this.#extensible(filter, view)
      default:
        return this.#about(filter.attribute, view, (type) => this.#assertion(filter, type, view))
    }
  }

  /** Spreads a question over an attribute's subtypes, of which the entries may hold any. */
  #about(description: string, view: View | undefined, ask: (type: AttributeType) => Filter): Filter {
    const semicolon = description.indexOf(';')
    const name = semicolon < 0 ? description : description.slice(0, semicolon)
    const type = this.#schema.attribute(name)
    if (type === undefined) return UNDEFINED
    // No value carries an option but `binary`, which is a way of transfer (RFC 4522).
    if (semicolon >= 0 && !/^(?:;binary)+$/i.test(description.slice(semicolon))) return FALSE
    const all = this.#schema.subtypesOf(name)
    if (all.length === 1) return ask(type)
    const subtypes = all.filter((t) => t === type || view === undefined || view.attributes.has(t.name))
    const [only] = subtypes
    return subtypes.length === 1 && only !== undefined ? ask(only) : { op: 'or', of: subtypes.map(ask) }
  }

  #assertion(
    filter: Exclude<LdapFilter, { tag: 'and' | 'or' | 'not' | 'extensible' }>,
    type: AttributeType,
    view: View | undefined,
  ): Filter {
    const virtual = this.#virtual(filter, type, view)
    if (virtual !== undefined) return virtual
    switch (filter.tag) {
      case 'present':
        return { op: 'present', attr: type.name }
      case 'substrings':
        return this.#substrings(filter, type)
      default:
        return this.#comparison(filter, type, view)
    }
  }

  #comparison(filter: AssertionFilter, type: AttributeType, view: View | undefined): Filter {
    const attr = type.name
    const use = filter.tag === 'greaterOrEqual' || filter.tag === 'lessOrEqual' ? 'ordering' : 'equality'
    const value = this.#schema.parse(attr, filter.value, use)
    if (value === undefined) return UNDEFINED
    if (filter.tag === 'greaterOrEqual') return { op: 'ge', attr, value }
    if (filter.tag === 'lessOrEqual') return { op: 'le', attr, value }
    return this.#equality(attr, value, view, undefined)
  }

  #equality(
    attr: string,
    value: Parameters<AttributeType['syntax']['render']>[0],
    view: View | undefined,
    rule: string | undefined,
  ): Filter {
    const { refers = [], mixed } = view?.attributes.get(attr) ?? {}
    const plain: Filter = { op: 'eq', attr, value, ...(rule !== undefined && { rule }) }
    if (refers.length === 0 || typeof value !== 'string') return plain
    const targets =
      rule === undefined ? refers : [...this.#namespace.containers.flatMap((c) => c.views.map((v) => v.name))]
    const ref = this.#namespace.refTo(value, targets)
    const named: Filter = ref === undefined ? FALSE : { ...plain, value: ref }
    return mixed === true && rule === undefined ? { op: 'or', of: [named, plain] } : named
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

  /** RFC 4511 4.5.1.7.7. */
  #extensible(filter: ExtensibleFilter, view: View | undefined): Filter {
    const { rule, attribute, value, dnAttributes } = filter
    const one = (type: AttributeType): Filter => {
      const parsed = this.#schema.parse(type.name, value, 'equality', rule)
      const name = rule === undefined ? undefined : this.#schema.ruleFor(type.name, rule)?.name
      if (parsed === undefined || (rule !== undefined && name === undefined)) return UNDEFINED
      const other = name === undefined || name === type.equality?.name ? undefined : name
      const asked = this.#equality(type.name, parsed, view, other)
      if (!dnAttributes || view === undefined) return asked
      if (this.#inDn(type, parsed, view, other)) return TRUE
      const levels = this.#inLevels(type, value, view, rule)
      return levels.length === 0 ? asked : { op: 'or', of: [asked, ...levels] }
    }
    if (attribute !== undefined) return this.#about(attribute, view, one)
    const types = [...(view?.attributes.keys() ?? [])].flatMap((name) => this.#schema.attribute(name) ?? [])
    const fitting = types.filter(
      (type) => rule !== undefined && this.#schema.ruleFor(type.name, rule) !== undefined,
    )
    return fitting.length === 0 ? UNDEFINED : { op: 'or', of: fitting.map(one) }
  }

  /** What asks of the levels that an entry hangs below; one hangs below a level only if it does below those above. */
  #inLevels(
    type: AttributeType,
    octets: Uint8Array,
    view: View,
    rule: string | undefined,
  ): readonly Filter[] {
    const { levels = [] } = view
    return levels.flatMap(({ type: of, attr }, i): Filter[] => {
      const value = of === type.name ? this.#schema.parse(attr, octets, 'equality', rule) : undefined
      if (value === undefined) return []
      const above = levels.slice(0, i).map((level) => ({ op: 'present', attr: level.attr }) as const)
      return [{ op: 'and', of: [...above, this.#equality(attr, value, view, rule)] }]
    })
  }

  /** Does the name of the view's container hold such a value? An entry's own RDN is among its attributes. */
  #inDn(
    type: AttributeType,
    value: Parameters<AttributeType['syntax']['render']>[0],
    view: View | undefined,
    rule: string | undefined,
  ): boolean {
    const equality = this.#schema.matching(type.name, rule)?.equality
    const wanted = equality?.(value)
    if (view === undefined || equality === undefined || wanted === undefined) return false
    return this.#namespace
      .parentOf(view.name)
      .name.rdns.flat()
      .some((ava) => this.#schema.attribute(ava.type) === type && equality(String(ava.value)) === wanted)
  }

  /** Attributes that the tree has, not the entry. */
  #virtual(
    filter: Exclude<LdapFilter, { tag: 'and' | 'or' | 'not' | 'extensible' }>,
    type: AttributeType,
    view: View | undefined,
  ): Filter | undefined {
    if (type.name === 'entryDN') {
      if (filter.tag === 'present') return TRUE
      if (filter.tag !== 'equality' && filter.tag !== 'approx') return UNDEFINED
      const dn = this.#schema.parse('entryDN', filter.value, 'equality')
      return typeof dn !== 'string'
        ? UNDEFINED
        : view === undefined
          ? { op: 'eq', attr: 'entryDN', value: dn }
          : this.#entryDn(dn, view)
    }
    if (type.name === 'subschemaSubentry' && view !== undefined) {
      if (filter.tag === 'present') return TRUE
      if (filter.tag !== 'equality' && filter.tag !== 'approx') return UNDEFINED
      const dn = this.#schema.parse(type.name, filter.value, 'equality')
      if (typeof dn !== 'string') return UNDEFINED
      return depthBelow(parseName(dn, this.#schema), parseName(SUBSCHEMA_DN, this.#schema)) === 0
        ? TRUE
        : FALSE
    }
    if (type.name === 'hasSubordinates' && view !== undefined) {
      if (filter.tag === 'present') return TRUE
      if (filter.tag !== 'equality' && filter.tag !== 'approx') return UNDEFINED
      const value = this.#schema.parse(type.name, filter.value, 'equality')
      return value === undefined ? UNDEFINED : value === false ? TRUE : FALSE
    }
    return undefined
  }

  #entryDn(dn: string, view: View): Filter {
    const ref = this.#namespace.refTo(dn, [view.name])
    return ref === undefined ? FALSE : filterOfName(ref.names, view, this.#schema)
  }
}
