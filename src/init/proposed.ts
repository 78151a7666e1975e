/** What a proposal is made of: mappings, and the reason for each choice in them. */
import type { MappingSpec } from '../mapping/schema.js'

/** The source that proposed mappings name. */
export const SOURCE = 'database'

/** A choice, and why it was made. */
export interface Reason {
  /** The key of the mapping that it is about: `from`, `enabled`, or an attribute. */
  readonly key: string
  /** What was chosen: a table, or a column of one. */
  readonly chosen: string
  readonly why: string
  /** What else it could be, likelier ones first. */
  readonly others: readonly string[]
}

export interface ProposedView {
  readonly mapping: MappingSpec
  readonly reasons: readonly Reason[]
}

export interface Proposal {
  readonly views: readonly ProposedView[]
  /** What could not be decided, or is not as it should be; sentences without full stops. */
  readonly doubts: readonly string[]
}
