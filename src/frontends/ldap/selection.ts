/** Which attributes a client asks for (RFC 4511 4.5.1.8): names, `*`, `+`, `1.1`, supertypes and object classes. */
import { namingAttributes, type View } from '../../model/view.js'
import type { AttributeType, Schema } from '../../schema/schema.js'

/** Selections that are remembered, and how long the names of each may be together. */
const REMEMBERED = 100
const LONGEST = 1000

/** The same object for the same list: clients ask for the same few again and again. */
export class Selections {
  readonly #schema: Schema
  readonly #known = new Map<
    string,
    { readonly attributes: readonly string[]; readonly selection: Selection }
  >()

  constructor(schema: Schema) {
    this.#schema = schema
  }

  of(attributes: readonly string[]): Selection {
    const key = attributes.join('\n')
    const known = this.#known.get(key)
    // Names may hold anything, the separator too.
    if (
      known?.attributes.every((name, i) => name === attributes[i]) &&
      known.attributes.length === attributes.length
    )
      return known.selection
    const selection = new Selection(attributes, this.#schema)
    if (known === undefined && key.length <= LONGEST) {
      if (this.#known.size >= REMEMBERED) this.#known.clear()
      this.#known.set(key, { attributes, selection })
    }
    return selection
  }
}

export class Selection {
  readonly #schema: Schema
  readonly #user: boolean
  readonly #operational: boolean
  readonly #named: ReadonlySet<string>
  #treeOwn: boolean | undefined
  readonly #included = new Map<string, boolean>()
  readonly #ofViews = new Map<View, ReadonlySet<string>>()

  constructor(attributes: readonly string[], schema: Schema) {
    this.#schema = schema
    const all = attributes.some((wanted) => isOfAll(wanted, schema))
    this.#user = all || attributes.length === 0 || attributes.includes('*')
    this.#operational = all || attributes.includes('+')
    const named = new Set<string>()
    for (const wanted of attributes) {
      if (wanted.startsWith('@'))
        for (const attr of attributesOfClass(wanted.slice(1), schema)) named.add(attr)
      for (const type of schema.describedBy(wanted) ?? []) named.add(type.name)
    }
    this.#named = named
  }

  /** @param name of an attribute, as the schema spells it */
  includes(name: string): boolean {
    const known = this.#included.get(name)
    if (known !== undefined) return known
    const included = this.#includes(name)
    this.#included.set(name, included)
    return included
  }

  /** Is there among the selected what no entry holds, but the tree tells of each? */
  get includesTreeOwn(): boolean {
    this.#treeOwn ??= TREE_OWN.some((name) => this.includes(name))
    return this.#treeOwn
  }

  /** What is selected of a view's entries, and what their DNs are made of: the same set each time. */
  attributesOf(view: View): ReadonlySet<string> {
    const known = this.#ofViews.get(view)
    if (known !== undefined) return known
    const names = new Set(namingAttributes(view))
    for (const attr of view.attributes.keys()) if (this.includes(attr)) names.add(attr)
    this.#ofViews.set(view, names)
    return names
  }

  #includes(name: string): boolean {
    if (this.#named.has(name)) return true
    // What has to be counted is shown to those who name it.
    if ((!this.#user && !this.#operational) || name === 'numSubordinates') return false
    return this.#isOperational(this.#schema.attribute(name)) ? this.#operational : this.#user
  }

  #isOperational(type: AttributeType | undefined): boolean {
    return type?.operational === true
  }
}

const TREE_OWN = ['entryDN', 'subschemaSubentry', 'hasSubordinates', 'numSubordinates']

/** The class that allows every attribute (RFC 4512 4.3). */
function isOfAll(wanted: string, schema: Schema): boolean {
  return wanted.startsWith('@') && schema.objectClass(wanted.slice(1))?.name === 'extensibleObject'
}

/** RFC 4529: every attribute that the class and its superclasses name. */
function attributesOfClass(name: string, schema: Schema): readonly string[] {
  const found = schema.objectClass(name)
  if (found === undefined) return []
  return [found, ...schema.superclassesOf(name)].flatMap((c) => [...c.must, ...c.may])
}
