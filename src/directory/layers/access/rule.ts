/** What rules of access are made of; how they are written in a configuration is `rules.ts`'s affair. */
import type { Filter } from '../../../model/filter.js'
import type { Context, Principal } from '../../../model/request.js'
import type { Value } from '../../../model/value.js'

export type Right = 'read' | 'search' | 'compare' | 'add' | 'modify' | 'delete' | 'bind' | 'proxy'

/** One rule, its names resolved: attributes as the schema spells them. */
export interface Rule {
  readonly who: (principal: Principal) => boolean
  /** Does it count only for the asker's own entry? */
  readonly self: boolean
  /** Does it count only for those who are members of this group? */
  readonly group?: Group
  /** Does it count for what is asked in this way? */
  readonly when?: (ctx: Context) => boolean
  readonly allow: ReadonlySet<Right>
  readonly views: ReadonlySet<string> | '*'
  readonly attributes: ReadonlySet<string> | '*'
  readonly except: ReadonlySet<string>
  /** The entries that it counts for, by view; in a view that is not among them, none. Absent: all entries. */
  readonly rows?: ReadonlyMap<string, RowFilter>
}

/** A group whose members are told by the source. */
export interface Group {
  readonly view: string
  readonly names: readonly string[]
  /** Of those who may be members: what finds the groups that one of them is in; undefined where they can be in none. */
  readonly membership: (principal: Principal) => Filter | undefined
}

/** A filter in which attributes of the asker may stand for values. */
export interface RowFilter {
  /** The same for filters that say the same to the same asker. */
  readonly key: string
  /** Attributes of the asker's entry that it depends on. */
  readonly needs: ReadonlySet<string>
  /** What it says to this asker; Undefined where that depends on what the asker lacks. */
  readonly filled: (principal: Principal, valuesOf: (attr: string) => readonly Value[]) => Filter
}
