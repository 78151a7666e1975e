/** What an asker may find in a view, and read of what is found; worked out once for every asker. */
import type { Assertion, Filter } from '../../../model/filter.js'
import type { SearchRequest } from '../../../model/request.js'
import type { Directory } from '../../directory.js'
import type { Acquaintance } from './acquaintance.js'
import { type Allowed, type Asker, NONE } from './asker.js'
import { isNowhere } from './cover.js'
import type { Known } from './strangers.js'

/** What may be asked and read of entries that are alike to the asker. */
export interface Rights {
  readonly searchable: Allowed
  readonly readable: Allowed
  /** Can anything be found? */
  readonly any: boolean
  /** What becomes of an assertion. */
  readonly asked: (assertion: Assertion) => Filter
}

/** What somebody may find in a view. */
export interface ViewRights {
  readonly asker: Asker
  /** The asker's own entry, if it is one of the view. */
  readonly own: string | undefined
  readonly toAll: Rights
  readonly toOwn: Rights
  /** Can anything be found? */
  readonly visible: boolean
  /** Do rules choose among the entries, otherwise than by whose they are? */
  readonly chooses: boolean
  /** Does it have references of which only some may be known? */
  readonly knowsSome: boolean
  /** By the set of attributes that were asked for. */
  readonly readable: WeakMap<ReadonlySet<string>, Readable>
}

interface Readable {
  readonly attributes: ReadonlySet<string>
  /** Those of them whose references may not all be known. */
  readonly refers: readonly string[]
}

interface Parts {
  readonly directory: Directory
  readonly acquaintance: Acquaintance
}

export class RightsToFind {
  readonly #parts: Parts
  /** Remembered like the asker. */
  readonly #remembered = new WeakMap<Asker, ViewRights>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** @param asker of this very view */
  of(asker: Asker, view: string): ViewRights {
    const known = this.#remembered.get(asker)
    if (known !== undefined) return known
    const { directory, acquaintance } = this.#parts
    const own = asker.own(view)
    const rightsTo = (self: boolean): Rights => {
      const searchable = asker.allowed(view, 'search', self)
      const readable = asker.allowed(view, 'read', self)
      const asked = acquaintance.asking(asker, view, searchable, 'search', knowing(asker))
      return { searchable, readable, any: searchable !== NONE && readable !== NONE, asked }
    }
    const toAll = rightsTo(false)
    const toOwn = own === undefined ? toAll : rightsTo(true)
    const chooses = asker.choosesIn(view, 'search') || asker.choosesIn(view, 'read')
    const described = [...(directory.views.get(view)?.attributes.values() ?? [])]
    const knowsSome = described.some(({ refers }) => refers.some((target) => asker.knowsSome(target)))
    const visible = isFindable(asker, view)
    const rights = { asker, own, toAll, toOwn, readable: new WeakMap(), visible, chooses, knowsSome }
    this.#remembered.set(asker, rights)
    return rights
  }

  /** Can anything be found in a view, by this attribute if one is named? */
  isVisible(asker: Asker, view: string, attr?: string): boolean {
    return attr === undefined ? this.of(asker, view).visible : isFindable(asker, view, attr)
  }

  /** What of the attributes may be read; the same for the very same set of them. */
  readable(asked: SearchRequest['attributes'], view: string, rights: ViewRights): Readable {
    const known = asked === 'all' ? undefined : rights.readable.get(asked)
    if (known !== undefined) return known
    const described = this.#parts.directory.views.get(view)?.attributes
    const wanted = [...(asked === 'all' ? (described?.keys() ?? []) : asked)]
    const attributes = new Set(wanted.filter(rights.toOwn.readable))
    const found = { attributes, refers: this.referring(attributes, view, rights.asker) }
    if (asked !== 'all') rights.readable.set(asked, found)
    return found
  }

  /** Those of the attributes whose references may not all be known. */
  referring(attributes: Iterable<string>, view: string, asker: Asker): readonly string[] {
    const described = this.#parts.directory.views.get(view)?.attributes
    return [...attributes].filter(
      (attr) => described?.get(attr)?.refers.every((target) => asker.knowledge(target) === 'all') === false,
    )
  }
}

/** What an asker may know of without anything being looked up. */
export const knowing =
  (asker: Asker): Known =>
  (ref) =>
    asker.knowledge(ref.view) === 'all'

const isFindable = (asker: Asker, view: string, attr?: string): boolean =>
  !isNowhere(asker.cover(view, 'search', attr)) && !isNowhere(asker.cover(view, 'read'))
