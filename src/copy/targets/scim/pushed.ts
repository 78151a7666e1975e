/** What was pushed to a remote service, kept between cycles: which resource an entry is there, and as what it was left. */
import { createHash } from 'node:crypto'
import type { EntryId } from '../../../model/value.js'
import type { Records, Store } from '../../store/store.js'
import type { Known, TargetState } from '../target.js'

export interface Pushed {
  /** What the source calls it. */
  readonly key: string
  /** What we call it, for ever. */
  readonly id: EntryId
  /** What the service calls it; absent where it has it no more. */
  readonly remote?: string
  readonly hash: string
  readonly state: TargetState
  readonly owner: string
  /** By what its view names it. */
  readonly name?: string
  /** By attribute: what it is known by if its key becomes another. */
  readonly marks?: Readonly<Record<string, string>>
  /** ISO 8601: since when it is not present. */
  readonly since?: string
  /** What its resource was given as `externalId`. */
  readonly externalId?: string
  /** What it refers to, see `referenceName`, unless that is too much to tell. */
  readonly refers?: readonly string[] | 'many'
  /** Entries that it refers to and that the service does not have yet. */
  readonly open?: readonly OpenReference[]
}

export interface OpenReference {
  /** The attribute of the resource, with the URN of its schema. */
  readonly attribute: string
  readonly view: string
  readonly id: EntryId
}

const PAGE = 500

export function referenceName(view: string, id: EntryId): string {
  return `${view} ${id}`
}

/** Of one view at one service. */
export class PushedEntries {
  /** Does one of them, as `known` told them last, refer to what the service did not have? */
  isOpen = false
  readonly #records: Records
  #remotes: Promise<Remotes> | undefined
  /** By attribute, then by mark. */
  readonly #marks = new Map<string, ReadonlyMap<string, readonly Pushed[]>>()

  constructor(store: Pick<Store, 'records'>, target: string, view: string) {
    const kind = `scim ${target} ${view}`
    this.#records = store.records(kind.length > 60 ? `scim ${digest(kind)}` : kind)
  }

  async *all(): AsyncIterable<readonly Pushed[]> {
    for (let after: string | undefined; ; ) {
      const page = await this.#records.list({ limit: PAGE, ...(after !== undefined && { after }) })
      if (page.length > 0) yield page.map(({ value }) => value as Pushed)
      after = page.at(-1)?.key
      if (page.length < PAGE || after === undefined) return
    }
  }

  async *known(): AsyncIterable<readonly Known[]> {
    this.#marks.clear()
    this.isOpen = false
    for await (const some of this.all()) {
      this.isOpen ||= some.some(({ open }) => open !== undefined)
      yield some.map(knownOf)
    }
  }

  /** Those that have one of these marks, whatever its case, by it. */
  async marked(attr: string, values: readonly string[]): Promise<ReadonlyMap<string, readonly Known[]>> {
    const all = await this.#marked(attr)
    return new Map(
      values.flatMap((value): [string, readonly Known[]][] => {
        const found = all.get(value.toLowerCase())
        return found === undefined ? [] : [[value, found.map(knownOf)]]
      }),
    )
  }

  async #marked(attr: string): Promise<ReadonlyMap<string, readonly Pushed[]>> {
    const known = this.#marks.get(attr)
    if (known !== undefined) return known
    const marks = new Map<string, Pushed[]>()
    for await (const some of this.all()) {
      for (const one of some) {
        const mark = one.marks?.[attr]?.toLowerCase()
        if (mark !== undefined) marks.set(mark, [...(marks.get(mark) ?? []), one])
      }
    }
    this.#marks.set(attr, marks)
    return marks
  }

  /** Before a cycle: another process may have pushed meanwhile. */
  reread(): void {
    this.#remotes = undefined
  }

  async get(key: string): Promise<Pushed | undefined> {
    return (await this.#records.get(recordName(key))) as Pushed | undefined
  }

  /** @param formerly keys under which some of them were known before */
  async put(entries: readonly Pushed[], formerly: readonly string[] = []): Promise<void> {
    if (entries.length === 0) return
    await this.#records.putMany([
      ...formerly.map((key) => ({ key: recordName(key), value: undefined })),
      ...entries.map((value) => ({ key: recordName(value.key), value })),
    ])
    const remotes = await this.#remotes
    for (const { id, remote } of entries) remotes?.set(id, remote)
  }

  async forget(entries: readonly Pick<Pushed, 'key' | 'id'>[]): Promise<void> {
    if (entries.length === 0) return
    await this.#records.putMany(entries.map(({ key }) => ({ key: recordName(key), value: undefined })))
    const remotes = await this.#remotes
    for (const { id } of entries) remotes?.set(id, undefined)
  }

  /** As what those were left is no longer known that refer to one of these: they are looked at again. */
  async distrust(lost: ReadonlySet<string>): Promise<void> {
    for await (const some of this.all()) {
      const about = some.filter(({ refers = [] }) => refers === 'many' || refers.some((one) => lost.has(one)))
      await this.put(about.map((one) => ({ ...one, hash: '' })))
    }
  }

  remotes(): Promise<Remotes> {
    this.#remotes ??= this.#readRemotes()
    return this.#remotes
  }

  async #readRemotes(): Promise<Remotes> {
    const remotes = new Remotes()
    for await (const some of this.all()) for (const { id, remote } of some) remotes.set(id, remote)
    return remotes
  }
}

/** What the service calls our entries that it has, and the other way round. */
export class Remotes {
  readonly #byId = new Map<EntryId, string>()
  readonly #byRemote = new Map<string, EntryId>()

  remoteOf(id: EntryId): string | undefined {
    return this.#byId.get(id)
  }

  entryOf(remote: string): EntryId | undefined {
    return this.#byRemote.get(remote)
  }

  set(id: EntryId, remote: string | undefined): void {
    const old = this.#byId.get(id)
    if (old !== undefined) this.#byRemote.delete(old)
    this.#byId.delete(id)
    if (remote === undefined) return
    this.#byId.set(id, remote)
    this.#byRemote.set(remote, id)
  }
}

function knownOf({ key, id, hash, state, owner, name, since }: Pushed): Known {
  return {
    ...{ key, id, hash, state, owner },
    ...(name !== undefined && { name }),
    ...(since !== undefined && { since: new Date(since) }),
  }
}

/** As a record's key, which cannot be of any length. */
export function recordName(key: string): string {
  return key.length > 400 || key.includes('\0') ? `sha256:${digest(key)}` : key
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 40)
}
