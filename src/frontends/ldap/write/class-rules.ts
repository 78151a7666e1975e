/** What the object classes of a view ask of its entries (RFC 4512 2.4), and which changes of them are none. */
import { VitrineError } from '../../../model/errors.js'
import type { View } from '../../../model/view.js'
import type { ObjectClass, Schema } from '../../../schema/schema.js'

export class ClassRules {
  readonly #view: View
  readonly #schema: Schema
  /** With superclasses. */
  readonly #classes: ReadonlySet<string>
  readonly #structural: ObjectClass | 'several' | undefined
  readonly #must = new Set<string>()
  readonly #may = new Set<string>(['objectClass'])
  readonly #isExtensible: boolean

  constructor(view: View, schema: Schema) {
    this.#view = view
    this.#schema = schema
    this.#classes = new Set(schema.withSuperclasses(view.objectClasses))
    this.#isExtensible = this.#classes.has('extensibleObject')
    for (const name of this.#classes) {
      const known = schema.objectClass(name)
      for (const attr of known?.must ?? []) this.#must.add(attr)
      for (const attr of known?.may ?? []) this.#may.add(attr)
    }
    this.#structural = this.#structuralOf(this.#classes)
  }

  requires(attr: string): boolean {
    return this.#must.has(attr)
  }

  /** @throws VitrineError for an attribute that entries of the view have no place for */
  demandAllowed(attr: string): void {
    if (this.#view.attributes.has(attr) || attr === 'objectClass') return
    const isAllowed =
      this.#isExtensible ||
      this.#must.has(attr) ||
      this.#may.has(attr) ||
      this.#schema.attribute(attr)?.operational === true
    if (!isAllowed) throw new VitrineError('objectClassViolation', { message: `${attr} is not allowed here` })
    throw new VitrineError('unwillingToPerform', { message: `${attr} is kept nowhere here` })
  }

  /** @throws VitrineError where an attribute that a class requires is not there, as far as the view has it */
  demandWhole(has: (attr: string) => boolean): void {
    for (const attr of this.#must) {
      if (attr !== 'objectClass' && this.#view.attributes.get(attr)?.writable === true && !has(attr))
        throw missing(attr)
    }
  }

  /** @throws VitrineError for classes of a new entry that entries of the view do not have */
  demandFit(given: readonly string[] | undefined): void {
    if (given === undefined)
      throw new VitrineError('objectClassViolation', { message: 'objectClass is missing' })
    const classes = new Set(this.#schema.withSuperclasses(given))
    if (this.#structuralOf(classes) === undefined)
      throw new VitrineError('objectClassViolation', { message: 'there is no structural object class' })
    for (const name of classes) if (!this.#classes.has(name)) throw this.#otherClasses('objectClassViolation')
    if (typeof this.#structural === 'object' && !classes.has(this.#structural.name))
      throw this.#otherClasses('objectClassViolation')
  }

  /** @throws VitrineError where an entry would be of other classes than its view says */
  demandSame(given: readonly string[]): void {
    if (given.length === 0)
      throw new VitrineError('objectClassViolation', { message: 'an entry has object classes' })
    const classes = new Set(this.#schema.withSuperclasses(given))
    const structural = this.#structuralOf(classes)
    if (structural === 'several')
      throw new VitrineError('objectClassViolation', { message: 'an entry has one structural object class' })
    const isSame =
      classes.size === this.#classes.size && [...classes].every((name) => this.#classes.has(name))
    if (isSame) return
    if (structural === this.#structural) this.#demandAllowedBy(classes)
    throw this.#otherClasses('objectClassModsProhibited')
  }

  /** What the classes that are given up require, entries have. */
  #demandAllowedBy(classes: ReadonlySet<string>): void {
    const left = new Set(
      [...classes].flatMap((name) => {
        const known = this.#schema.objectClass(name)
        return [...(known?.must ?? []), ...(known?.may ?? [])]
      }),
    )
    const odd = [...this.#must].find((attr) => !left.has(attr) && this.#view.attributes.has(attr))
    if (odd !== undefined && !classes.has('extensibleObject'))
      throw new VitrineError('objectClassViolation', { message: `${odd} would not be allowed` })
  }

  #otherClasses(code: 'objectClassViolation' | 'objectClassModsProhibited'): VitrineError {
    const message = `entries here are of the classes ${this.#view.objectClasses.join(', ')}`
    return new VitrineError(code, { message })
  }

  /** The most derived one; `several` where they are not derived from each other. */
  #structuralOf(classes: ReadonlySet<string>): ObjectClass | 'several' | undefined {
    const structural = [...classes].flatMap((name) => {
      const known = this.#schema.objectClass(name)
      return known?.kind === 'structural' ? [known] : []
    })
    const superior = new Set(
      structural.flatMap(({ name }) => this.#schema.superclassesOf(name).map((c) => c.name)),
    )
    const [lowest, ...others] = structural.filter(({ name }) => !superior.has(name))
    return others.length > 0 ? 'several' : lowest
  }
}

export function missing(attr: string): VitrineError {
  return new VitrineError('objectClassViolation', { message: `${attr} is required here` })
}
