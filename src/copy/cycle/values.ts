/** Values of entries attribute by attribute: which differ, how many there are, and how many go from entries that stay. */
import type { Entry } from '../../model/entry.js'
import { type EntryId, Ref, scalarOf } from '../../model/value.js'
import { valueText } from './canonical.js'
import type { SourceEntry } from './plan.js'

/** By attribute: how many values all entries of a view have together. */
export type ValueCounts = Readonly<Record<string, number>>

/** Values that entries of a view would lose that stay. */
export interface Loss {
  readonly attr: string
  readonly lost: number
  /** How many there were. */
  readonly had: number
}

/** What of an entry is different, by name: attributes, passwords among them, and `enabled`. */
export function differing(before: SourceEntry, after: SourceEntry): readonly string[] {
  const names = new Set([...before.entry.attributes.keys(), ...after.entry.attributes.keys()])
  const found = [...names].filter((name) => textsOf(before.entry, name) !== textsOf(after.entry, name))
  for (const name of new Set([...(before.secrets?.keys() ?? []), ...(after.secrets?.keys() ?? [])])) {
    const [attr = name] = name.split('#')
    if (before.secrets?.get(name) !== after.secrets?.get(name) && !found.includes(attr)) found.push(attr)
  }
  if (before.enabled !== after.enabled) found.push('enabled')
  return found.sort()
}

export class ValueTally {
  readonly #read = new Map<string, number>()
  readonly #lost = new Map<string, number>()
  /** Of what is lost, by attribute: how many references there were to an entry. */
  readonly #references = new Map<string, Map<string, number>>()

  /** An entry of the source. */
  count({ attributes }: Entry): void {
    for (const [name, { length }] of attributes) add(this.#read, name, length)
  }

  /** An entry that stays, with other values; of attributes in `keep` none go. */
  changes(before: Entry, after: Entry, keep: readonly string[] = []): void {
    for (const [name, { length }] of before.attributes) {
      const lost = length - (after.attributes.get(name)?.length ?? 0)
      if (lost <= 0 || keep.includes(name)) continue
      add(this.#lost, name, lost)
      const left = new Set(refsOf(after, name))
      const references = this.#references.get(name) ?? new Map<string, number>()
      this.#references.set(name, references)
      for (const ref of refsOf(before, name)) if (!left.has(ref)) add(references, ref, 1)
    }
  }

  counts(): ValueCounts {
    return Object.fromEntries(this.#read)
  }

  /**
   * But for references to who is removed, as `removed` tells by `refKey`.
   * @param had as they were counted when all was read for the last time; otherwise all that there are now, and what is lost
   */
  losses(had: ValueCounts | undefined, removed: ReadonlySet<string>): readonly Loss[] {
    return [...this.#lost].flatMap(([attr, all]) => {
      const references = [...(this.#references.get(attr) ?? [])]
      const lost = references.reduce((sum, [ref, count]) => (removed.has(ref) ? sum - count : sum), all)
      const now = this.#read.get(attr) ?? 0
      return lost > 0 ? [{ attr, lost, had: Math.max(lost, had?.[attr] ?? now + all) }] : []
    })
  }

  /**
   * The same where nobody can tell what entries had: by what all of them had together.
   * @param left the part of the entries that is no longer there, whose values are none of those that are lost
   */
  lossesSince(had: ValueCounts, left: number): readonly Loss[] {
    return Object.entries(had).flatMap(([attr, count]) => {
      const lost = Math.round(count * (1 - left)) - (this.#read.get(attr) ?? 0)
      return lost > 0 ? [{ attr, lost, had: count }] : []
    })
  }
}

const add = (counts: Map<string, number>, name: string, count: number) =>
  counts.set(name, (counts.get(name) ?? 0) + count)

/** What an entry that is referred to is called among all views. */
export const refKey = (view: string, id: EntryId) => `${view} ${id}`

function refsOf({ attributes }: Entry, name: string): readonly string[] {
  return (attributes.get(name) ?? []).flatMap((value) =>
    value instanceof Ref && value.id !== undefined ? [refKey(value.view, value.id)] : [],
  )
}

function textsOf({ attributes }: Entry, name: string): string {
  return (attributes.get(name) ?? []).map(valueText).sort().join('')
}

/** The first value of an attribute as a text; undefined where it is none. */
export function firstText({ attributes }: Entry, attr: string): string | undefined {
  const [first] = attributes.get(attr) ?? []
  const scalar = first === undefined ? undefined : scalarOf(first)
  return typeof scalar === 'object' || scalar === undefined ? undefined : String(scalar)
}
