/**
 * An entry while the modifications of a request are made to it, one after the other (RFC 4511 4.6), and what is left of them
 * in the end: the changes that the directory is to make.
 */
import type { Directory } from '../../../directory/directory.js'
import type { Entry } from '../../../model/entry.js'
import { VitrineError } from '../../../model/errors.js'
import type { NormalForm } from '../../../model/match.js'
import type { Change } from '../../../model/request.js'
import { isComplex, Ref, type Scalar, scalarOf, type Value } from '../../../model/value.js'
import type { View } from '../../../model/view.js'
import type { AttributeType } from '../../../schema/schema.js'
import type { Namespace } from '../namespace.js'
import { type ClassRules, missing } from './class-rules.js'
import { formOf, type Modification } from './given.js'

export interface EditParts {
  readonly directory: Pick<Directory, 'matchingOf'>
  readonly namespace: Pick<Namespace, 'refTo'>
  readonly view: View
  readonly rules: ClassRules
}

interface Held {
  readonly form: NormalForm
  /** Undefined for a DN that names no entry that could be referred to. */
  readonly value: Value | undefined
}

interface State {
  readonly type: AttributeType
  readonly before: readonly Held[]
  now: readonly Held[]
  /** Is it told as a whole what becomes of it? */
  isWhole: boolean
}

export class EditedEntry {
  readonly #entry: Entry
  readonly #parts: EditParts
  readonly #states = new Map<string, State>()
  readonly #others: Change[] = []
  /** Attributes whose values were not read. */
  readonly #unread: ReadonlySet<string>

  constructor(entry: Entry, parts: EditParts, unread: ReadonlySet<string>) {
    this.#entry = entry
    this.#parts = parts
    this.#unread = unread
  }

  apply(modification: Modification): void {
    const { type } = modification
    const described = this.#parts.view.attributes.get(type.name)
    if (described?.verifyOnly === true) this.#secret(modification)
    else if (this.#unread.has(type.name)) this.#unseen(modification)
    else this.#edit(modification)
  }

  /** @throws VitrineError where the entry would no longer be one of its kind */
  changes(): readonly Change[] {
    return [...this.#others, ...[...this.#states.values()].flatMap((state) => this.#changesOf(state))]
  }

  #edit({ operation, type, values }: Modification): void {
    const state = this.#stateOf(type)
    const given = values.map((value) => this.#held(type, value))
    switch (operation) {
      case 'add':
        state.now = added(state, given)
        return
      case 'delete':
        if (values.length === 0) state.isWhole = true
        state.now = without(state, given)
        return
      case 'replace':
        state.isWhole = true
        // What is there already stays, with all that is known of it besides.
        state.now = given.map((one) => kept(one, state.now))
        return
      case 'increment':
        state.isWhole = true
        state.now = this.#incremented(state, values)
    }
  }

  #incremented({ type, now }: State, [by = 0]: readonly Scalar[]): readonly Held[] {
    if (now.length === 0) throw absent(type)
    return now.map(({ value }) => {
      const sum = BigInt(String(value === undefined ? 0 : scalarOf(value))) + BigInt(String(by))
      const number = type.syntax.parse(Buffer.from(String(sum)))
      if (number === undefined)
        throw new VitrineError('constraintViolation', { message: `${type.name} cannot be as great as that` })
      return this.#held(type, number)
    })
  }

  #secret({ operation, type, values }: Modification): void {
    const { name } = type
    if (values.length > 1)
      throw new VitrineError('constraintViolation', { message: `${name} holds one value at most` })
    if (operation === 'add' || operation === 'replace') {
      const strict = operation === 'add' && { strict: true as const }
      this.#others.push({ op: operation, attr: name, values, ...strict })
    } // That it is this password has been found out before.
    else this.#others.push({ op: 'delete', attr: name, values: [], strict: true })
  }

  /** The directory looks itself what is there, of which there may be very much. */
  #unseen({ operation, type, values }: Modification): void {
    const distinct = new Map(values.map((value) => [this.#held(type, value).form, this.#held(type, value)]))
    const known: readonly Value[] = [...distinct.values()].flatMap(({ value }) =>
      value === undefined ? [] : [value],
    )
    if (known.length < distinct.size) throw operation === 'delete' ? absent(type) : stranger(type)
    const op = operation === 'delete' ? 'delete' : 'add'
    this.#others.push({ op, attr: type.name, values: known, strict: true })
  }

  #stateOf(type: AttributeType): State {
    const known = this.#states.get(type.name)
    if (known !== undefined) return known
    const values =
      type.name === 'objectClass' ? this.#parts.view.objectClasses : this.#entry.attributes.get(type.name)
    const before = (values ?? []).map((value) => ({ form: this.#formOf(type, value), value }))
    const state: State = { type, before, now: before, isWhole: false }
    this.#states.set(type.name, state)
    return state
  }

  #held(type: AttributeType, value: Scalar): Held {
    const { refers = [], mixed } = this.#parts.view.attributes.get(type.name) ?? {}
    if (refers.length === 0 || typeof value !== 'string') return { form: this.#formOf(type, value), value }
    const ref = this.#parts.namespace.refTo(value, refers)
    const meant = ref ?? (mixed === true ? value : undefined)
    return { form: this.#formOf(type, meant ?? value), value: meant }
  }

  #formOf({ name }: AttributeType, value: Value): NormalForm {
    return formOf(scalarOf(value) ?? '', this.#parts.directory.matchingOf(name))
  }

  #changesOf(state: State): readonly Change[] {
    const { type, before, now, isWhole } = state
    const { view, rules } = this.#parts
    const attr = type.name
    if (attr === 'objectClass') {
      rules.demandSame(now.map(({ value }) => String(value)))
      return []
    }
    const has = new Set(now.map(({ form }) => form))
    const removed = before.filter((one) => !now.includes(one))
    const come = now.filter((one) => !before.includes(one))
    if (removed.length === 0 && come.length === 0) return []
    if (now.length > 0) rules.demandAllowed(attr)
    const [named] = before
    if (view.rdn.includes(attr) && named !== undefined && !has.has(named.form)) {
      throw new VitrineError('namingViolation', {
        message: `the entry is called by a value of ${attr} that it would not have`,
      })
    }
    if (type.singleValued && now.length > 1)
      throw new VitrineError('constraintViolation', { message: `${attr} has one value` })
    if (now.length === 0 && rules.requires(attr)) throw missing(attr)
    const values = valuesOf(state, now)
    if (isWhole || view.attributes.get(attr)?.writable !== true) return [{ op: 'replace', attr, values }]
    const strict = true
    return [
      ...(removed.length > 0
        ? [{ op: 'delete', attr, values: valuesOf(state, removed), strict } as const]
        : []),
      ...(come.length > 0 ? [{ op: 'add', attr, values: valuesOf(state, come), strict } as const] : []),
    ]
  }
}

function added({ type, now }: State, given: readonly Held[]): readonly Held[] {
  if (now.length > 0 && type.equality === undefined) throw incomparable(type)
  const forms = new Set(now.map(({ form }) => form))
  if (given.some(({ form }) => forms.has(form)))
    throw new VitrineError('attributeOrValueExists', { message: `${type.name} has such a value already` })
  return [...now, ...given]
}

function without({ type, now }: State, given: readonly Held[]): readonly Held[] {
  if (now.length === 0) throw absent(type)
  if (given.length === 0) return []
  if (type.equality === undefined) throw incomparable(type)
  const forms = new Set(now.map(({ form }) => form))
  if (given.some(({ form }) => !forms.has(form))) throw absent(type)
  const gone = new Set(given.map(({ form }) => form))
  return now.filter(({ form }) => !gone.has(form))
}

/** The value that an entry holds instead of this one, or this in the spelling it is given in. */
function kept(given: Held, now: readonly Held[]): Held {
  const old = now.find(({ form }) => form === given.form)
  if (old?.value === undefined || given.value === undefined) return given
  const own = scalarOf(old.value)
  if (own instanceof Ref || isSame(own, given.value)) return old
  return isComplex(old.value) && !isComplex(given.value)
    ? { form: given.form, value: { ...old.value, value: given.value } }
    : given
}

function isSame(a: Value | undefined, b: Value): boolean {
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.from(a).equals(b)
  if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime()
  return a === b
}

function valuesOf({ type }: State, held: readonly Held[]): readonly Value[] {
  return held.map(({ value }) => {
    if (value === undefined) throw stranger(type)
    return value
  })
}

const absent = ({ name }: AttributeType) =>
  new VitrineError('noSuchAttribute', { message: `${name} has no such value` })

const incomparable = ({ name }: AttributeType) =>
  new VitrineError('inappropriateMatching', { message: `values of ${name} cannot be told apart` })

const stranger = ({ name }: AttributeType) =>
  new VitrineError('constraintViolation', { message: `${name}: there is no such entry to refer to` })
