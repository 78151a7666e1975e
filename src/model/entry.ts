/** The canonical entry: what a source's row becomes and what every frontend shows. */
import type { EntryId, Value } from './value.js'

export interface Entry {
  /** Name of the view that published it. */
  readonly view: string
  /** Its key within the view; stable across renames. */
  readonly id: EntryId
  /** Changes whenever the entry changes, where the source can tell. */
  readonly version?: string
  /** Attribute name as the schema spells it, to its values. No attribute is present without a value. */
  readonly attributes: ReadonlyMap<string, readonly Value[]>
}
