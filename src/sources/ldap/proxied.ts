/** The service account on behalf of somebody: the server decides by his rights (RFC 4370). */
import type { LdapClient } from '../../ldap/client.js'
import { proxiedAuthorizationControl } from '../../ldap/controls.js'
import type { Control } from '../../ldap/message.js'
import type { LdapUrl } from '../../ldap/url.js'
import type { Channel, Lease, Link, UseOptions } from './channel.js'
import type { ReferralPolicy } from './options.js'

export class Proxied implements Channel {
  readonly #channel: Channel
  readonly #dn: string
  readonly #control: Control
  /** A referral to the same server is to lead to the same channel. */
  readonly #elsewhere: Map<Channel, Proxied>

  /** @param dn at the server; empty: anonymous */
  constructor(channel: Channel, dn: string, elsewhere = new Map<Channel, Proxied>()) {
    this.#channel = channel
    this.#dn = dn
    this.#control = proxiedAuthorizationControl(`dn:${dn}`)
    this.#elsewhere = elsewhere.set(channel, this)
  }

  get referrals(): ReferralPolicy {
    return this.#channel.referrals
  }

  get pageSize(): number {
    return this.#channel.pageSize
  }

  use<T>(work: (client: LdapClient, link: Link) => Promise<T>, options?: UseOptions): Promise<T> {
    return this.#channel.use((client, link) => work(client, this.#with(link)), options)
  }

  async lease(signal?: AbortSignal): Promise<Lease> {
    const lease = await this.#channel.lease(signal)
    return {
      ...this.#with(lease),
      spoil: () => lease.spoil(),
      release: (error) => lease.release(error),
    }
  }

  at(url: LdapUrl): Channel | undefined {
    const channel = this.#channel.at(url)
    if (channel === undefined) return undefined
    return this.#elsewhere.get(channel) ?? new Proxied(channel, this.#dn, this.#elsewhere)
  }

  #with(link: Link): Link {
    const { client, controls } = link
    return {
      client,
      controls: [...controls, this.#control],
      capabilities: (signal) => link.capabilities(signal),
    }
  }
}
