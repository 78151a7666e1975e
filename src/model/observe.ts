/** What is told of operations that have ended, to whoever counts or logs them. Nothing of it is made where nobody does. */

/** What one operation comes to; whoever works for it adds to it. */
export class Tally {
  /** Entries that the client was sent. */
  entries = 0
  /** Milliseconds that rows were waited for. */
  source = 0
  /** Rows that sources have yielded. */
  rows = 0
  /** Of these, the ones that the gateway itself left out. */
  left = 0
}

/** What can stand in a line of a log under a name; undefined: the name is left out. */
export type Told = string | number | boolean | readonly string[] | undefined

export interface Observed {
  readonly protocol: 'ldap' | 'scim'
  /** As the protocol calls it. */
  readonly operation: string
  /** The result code, or the status. */
  readonly result: number
  /** Did the operation succeed, in the protocol's own terms? */
  readonly ok: boolean
  readonly milliseconds: number
  /** On whose behalf it was done; a DN, or a token's name; empty for nobody's. */
  readonly who: string
  readonly address: string
  /** By which it is found in other lines of the log. */
  readonly request: string
  readonly tally: Tally
  /** Of what trace it is part, where somebody keeps one. */
  readonly trace?: string
  /** What was asked, without values that may be personal, or with them. Made only when it is looked at. */
  what(values: boolean): { readonly [name: string]: Told }
  /** Does it belong into an audit log: a bind, or what changes something? */
  readonly audited: boolean
}

export type Observe = (observed: Observed) => void
