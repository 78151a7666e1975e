/**
 * Parts of a tree that another server holds (RFC 4511 4.1.10, 4.5.3): told as an error, left out, or fetched there, as the
 * operator chose. Nobody is asked whom the configuration does not name.
 */
import type { Control } from '../../ldap/message.js'
import { type LdapUrl, parseLdapUrl } from '../../ldap/url.js'
import { VitrineError } from '../../model/errors.js'
import type { Capabilities } from './capabilities.js'
import type { Channel } from './channel.js'
import type { Read } from './read.js'

/** Servers one after the other, each of which refers to the next. */
const DEEPEST = 8
/** References of one search at most. */
const MOST = 1000
/** Active Directory then looks at this domain alone, and sends no references. */
const DOMAIN_SCOPE = '1.2.840.113556.1.4.1339'

interface Continuation {
  readonly channel: Channel
  readonly query: Read
  readonly elsewhere: Elsewhere
}

/** What a search has found to be elsewhere. */
export class Elsewhere {
  readonly #channel: Channel
  readonly #query: Read
  readonly #depth: number
  /** Searches that have been made on the way here, and on behalf of the same question; none where none leads on. */
  #known: Map<Channel, Set<string>> | undefined
  #found: { readonly uris: readonly string[]; readonly isBelow: boolean }[] = []

  constructor(channel: Channel, query: Read, depth = 0, known?: Map<Channel, Set<string>>) {
    this.#channel = channel
    this.#query = query
    this.#depth = depth
    this.#known = known
  }

  /** The search begins again. */
  restart(): void {
    this.#found = []
  }

  controls({ isActiveDirectory, controls }: Capabilities): readonly Control[] {
    const isUseful = this.#channel.referrals === 'ignore' && isActiveDirectory && controls.has(DOMAIN_SCOPE)
    return isUseful ? [{ type: DOMAIN_SCOPE, critical: false }] : []
  }

  /**
   * A part below the base is at one of these URLs (SearchResultReference).
   * @throws VitrineError where that is to be reported
   */
  continued(uris: readonly string[], capabilities: Capabilities): void {
    if (this.#channel.referrals === 'ignore' || holdsNoPeople(uris, capabilities)) return
    if (this.#channel.referrals === 'report') throw incomplete(uris, 'may be followed or ignored on request')
    if (this.#found.length === MOST) throw incomplete(uris, `there are more than ${MOST} references`)
    this.#found.push({ uris, isBelow: true })
  }

  /**
   * The base itself is at one of these URLs (result code referral), which nobody may ignore.
   * @throws VitrineError unless that is to be followed
   */
  referred(uris: readonly string[]): void {
    if (this.#channel.referrals !== 'follow') throw incomplete(uris, 'it holds the base of the search')
    this.#found = [{ uris, isBelow: false }]
  }

  get isEmpty(): boolean {
    return this.#found.length === 0
  }

  /** What is to be asked besides, as it is asked for. */
  get found(): Iterable<Continuation> {
    return this.#continuations()
  }

  *#continuations(): Iterable<Continuation> {
    if (this.isEmpty) return
    this.#known ??= new Map()
    this.#isNew(this.#channel, this.#query)
    for (const { uris, isBelow } of this.#found) {
      if (this.#depth === DEEPEST) throw incomplete(uris, `it is the ${DEEPEST + 1}th in a row`)
      const { url, channel } = this.#place(uris)
      const query = this.#queryAt(url, isBelow)
      if (!this.#isNew(channel, query)) continue
      yield { channel, query, elsewhere: new Elsewhere(channel, query, this.#depth + 1, this.#known) }
    }
  }

  /** False for a second way to the same place, and for a circle: its entries have been or are being read. */
  #isNew(channel: Channel, { base, scope }: Read): boolean {
    const known = this.#known?.get(channel) ?? new Set()
    this.#known?.set(channel, known)
    const before = known.size
    return known.add(`${scope} ${base.toLowerCase()}`).size > before
  }

  /** The URLs of one reference are of equal worth: the first that may be asked will do. */
  #place(uris: readonly string[]): { readonly url: LdapUrl; readonly channel: Channel } {
    for (const uri of uris) {
      const url = parseLdapUrl(uri)
      if (url === undefined || url.critical.length > 0) continue
      const channel = this.#channel.at(url)
      if (channel !== undefined) return { url, channel }
    }
    throw incomplete(uris, 'none of these servers is among those that may be asked')
  }

  #queryAt({ dn, scope, filter }: LdapUrl, isBelow: boolean): Read {
    return {
      ...this.#query,
      base: dn ?? this.#query.base,
      scope: scope ?? (isBelow ? scopeBelow[this.#query.scope] : this.#query.scope),
      filter: filter ?? this.#query.filter,
    }
  }
}

/** What is left of a scope at the place that a reference leads to, if its URL does not say (RFC 4511 4.5.3). */
const scopeBelow = {
  baseObject: 'baseObject',
  singleLevel: 'baseObject',
  wholeSubtree: 'wholeSubtree',
  subordinateSubtree: 'wholeSubtree',
} as const

/** A domain of Active Directory refers to the partitions of its DNS and of its configuration in every answer. */
function holdsNoPeople(uris: readonly string[], { isActiveDirectory }: Capabilities): boolean {
  if (!isActiveDirectory) return false
  return uris.every((uri) =>
    /^(?:CN=Configuration|DC=(?:Domain|Forest)DnsZones),/i.test(parseLdapUrl(uri)?.dn ?? ''),
  )
}

function incomplete(uris: readonly string[], why: string): VitrineError {
  return new VitrineError('unavailable', {
    detail: `a part of the directory is at another server, ${uris.join(' or ')}: ${why}`,
  })
}
