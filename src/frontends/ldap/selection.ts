/** Which attributes a client asks for (RFC 4511 4.5.1.8): names, `*`, `+`, `1.1`, supertypes and object classes. */
import type { AttributeType, Schema } from '../../schema/schema.js'

export class Selection {
  readonly #schema: Schema
  readonly #user: boolean
  readonly #operational: boolean
  readonly #named: ReadonlySet<string>

  constructor(attributes: readonly string[], schema: Schema) {
    this.#schema = schema
    this.#user = attributes.length === 0 || attributes.includes('*')
    this.#operational = attributes.includes('+')
    const named = new Set<string>()
    for (const wanted of attributes) {
      if (wanted.startsWith('@'))
        for (const attr of attributesOfClass(wanted.slice(1), schema)) named.add(attr)
      const [name = '', ...options] = wanted.split(';')
      if (options.some((o) => o.toLowerCase() !== 'binary')) continue
      for (const type of schema.subtypesOf(name)) named.add(type.name)
    }
    this.#named = named
  }

  includes(name: string): boolean {
    if (this.#named.has(name)) return true
    if (!this.#user && !this.#operational) return false
    return this.#isOperational(this.#schema.attribute(name)) ? this.#operational : this.#user
  }

  #isOperational(type: AttributeType | undefined): boolean {
    return type?.operational === true
  }
}

/** RFC 4529: every attribute that the class and its superclasses name. */
function attributesOfClass(name: string, schema: Schema): readonly string[] {
  const found = schema.objectClass(name)
  if (found === undefined) return []
  return [found, ...schema.superclassesOf(name)].flatMap((c) => [...c.must, ...c.may])
}
