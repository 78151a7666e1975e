/** As whom the servers are asked: as the source's own account, on behalf of the person who asks, or as that person. */
import { VitrineError } from '../../model/errors.js'
import type { Log } from '../../model/log.js'
import type { Context, Principal } from '../../model/request.js'
import type { Channel } from './channel.js'
import type { Upstream } from './upstream.js'

export interface IdentityOptions {
  /**
   * `user` and `proxy` are for people whose password these servers have checked; all others ask as the source's own account
   * whatever it says, and what they see is for the gateway's access rules to say.
   */
  readonly identity: 'service' | 'user' | 'proxy'
}

export class Identities {
  readonly #upstream: Upstream
  readonly #identity: IdentityOptions['identity']
  readonly #log: Log | undefined
  /** DNs of those whose password has been checked here. */
  readonly #known = new WeakMap<Principal, string>()

  constructor(upstream: Upstream, identity: IdentityOptions['identity'], log?: Log) {
    this.#upstream = upstream
    this.#identity = identity
    this.#log = log
  }

  /** @throws VitrineError unavailable, where the connection of the person has been lost */
  of({ principal }: Context): Channel {
    const dn = this.#identity === 'service' ? undefined : this.#known.get(principal)
    if (dn === undefined) return this.#upstream
    if (this.#identity === 'proxy') return this.#upstream.onBehalfOf(dn)
    const session = this.#upstream.session(principal)
    if (session !== undefined) return session
    throw new VitrineError('unavailable', {
      message: 'the connection that this bind made is lost; bind again',
    })
  }

  /** Tells those apart who may see different entries; empty for the source's own account. */
  nameOf({ principal }: Pick<Context, 'principal'>): string {
    return this.#identity === 'service' ? '' : (this.#known.get(principal) ?? '')
  }

  isService(ctx: Pick<Context, 'principal'>): boolean {
    return this.nameOf(ctx) === ''
  }

  /**
   * Is this the password of the entry of this name? `ctx.principal` is who its owner will be.
   * @throws VitrineError where nobody can say
   */
  async verify(dn: string, password: Uint8Array, { signal, principal }: Context): Promise<boolean> {
    const refused = (reason: string) => this.#log?.info({ dn, reason }, 'the directory refused a password')
    const isRight = await (this.#identity === 'user'
      ? this.#upstream.login(principal, dn, password, signal, refused)
      : this.#upstream.verify(dn, password, signal, refused))
    if (isRight) this.#known.set(principal, dn)
    return isRight
  }
}
