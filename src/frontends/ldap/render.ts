/** Entries as LDAP sends them: a DN, and attribute values in their syntaxes' encodings. */
import type { OutgoingAttribute } from '../../ldap/index.js'
import { type Shape, shaped } from '../../model/attributes.js'
import type { Entry } from '../../model/entry.js'
import { isComplex, Ref, scalarOf, type Value } from '../../model/value.js'
import type { View } from '../../model/view.js'
import type { AttributeType } from '../../schema/schema.js'
import type { WantedValues } from './matched-values.js'
import type { Namespace } from './namespace.js'
import type { Selection } from './selection.js'
import { SUBSCHEMA_DN } from './subschema.js'

/** How an attribute is sent. */
interface Shown {
  readonly type: AttributeType
  /** The attribute description, as octets: they are the same for every entry. */
  readonly description: Buffer
}

/** What is sent of the entries that a search finds: false for what is not selected. */
interface Selected {
  readonly byName: Map<string, Shown | false>
  /** That of the last entry; hardly ever has the next one another. */
  readonly shape: Shape
  readonly shown: readonly (Shown | false)[]
}

/** What is right below an entry, as far as somebody wants to know. */
export interface Below {
  readonly any: boolean
  readonly count: number
}

const NOTHING_BELOW: Below = { any: false, count: 0 }

export class Renderer {
  readonly #namespace: Namespace
  readonly #views: ReadonlyMap<string, View>
  readonly #types = new Map<string, Shown | false>()
  readonly #selected = new WeakMap<Selection, Selected>()

  constructor(namespace: Namespace, views: ReadonlyMap<string, View>) {
    this.#namespace = namespace
    this.#views = views
  }

  /**
   * The attributes of an entry that are selected, the tree's own operational ones among them.
   * @param matched the only values that are wanted; of attributes without any, nothing is shown
   */
  attributes(
    entry: Entry,
    dn: string,
    selection: Selection,
    typesOnly: boolean,
    below: Below = NOTHING_BELOW,
    matched?: WantedValues,
  ): OutgoingAttribute[] {
    const result: OutgoingAttribute[] = []
    const { shape, byPlace } = shaped(entry.attributes)
    const all = this.#shownOf(selection, shape)
    for (let place = 0; place < all.length; place++) {
      const shown = all[place]
      const values = byPlace[place]
      if (shown === undefined || shown === false || values === undefined) continue
      const wanted = matched === undefined ? values : matched(shape.names[place] as string, values)
      const rendered = typesOnly ? [] : this.#values(shown.type, wanted)
      if (typesOnly || rendered.length > 0) result.push({ type: shown.description, values: rendered })
    }
    if (!selection.includesTreeOwn) return result
    const add = (name: string, value: string) => {
      if (matched?.(name, [value]).length === 0) return
      if (selection.includes(name)) result.push({ type: name, values: typesOnly ? [] : [value] })
    }
    add('entryDN', dn)
    if (!entry.attributes.has('subschemaSubentry')) add('subschemaSubentry', SUBSCHEMA_DN)
    if (dn === '') return result
    add('hasSubordinates', below.any ? 'TRUE' : 'FALSE')
    add('numSubordinates', String(below.count))
    return result
  }

  #values(type: AttributeType, values: readonly Value[]): readonly (string | Uint8Array)[] {
    if (type.syntax.kind === 'text' && areTexts(values)) return values
    const rendered: (string | Uint8Array)[] = []
    for (const value of this.#distinct(type, values)) {
      if (typeof value === 'string' && type.syntax.kind === 'text') {
        if (value !== '') rendered.push(value)
        continue
      }
      const scalar = scalarOf(value)
      const one =
        scalar instanceof Ref
          ? this.#dn(scalar)
          : scalar === undefined
            ? undefined
            : type.syntax.render(scalar)
      if (one !== undefined) rendered.push(one)
    }
    return rendered
  }

  /** Elements that differ in other parts only are one value here. */
  #distinct(type: AttributeType, values: readonly Value[]): readonly Value[] {
    if (values.length < 2 || !values.some(isComplex)) return values
    const equality = this.#namespace.schema.matching(type.name)?.equality
    const seen = new Set<unknown>()
    return values.filter((value) => {
      const scalar = scalarOf(value)
      const form = scalar === undefined ? undefined : (equality?.(scalar) ?? scalar)
      return !seen.has(form) && seen.add(form)
    })
  }

  #dn(ref: Ref): string | undefined {
    const view = this.#views.get(ref.view)
    return view && this.#namespace.dnOfRef(ref, view)
  }

  /** By place. */
  #shownOf(selection: Selection, shape: Shape): readonly (Shown | false)[] {
    const selected = this.#selected.get(selection)
    if (selected?.shape === shape) return selected.shown
    const byName = selected?.byName ?? new Map<string, Shown | false>()
    const shown = shape.names.map((name) => {
      const one = byName.get(name) ?? (selection.includes(name) && this.#typeOf(name))
      byName.set(name, one)
      return one
    })
    this.#selected.set(selection, { byName, shape, shown })
    return shown
  }

  #typeOf(name: string): Shown | false {
    const known = this.#types.get(name)
    if (known !== undefined) return known
    const type = this.#namespace.schema.attribute(name)
    const description = type?.syntax.binaryTransfer === true ? `${type.name};binary` : type?.name
    const shown = type !== undefined && { type, description: Buffer.from(description ?? '', 'utf8') }
    this.#types.set(name, shown)
    return shown
  }
}

/** Are they nothing but texts, none of them empty? */
function areTexts(values: readonly Value[]): values is readonly string[] {
  return values.every((value) => typeof value === 'string' && value !== '')
}
