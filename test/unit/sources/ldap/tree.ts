/** A scripted directory for the tests: entries in pages, cut, referred elsewhere, or in ranges, with a record of what was asked. */
import {
  controlType,
  findControl,
  type LdapHandlers,
  type LdapResult,
  pagedResultsControl,
  parsePagedResults,
  type SearchRequest,
} from '../../../../src/ldap/index.js'

const RANGE = /^(.*);range=(\d+)-\*$/

export interface TreeOptions {
  /** `uid=0` up to this, below `dc=a`. */
  readonly size?: number
  /** Pages of so many entries, whatever is asked for, by turns. */
  readonly pages?: readonly number[]
  /** The server's own limit of entries for one question without pages, or of one page. */
  readonly limit?: number
  readonly controls?: readonly string[]
  readonly isActiveDirectory?: boolean
  /** References sent with each answer. */
  readonly references?: readonly string[]
  /** The referral that answers for every base. */
  readonly referral?: readonly string[]
  /** Values of `member` in each entry, of which a part is shown at a time. */
  readonly members?: number
  readonly range?: number
  /** Called before each answer to a search but that of the root DSE. */
  readonly before?: (request: SearchRequest, count: number) => unknown
}

export class Tree {
  /** Searches but those of the root DSE, in their order, with the connection they came on. */
  readonly asked: { readonly request: SearchRequest; readonly connection: number; readonly page?: number }[] =
    []
  binds = 0
  abandoned = 0
  readonly options: TreeOptions

  constructor(options: TreeOptions = {}) {
    this.options = options
  }

  readonly handlers: LdapHandlers = {
    bind: ({ authentication }) => {
      this.binds++
      const isRight = authentication.mechanism === 'simple' && authentication.password.toString() === 'secret'
      return { code: isRight ? 0 : 49 }
    },
    search: async (request, op, writer) => {
      if (request.base === '' && request.scope === 'baseObject') {
        const ad = this.options.isActiveDirectory ? ['1.2.840.113556.1.4.800'] : []
        await writer.entry('', [
          { type: 'supportedControl', values: this.options.controls ?? [controlType.pagedResults] },
          { type: 'supportedCapabilities', values: ad },
          { type: 'namingContexts', values: ['dc=a'] },
        ])
        return { code: 0 }
      }
      const paged = findControl(request.controls, controlType.pagedResults)
      const page = paged === undefined ? undefined : parsePagedResults(paged)
      this.asked.push({
        request,
        connection: op.connection.id,
        ...(page === undefined ? undefined : { page: page.size }),
      })
      op.signal.addEventListener('abort', () => {
        if (String(op.signal.reason).includes('abandon')) this.abandoned++
      })
      await this.options.before?.(request, this.asked.length)
      if (request.scope === 'baseObject') return this.#one(request, writer)
      if (this.options.referral !== undefined) return { code: 10, referrals: this.options.referral }
      if (request.base !== 'dc=a') return { code: 32, matchedDN: 'dc=a' }
      if (page?.size === 0) return { code: 0, controls: [pagedResultsControl({ size: 0, cookie: none })] }
      for (const uri of this.options.references ?? []) await writer.reference([uri])
      return this.#page(request, page?.size, Number(page?.cookie.toString() || '0'), writer)
    },
  }

  async #page(
    request: SearchRequest,
    size: number | undefined,
    from: number,
    writer: Parameters<NonNullable<LdapHandlers['search']>>[2],
  ): Promise<LdapResult> {
    const { size: all = 0, pages, limit = Number.POSITIVE_INFINITY } = this.options
    const turn = pages?.[this.asked.length % pages.length]
    const most = Math.min(turn ?? Number.POSITIVE_INFINITY, size ?? Number.POSITIVE_INFINITY, limit)
    const until = Math.min(all, from + most, request.sizeLimit || all)
    for (let i = from; i < until; i++) await writer.entry(`uid=${i},dc=a`, this.#attributes(`${i}`, 0))
    if (size === undefined) return { code: until < all ? 4 : 0 }
    const cookie = until < all ? Buffer.from(`${until}`) : none
    return { code: 0, controls: [pagedResultsControl({ size: 0, cookie })] }
  }

  async #one(
    { base, attributes }: SearchRequest,
    writer: Parameters<NonNullable<LdapHandlers['search']>>[2],
  ): Promise<LdapResult> {
    const uid = /^uid=(\d+),dc=a$/.exec(base)?.[1]
    if (uid === undefined || Number(uid) >= (this.options.size ?? 0)) return { code: 32, matchedDN: 'dc=a' }
    const range = RANGE.exec(attributes[0] ?? '')
    await writer.entry(base, this.#attributes(uid, Number(range?.[2] ?? 0)))
    return { code: 0 }
  }

  #attributes(uid: string, from: number) {
    const { members = 0, range = 0 } = this.options
    const plain = [{ type: 'uid', values: [uid] }]
    if (members === 0) return plain
    const until = Math.min(members, from + range)
    const values = Array.from({ length: until - from }, (_, i) => `uid=${from + i}`)
    const name = `member;range=${from}-${until === members ? '*' : until - 1}`
    return from === 0
      ? [
          ...plain,
          { type: 'member', values: [] },
          { type: name, values },
          { type: 'cn;lang-de', values: ['x'] },
        ]
      : [{ type: name, values }]
  }
}

const none = Buffer.alloc(0)
