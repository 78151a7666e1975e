/** Which values of an entry are sent where a client wants some of them only (RFC 3876). */
import type { Directory } from '../../directory/directory.js'
import type { ValueFilter } from '../../ldap/index.js'
import type { Entry } from '../../model/entry.js'
import type { Filter } from '../../model/filter.js'
import { matcher } from '../../model/match.js'
import type { Value } from '../../model/value.js'
import type { View } from '../../model/view.js'
import type { FilterTranslator } from './filter.js'
import type { OwnEntry } from './own-entry.js'

interface MatchedParts {
  readonly directory: Directory
  readonly translator: FilterTranslator
}

/** Those of an attribute's values that are wanted. */
export type WantedValues = (attr: string, values: readonly Value[]) => readonly Value[]

export class MatchedValues {
  readonly #filters: readonly ValueFilter[]
  readonly #parts: MatchedParts
  /** By view. */
  readonly #known = new Map<string, WantedValues>()

  constructor(filters: readonly ValueFilter[], parts: MatchedParts) {
    this.#filters = filters
    this.#parts = parts
  }

  of(entry: Entry): WantedValues {
    const view = this.#parts.directory.views.get(entry.view)
    if (view === undefined) return this.#wantedIn(undefined, { dn: entry.id, entry, whole: entry })
    const known = this.#known.get(view.name) ?? this.#wantedIn(view, undefined)
    this.#known.set(view.name, known)
    return known
  }

  #wantedIn(view: View | undefined, own: OwnEntry | undefined): WantedValues {
    const { schema, matchingOf } = this.#parts.directory
    const holds = matcher({ op: 'or', of: this.#filters.map((f) => this.#asked(f, view, own)) }, matchingOf)
    const isWanted = (attr: string, value: Value) => {
      // An object class stands for those from which it is derived, too.
      const isClass = attr === 'objectClass' && typeof value === 'string'
      const meant = isClass ? schema.withSuperclasses([value]) : [value]
      return holds({ view: '', id: '', attributes: new Map([[attr, meant]]) }) === true
    }
    return (attr, values) => values.filter((value) => isWanted(attr, value))
  }

  #asked(filter: ValueFilter, view: View | undefined, own: OwnEntry | undefined): Filter {
    const { translator, directory } = this.#parts
    if (filter.tag === 'present') return this.#presence(filter.attribute)
    // The name of the entry is no value of its attributes.
    const asked = filter.tag === 'extensible' ? { ...filter, dnAttributes: false } : filter
    const { name = '' } = directory.schema.attribute(asked.attribute ?? '') ?? {}
    return translator.translate(asked, TREE_OWN.has(name) ? undefined : view, own)
  }

  #presence(description: string): Filter {
    const types = this.#parts.directory.schema.describedBy(description) ?? []
    return { op: 'or', of: types.map(({ name: attr }) => ({ op: 'present', attr })) }
  }
}

/** Of these the translator knows without a look at values. */
const TREE_OWN: ReadonlySet<string> = new Set(['entryDN', 'subschemaSubentry', 'hasSubordinates'])
