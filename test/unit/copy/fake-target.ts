/** A target in memory, atomic or not, that can be told to refuse entries. */
import type { Reason } from '../../../src/copy/cycle/problems.js'
import { nameOf } from '../../../src/copy/cycle/view-pass.js'
import type { StoreRecord } from '../../../src/copy/store/store.js'
import type {
  CyclePlan,
  Known,
  Outcome,
  Planned,
  Removal,
  Target,
  TargetCycle,
} from '../../../src/copy/targets/target.js'

export interface Held extends Known {
  readonly entry?: Planned['entry']
  readonly enabled?: boolean
}

export class FakeTarget implements Target {
  readonly name = 'fake'
  readonly atomic: boolean
  /** By view, then id. */
  content = new Map<string, Map<string, Held>>()
  readonly refusals = new Map<string, Reason>()
  readonly done: string[] = []
  readonly records: StoreRecord[] = []

  constructor(options: { readonly atomic: boolean }) {
    this.atomic = options.atomic
  }

  of(view: string): readonly Held[] {
    return [...(this.content.get(view)?.values() ?? [])]
  }

  async *known(view: string): AsyncIterable<readonly Known[]> {
    const all = this.of(view)
    for (let at = 0; at < all.length; at += 2) yield all.slice(at, at + 2)
  }

  async find(view: string, attr: string, values: readonly string[]) {
    const found = new Map<string, Known[]>()
    for (const held of this.of(view)) {
      for (const value of held.entry?.attributes.get(attr) ?? []) {
        const text = String(value)
        if (values.includes(text)) found.set(text, [...(found.get(text) ?? []), held])
      }
    }
    return found
  }

  async begin({ owner }: CyclePlan): Promise<TargetCycle> {
    const copy = new Map([...this.content].map(([view, held]) => [view, new Map(held)]))
    if (!this.atomic) this.content = copy
    const entriesOf = (view: string) => {
      const known = copy.get(view) ?? new Map<string, Held>()
      copy.set(view, known)
      return known
    }
    const each = <T extends { readonly key: string }>(
      entries: readonly T[],
      work: (one: T) => void,
    ): readonly Outcome[] =>
      entries.map((one) => {
        const reason = this.refusals.get(one.key)
        if (reason !== undefined) return { key: one.key, ok: false, reason }
        work(one)
        return { key: one.key, ok: true }
      })
    return {
      put: async (view, entries) =>
        each(entries, (one) => {
          const { key, id, hash, entry, enabled } = one
          this.done.push(`${one.action} ${view} ${key}`)
          const more = { owner, state: 'present' as const }
          const name = nameOf(
            entry,
            ['uid', 'cn'].filter((attr) => entry.attributes.has(attr)),
          )
          entriesOf(view).set(id, {
            key,
            id,
            hash,
            entry,
            enabled,
            ...more,
            ...(name !== undefined && { name }),
          })
        }),
      remove: async (view, entries, how: Removal) =>
        each(entries, (one) => {
          this.done.push(`${how} ${view} ${one.key}`)
          const held = entriesOf(view).get(one.id)
          if (how === 'delete' || held === undefined) entriesOf(view).delete(one.id)
          else entriesOf(view).set(one.id, { ...held, state: how === 'disable' ? 'disabled' : 'gone' })
        }),
      commit: async (records = []) => {
        this.content = copy
        this.records.push(...records)
        return {}
      },
      rollback: async () => {},
    }
  }
}
