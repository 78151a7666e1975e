/**
 * What an asker may learn about the entries that others refer to: what becomes of questions about references, and which
 * of their targets may be called by their names.
 */
import type { Entry } from '../../../model/entry.js'
import { type Assertion, type Filter, mapAssertions, UNDEFINED } from '../../../model/filter.js'
import { Ref } from '../../../model/value.js'
import type { Directory } from '../../directory.js'
import type { Allowed, Asker } from './asker.js'
import { includes, isNowhere } from './cover.js'
import type { Right } from './rule.js'
import { type Known, withoutDisplays } from './strangers.js'

/** Of views. */
type Some = (view: string) => boolean

export class Acquaintance {
  readonly #directory: Directory
  /** By what its entries are called where others refer to them; known before it is asked for. */
  readonly #displays = new Map<string, readonly string[]>()

  constructor(directory: Directory) {
    this.#directory = directory
  }

  async learn(view: string, attributes: Iterable<string>): Promise<void> {
    const described = this.#directory.views.get(view)?.attributes
    for (const attr of attributes) {
      for (const target of described?.get(attr)?.refers ?? []) {
        if (!this.#displays.has(target))
          this.#displays.set(target, (await this.#directory.handles(target)).displays ?? [])
      }
    }
  }

  /** What becomes of an assertion; `can` says which attributes may be asked about. */
  asking(
    asker: Asker,
    view: string,
    can: Allowed,
    right: Right,
    known: Known,
  ): (assertion: Assertion) => Filter {
    const described = this.#directory.views.get(view)?.attributes
    const knowsAny: Some = (target) => !isNowhere(asker.knowledge(target))
    const named = this.#named(asker, right)
    return (a) => {
      const of = described?.get(a.attr)
      const refers = of?.refers ?? []
      const strange = of?.mixed !== true && refers.length > 0 && !refers.some(knowsAny)
      if (strange || !can(a.attr)) return UNDEFINED
      if ('value' in a && a.value instanceof Ref) {
        if (!known(a.value)) return UNDEFINED
        // A chain may lead through what is not known.
        if (a.rule !== undefined && refers.some((target) => this.#leadsThroughStrangers(asker, target)))
          return UNDEFINED
      }
      if (a.op !== 'present' && a.op !== 'element') return a
      if (refers.some((target) => asker.knowsSome(target))) return ofSome(a, refers, asker, known)
      const acquainted = refers.every(knowsAny) ? undefined : ofKnown(refers, knowsAny, this.#directory)
      if (a.op === 'element') {
        const inner = mapAssertions(a.of, (part) => {
          if ('value' in part && part.value instanceof Ref && !known(part.value)) return UNDEFINED
          const isName = part.attr === 'display' && refers.length > 0
          const tells = refers.every((r) => named(r) || (acquainted !== undefined && !knowsAny(r)))
          return isName && !tells ? UNDEFINED : part
        })
        return { ...a, of: acquainted === undefined ? inner : { op: 'and', of: [acquainted, inner] } }
      }
      return acquainted === undefined ? a : { op: 'element', attr: a.attr, of: acquainted }
    }
  }

  /** Takes from entries what their targets are called, as far as the asker may not read that; undefined: all may. */
  muting(view: string, attributes: Iterable<string>, asker: Asker): ((entry: Entry) => Entry) | undefined {
    const described = this.#directory.views.get(view)?.attributes
    const referring = [...attributes].filter((attr) => (described?.get(attr)?.refers.length ?? 0) > 0)
    const targets = new Set(referring.flatMap((attr) => described?.get(attr)?.refers ?? []))
    const named = this.#named(asker, 'read')
    const mute = new Set([...targets].filter((target) => !named(target)))
    return mute.size === 0 ? undefined : (entry) => withoutDisplays(entry, referring, mute)
  }

  /** May the asker know what those entries of a view are called of which they know? */
  #named(asker: Asker, right: Right): Some {
    return (view) => {
      const knowledge = asker.knowledge(view)
      const isNamed = (attr: string) => includes(asker.cover(view, right, attr), knowledge)
      return !isNowhere(knowledge) && this.#displays.get(view)?.every(isNamed) === true
    }
  }

  #leadsThroughStrangers(asker: Asker, view: string, seen: Set<string> = new Set()): boolean {
    if (asker.knowsSome(view)) return true
    if (seen.has(view)) return false
    seen.add(view)
    const attributes = [...(this.#directory.views.get(view)?.attributes.values() ?? [])]
    return attributes.some(({ refers }) =>
      refers.some((target) => this.#leadsThroughStrangers(asker, target, seen)),
    )
  }
}

/**
 * Where only some of the targets may be known of: the question whether one of those that are is the one asked about.
 * Any other question would be answered for strangers too.
 */
function ofSome(
  a: Extract<Assertion, { op: 'present' | 'element' }>,
  refers: readonly string[],
  asker: Asker,
  known: Known,
): Filter {
  if (a.op === 'element') {
    const isOne = a.of.op === 'eq' && a.of.attr === 'value' && a.of.value instanceof Ref && known(a.of.value)
    return isOne ? a : UNDEFINED
  }
  // None but oneself: then it is whether one is among them oneself.
  const own: Filter[] = []
  for (const view of refers) {
    const cover = asker.knowledge(view)
    if (cover === 'all') return UNDEFINED
    for (const row of cover) {
      if (row.own === undefined) return UNDEFINED
      own.push({ op: 'eq', attr: a.attr, value: new Ref(view, [], row.own) })
    }
  }
  return { op: 'or', of: own }
}

/** What tells references into known views from others; undefined where their resource types do not. */
function ofKnown(refers: readonly string[], known: Some, { views }: Directory): Filter | undefined {
  const typeOf = (view: string) => views.get(view)?.resource?.type
  const types = new Set(refers.filter(known).map(typeOf))
  const others = refers.filter((view) => !known(view)).map(typeOf)
  if (types.has(undefined) || others.some((type) => types.has(type))) return undefined
  return {
    op: 'or',
    of: [...types].flatMap((value): Filter[] =>
      value === undefined ? [] : [{ op: 'eq', attr: 'type', value }],
    ),
  }
}
