/**
 * Filters of access rules: LDAP filters whose values may stand for what the entry of whoever asks holds. They are read
 * once; what stands for something is put in as a value, so that it never becomes a part of the filter's text.
 */
import type { RowFilter } from '../../directory/layers/access/rule.js'
import type { Complaint } from '../../directory/layers/access/rules.js'
import { FilterSyntaxError, type LdapFilter, parseFilter } from '../../ldap/index.js'
import { type Filter, mapAssertions, UNDEFINED } from '../../model/filter.js'
import type { Principal } from '../../model/request.js'
import { Ref, scalarOf, type Value } from '../../model/value.js'
import type { View } from '../../model/view.js'
import { FilterTranslator } from './filter.js'
import type { Namespace } from './namespace.js'

type ValuesOf = (attr: string) => readonly Value[]
/** What a part of the filter says to somebody. */
type Part = (principal: Principal, valuesOf: ValuesOf) => Filter
type Leaf = Exclude<LdapFilter, { tag: 'and' | 'or' | 'not' }>

const PLACEHOLDER = /\{principal\.([^{}]*)\}/g
const DN = 'dn'
/** Attributes that the tree knows of every entry. */
const OF_THE_TREE: ReadonlySet<string> = new Set(['entryDN', 'subschemaSubentry', 'hasSubordinates'])

/** Text, and names of attributes for which values are put in. */
type Template = readonly (string | { readonly attr: string })[]

class Wrong extends Error {
  readonly remedy: string

  constructor(message: string, remedy: string) {
    super(message)
    this.remedy = remedy
  }
}

export class RowFilters {
  readonly #namespace: Namespace
  readonly #views: ReadonlyMap<string, View>
  readonly #translator: FilterTranslator

  constructor(namespace: Namespace, views: ReadonlyMap<string, View>) {
    this.#namespace = namespace
    this.#views = views
    this.#translator = new FilterTranslator(namespace)
  }

  compile(text: string, view: View): RowFilter | Complaint {
    const needs = new Set<string>()
    try {
      const part = this.#part(parseFilter(text), view, needs)
      return {
        key: text,
        needs,
        filled: (principal, valuesOf) => byKey(part(principal, valuesOf), principal),
      }
    } catch (error) {
      if (error instanceof Wrong) return { message: error.message, remedy: error.remedy }
      if (!(error instanceof FilterSyntaxError)) throw error
      const remedy = 'Write a filter as RFC 4515 has it, e.g. (department=Sales)'
      return { message: `it is no LDAP filter: ${error.message}`, remedy }
    }
  }

  #part(filter: LdapFilter, view: View, needs: Set<string>): Part {
    switch (filter.tag) {
      case 'and':
      case 'or': {
        const parts = filter.filters.map((f) => this.#part(f, view, needs))
        return (...given) => ({ op: filter.tag, of: parts.map((part) => part(...given)) })
      }
      case 'not': {
        const part = this.#part(filter.filter, view, needs)
        return (...given) => ({ op: 'not', of: part(...given) })
      }
      default:
        return this.#leaf(filter, view, needs)
    }
  }

  #leaf(filter: Leaf, view: View, needs: Set<string>): Part {
    this.#demandAttribute(filter, view)
    const templates = valuesIn(filter).map((value) => this.#template(value, needs))
    if (templates.every((template) => template.every((piece) => typeof piece === 'string'))) {
      const translated = this.#translator.translate(filter, view)
      if (translated.op === 'const' && translated.value === undefined) {
        const about = 'attribute' in filter ? filter.attribute : ''
        throw new Wrong(
          `${about} cannot be compared like that in view ${view.name}`,
          'Give it a value of its syntax, and a comparison that it has',
        )
      }
      return () => translated
    }
    return (principal, valuesOf) => {
      const filled = this.#fill(templates, principal, valuesOf)
      const of = filled.map((values) => this.#translator.translate(withValues(filter, values), view))
      const [only] = of
      // Whoever has nothing there is neither told apart from anybody by it nor like anybody.
      return only === undefined ? UNDEFINED : of.length === 1 ? only : { op: 'or', of }
    }
  }

  /** @throws Wrong */
  #demandAttribute(filter: Leaf, view: View): void {
    if (filter.attribute === undefined) {
      throw new Wrong('it asks about no attribute in particular', 'Name the attribute before the rule')
    }
    const [name = ''] = filter.attribute.split(';')
    const { schema } = this.#namespace
    const type = schema.attribute(name)
    if (type === undefined) throw new Wrong(`the schema knows no attribute ${name}`, 'Correct its name')
    if (OF_THE_TREE.has(type.name)) return
    const held = schema.subtypesOf(type.name).flatMap((t) => view.attributes.get(t.name) ?? [])
    if (held.length === 0) {
      throw new Wrong(
        `view ${view.name} has no attribute ${type.name}`,
        'Map it there, or choose entries by another',
      )
    }
    if (held.some((attribute) => attribute.verifyOnly))
      throw new Wrong(`${type.name} is a secret`, 'Choose entries by another attribute')
  }

  /** @throws Wrong */
  #template(value: Buffer, needs: Set<string>): Template {
    const text = value.toString('utf8')
    const pieces: (string | { attr: string })[] = []
    let from = 0
    for (const found of text.matchAll(PLACEHOLDER)) {
      const attr = this.#attributeOfPrincipal(found[1] ?? '')
      if (attr !== DN) needs.add(attr)
      pieces.push(text.slice(from, found.index), { attr })
      from = found.index + found[0].length
    }
    return [...pieces, text.slice(from)].filter((piece) => piece !== '')
  }

  /** @throws Wrong */
  #attributeOfPrincipal(name: string): string {
    if (name.toLowerCase() === DN) return DN
    const type = this.#namespace.schema.attribute(name)
    if (type === undefined)
      throw new Wrong(
        `the schema knows no attribute ${name}`,
        'Write {principal.dn}, or an attribute of whoever asks',
      )
    const held = [...this.#views.values()].flatMap((view) => view.attributes.get(type.name) ?? [])
    if (held.length === 0)
      throw new Wrong(`no view has an attribute ${type.name}`, 'Map it where those are who ask')
    if (held.every((attribute) => attribute.verifyOnly))
      throw new Wrong(`${type.name} is a secret`, 'Choose entries by another attribute')
    return type.name
  }

  /** Every way to put values in; the same attribute stands for the same value everywhere in one value. */
  #fill(templates: readonly Template[], principal: Principal, valuesOf: ValuesOf): readonly Buffer[][] {
    const attrs = new Set(
      templates.flatMap((t) => t.flatMap((piece) => (typeof piece === 'string' ? [] : [piece.attr]))),
    )
    let ways: ReadonlyMap<string, string>[] = [new Map()]
    for (const attr of attrs) {
      const texts = attr === DN ? this.#dnOf(principal) : this.#textsOf(attr, valuesOf(attr))
      ways = ways.flatMap((way) => texts.map((text) => new Map([...way, [attr, text]])))
    }
    return ways.map((way) =>
      templates.map((template) =>
        Buffer.from(
          template.map((p) => (typeof p === 'string' ? p : (way.get(p.attr) ?? ''))).join(''),
          'utf8',
        ),
      ),
    )
  }

  #dnOf(principal: Principal): readonly string[] {
    switch (principal.kind) {
      case 'anonymous':
        return []
      case 'service':
        return [principal.name]
      case 'certificate':
        return [principal.subject]
      case 'entry':
        return this.#dnOfRef(principal)
    }
  }

  #dnOfRef(ref: Pick<Ref, 'view' | 'names'>): readonly string[] {
    const view = this.#views.get(ref.view)
    return view?.inTree === true ? [this.#namespace.dnOfRef(ref, view)] : []
  }

  #textsOf(attr: string, values: readonly Value[]): readonly string[] {
    const syntax = this.#namespace.schema.attribute(attr)?.syntax
    return values.flatMap((value) => {
      const scalar = scalarOf(value)
      if (scalar instanceof Ref) return this.#dnOfRef(scalar)
      const rendered = scalar === undefined ? undefined : syntax?.render(scalar)
      if (rendered === undefined || rendered.length === 0) return []
      return [typeof rendered === 'string' ? rendered : Buffer.from(rendered).toString('utf8')]
    })
  }
}

/** The values that a leaf asserts, as `withValues` takes them. */
function valuesIn(filter: Leaf): readonly Buffer[] {
  if (filter.tag === 'present') return []
  if (filter.tag !== 'substrings') return [filter.value]
  const { initial, any, final } = filter
  return [initial, ...any, final].flatMap((piece) => piece ?? [])
}

function withValues(filter: Leaf, values: readonly Buffer[]): Leaf {
  if (filter.tag === 'present') return filter
  if (filter.tag !== 'substrings') return { ...filter, value: values[0] ?? filter.value }
  const left = [...values]
  const initial = filter.initial === undefined ? undefined : left.shift()
  const final = filter.final === undefined ? undefined : left.pop()
  return { ...filter, ...(initial && { initial }), any: left, ...(final && { final }) }
}

/** References to the principal by their key, which renaming leaves as it is. */
function byKey(filter: Filter, principal: Principal): Filter {
  if (principal.kind !== 'entry') return filter
  const { view, id, names } = principal
  return mapAssertions(filter, (assertion) => {
    if (!('value' in assertion) || !(assertion.value instanceof Ref)) return assertion
    const { value } = assertion
    const isOwn =
      value.view === view &&
      value.names.length === names.length &&
      value.names.every((name, i) => name === names[i])
    return isOwn ? { ...assertion, value: new Ref(view, [], id) } : assertion
  })
}
