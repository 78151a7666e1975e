/** Entries that could not be copied: why, since when, and when they are tried again. */

export type ReasonCode =
  /** Something that every entry has to have is missing. */
  | 'missing'
  /** A value that the target cannot hold, or that is none of its kind. */
  | 'invalid'
  /** Another entry has what is to be unique. */
  | 'duplicate'
  /** A hook said no, took too long or failed. */
  | 'hook'
  /** The target said no. */
  | 'refused'
  /** The target could not be asked, or asks to wait. */
  | 'unavailable'

export interface Reason {
  readonly code: ReasonCode
  /** For operators. */
  readonly message: string
}

export interface Problem {
  readonly target: string
  readonly view: string
  /** What the source calls the entry. */
  readonly key: string
  /** What people call it, where that is known. */
  readonly name?: string
  readonly reason: Reason
  /** Times in ISO 8601. */
  readonly firstSeen: string
  readonly lastSeen: string
  readonly attempts: number
  /** Not tried again before, unless it has changed meanwhile or somebody asks for it. */
  readonly nextAttempt: string
}
