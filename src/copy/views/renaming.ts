/** What entries of the local copy are called at their origins, as of the current snapshot, for what is asked of these. */
import type { AddRequest, DeleteRequest, ModifyRequest } from '../../model/request.js'
import type { EntryId } from '../../model/value.js'
import { Identities } from '../cycle/identities.js'
import { identityRecords, loadIdentities } from '../cycle/memory.js'
import type { SnapshotNumber, Store } from '../store/store.js'

export class Renaming {
  readonly #store: Store
  readonly #target: string
  #known: { readonly at: SnapshotNumber; readonly identities: Identities } | undefined

  /** @param target the local one's name */
  constructor(store: Store, target: string) {
    this.#store = store
    this.#target = target
  }

  async identities(): Promise<Identities> {
    const at = await this.#store.current()
    if (this.#known?.at === at) return this.#known.identities
    const identities = new Identities()
    await loadIdentities(this.#store, this.#target, identities)
    this.#known = { at, identities }
    return identities
  }

  /** What somebody new is to be called in the copy. */
  async newId(view: string, key: EntryId): Promise<EntryId> {
    const identities = await this.identities()
    const id = identities.newId(view, key)
    await this.save(identities)
    return id
  }

  /** Keeps what has become different in these. */
  async save(identities: Identities): Promise<void> {
    const records = identityRecords(this.#target, identities)
    for (const { kind, ...record } of records) await this.#store.records(kind).putMany([record])
  }

  async adding(request: AddRequest): Promise<AddRequest> {
    const identities = await this.identities()
    if (identities.isEmpty) return request
    const attributes = [...request.attributes].map(
      ([name, values]) => [name, identities.keyed(values)] as const,
    )
    return { ...request, attributes: new Map(attributes) }
  }

  async modifying(request: ModifyRequest): Promise<ModifyRequest> {
    const identities = await this.identities()
    if (identities.isEmpty) return request
    const { view, id } = request
    return {
      ...request,
      id: identities.keyOf(view, id) ?? id,
      change: (entry) =>
        request
          .change(identities.translated(entry, id))
          .map((change) => ({ ...change, values: identities.keyed(change.values) })),
    }
  }

  async deleting(request: DeleteRequest): Promise<DeleteRequest> {
    const identities = await this.identities()
    if (identities.isEmpty) return request
    const { view, id, check } = request
    return {
      ...request,
      id: identities.keyOf(view, id) ?? id,
      ...(check && { check: (entry) => check(identities.translated(entry, id)) }),
    }
  }
}
