/** What is asked of a synchronization and how it is set up: the words that the engine, the configuration and operators share. */
import type { Entry } from '../../model/entry.js'

/** What becomes of entries that the source no longer has. */
export type Mode =
  /** The target is to be what the source is. */
  | 'mirror'
  /** Nothing is ever removed. */
  | 'add_only'
  /** They are disabled, and remembered. */
  | 'remove'
  /** They are deleted. */
  | 'delete'

/** How changes are made; what is not said is done. */
export interface ModeSettings {
  readonly mode: Mode
  readonly noCreate: boolean
  readonly noUpdate: boolean
  readonly noDelete: boolean
  /** What would be deleted is disabled. */
  readonly deleteDisables: boolean
  /** What would be disabled is hidden and remembered instead. */
  readonly tombstones: boolean
  /** New entries cannot log in until somebody enables them. */
  readonly createAsDisabled: boolean
  /** Entries that somebody else keeps are not changed. */
  readonly noUpdateProviderMismatch: boolean
  /** Entries that somebody else keeps are not removed. */
  readonly keepExternalPerson: boolean
  /** How long an entry is disabled before it is deleted, in milliseconds; absent: it stays. */
  readonly grace?: number
}

/** What entries have to be like, and what is done where they are not. */
export interface ValidationSettings {
  /** Attributes without which an entry is a problem. */
  readonly required: readonly string[]
  /** Values for what an entry lacks, by attribute; `{attr}` in them stands for that attribute's first value. */
  readonly defaults: Readonly<Record<string, string>>
  /** Is an entry that lacks something a problem, rather than given the default? */
  readonly strict: boolean
  /** What an attribute without values means: that it is to be cleared, or that what the target has stays. */
  readonly absent: Readonly<Record<string, 'keep' | 'clear'>>
  /** Attributes whose values are added and never taken away. */
  readonly additive: readonly string[]
}

export interface GuardLimits {
  /** So many entries of a view may be removed in one cycle. */
  readonly maxRemove: number
  /** Such a part of a view's entries may be removed, between 0 and 1. Both limits hold. */
  readonly maxRemoveShare: number
  /** Such a part of an attribute's values may go from entries that stay, between 0 and 1. */
  readonly maxLossShare: number
}

export interface ViewSettings {
  readonly view: string
  /** Views of one source stand or fall together; those of a union's members are several. */
  readonly sources: readonly string[]
  /** The attributes that name its entries. */
  readonly naming: readonly string[]
  /** Views that its entries refer to, itself perhaps among them. */
  readonly refers: readonly string[]
  /** The attribute that tells when an entry changed last, where there is one. */
  readonly changedBy?: string
  readonly modes: ModeSettings
  readonly guard: GuardLimits
  readonly validation: ValidationSettings
  /** Attributes whose values together are the key of an entry; none where that is what its source calls it. */
  readonly keyAttributes: readonly string[]
  /** Attributes by which an entry is known again whose key is new, the first that finds exactly one. */
  readonly correlate: readonly string[]
}

/** What began it. */
export type Trigger = 'start' | 'interval' | 'cron' | 'demand'

/** Entries of a view by what a cycle does, or would do, with them. */
export interface Tally {
  readonly add: number
  readonly update: number
  /** Deleted, disabled or remembered as gone, as the mode says. */
  readonly remove: number
  readonly unchanged: number
  /** Known under another key before. Counted among the updates too. */
  readonly adopt: number
  /** Left alone since the mode, or another owner, says so. */
  readonly keep: number
  readonly problems: number
}

export interface SyncRequest {
  readonly trigger: Trigger
  /** All of the target's, unless named. */
  readonly views?: readonly string[]
  /** Say what would be done, and do nothing. */
  readonly dryRun?: boolean
  /** Read everything, whatever was read last. */
  readonly full?: boolean
  /** Try entries again whose time has not come. */
  readonly retry?: boolean
  /** Do it though the guard finds what an operator may approve. */
  readonly approve?: boolean
}

export type Action = 'add' | 'update' | 'remove' | 'disable' | 'problem'

/** A line of the table that a dry run prints. */
export interface PlanLine {
  readonly view: string
  readonly action: Action
  readonly key: string
  /** What people call it, where that is known. */
  readonly name?: string
  readonly why: string
  /** Of an update, where the target can tell: the attributes whose values differ. */
  readonly attributes?: readonly string[]
}

/** An entry as it comes from its source. */
export interface SourceEntry {
  readonly entry: Entry
  /** May it log in? */
  readonly enabled: boolean
  /** Hashes of passwords as the source keeps them, by attribute, where they are copied. */
  readonly secrets?: ReadonlyMap<string, string>
  /** The UUID that the source keeps for it in a column of its own. */
  readonly uuid?: string
}
