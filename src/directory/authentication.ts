/**
 * Who somebody is by name and password: by the hashes in the entry's own row, by its source, or by the hash of a service
 * account. Whatever is wrong, the answer is the same and takes about as long.
 */
import type { Decoder } from '../mapping/decode.js'
import type { Mapping } from '../mapping/mapping.js'
import type { Entry } from '../model/entry.js'
import type { Filter } from '../model/filter.js'
import { type MatchingOf, match } from '../model/match.js'
import type { Context, Identity, Principal } from '../model/request.js'
import type { EntryId } from '../model/value.js'
import { namingAttributes, type View } from '../model/view.js'
import type { Schema } from '../schema/schema.js'
import { eachBatch } from '../sources/batch-iterator.js'
import type { Field, Row } from '../sources/source.js'
import { filterOfName } from './directory.js'
import type { Mappings } from './mappings.js'
import { namesOf } from './naming.js'
import { DelegatedPasswords } from './password/delegated.js'
import type { PasswordVerifier } from './password/verifier.js'
import type { Preparation } from './preparation.js'

export interface AuthenticationParts {
  mappingsOf(view: string): Mappings
  viewOf(view: string): View
  readonly preparation: Pick<Preparation, 'of' | 'atOnce'>
  readonly schema: Schema
  readonly matchingOf: MatchingOf
  readonly verifier: PasswordVerifier
  /** Password hashes of service accounts, by name. */
  readonly serviceAccounts: ReadonlyMap<string, string>
}

/** What a bind needs to know of an entry. */
interface Credentials {
  readonly mapping: Mapping
  readonly id: EntryId
  readonly names: readonly string[]
  readonly secrets: readonly { readonly stored: string | Uint8Array; readonly cleartext: boolean }[]
  readonly enabled: boolean
}

/** Where in a row what a bind needs to know stands: behind what makes the entry. */
interface Reading {
  readonly fields: readonly Field[]
  readonly secrets: Mapping['secrets']
}

export class Authentication {
  readonly #parts: AuthenticationParts
  readonly #delegated = new DelegatedPasswords()
  readonly #readings = new WeakMap<Decoder, Reading>()
  /** By view: what names its entries. */
  readonly #naming = new Map<string, ReadonlySet<string>>()

  constructor(parts: AuthenticationParts) {
    this.#parts = parts
  }

  of(identity: Identity, password: Uint8Array, ctx: Context): Promise<Principal | undefined> {
    if ('service' in identity) return this.#service(identity.service, password, ctx)
    const { viewOf, schema } = this.#parts
    const { view } = identity
    return this.ofEntry(view, filterOfName(identity.names, viewOf(view), schema), password, ctx)
  }

  /** Undefined too where the filter selects none, or several. */
  async ofEntry(
    view: string,
    filter: Filter,
    password: Uint8Array,
    ctx: Context,
  ): Promise<Principal | undefined> {
    const { mappingsOf } = this.#parts
    const found = await this.#credentials(view, filter, ctx)
    const { authentication } = found?.mapping ?? (await mappingsOf(view).of(view))
    const principal = found && principalFor(view, found)
    const isRight =
      authentication === 'source'
        ? // The source may keep what it learns of a person for what this one asks later.
          await this.#bySource(
            view,
            found,
            password,
            principal === undefined ? ctx : onBehalf(principal, ctx),
          )
        : await this.#byHash(found, password, ctx)
    return isRight && found?.enabled === true ? principal : undefined
  }

  async #service(name: string, password: Uint8Array, ctx: Context): Promise<Principal | undefined> {
    const { verifier, serviceAccounts } = this.#parts
    const stored = serviceAccounts.get(name)
    if (stored === undefined) await verifier.waste(password, ctx)
    else if (await verifier.verify(stored, password, new Check(ctx, true))) return { kind: 'service', name }
    return undefined
  }

  #byHash(found: Credentials | undefined, password: Uint8Array, ctx: Context): boolean | Promise<boolean> {
    const { verifier } = this.#parts
    const [only, ...others] = found?.secrets ?? []
    if (only === undefined) return verifier.waste(password, ctx)
    const isRight = verifier.verify(only.stored, password, new Check(ctx, only.cleartext))
    return others.length === 0 ? isRight : this.#byAny(isRight, others, password, ctx)
  }

  /** However many of them are right, all are looked at. */
  async #byAny(
    first: boolean | Promise<boolean>,
    others: Credentials['secrets'],
    password: Uint8Array,
    ctx: Context,
  ): Promise<boolean> {
    let isRight = await first
    for (const { stored, cleartext } of others) {
      if (await this.#parts.verifier.verify(stored, password, new Check(ctx, cleartext))) isRight = true
    }
    return isRight
  }

  /** An empty password is none (RFC 4513 5.1.2): servers take it for an anonymous bind, which succeeds. */
  async #bySource(
    view: string,
    found: Credentials | undefined,
    password: Uint8Array,
    ctx: Context,
  ): Promise<boolean> {
    const { source } = this.#parts.mappingsOf(view)
    const key = found?.mapping.cellOf(found.id)
    if (
      found?.enabled !== true ||
      key === undefined ||
      password.length === 0 ||
      source.verify === undefined
    ) {
      await this.#delegated.waste(view, ctx.signal)
      return false
    }
    const { mapping } = found
    return this.#delegated.check(
      view,
      async () => (await source.verify?.(mapping, key, password, ctx)) === true,
    )
  }

  /**
   * Who the one entry is that the filter selects, for those who vouch for it in another way than by its password.
   * Undefined where none or several are selected, and where it is disabled.
   */
  async principalOf(view: string, filter: Filter, ctx: Context): Promise<Principal | undefined> {
    const found = await this.#credentials(view, filter, ctx)
    return found?.enabled === true ? principalFor(view, found) : undefined
  }

  /**
   * The entry's secrets and whether it may bind, straight from its row. Undefined also where several rows answer to
   * the filter, for then it names nobody, and where the source cannot seek it, for then it names nobody either but
   * would cost a look at every row.
   */
  async #credentials(viewName: string, filter: Filter, ctx: Context): Promise<Credentials | undefined> {
    const { viewOf, mappingsOf, preparation, matchingOf, schema } = this.#parts
    const view = viewOf(viewName)
    const request = { view: viewName, filter, attributes: this.#namingIn(view), unordered: true as const }
    const prepared = preparation.atOnce(request) ?? (await preparation.of(request, ctx))
    const { mapping, residual, query, decoder } = prepared
    if (query.filter.op === 'const') return undefined
    const { fields, secrets: stored } = this.#readingOf(mapping, decoder)
    let found: { entry: Entry; row: Row } | undefined
    let isOne = true
    const { table, key, where, filter: sought } = query
    const wanted = { table, key, where, filter: sought, fields, unordered: true as const, expected: 2 }
    const search = mappingsOf(viewName).source.search(wanted, ctx)
    await eachBatch(search, (rows) => {
      for (const row of rows) {
        const entry = decoder.decode(row)
        if (residual !== undefined && match(residual, entry, matchingOf) !== true) continue
        isOne = found === undefined
        found = { entry, row }
        if (!isOne) break
      }
      return isOne
    })
    if (found === undefined || !isOne) return undefined
    const { entry, row } = found
    const first = decoder.fields.length
    const secrets = stored.flatMap(({ cleartext }, i) => {
      const hash = row[first + i]
      return typeof hash === 'string' || hash instanceof Uint8Array ? [{ stored: hash, cleartext }] : []
    })
    const enabled = mapping.enabled?.test(row[first + stored.length] ?? null) ?? true
    const names = namesOf(entry, view, schema) ?? []
    return { mapping, id: entry.id, names, secrets, enabled }
  }

  #namingIn(view: View): ReadonlySet<string> {
    const known = this.#naming.get(view.name) ?? new Set(namingAttributes(view))
    this.#naming.set(view.name, known)
    return known
  }

  /** The decoder's fields, then the secrets, then what says whether the entry may bind. */
  #readingOf(mapping: Mapping, decoder: Decoder): Reading {
    const known = this.#readings.get(decoder)
    if (known !== undefined) return known
    const secrets = readable(mapping)
    const fields = [...decoder.fields, ...secrets.map((s) => s.field)]
    if (mapping.enabled !== undefined) fields.push(mapping.enabled.field)
    const made = { fields, secrets }
    this.#readings.set(decoder, made)
    return made
  }
}

/** The signal of a request is made only if somebody looks at it: few passwords are waited for. */
class Check {
  readonly cleartext: boolean
  readonly #ctx: Context

  constructor(ctx: Context, cleartext: boolean) {
    this.#ctx = ctx
    this.cleartext = cleartext
  }

  get signal(): AbortSignal {
    return this.#ctx.signal
  }
}

/** The hashes that its rows hold; passwords that their source keeps are no more than written. */
function readable({ secrets }: Mapping) {
  return secrets.filter(({ field }) => field.column.secret !== true)
}

const principalFor = (view: string, { id, names }: Credentials): Principal => ({
  kind: 'entry',
  view,
  id,
  names,
})

/** The same request as of somebody else. */
const onBehalf = (principal: Principal, ctx: Context): Context => ({
  principal,
  ...(ctx.address !== undefined && { address: ctx.address }),
  signal: ctx.signal,
})
