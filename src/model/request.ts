/** What frontends ask of the directory, and on whose behalf. */
import type { Entry } from './entry.js'
import type { Filter } from './filter.js'
import type { Tally } from './observe.js'
import type { Provenance } from './provenance.js'
import type { EntryId, Value } from './value.js'

/** Who asks. Anonymous until a bind or a token says otherwise. */
export type Principal =
  | { readonly kind: 'anonymous' }
  /** A service account of the configuration; `name` is its DN as configured. */
  | { readonly kind: 'service'; readonly name: string }
  /** An entry of a view. */
  | { readonly kind: 'entry'; readonly view: string; readonly id: EntryId; readonly names: readonly string[] }
  /** Whom a client certificate names that is neither; `subject` is a DN (RFC 4514). */
  | { readonly kind: 'certificate'; readonly subject: string }

export const ANONYMOUS: Principal = { kind: 'anonymous' }

/** Travels with every request down to the source. */
export interface Context {
  readonly principal: Principal
  /** The client's network address, for throttling and logs. */
  readonly address?: string
  /** Did the request come over TLS? */
  readonly secure?: boolean
  /** Takes what the request comes to, where somebody wants to know. */
  readonly tally?: Tally
  /** Aborted on abandon, disconnect and time limit; its reason is then a VitrineError. */
  readonly signal: AbortSignal
  /**
   * Calls the listener with that reason, at once if there is one, unless told before that nobody listens any more, by what it
   * returns. Absent where there is the signal alone.
   */
  whenAborted?(listener: (reason: unknown) => void): () => void
  /** Takes what is asked of sources on behalf of this request, where somebody wants to explain it. */
  readonly asked?: SearchRequest[]
  /**
   * Takes the names of what could not be asked where an answer without it will do, and whoever looks at it says so;
   * absent where an answer has to be whole.
   */
  readonly missing?: Set<string>
  /** What is asked is to come from where it is kept, and never from a copy of that (RFC 6171). */
  readonly uncopied?: true
  /**
   * An answer that was kept will do, where the view's configuration has answers kept, and this is told what the whole answer hangs
   * on. Absent where the source has to be asked: for passwords, for rights, and for what is about to be written.
   */
  readonly kept?: Provenance
  /**
   * What is written is undone before anybody sees it: a write that would have succeeded throws `noOperation`, others what they
   * throw otherwise. Sources that cannot undo everything refuse it (`unwillingToPerform`).
   */
  readonly rehearses?: true
}

export interface SearchRequest {
  readonly view: string
  readonly filter: Filter
  /** Attribute names as the schema spells them, or all that may be read. */
  readonly attributes: ReadonlySet<string> | 'all'
  /** No more than so many entries are wanted; the directory never yields more. */
  readonly limit?: number
  /** Continue behind this entry, in the view's key order. */
  readonly after?: EntryId
  /** Only the entry with this key. */
  readonly id?: EntryId
  /** In the order of this attribute instead of the key's; entries without it come last, descending first. */
  readonly order?: {
    readonly attr: string
    readonly descending: boolean
    /** Just as the attribute's ordering rule has it, as far as `Directory.ordersStrictly` says that this can be. */
    readonly strict?: true
  }
  /** Leave out so many entries at the beginning. */
  readonly skip?: number
  /** References come with what their targets are called (`Ref.display`) and with their declared UUIDs. */
  readonly displays?: boolean
  /** Entries may come in any order: nobody goes on behind one of them. */
  readonly unordered?: true
}

/** A new entry; its attributes in names and values as the schema has them. */
export interface AddRequest {
  readonly view: string
  readonly attributes: ReadonlyMap<string, readonly Value[]>
  /** What it is called, as `EntryName` has it: `entryAlreadyExists` where another entry is called so. */
  readonly names?: readonly string[]
  /** References are taken as they are given, without looking whether there is an entry behind them. */
  readonly trusted?: boolean
  /** Passwords may be given as hashes (RFC 2307 5.3), as far as the mapping takes them. */
  readonly prehashed?: true
}

/**
 * One change of an entry's attribute (RFC 4511 4.6). `delete` and `replace` without values take them all. An attribute
 * that is made of others is not changed; the values that it is given have to be those that it comes to.
 */
export interface Change {
  readonly op: 'add' | 'delete' | 'replace'
  readonly attr: string
  readonly values: readonly Value[]
  /**
   * Nothing is passed over: to add what is there throws `attributeOrValueExists`, to delete what is not there
   * `noSuchAttribute`. Texts are then the very ones that the entry has, or that it has not: nobody compares them anew.
   */
  readonly strict?: true
}

export interface ModifyRequest {
  readonly view: string
  readonly id: EntryId
  /** What `change` is shown of the entry. */
  readonly attributes: ReadonlySet<string>
  /** What of it `change` must have seen as it is: refused to those who may not read that. */
  readonly needs?: ReadonlySet<string>
  /** As in `SearchRequest`. */
  readonly displays?: boolean
  /**
   * Decides what becomes of the entry as it is now, which no other writer changes meanwhile. What it throws ends the
   * request and leaves everything as it was. May be called again where the source has to start over.
   */
  change(entry: Entry): readonly Change[]
  /** As in `AddRequest`. */
  readonly trusted?: boolean
  readonly prehashed?: true
  /** What it will be called, where that changes. */
  readonly names?: readonly string[]
}

export interface DeleteRequest {
  readonly view: string
  readonly id: EntryId
  /** What `check` is shown of the entry. */
  readonly attributes?: ReadonlySet<string>
  /** What it throws ends the request and leaves everything as it was. */
  readonly check?: (entry: Entry) => void
}

/** Who a password is offered for: an entry, or a service account (or what is neither, and will fail like them). */
export type Identity = EntryName | { readonly service: string }

/** Names one entry as a `Ref` does. */
export interface EntryName {
  readonly view: string
  readonly names: readonly string[]
}
