/**
 * Who may bind, and act for whom. Where rules say who may bind of a view's entries, only those may whom they cover; all
 * others fail like those whose password is wrong, and as late: whether they may is found out whatever the password is.
 */
import type { Context, EntryName, Identity, Principal } from '../../../model/request.js'
import { ANONYMOUS } from '../../../model/request.js'
import { type Directory, filterOfName } from '../../directory.js'
import { SamePrincipal } from '../../same-principal.js'
import type { Askers } from './askers.js'
import { type Cover, conjunction, filterOfCover, isNowhere } from './cover.js'
import { asGateway } from './facts.js'
import type { Rule } from './rule.js'
import { isSelf } from './self.js'

interface Parts {
  readonly directory: Directory
  readonly askers: Askers
  readonly rules: readonly Rule[]
}

export class Binding {
  readonly #parts: Parts
  /** In whose place it is asked for a name that nobody has, so that it takes as long; by view. */
  readonly #stand = new Map<string, Principal>()

  readonly #acting = new SamePrincipal()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  authenticate(identity: Identity, password: Uint8Array, ctx: Context): Promise<Principal | undefined> {
    return 'service' in identity || !this.#isRuled(identity.view)
      ? this.#parts.directory.authenticate(identity, password, ctx)
      : this.#authenticateRuled(identity, password, ctx)
  }

  async #authenticateRuled(
    identity: EntryName,
    password: Uint8Array,
    ctx: Context,
  ): Promise<Principal | undefined> {
    const { directory } = this.#parts
    const permitted = this.#mayBind(identity, ctx)
    // Where the password cannot be checked, that is what is told.
    permitted.catch(() => undefined)
    const principal = await directory.authenticate(identity, password, ctx)
    return (await permitted) ? principal : undefined
  }

  async vouchFor(identity: Identity, ctx: Context): Promise<Principal | undefined> {
    const { directory } = this.#parts
    const mayBind =
      'service' in identity || !this.#isRuled(identity.view) || (await this.#mayBind(identity, ctx))
    return mayBind ? directory.vouchFor(identity, ctx) : undefined
  }

  /** @returns undefined where the principal may not act as that one, or nobody is called that */
  async actAs(principal: Principal, identity: Identity, ctx: Context): Promise<Principal | undefined> {
    const { directory, askers } = this.#parts
    if (isSelf(principal, identity, directory)) return principal
    // Whoever is nobody is not trusted to be somebody; a service account is no entry of any view.
    if (principal.kind === 'anonymous' || 'service' in identity) return undefined
    const asker = await askers.of(principal, identity.view, ctx)
    if (!(await this.#covers(asker.cover(identity.view, 'proxy'), identity, ctx))) return undefined
    const found = await directory.actAs(principal, identity, ctx)
    return found && this.#acting.of(found)
  }

  /** Is the entry of this name among those? */
  async #covers(cover: Cover, { view, names }: EntryName, ctx: Context): Promise<boolean> {
    const { directory } = this.#parts
    const described = directory.views.get(view)
    if (cover === 'all' || described === undefined) return cover === 'all'
    if (isNowhere(cover)) return false
    const filter = conjunction([filterOfName(names, described, directory.schema), filterOfCover(cover)])
    const request = { view, filter, attributes: new Set<string>(), limit: 1, unordered: true as const }
    for await (const entries of directory.search(request, asGateway(ctx))) if (entries.length > 0) return true
    return false
  }

  async #mayBind(identity: EntryName, ctx: Context): Promise<boolean> {
    const { directory, askers } = this.#parts
    const { view } = identity
    const found = await directory.actAs(ANONYMOUS, identity, asGateway(ctx))
    const asked = found ?? this.#stand.get(view)
    if (asked === undefined) return false
    this.#stand.set(view, asked)
    const asker = await askers.of(asked, view, ctx)
    const isCovered = await this.#covers(asker.cover(view, 'bind'), identity, ctx)
    return found !== undefined && isCovered
  }

  #isRuled(view: string): boolean {
    return this.#parts.rules.some(
      ({ allow, views }) => allow.has('bind') && (views === '*' || views.has(view)),
    )
  }
}
