/** What is asked of a representation, and what it answers: the types that its rooms share. */
import type { Entry } from '../../model/entry.js'
import type { Filter } from '../../model/filter.js'
import type { EntryId } from '../../model/value.js'
import type { JsonObject } from '../json.js'
import type { JsonText, JsonWriter } from './json-writer.js'

/** What a client asked to see (RFC 7644 3.9); both are comma-separated lists of attribute paths. */
export interface Asked {
  readonly attributes?: string | undefined
  readonly excludedAttributes?: string | undefined
  /** References are shown without what their targets are called. */
  readonly withoutDisplays?: boolean
}

/** A part of the resource: what has to be fetched for it, and how it is shown. */
export interface Selection {
  /** For `SearchRequest.attributes`. */
  readonly attributes: ReadonlySet<string>
  /** For `SearchRequest.displays`. */
  readonly displays: boolean
  /**
   * The resource as JSON text; undefined for an entry that has no `id`, which no client can be shown.
   * @param base URL of the service without a slash at its end, e.g. `https://example.com/scim/v2`
   * @param version what `meta.version` is to say, e.g. `W/"1"`
   */
  render(entry: Entry, base: string, version?: string): JsonText | undefined
  /** Writes the same behind what is written; false where there is nothing to show. */
  write(out: JsonWriter, entry: Entry, base: string, version?: string): boolean
  /** The same as an object. */
  resource(entry: Entry, base: string, version?: string): JsonObject | undefined
}

/** A filter as the directory is asked it; `id` where it says that, besides, the entry has this key. */
export interface Question {
  readonly filter: Filter
  readonly id?: EntryId
}

/** What becomes of a name that neither the resource nor its standard schema knows: an error, or no value. */
export type Unknown = 'refuse' | 'false'
