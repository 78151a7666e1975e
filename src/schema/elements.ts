/**
 * The attribute types and object classes of one schema: definitions put in order, resolved against each other
 * and found by name. What their values mean is left to `schema.ts`.
 */
import {
  type AttributeDefinition,
  type AttributeType,
  resolveAttribute,
  SchemaError,
} from './attribute-types.js'
import type { ObjectClass, ObjectClassDefinition } from './object-classes.js'

export class Elements {
  readonly attributes: readonly AttributeType[]
  readonly objectClasses: readonly ObjectClass[]
  /** By OID and by every name, as written and in lower case. */
  readonly #attributes = new Map<string, AttributeType>()
  readonly #classes = new Map<string, ObjectClass>()
  readonly #subtypes = new Map<string, readonly AttributeType[]>()

  /**
   * Superclasses must come before what is derived from them; supertypes may come in any order.
   * @throws SchemaError where names collide, or a supertype, superclass or attribute is unknown.
   */
  constructor(
    attributes: readonly AttributeDefinition[],
    objectClasses: readonly ObjectClassDefinition[],
    base?: Elements,
  ) {
    for (const type of base?.attributes ?? []) register(this.#attributes, type, 'attribute')
    for (const objectClass of base?.objectClasses ?? []) register(this.#classes, objectClass, 'object class')
    const types = this.#resolveAttributes(attributes)
    const classes = objectClasses.map((definition) => {
      const objectClass = this.#resolveClass(definition)
      register(this.#classes, objectClass, 'object class')
      return objectClass
    })
    this.attributes = [...(base?.attributes ?? []), ...types]
    this.objectClasses = [...(base?.objectClasses ?? []), ...classes]
  }

  attribute(nameOrOid: string): AttributeType | undefined {
    return this.#attributes.get(nameOrOid) ?? this.#attributes.get(nameOrOid.toLowerCase())
  }

  objectClass(nameOrOid: string): ObjectClass | undefined {
    return this.#classes.get(nameOrOid) ?? this.#classes.get(nameOrOid.toLowerCase())
  }

  subtypesOf(nameOrOid: string): readonly AttributeType[] {
    const type = this.attribute(nameOrOid)
    if (type === undefined) return []
    const known = this.#subtypes.get(type.name)
    if (known !== undefined) return known
    const derived = this.attributes.filter((other) => other.sup === type.name)
    const all = [type, ...derived.flatMap((other) => this.subtypesOf(other.name))]
    this.#subtypes.set(type.name, all)
    return all
  }

  superclassesOf(nameOrOid: string): readonly ObjectClass[] {
    const found = new Set<ObjectClass>()
    let level = this.objectClass(nameOrOid)?.sup ?? []
    while (level.length > 0) {
      const next: string[] = []
      for (const name of level) {
        const sup = this.objectClass(name)
        if (sup === undefined || found.has(sup)) continue
        found.add(sup)
        next.push(...sup.sup)
      }
      level = next
    }
    return [...found]
  }

  #resolveAttributes(definitions: readonly AttributeDefinition[]): readonly AttributeType[] {
    const resolved: AttributeType[] = []
    const waiting = new Map<string, AttributeDefinition>()
    for (const definition of definitions) {
      for (const key of [definition.oid, ...definition.names]) waiting.set(key.toLowerCase(), definition)
    }
    const done = new Set<AttributeDefinition>()
    const resolve = (definition: AttributeDefinition): void => {
      if (done.has(definition)) return
      done.add(definition)
      const supName = definition.sup
      const before = supName === undefined ? undefined : waiting.get(supName.toLowerCase())
      if (before !== undefined) resolve(before)
      const sup = supName === undefined ? undefined : this.attribute(supName)
      if (supName !== undefined && sup === undefined) {
        throw new SchemaError(`attribute ${definition.names[0]}: there is no supertype "${supName}"`)
      }
      const type = resolveAttribute(definition, sup)
      register(this.#attributes, type, 'attribute')
      resolved.push(type)
    }
    for (const definition of definitions) resolve(definition)
    return resolved
  }

  #resolveClass(definition: ObjectClassDefinition): ObjectClass {
    const { oid, names, kind } = definition
    const name = names[0]
    const attributeNames = (given: readonly string[] = []) =>
      given.map((attr) => {
        const type = this.attribute(attr)
        if (type === undefined) throw new SchemaError(`object class ${name}: there is no attribute "${attr}"`)
        return type.name
      })
    const sup = (definition.sup ?? []).map((given) => {
      const found = this.objectClass(given)
      if (found === undefined)
        throw new SchemaError(`object class ${name}: there is no superclass "${given}"`)
      return found.name
    })
    const must = attributeNames(definition.must)
    const may = attributeNames(definition.may)
    return { definition, oid, name, names, sup, kind, must, may }
  }
}

interface Named {
  readonly oid: string
  readonly names: readonly string[]
}

function register<T extends Named>(index: Map<string, T>, element: T, what: string): void {
  const keys = [element.oid, ...element.names]
  for (const key of keys) {
    const taken = index.get(key.toLowerCase())
    if (taken !== undefined) {
      throw new SchemaError(`${what} ${element.names[0]}: "${key}" is already that of ${taken.names[0]}`)
    }
  }
  for (const key of keys) index.set(key, element).set(key.toLowerCase(), element)
}
