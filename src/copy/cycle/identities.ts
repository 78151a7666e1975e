/** What entries are called in the target, where that differs from what their source calls them. */
import { randomInt, randomUUID } from 'node:crypto'
import type { Entry } from '../../model/entry.js'
import { isComplex, Ref, type Scalar, type Value } from '../../model/value.js'

/** Ids that are numbers are made beyond those of any sequence. */
const FIRST_MADE = 2 ** 44
const LAST_MADE = 2 ** 46

interface Change {
  readonly view: string
  readonly key: string
  readonly id: string | undefined
}

/** By view: source keys to ids, of entries whose ids are others than their keys. */
export class Identities {
  readonly #byKey = new Map<string, Map<string, string>>()
  /** Keys by ids. */
  readonly #byId = new Map<string, Map<string, string>>()
  readonly #changed = new Map<string, Change>()

  /** Who is known under a key; those whose id is the key itself too. */
  set(view: string, key: string, id: string): void {
    if (this.idOf(view, key) === id) return
    if (key === id) {
      this.forget(view, key)
      return
    }
    this.#changed.set(JSON.stringify([view, key]), { view, key, id })
    of(this.#byKey, view, () => new Map()).set(key, id)
    of(this.#byId, view, () => new Map()).set(id, key)
  }

  idOf(view: string, key: string): string | undefined {
    return this.#byKey.get(view)?.get(key)
  }

  /** Under which key somebody is known; undefined where that is the id itself. */
  keyOf(view: string, id: string): string | undefined {
    return this.#byId.get(view)?.get(id)
  }

  /** Is everybody called by his key? */
  get isEmpty(): boolean {
    return [...this.#byKey.values()].every((keys) => keys.size === 0)
  }

  /** Somebody is known under a key no longer. */
  forget(view: string, key: string): void {
    const id = this.idOf(view, key)
    if (id === undefined) return
    this.#changed.set(JSON.stringify([view, key]), { view, key, id: undefined })
    this.#byKey.get(view)?.delete(key)
    this.#byId.get(view)?.delete(id)
  }

  /** What is different since this was called the last time; without an id: what is called by its key again. */
  changes(): readonly Change[] {
    const changes = [...this.#changed.values()]
    this.#changed.clear()
    return changes
  }

  /** An id for somebody new: the key itself, unless that is somebody else's id. */
  newId(view: string, key: string): string {
    const known = this.idOf(view, key)
    if (known !== undefined) return known
    if (this.#byId.get(view)?.has(key) !== true) return key
    const made = madeId(key)
    this.set(view, key, made)
    return made
  }

  /** The same for somebody who is not the one that was called so before, where another has the id. */
  ownId(view: string, key: string, isTaken: (id: string) => boolean): string {
    const known = this.idOf(view, key)
    if (known !== undefined && !isTaken(known)) return known
    if (known === undefined && !isTaken(key)) return this.newId(view, key)
    return madeId(key)
  }

  /** The entry with the ids of the target in place of keys. */
  translated(entry: Entry, id: string): Entry {
    if (entry.id === id && this.isEmpty) return entry
    const attributes = new Map<string, readonly Value[]>()
    for (const [name, values] of entry.attributes)
      attributes.set(
        name,
        renamed(values, (ref) => this.idOf(ref.view, ref.id ?? '')),
      )
    return { ...entry, id, attributes }
  }

  /** Values with keys in place of the ids of the target. */
  keyed(values: readonly Value[]): readonly Value[] {
    return this.isEmpty ? values : renamed(values, (ref) => this.keyOf(ref.view, ref.id ?? ''))
  }
}

const madeId = (key: string) =>
  /^-?\d+$/.test(key) ? String(randomInt(FIRST_MADE, LAST_MADE)) : randomUUID()

/** With other ids in references; undefined leaves the one that is there. */
function renamed(values: readonly Value[], idOf: (ref: Ref) => string | undefined): readonly Value[] {
  if (!values.some((value) => value instanceof Ref || isComplex(value))) return values
  const scalar = (value: Scalar): Scalar => {
    if (!(value instanceof Ref)) return value
    const id = idOf(value)
    return id === undefined
      ? value
      : new Ref(value.view, value.names, id, value.display, value.uuid, value.type)
  }
  return values.map((value): Value => {
    if (!isComplex(value)) return scalar(value)
    return Object.fromEntries(Object.entries(value).map(([part, one]) => [part, scalar(one)]))
  })
}

function of<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}
