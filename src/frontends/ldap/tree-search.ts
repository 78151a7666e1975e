/** The entries of the tree itself that a search finds: containers, and the levels that attributes make. */
import type { Directory } from '../../directory/directory.js'
import type { LdapFilter } from '../../ldap/index.js'
import { type Filter, filterAttributes, TRUE } from '../../model/filter.js'
import { match } from '../../model/match.js'
import type { Context } from '../../model/request.js'
import { type FilterTranslator, hasExtensible } from './filter.js'
import { type LevelEntry, levelEntries } from './levels.js'
import type { Container, Namespace } from './namespace.js'
import type { OwnEntry } from './own-entry.js'
import type { LevelRange } from './scope.js'
import type { Selection } from './selection.js'
import { isShown, levelWithSubordinates, type Wanted, wantedOf, withSubordinates } from './subordinates.js'

export interface TreeParts {
  readonly directory: Directory
  readonly namespace: Namespace
  readonly translator: FilterTranslator
}

export class TreeSearch {
  readonly #parts: TreeParts
  readonly #asked: LdapFilter
  readonly #selection: Selection
  readonly #ctx: Context
  /** The filter as all of these entries answer it. */
  #filter: Filter | undefined
  #wanted: Wanted | undefined

  constructor(parts: TreeParts, filter: LdapFilter, selection: Selection, ctx: Context) {
    this.#parts = parts
    this.#asked = filter
    this.#selection = selection
    this.#ctx = ctx
  }

  /** The container as it is shown; undefined where the search does not find it. */
  container(container: Container): Container | undefined | Promise<Container | undefined> {
    const wanted = this.#wantedBelow(container)
    if (wanted === 'nothing') return this.matches(container) ? this.#shown(container, container) : undefined
    return this.#withSubordinates(container, wanted)
  }

  async #withSubordinates(container: Container, wanted: Exclude<Wanted, 'nothing'>) {
    const own = await withSubordinates(container, wanted, this.#parts.directory, this.#ctx)
    return this.matches(own) ? this.#shown(container, own) : undefined
  }

  #shown(container: Container, own: Container): Container | Promise<Container | undefined> {
    const shown = isShown(container, this.#parts.directory, this.#ctx)
    return shown === true ? own : Promise.resolve(shown).then((is) => (is ? own : undefined))
  }

  async levels(ranges: readonly LevelRange[]): Promise<readonly LevelEntry[]> {
    // What an extensible assertion is about differs from entry to entry.
    const filter = hasExtensible(this.#asked) ? TRUE : this.#filterOf(undefined)
    const found = await levelEntries(ranges, filter, this.#parts, this.#ctx)
    const entries: LevelEntry[] = []
    for (const { place, own } of found) {
      const whole = await levelWithSubordinates(own, this.#wantedBelow(own), this.#parts, this.#ctx)
      if (this.matches(whole)) entries.push({ place, own: whole })
    }
    return entries
  }

  matches(own: OwnEntry): boolean {
    const { directory } = this.#parts
    const { whole } = own
    const filter = this.#filterOf(own)
    // Mostly it is about what people have.
    if ('attr' in filter && !whole.attributes.has(filter.attr)) return false
    return match(filter, whole, directory.matchingOf) === true
  }

  #filterOf(own: OwnEntry | undefined): Filter {
    if (this.#filter !== undefined) return this.#filter
    const filter = this.#parts.translator.translate(this.#asked, undefined, own)
    if (!hasExtensible(this.#asked)) this.#filter = filter
    return filter
  }

  /** What hangs below is looked for only where it matters. */
  #wantedBelow(own: OwnEntry): Wanted {
    if (this.#wanted === undefined) {
      const asked = filterAttributes(this.#filterOf(own))
      this.#wanted = wantedOf((attr) => this.#selection.includes(attr) || asked.has(attr))
    }
    return this.#wanted
  }
}
