/**
 * Entries as sets of values, and what additions, changes and deletions make of them: what a directory that is written
 * to is compared with.
 */
import type { MatchingOf } from '../../src/model/match.js'
import type { Change } from '../../src/model/request.js'
import { hasOtherParts, isComplex, Ref, scalarOf, type Value } from '../../src/model/value.js'
import { formOf } from './write-forms.js'
import type { Held, Written } from './write-mappings.js'
import type { Step } from './write-steps.js'

/** The key of no entry. */
export const NOBODY = '999999'

type View = Step['view']
const namings: Readonly<Record<View, string>> = { people: 'uid', grps: 'cn' }
type Values = ReadonlyMap<string, Value>
type Refused = 'constraintViolation' | 'invalidAttributeSyntax' | 'entryAlreadyExists' | 'noSuchObject'

/** The same entries as sets of values, which are equal where their normal forms are. */
export class Model {
  readonly #held: Readonly<Record<View, readonly Held[]>>
  readonly #matchingOf: MatchingOf
  readonly #entries: Readonly<Record<View, Map<string, ReadonlyMap<string, Values>>>> = {
    people: new Map(),
    grps: new Map(),
  }
  /** Of group and person. */
  readonly #links = new Map<string, readonly [group: string, person: string]>()

  constructor({ people, hasMembers }: Written, matchingOf: MatchingOf) {
    const cn: Held = { name: 'cn', room: 1, value: (n) => `g${n % 31}` }
    const member: Held = { name: 'member', room: undefined, value: (n) => new Ref('people', [], String(n)) }
    this.#held = { people, grps: hasMembers ? [member, cn] : [cn] }
    this.#matchingOf = matchingOf
  }

  ids(view: View): readonly string[] {
    return [...this.#entries[view].keys()]
  }

  names(view: View): readonly string[] {
    return this.#held[view].map((h) => h.name)
  }

  /** What a step asks for, in values. */
  changes({ kind, view, uid, changes }: Step, id: string): readonly Change[] {
    const held = this.#held[view]
    const made = changes.flatMap((c): readonly Change[] => {
      const attribute = held[c.attr % held.length]
      if (attribute === undefined) throw new Error('there is no attribute')
      const { name, room, value, absent } = attribute
      // What has no name is refused, whatever else is said of it.
      if (name === namings[view] && c.attr > 2 && (c.op === 'delete' || c.values.length === 0)) return []
      const current = [...this.#values(view, id, name).values()]
      // One value that is always there, or not seen, is not to be added to; where one is, seldom another.
      const [seldom = 0] = c.values
      const isFull = room === 1 && current.length > 0 && seldom % 5 > 0
      const isSet = absent !== undefined || name === 'manager' || isFull
      const op = kind === 'add' || (c.op === 'add' && isSet) ? 'replace' : c.op
      const fresh = c.values
        .slice(0, room === 1 && seldom % 5 > 0 ? 1 : 3)
        .map((n) => this.#existing(value(n), n))
      const values =
        op === 'delete' && c.held && c.values.length > 0 && current.length > 0
          ? c.values.flatMap((n) => current.slice(n % current.length, (n % current.length) + 1))
          : fresh
      return [{ op, attr: name, values: this.#distinct(name, values) }]
    })
    const naming = namings[view]
    const named: readonly Change[] =
      kind === 'add' && uid !== undefined
        ? [{ op: 'replace', attr: naming, values: [`${view.slice(0, 1)}${uid}`] }]
        : []
    const all = [...made.filter((c) => named.length === 0 || c.attr !== naming), ...named]
    return kind === 'modify' ? all : [...new Map(all.map((c) => [c.attr, c])).values()]
  }

  /** Why it cannot be, or what makes it so. */
  after({ kind, view }: Step, id: string, changes: readonly Change[]): Refused | ((id: string) => void) {
    if (kind !== 'add' && !this.#entries[view].has(id)) return 'noSuchObject'
    if (kind === 'delete') return () => this.#remove(view, id)
    const now = new Map(this.names(view).map((name) => [name, this.#values(view, id, name)]))
    if (kind === 'add') now.clear()
    for (const change of changes) {
      const held = this.#held[view].find((h) => h.name === change.attr)
      if (held === undefined) throw new Error(`there is no ${change.attr}`)
      const result = this.#changed(held, now.get(held.name) ?? new Map(), change)
      if (typeof result === 'string') return result
      now.set(held.name, result)
    }
    const refers = changes.flatMap((c) => (c.op === 'delete' ? [] : c.values)).map((v) => this.#known(v))
    if (refers.some((v) => v instanceof Ref && !this.ids(v.view as View).includes(v.id ?? '')))
      return 'constraintViolation'
    const naming = namings[view]
    const [name] = now.get(naming)?.keys() ?? []
    if (name === undefined) return 'constraintViolation'
    const isTaken = this.ids(view).some(
      (other) => (kind === 'add' || other !== id) && this.#values(view, other, naming).has(name),
    )
    if (isTaken) return 'entryAlreadyExists'
    return (made) => this.#put(view, made, now)
  }

  meant(view: View): unknown {
    return Object.fromEntries(
      this.ids(view).map((id) => [
        id,
        Object.fromEntries(
          this.#held[view].map(({ name, absent }) => {
            const values = [...this.#values(view, id, name).values()]
            const shownValues = values.length === 0 && absent !== undefined ? [absent] : values
            return [name, this.formsOf(name, shownValues)]
          }),
        ),
      ]),
    )
  }

  /** How many rows each person has in a table; undefined where a column may hold one instead. */
  rows(table: string): Readonly<Record<string, number>> | undefined {
    const held = this.#held.people.find((h) => h.table === table)
    if (held === undefined) return undefined
    const counts = this.ids('people').map((id) => [id, this.#values('people', id, held.name).size] as const)
    return Object.fromEntries(counts.filter(([, count]) => count > 0))
  }

  formsOf(attr: string, values: readonly Value[]): readonly string[] {
    return [...new Set(values.flatMap((v) => this.#form(attr, v) ?? []))].sort()
  }

  #values(view: View, id: string, attr: string): Values {
    if (attr === 'member' || attr === 'memberOf') {
      const found = [...this.#links.values()].flatMap(([group, person]) =>
        attr === 'member'
          ? group === id
            ? [new Ref('people', [], person)]
            : []
          : person === id
            ? [new Ref('grps', [], group)]
            : [],
      )
      return new Map(found.flatMap((ref) => [[this.#form(attr, ref) ?? '', ref] as const]))
    }
    return this.#entries[view].get(id)?.get(attr) ?? new Map()
  }

  #changed(held: Held, current: Values, { op, values }: Change): Values | Refused {
    const given = values
      .filter((v) => this.#form(held.name, v) !== undefined)
      .map((v) => completed(held, this.#known(v)))
    if (op === 'delete') {
      const gone = new Set(given.map((v) => this.#form(held.name, v)))
      return new Map(values.length === 0 ? [] : [...current].filter(([form]) => !gone.has(form)))
    }
    const result = new Map(op === 'add' ? current : [])
    for (const value of given) {
      const form = this.#form(held.name, value) ?? ''
      if (result.has(form) && op === 'add') continue
      if (held.refuses?.(value) === true) return refusalOf(held, value)
      result.set(form, value)
    }
    if (held.room !== undefined && result.size > held.room) {
      const odd = [...result.values()].find((v) => held.refuses?.(v) === true)
      return odd === undefined ? 'constraintViolation' : refusalOf(held, odd)
    }
    return result
  }

  #put(view: View, id: string, now: ReadonlyMap<string, Values>): void {
    this.#entries[view].set(id, now)
    for (const attr of ['member', 'memberOf']) {
      const refs = now.get(attr)
      if (refs === undefined) continue
      for (const [key, pair] of this.#links)
        if (pair[attr === 'member' ? 0 : 1] === id) this.#links.delete(key)
      for (const ref of refs.values()) {
        const other = ref instanceof Ref ? (ref.id ?? '') : ''
        const pair = attr === 'member' ? ([id, other] as const) : ([other, id] as const)
        this.#links.set(pair.join(' '), pair)
      }
    }
  }

  #remove(view: View, id: string): void {
    this.#entries[view].delete(id)
    for (const [key, pair] of this.#links) if (pair[view === 'grps' ? 0 : 1] === id) this.#links.delete(key)
    if (view === 'grps') return
    for (const [other, attributes] of this.#entries.people) {
      const [boss] = attributes.get('manager')?.values() ?? []
      if (boss instanceof Ref && boss.id === id)
        this.#entries.people.set(other, new Map([...attributes].filter(([attr]) => attr !== 'manager')))
    }
  }

  /** References are mostly to what there is, now and then by its name. */
  #existing(value: Value, n: number): Value {
    if (!(value instanceof Ref)) return value
    const view = value.view as View
    const ids = this.ids(view)
    const id = n % 20 === 0 ? NOBODY : (ids[n % ids.length] ?? NOBODY)
    const [name] = this.#values(view, id, namings[view]).values()
    return n % 4 === 1 && name !== undefined ? new Ref(view, [String(name)]) : new Ref(view, [], id)
  }

  /** A reference by the key of what it names. */
  #known(value: Value): Value {
    if (!(value instanceof Ref) || value.id !== undefined) return value
    const view = value.view as View
    const form = this.#form(namings[view], value.names[0] ?? '') ?? ''
    return new Ref(
      view,
      [],
      this.ids(view).find((id) => this.#values(view, id, namings[view]).has(form)),
    )
  }

  #distinct(attr: string, values: readonly Value[]): readonly Value[] {
    return [...new Map(values.map((v) => [this.#form(attr, v), v])).values()]
  }

  #form(attr: string, value: Value): string | undefined {
    return formOf(attr, this.#known(value), this.#matchingOf)
  }
}

/** What the attribute's own conditions say of its elements. */
function completed({ implied }: Held, value: Value): Value {
  if (implied === undefined) return value
  return { ...implied, ...(isComplex(value) ? value : { value }) }
}

/** Where only the parts of an element do not fit, that is told. */
function refusalOf(held: Held, value: Value): Refused {
  const own = scalarOf(value)
  const isOwnKept = hasOtherParts(value) && own !== undefined && held.refuses?.(own) !== true
  return isOwnKept ? 'constraintViolation' : 'invalidAttributeSyntax'
}
