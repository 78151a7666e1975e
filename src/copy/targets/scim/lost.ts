/**
 * Entries whose resources a service had lost, until those that refer to them are known to be looked at again. Kept, so that a
 * cycle that is cut short leaves it to the next one.
 */
import type { Records, Store } from '../../store/store.js'
import { type PushedEntries, recordName } from './pushed.js'

const PAGE = 500

export class LostEntries {
  readonly #records: Records

  constructor(store: Pick<Store, 'records'>, target: string) {
    this.#records = store.records(`scim-lost ${target}`.slice(0, 60))
  }

  /** @param names as references name them; to be told before what they are now is remembered */
  async add(names: readonly string[]): Promise<void> {
    if (names.length > 0)
      await this.#records.putMany(names.map((name) => ({ key: recordName(name), value: name })))
  }

  /** Has whatever refers to them looked at again by the next cycle. */
  async settle(everything: Iterable<PushedEntries>): Promise<void> {
    const all: { readonly key: string; readonly value: unknown }[] = []
    for (;;) {
      const after = all.at(-1)?.key
      const page = await this.#records.list({ limit: PAGE, ...(after !== undefined && { after }) })
      all.push(...page)
      if (page.length < PAGE) break
    }
    if (all.length === 0) return
    const names = new Set(all.map(({ value }) => String(value)))
    for (const pushed of everything) await pushed.distrust(names)
    await this.#records.putMany(all.map(({ key }) => ({ key, value: undefined })))
  }
}
