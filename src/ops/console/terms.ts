/** What the console shows, as its API has it in JSON and its page reads it. Who finds it out is not here. */

/** How a source is. */
export interface SourceStatus {
  readonly name: string
  /** As the configuration calls it; `copies` for the store that copies are kept in. */
  readonly type: string
  /** Is the gateway not ready without it? */
  readonly needed: boolean
  readonly ok: boolean
  /** What is wrong. */
  readonly detail?: string
  /** How long its answer took. */
  readonly milliseconds: number
  /** Of all processes together, where it has connections. */
  readonly pool?: Pool
}

export interface Pool {
  readonly busy: number
  readonly idle: number
  /** Requests that wait for a connection. */
  readonly waiting: number
  /** Of a directory there may be several, of a file there is none. */
  readonly servers: readonly { readonly name: string; readonly tripped: boolean }[]
}

/** What has been counted since the processes have begun, of all of them together. */
export interface Counters {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly processes: number
  /** Upper bounds of the buckets, in seconds; the last bucket has none. */
  readonly bounds: readonly number[]
  readonly operations: readonly OperationCounters[]
  /** Rows by who decided about them. */
  readonly rows: { readonly source: number; readonly gateway: number }
  /** Of clients, by protocol. */
  readonly connections: Readonly<Record<string, number>>
  /** Of the views whose answers are kept. */
  readonly caches: readonly CacheCounters[]
  readonly memoryBytes: number
  readonly cpuSeconds: number
}

export interface OperationCounters {
  readonly protocol: string
  readonly operation: string
  readonly count: number
  /** Those that were refused or failed. */
  readonly failed: number
  readonly seconds: number
  readonly entries: number
  /** How many fell into each bucket alone. */
  readonly buckets: readonly number[]
}

export interface CacheCounters {
  readonly view: string
  /** Answers by where they came from; stale ones stood in for a source that could not be asked. */
  readonly from: { readonly cache: number; readonly source: number; readonly stale: number }
  /** That are kept now, and the memory they take, about. */
  readonly answers: number
  readonly bytes: number
  readonly invalidations: number
  /** Is anything kept? Not while changes could go unheard. */
  readonly hearing: boolean
}

/** What is served, and where it is found. */
export interface Tree {
  /** The naming contexts. */
  readonly suffixes: readonly TreeNode[]
  readonly views: readonly ViewInfo[]
  /** The path below which SCIM is served; absent where it is not. */
  readonly scim?: string
}

export interface TreeNode {
  readonly dn: string
  readonly containers: readonly TreeNode[]
  /** Names of views whose entries are right below it. */
  readonly views: readonly string[]
}

export interface ViewInfo {
  readonly name: string
  /** Names of sources. */
  readonly sources: readonly string[]
  /** Of a union: the views that it is made of. */
  readonly members?: readonly string[]
  readonly copied: boolean
  /** For how many milliseconds its answers are given again; absent where they are not. */
  readonly kept?: number
  readonly bindable: boolean
  /** Where its entries are, e.g. `uid=…,ou=people,dc=example,dc=com`; absent where LDAP does not show it. */
  readonly dn?: string
  readonly objectClasses: readonly string[]
  readonly resource?: {
    readonly type: string
    readonly endpoint: string
    readonly operations: readonly string[]
  }
  readonly attributes: readonly AttributeInfo[]
}

export interface AttributeInfo {
  readonly name: string
  readonly multiValued: boolean
  readonly writable: boolean
  /** May bind, and is never shown. */
  readonly secret: boolean
  readonly refers: readonly string[]
}

export interface SearchQuestion {
  readonly protocol: 'ldap' | 'scim'
  /** All that the protocol shows unless given. */
  readonly view?: string | undefined
  /** Everything where it is empty. */
  readonly filter: string
  /** Entries of each view at most. */
  readonly limit: number
}

export interface SearchAnswer {
  /** Why nothing was searched. */
  readonly error?: Failure
  readonly views: readonly ViewAnswer[]
}

export interface Failure {
  readonly code: string
  readonly message: string
}

export interface ViewAnswer {
  readonly view: string
  /** Why there is no answer, or no whole one. */
  readonly error?: Failure
  /** Sources without which it was answered. */
  readonly missing: readonly string[]
  readonly entries: readonly FoundEntry[]
  /** Are there more than were asked for? */
  readonly more: boolean
  readonly milliseconds: number
  /** How much of that rows were waited for. */
  readonly sourceMilliseconds: number
  /** That sources have yielded, and how many of them the gateway left out. */
  readonly rows: number
  readonly left: number
  /** What sources were asked for it, in this order. */
  readonly questions: readonly Question[]
  readonly moreQuestions: number
}

export type FoundEntry =
  | { readonly dn: string; readonly attributes: readonly FoundAttribute[] }
  /** Attributes of a resource that are shortened are named. */
  | { readonly id: string; readonly resource: object; readonly shortened: readonly string[] }

export interface FoundAttribute {
  readonly name: string
  /** Octets that are no text are told by their number. */
  readonly values: readonly (string | { readonly octets: number })[]
  /** How many further values there are. */
  readonly further: number
}

/** Texts are for people. */
export interface Question {
  readonly view: string
  readonly filter: string
  readonly pushed: string
  readonly residual?: string
  readonly unmapped: readonly string[]
  readonly statements: readonly { readonly text: string; readonly values: string }[]
}

/** What the page has to know before it shows anything. */
export interface Session {
  /** Was the token accepted? All else is told to whoever has it. */
  readonly accepted: boolean
  /** Why not. */
  readonly reason?: string
  readonly version?: string
  readonly suffix?: readonly string[]
  /** As whom it searches. */
  readonly as?: string
  /** Targets of copies; none where nothing is copied. */
  readonly targets?: readonly string[]
}
