/** What is asked of a server, and what it yields. Types only. */
import type { LdapFilter } from '../../ldap/filter.js'
import type { Control, SearchResultEntry, SearchScope } from '../../ldap/message.js'

export interface Read {
  readonly base: string
  readonly scope: SearchScope
  /** As text in the notation of RFC 4515. */
  readonly filter: LdapFilter | string
  /** Attribute descriptions; none asks for all user attributes, `1.1` for none. */
  readonly attributes: readonly string[]
  /** Entries of one page; unless given, as the source says. */
  readonly pageSize?: number
  /** Ends after so many entries, which is no error. */
  readonly sizeLimit?: number
  readonly controls?: readonly Control[]
  /** About so many entries are expected: from more than a few on they come in pages at once. */
  readonly expected?: number
  /** A base that does not exist holds nothing; unless set, it is an error. For look-ups by DN. */
  readonly missingBaseIsEmpty?: boolean
}

/** Octets are views of what was received: copy those that are kept for long. */
export type LdapEntry = Pick<SearchResultEntry, 'dn' | 'attributes'>
