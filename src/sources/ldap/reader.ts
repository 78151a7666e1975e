/**
 * Reads the entries that a search finds, all of them or none too few: what is short in one question, what may be long page
 * after page, at the pace of whoever takes them. What entries mean is left to others.
 */
import type { LdapClient } from '../../ldap/client.js'
import { errorOf } from '../../ldap/client-operation.js'
import type { SearchOptions } from '../../ldap/client-options.js'
import { controlType, findControl, pagedResultsControl, parsePagedResults } from '../../ldap/controls.js'
import type { LdapError } from '../../ldap/errors.js'
import type { Control, SearchResultDone } from '../../ldap/message.js'
import { resultCode } from '../../ldap/result-code.js'
import { answersInPages, type Capabilities } from './capabilities.js'
import type { Channel, Lease, Link } from './channel.js'
import { isLost, resultBehind, translateLdapError } from './errors.js'
import { completed, isPartial } from './ranges.js'
import type { LdapEntry, Read } from './read.js'
import { Elsewhere } from './referrals.js'

export type { LdapEntry, Read }

/** Entries that come in one question, without pages; beyond, the search begins anew. */
const FEW = 64
/** Entries that may wait for the consumer where there are no pages. */
const QUEUED = 500
const NO_COOKIE = Buffer.alloc(0)

/**
 * Batches, none of them empty, each when the consumer asks for it. Leaving early and the signal end the search at the
 * server too. A connection that is lost before the first batch is replaced, once.
 * @throws VitrineError; `unavailable` for an outage and for a missing base, `adminLimitExceeded` where the server cut its
 * answer short, whatever was yielded before
 */
export function read(
  channel: Channel,
  query: Read,
  signal?: AbortSignal,
): AsyncGenerator<readonly LdapEntry[], void> {
  return new Search(channel, query, new Elsewhere(channel, query), signal).batches()
}

/** A search of one server, and then of those that it refers to. */
class Search {
  /** Entries that may still be yielded. */
  #left: number
  readonly #channel: Channel
  readonly #query: Read
  readonly #elsewhere: Elsewhere
  readonly #signal: AbortSignal | undefined

  constructor(channel: Channel, query: Read, elsewhere: Elsewhere, signal: AbortSignal | undefined) {
    this.#channel = channel
    this.#query = query
    this.#elsewhere = elsewhere
    this.#signal = signal
    this.#left = query.sizeLimit ?? Number.POSITIVE_INFINITY
  }

  async *batches(): AsyncGenerator<readonly LdapEntry[], void> {
    if (this.#left <= 0) return
    try {
      const few = this.#isShort ? await this.#few() : undefined
      if (few === undefined) yield* this.#many()
      else if (few.length > 0) yield few
    } catch (error) {
      this.#leadOn(error)
    }
    if (!this.#elsewhere.isEmpty) yield* this.#further()
  }

  async *#further(): AsyncGenerator<readonly LdapEntry[], void> {
    for (const { channel, query, elsewhere } of this.#elsewhere.found) {
      if (this.#left <= 0) return
      const rest = query.sizeLimit === undefined ? query : { ...query, sizeLimit: this.#left }
      for await (const batch of new Search(channel, rest, elsewhere, this.#signal).batches()) {
        this.#left -= batch.length
        yield batch
      }
    }
  }

  /** Throws the error, unless it says only where the base is, or that there is none and none is needed. */
  #leadOn(error: unknown): void {
    const result = resultBehind(error)
    if (result?.code === resultCode.referral) this.#elsewhere.referred(result.referrals)
    else if (!this.#query.missingBaseIsEmpty || result === undefined || !isMissing(result))
      throw translateLdapError(error, this.#signal)
  }

  get #isShort(): boolean {
    const { scope, expected = 0 } = this.#query
    return scope === 'baseObject' || Math.min(expected, this.#left) <= FEW
  }

  /** All entries in one answer, or undefined if they are more than a few. */
  async #few(): Promise<readonly LdapEntry[] | undefined> {
    const sizeLimit = this.#query.scope === 'baseObject' ? 0 : Math.min(this.#left, FEW)
    const work = async (client: LdapClient, link: Link) => {
      const capabilities = await link.capabilities(this.#signal)
      this.#elsewhere.restart()
      const options = { ...this.#options(link, capabilities), sizeLimit, maxEntries: FEW }
      return client.searchAnswer(this.#query.base, options)
    }
    const given = this.#signal === undefined ? undefined : { signal: this.#signal }
    const { entries, done } = await this.#channel.use(work, given)
    if (done.code === resultCode.success) return this.#taken(entries)
    if (done.code !== resultCode.sizeLimitExceeded || sizeLimit === 0) throw errorOf(done)
    return entries.length >= this.#left ? this.#taken(entries) : undefined
  }

  async *#many(): AsyncGenerator<readonly LdapEntry[], void> {
    for (let tries = 1; ; tries++) {
      const lease = await this.#channel.lease(this.#signal)
      let isBegun = false
      let failure: unknown
      try {
        this.#elsewhere.restart()
        for await (const batch of this.#pages(lease)) {
          isBegun = true
          const taken = await this.#taken(batch)
          if (taken.length > 0) yield taken
        }
        return
      } catch (error) {
        failure = error
        if (isBegun || tries > 1 || !isLost(error) || this.#signal?.aborted) throw error
      } finally {
        lease.release(failure)
      }
    }
  }

  /** Until the cookie is empty: a page may be short, or have nothing in it, with others to follow. */
  async *#pages(lease: Lease): AsyncGenerator<readonly LdapEntry[], void> {
    const capabilities = await lease.capabilities(this.#signal)
    if (!answersInPages(capabilities)) {
      yield* lease.client.search(this.#query.base, this.#options(lease, capabilities)).batches()
      return
    }
    let cookie: Buffer = NO_COOKIE
    let isOpen = true
    try {
      do {
        const size = Math.min(this.#query.pageSize ?? this.#channel.pageSize, this.#left)
        const page = pagedResultsControl({ size, cookie }, true)
        const options = this.#options(lease, capabilities, page)
        const done = yield* lease.client.search(this.#query.base, { ...options, maxQueued: size }).batches()
        cookie = cookieOf(done)
      } while (cookie.length > 0 && this.#left > 0)
      isOpen = false
    } finally {
      if (isOpen) lease.spoil()
    }
    if (cookie.length > 0) await this.#leave(lease, cookie)
  }

  #options({ controls }: Link, capabilities: Capabilities, page?: Control): SearchOptions {
    const { scope, filter, attributes } = this.#query
    const given = this.#query.controls ?? []
    const own = this.#elsewhere.controls(capabilities)
    return {
      scope,
      filter,
      attributes,
      maxQueued: QUEUED,
      controls: [...controls, ...given, ...own, ...(page === undefined ? [] : [page])],
      onReference: (uris) => this.#elsewhere.continued(uris, capabilities),
      ...(this.#signal === undefined ? undefined : { signal: this.#signal }),
    }
  }

  /** A page of no entries ends the sequence, which the server then need not remember (RFC 2696 section 3). */
  async #leave(lease: Lease, cookie: Buffer): Promise<void> {
    const { base, scope, filter, controls = [] } = this.#query
    const end = pagedResultsControl({ size: 0, cookie }, true)
    try {
      await lease.client.searchAll(base, {
        scope,
        filter,
        attributes: ['1.1'],
        controls: [...lease.controls, ...controls, end],
      })
    } catch {
      // All that was wanted has been read.
      lease.spoil()
    }
  }

  /** No more than are wanted, with all of their values. */
  async #taken(batch: readonly LdapEntry[]): Promise<readonly LdapEntry[]> {
    const taken = batch.length > this.#left ? batch.slice(0, this.#left) : batch
    this.#left -= taken.length
    return isPartial(taken)
      ? completed(this.#channel, taken, this.#query.controls ?? [], this.#signal)
      : taken
  }
}

/** A DN that the server finds malformed is none of an entry either. */
function isMissing({ code }: LdapError): boolean {
  return code === resultCode.noSuchObject || code === resultCode.invalidDNSyntax
}

function cookieOf(done: SearchResultDone | undefined): Buffer {
  const control = findControl(done?.controls ?? [], controlType.pagedResults)
  return control === undefined ? NO_COOKIE : Buffer.from(parsePagedResults(control).cookie)
}
