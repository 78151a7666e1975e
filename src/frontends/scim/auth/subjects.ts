/**
 * On whose behalf a token acts: service accounts and entries, found when they are used, so that whoever is disabled
 * or gone has no access from then on. Which of them a token names is its verifier's affair.
 */
import { filterOfName } from '../../../directory/directory.js'
import { SamePrincipal } from '../../../directory/same-principal.js'
import type { Filter } from '../../../model/filter.js'
import { ANONYMOUS, type Context, type Identity, type Principal } from '../../../model/request.js'
import type { View } from '../../../model/view.js'
import type { Schema } from '../../../schema/schema.js'

/** A DN, or the one entry of a view that has this value. */
export type Subject =
  | { readonly dn: string }
  | { readonly view: string; readonly attribute: string; readonly value: string }

/** For whom a request waits, and from where it came. */
export type Asking = Pick<Context, 'address' | 'signal'>

export interface SubjectParts {
  readonly schema: Schema
  readonly views: ReadonlyMap<string, View>
  /** Whom a DN names: a service account, or what may be an entry; undefined if neither. */
  identityOf(dn: string): Identity | undefined
  /**
   * The one entry that the filter selects, seen without access rules; undefined where none or several are selected,
   * and where it is disabled. Throws what the source throws.
   */
  principalOf(view: string, filter: Filter, ctx: Context): Promise<Principal | undefined>
}

export class Subjects {
  readonly #parts: SubjectParts
  readonly #same = new SamePrincipal()
  /** Those who are service accounts, which only the configuration tells. */
  readonly #services = new WeakMap<Subject, Principal>()

  constructor(parts: SubjectParts) {
    this.#parts = parts
  }

  /** Undefined where there is no such subject, or it is disabled; at once where only the configuration tells. */
  principalOf(subject: Subject, asking: Asking): Principal | undefined | Promise<Principal | undefined> {
    const service = this.#services.get(subject)
    if (service !== undefined) return service
    const identity = 'dn' in subject ? this.#parts.identityOf(subject.dn) : undefined
    if (identity !== undefined && 'service' in identity) {
      const found = this.#same.of({ kind: 'service', name: identity.service })
      this.#services.set(subject, found)
      return found
    }
    const sought = 'dn' in subject ? this.#named(identity) : this.#holding(subject)
    return sought && this.#sought(sought.view, sought.filter, asking)
  }

  async #sought(view: string, filter: Filter, { address, signal }: Asking): Promise<Principal | undefined> {
    const ctx: Context = { principal: ANONYMOUS, signal, ...(address !== undefined && { address }) }
    const found = await this.#parts.principalOf(view, filter, ctx)
    return found && this.#same.of(found)
  }

  #named(identity: Identity | undefined): { view: string; filter: Filter } | undefined {
    if (identity === undefined || 'service' in identity) return undefined
    const view = this.#parts.views.get(identity.view)
    return view && { view: view.name, filter: filterOfName(identity.names, view, this.#parts.schema) }
  }

  #holding(subject: Exclude<Subject, { dn: string }>): { view: string; filter: Filter } | undefined {
    const { schema, views } = this.#parts
    const name = schema.attribute(subject.attribute)?.name
    const attribute = name === undefined ? undefined : views.get(subject.view)?.attributes.get(name)
    if (attribute === undefined || attribute.verifyOnly) return undefined
    const value = schema.parse(attribute.name, Buffer.from(subject.value, 'utf8'), 'equality')
    if (value === undefined) return undefined
    return { view: subject.view, filter: { op: 'eq', attr: attribute.name, value } }
  }
}
