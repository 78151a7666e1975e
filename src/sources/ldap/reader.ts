/**
 * Reads the entries that a search finds, all of them or none too few: what is short in one question, what may be long page
 * after page, at the pace of whoever takes them. What entries mean is left to others.
 */
import { controlType, findControl, pagedResultsControl, parsePagedResults } from '../../ldap/controls.js'
import { LdapError } from '../../ldap/errors.js'
import type { Control, SearchResultDone } from '../../ldap/message.js'
import { resultCode } from '../../ldap/result-code.js'
import { answersInPages, type Capabilities } from './capabilities.js'
import type { Channel, Lease, Link } from './channel.js'
import { isLost, resultBehind, translateLdapError } from './errors.js'
import { completed } from './ranges.js'
import type { LdapEntry, Read } from './read.js'
import { Elsewhere } from './referrals.js'

export type { LdapEntry, Read }

/** Entries that come in one question, without pages; beyond, the search begins anew. */
const FEW = 64
const PAGE = 500
const NO_COOKIE = Buffer.alloc(0)

/**
 * Batches, none of them empty, each when the consumer asks for it. Leaving early and the signal end the search at the
 * server too. A connection that is lost before the first batch is replaced, once.
 * @throws VitrineError; `unavailable` for an outage and for a missing base, `adminLimitExceeded` where the server cut its
 * answer short, whatever was yielded before
 */
export async function* read(
  channel: Channel,
  query: Read,
  signal?: AbortSignal,
): AsyncGenerator<readonly LdapEntry[], void> {
  try {
    yield* everywhere(channel, query, new Elsewhere(channel, query), signal)
  } catch (error) {
    throw translateLdapError(error, signal)
  }
}

/** The entries of the channel's server, and then those of the servers it refers to. */
async function* everywhere(
  channel: Channel,
  query: Read,
  elsewhere: Elsewhere,
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly LdapEntry[], void> {
  const search = new Search(channel, query, elsewhere, signal)
  try {
    yield* search.batches()
  } catch (error) {
    const result = resultBehind(error)
    if (result?.code === resultCode.referral) elsewhere.referred(result.referrals)
    else if (!query.missingBaseIsEmpty || result === undefined || !isMissing(result)) throw error
  }
  for (const next of elsewhere.found) {
    if (search.left <= 0) return
    const { sizeLimit } = query
    const further = sizeLimit === undefined ? next.query : { ...next.query, sizeLimit: search.left }
    for await (const batch of everywhere(next.channel, further, next.elsewhere, signal)) {
      search.left -= batch.length
      yield batch
    }
  }
}

/** A DN that the server finds malformed is none of an entry either. */
function isMissing({ code }: LdapError): boolean {
  return code === resultCode.noSuchObject || code === resultCode.invalidDNSyntax
}

/** A search of one server. */
class Search {
  /** Entries that may still be yielded. */
  left: number
  readonly #channel: Channel
  readonly #query: Read
  readonly #elsewhere: Elsewhere
  readonly #signal: AbortSignal | undefined

  constructor(channel: Channel, query: Read, elsewhere: Elsewhere, signal: AbortSignal | undefined) {
    this.#channel = channel
    this.#query = query
    this.#elsewhere = elsewhere
    this.#signal = signal
    this.left = query.sizeLimit ?? Number.POSITIVE_INFINITY
  }

  async *batches(): AsyncGenerator<readonly LdapEntry[], void> {
    if (this.left <= 0) return
    const { scope, expected = 0 } = this.#query
    if (scope === 'baseObject' || Math.min(expected, this.left) <= FEW) {
      const few = await this.#few()
      if (few !== undefined) {
        if (few.length > 0) yield* this.#taken(few)
        return
      }
    }
    yield* this.#many()
  }

  /** All entries in one answer, or undefined if they are more than a few. */
  #few(): Promise<readonly LdapEntry[] | undefined> {
    const isOne = this.#query.scope === 'baseObject'
    const sizeLimit = isOne ? 0 : Math.min(this.left, FEW)
    const work = async (_: unknown, link: Link) => {
      const capabilities = await link.capabilities(this.#signal)
      const entries: LdapEntry[] = []
      this.#elsewhere.restart()
      try {
        for await (const batch of this.#sent(link, capabilities, { sizeLimit }).batches())
          entries.push(...batch)
      } catch (error) {
        if (isOne || !(error instanceof LdapError) || error.code !== resultCode.sizeLimitExceeded) throw error
        return entries.length >= this.left ? entries : undefined
      }
      return entries
    }
    return this.#channel.use(work, this.#signal === undefined ? {} : { signal: this.#signal })
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
          yield* this.#taken(batch)
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
      yield* this.#sent(lease, capabilities, {}).batches()
      return
    }
    let cookie: Buffer = NO_COOKIE
    let isOpen = true
    try {
      do {
        const size = Math.min(this.#query.pageSize ?? PAGE, this.left)
        const page = pagedResultsControl({ size, cookie }, true)
        const done = yield* this.#sent(lease, capabilities, { page, maxQueued: size }).batches()
        cookie = cookieOf(done)
      } while (cookie.length > 0 && this.left > 0)
      isOpen = false
    } finally {
      if (isOpen) lease.spoil()
    }
    if (cookie.length > 0) await this.#leave(lease, cookie)
  }

  #sent(
    { client, controls }: Link,
    capabilities: Capabilities,
    more: { readonly sizeLimit?: number; readonly page?: Control; readonly maxQueued?: number },
  ) {
    const { base, scope, filter, attributes } = this.#query
    const { page, sizeLimit = 0, maxQueued = PAGE } = more
    return client.search(base, {
      scope,
      filter,
      attributes,
      sizeLimit,
      maxQueued,
      controls: [
        ...controls,
        ...(this.#query.controls ?? []),
        ...this.#elsewhere.controls(capabilities),
        ...(page === undefined ? [] : [page]),
      ],
      onReference: (uris) => this.#elsewhere.continued(uris, capabilities),
      ...(this.#signal === undefined ? undefined : { signal: this.#signal }),
    })
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

  async *#taken(batch: readonly LdapEntry[]): AsyncGenerator<readonly LdapEntry[], void> {
    const taken = batch.length > this.left ? batch.slice(0, this.left) : batch
    this.left -= taken.length
    const whole = await completed(this.#channel, taken, this.#query.controls ?? [], this.#signal)
    if (whole.length > 0) yield whole
  }
}

function cookieOf(done: SearchResultDone | undefined): Buffer {
  const control = findControl(done?.controls ?? [], controlType.pagedResults)
  return control === undefined ? NO_COOKIE : Buffer.from(parsePagedResults(control).cookie)
}
