/**
 * By what the entries of a view are known from one cycle to the next: by what their source calls them, or by the values
 * of several attributes together, wherever in the source they then are.
 */
import type { Entry } from '../../model/entry.js'
import { type EntryId, Ref, type Scalar, scalarOf } from '../../model/value.js'
import type { Known } from '../targets/target.js'
import type { Identities } from './identities.js'
import type { SourceEntry, ViewSettings } from './plan.js'
import type { Reason } from './problems.js'

/** The key that the values of these attributes make, whatever the case of letters; why there is none. */
export function compositeKey({ attributes }: Entry, names: readonly string[]): string | Reason {
  const texts: string[] = []
  for (const name of names) {
    const [value, ...more] = attributes.get(name) ?? []
    if (value === undefined)
      return { code: 'missing', message: `it has no ${name}, which is a part of its key` }
    if (more.length > 0)
      return { code: 'invalid', message: `it has several values of ${name}, which is a part of its key` }
    texts.push(textOf(scalarOf(value) ?? ''))
  }
  return JSON.stringify(texts)
}

/** What sources call entries is hardly ever a list in JSON. */
const isComposite = (key: string) => key.startsWith('["')

/** What a target knows, by the keys that the view has now: its attributes may have been others before. */
export function knownAs(known: Known, { view, keyAttributes }: ViewSettings, identities: Identities): Known {
  if (keyAttributes.length > 0 || !isComposite(known.key)) return known
  return { ...known, key: identities.keyOf(view, known.id) ?? known.id }
}

export class Keys {
  readonly #view: string
  readonly #attributes: readonly string[]
  readonly #known: ReadonlyMap<string, Known>
  readonly #identities: Identities
  readonly #follows: boolean
  /** What the source calls entries, by keys that are made of attributes. */
  readonly #addresses = new Map<string, string>()
  #byId: ReadonlyMap<EntryId, Known> | undefined
  /** Is somebody called otherwise by the source than before? */
  renumbered = false

  /**
   * @param known by key
   * @param follows is an entry the same that its source calls as before, though its key is another now?
   */
  constructor(
    { view, keyAttributes }: ViewSettings,
    known: ReadonlyMap<string, Known>,
    identities: Identities,
    follows: boolean,
  ) {
    this.#view = view
    this.#attributes = keyAttributes
    this.#known = known
    this.#identities = identities
    this.#follows = follows
  }

  of({ entry }: SourceEntry): string | Reason {
    if (this.#attributes.length === 0) return entry.id
    const key = compositeKey(entry, this.#attributes)
    if (typeof key === 'string') this.#addresses.set(key, entry.id)
    return key
  }

  /** What the source calls the entry with a key that was asked for. */
  addressOf(key: string): string {
    return this.#addresses.get(key) ?? key
  }

  /** Of keys that are made of attributes: what the source calls the entries that have them. */
  addresses(): ReadonlySet<string> {
    return new Set(this.#addresses.values())
  }

  knownOf(key: string): Known | undefined {
    const one = this.#known.get(key)
    if (one !== undefined || this.#attributes.length === 0) return one
    const before = this.knownAt(this.addressOf(key))
    return before !== undefined && (this.#follows || !isComposite(before.key)) ? before : undefined
  }

  /** Whom the source called so before. */
  knownAt(address: string): Known | undefined {
    return this.#ids().get(this.#identities.idOf(this.#view, address) ?? address)
  }

  /** For somebody new. */
  newId(key: string): EntryId {
    if (this.#attributes.length === 0) return this.#identities.newId(this.#view, key)
    return this.#identities.ownId(this.#view, this.addressOf(key), (id) => this.#ids().has(id))
  }

  /** The entry with this key is the one with this id. */
  is(key: string, id: EntryId): void {
    const address = this.addressOf(key)
    if (this.#attributes.length > 0) {
      const before = this.#identities.keyOf(this.#view, id)
      // Unless somebody else is called so by now.
      const isHis = before !== undefined && this.#identities.idOf(this.#view, before) === id
      if (isHis && before !== address) this.#identities.forget(this.#view, before)
      if ((this.#identities.idOf(this.#view, address) ?? address) !== id) this.renumbered = true
    }
    this.#identities.set(this.#view, address, id)
  }

  #ids(): ReadonlyMap<EntryId, Known> {
    this.#byId ??= new Map([...this.#known.values()].map((one) => [one.id, one]))
    return this.#byId
  }
}

function textOf(value: Scalar): string {
  if (value instanceof Ref) return value.id ?? value.names.join('+')
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  return String(value).toLowerCase()
}
