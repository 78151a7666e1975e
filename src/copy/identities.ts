/** What entries are called in the target, where that differs from what their source calls them. */
import { randomInt, randomUUID } from 'node:crypto'
import type { Entry } from '../model/entry.js'
import { isComplex, Ref, type Scalar, type Value } from '../model/value.js'

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
  /** Ids that are not the keys of those who have them. */
  readonly #ids = new Map<string, Set<string>>()

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
    of(this.#ids, view, () => new Set()).add(id)
  }

  idOf(view: string, key: string): string | undefined {
    return this.#byKey.get(view)?.get(key)
  }

  /** Somebody is known under a key no longer. */
  forget(view: string, key: string): void {
    const id = this.idOf(view, key)
    if (id === undefined) return
    this.#changed.set(JSON.stringify([view, key]), { view, key, id: undefined })
    this.#byKey.get(view)?.delete(key)
    this.#ids.get(view)?.delete(id)
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
    if (this.#ids.get(view)?.has(key) !== true) return key
    const made = /^-?\d+$/.test(key) ? String(randomInt(FIRST_MADE, LAST_MADE)) : randomUUID()
    this.set(view, key, made)
    return made
  }

  /** The entry with the ids of the target in place of keys. */
  translated(entry: Entry, id: string): Entry {
    if (entry.id === id && [...this.#byKey.values()].every((keys) => keys.size === 0)) return entry
    const attributes = new Map<string, readonly Value[]>()
    for (const [name, values] of entry.attributes) attributes.set(name, this.#values(values))
    return { ...entry, id, attributes }
  }

  #values(values: readonly Value[]): readonly Value[] {
    if (!values.some((value) => value instanceof Ref || isComplex(value))) return values
    return values.map((value): Value => {
      if (!isComplex(value)) return this.#scalar(value)
      return Object.fromEntries(Object.entries(value).map(([part, scalar]) => [part, this.#scalar(scalar)]))
    })
  }

  #scalar(value: Scalar): Scalar {
    if (!(value instanceof Ref) || value.id === undefined) return value
    const id = this.idOf(value.view, value.id)
    return id === undefined
      ? value
      : new Ref(value.view, value.names, id, value.display, value.uuid, value.type)
  }
}

function of<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}
