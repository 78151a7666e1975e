/**
 * References to entries of which the asker may not know: they are taken out of what is shown, and left alone by what is
 * changed.
 */
import type { Entry } from '../../../model/entry.js'
import { type Filter, mapAssertions } from '../../../model/filter.js'
import { match } from '../../../model/match.js'
import type { Change, Context } from '../../../model/request.js'
import { Ref, scalarOf, type Value } from '../../../model/value.js'
import { namingAttributes } from '../../../model/view.js'
import { type Directory, filterOfName } from '../../directory.js'
import type { Asker } from './asker.js'
import { conjunction, disjunction, filterOfCover, isNowhere } from './cover.js'
import { asGateway } from './facts.js'

/** May the asker know that there is such an entry? */
export type Known = (ref: Ref) => boolean

/** References looked up at a time. */
const AT_ONCE = 100

/** Which references lead to entries that the asker may know of, as far as that has been found out. */
export class Sight {
  readonly #directory: Directory
  readonly #asker: Asker
  readonly #ctx: Context
  readonly #found = new Map<string, boolean>()

  constructor(directory: Directory, asker: Asker, ctx: Context) {
    this.#directory = directory
    this.#asker = asker
    this.#ctx = ctx
  }

  /** What has not been looked up is not known. */
  readonly knows: Known = (ref) => this.#tell(ref) === true

  /** Those that have to be looked up before it is told whether they are known. */
  open(refs: Iterable<Ref>): readonly Ref[] {
    return [...refs].filter((ref) => this.#tell(ref) === undefined)
  }

  async lookUp(refs: Iterable<Ref>): Promise<void> {
    const byView = new Map<string, Ref[]>()
    for (const ref of this.open(refs)) {
      const others = byView.get(ref.view)
      if (others === undefined) byView.set(ref.view, [ref])
      else others.push(ref)
    }
    for (const [view, all] of byView) {
      for (let at = 0; at < all.length; at += AT_ONCE) await this.#ask(view, all.slice(at, at + AT_ONCE))
    }
  }

  #tell(ref: Ref): boolean | undefined {
    const cover = this.#asker.knowledge(ref.view)
    if (cover === 'all') return true
    if (isNowhere(cover)) return false
    if (ref.id !== undefined) {
      if (cover.some(({ own }) => own === ref.id)) return true
      if (cover.every(({ own }) => own !== undefined)) return false
    }
    return this.#found.get(keyOf(ref))
  }

  async #ask(name: string, refs: readonly Ref[]): Promise<void> {
    const { views, schema, matchingOf } = this.#directory
    const view = views.get(name)
    for (const ref of refs) this.#found.set(keyOf(ref), false)
    if (view === undefined) return
    const filterOf = (ref: Ref): Filter =>
      ref.id !== undefined
        ? { op: 'key', id: ref.id }
        : ref.uuid !== undefined
          ? { op: 'eq', attr: 'entryUUID', value: ref.uuid }
          : filterOfName(ref.names, view, schema)
    const named = refs.map(filterOf)
    const request = {
      view: name,
      filter: conjunction([filterOfCover(this.#asker.knowledge(name)), disjunction(named)]),
      attributes: new Set([
        ...namingAttributes(view),
        ...(refs.some((r) => r.uuid !== undefined) ? ['entryUUID'] : []),
      ]),
      unordered: true as const,
    }
    for await (const entries of this.#directory.search(request, asGateway(this.#ctx))) {
      for (const entry of entries) {
        refs.forEach((ref, i) => {
          const filter = named[i]
          if (filter !== undefined && match(filter, entry, matchingOf) === true)
            this.#found.set(keyOf(ref), true)
        })
      }
    }
  }
}

const keyOf = ({ view, id, uuid, names }: Ref): string => JSON.stringify([view, id ?? [uuid ?? names]])

/** The references that a filter asks about. */
export function refsIn(filter: Filter): readonly Ref[] {
  const found: Ref[] = []
  const collect = (one: Filter): Filter =>
    mapAssertions(one, (assertion) => {
      if (assertion.op === 'element') collect(assertion.of)
      else if ('value' in assertion && assertion.value instanceof Ref) found.push(assertion.value)
      return assertion
    })
  collect(filter)
  return found
}

export function* refsOf(entries: Iterable<Entry>, attributes: readonly string[]): Iterable<Ref> {
  for (const entry of entries)
    for (const attr of attributes) yield* refsAmong(entry.attributes.get(attr) ?? [])
}

export function* refsAmong(values: readonly Value[]): Iterable<Ref> {
  for (const value of values) {
    const scalar = scalarOf(value)
    if (scalar instanceof Ref) yield scalar
  }
}

/** The entry without such references in these attributes; one that has no value left is absent. */
export function withoutStrangers(entry: Entry, attributes: readonly string[], known: Known): Entry {
  const shown = new Map(entry.attributes)
  for (const attr of attributes) {
    const values = shown.get(attr)?.filter((value) => isKnown(value, known)) ?? []
    if (values.length > 0) shown.set(attr, values)
    else shown.delete(attr)
  }
  return { ...entry, attributes: shown }
}

/** The same change for an entry with such references, which stay: whoever does not see them does not mean them. */
export function sparingStrangers(change: Change, entry: Entry, known: Known): Change {
  const { op, attr, values } = change
  if (op === 'add' || (op === 'delete' && values.length > 0)) return change
  const hidden = (entry.attributes.get(attr) ?? []).filter((value) => !isKnown(value, known))
  return hidden.length === 0 ? change : { op: 'replace', attr, values: [...values, ...hidden] }
}

/** The entry without what the targets of these views are called. */
export function withoutDisplays(
  entry: Entry,
  attributes: readonly string[],
  views: ReadonlySet<string>,
): Entry {
  const shown = new Map(entry.attributes)
  for (const attr of attributes) {
    const values = shown.get(attr)
    if (values === undefined) continue
    shown.set(
      attr,
      values.map((value) => {
        if (!(value instanceof Ref) || value.display === undefined || !views.has(value.view)) return value
        return new Ref(value.view, value.names, value.id, undefined, value.uuid, value.type)
      }),
    )
  }
  return { ...entry, attributes: shown }
}

export function isKnown(value: Value, known: Known): boolean {
  const scalar = scalarOf(value)
  return !(scalar instanceof Ref) || known(scalar)
}
