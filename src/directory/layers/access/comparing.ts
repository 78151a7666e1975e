/** What of an entry may be compared, without being told whether it is there. */
import { VitrineError } from '../../../model/errors.js'
import { type Filter, filterAttributes, mapAssertions, TRUE } from '../../../model/filter.js'
import type { Context, EntryName } from '../../../model/request.js'
import { type Directory, filterOfName } from '../../directory.js'
import type { Acquaintance } from './acquaintance.js'
import { type Allowed, type Asker, NONE } from './asker.js'
import type { Askers } from './askers.js'
import { conjunction, filterOfCover } from './cover.js'
import { asGateway } from './facts.js'
import { Decision } from './rows.js'
import { isSelf } from './self.js'
import { refsIn, Sight } from './strangers.js'

interface Parts {
  readonly directory: Directory
  readonly askers: Askers
  readonly acquaintance: Acquaintance
}

export class Comparing {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async compare(name: EntryName, assertion: Filter, ctx: Context): ReturnType<Directory['compare']> {
    const { directory, askers, acquaintance } = this.#parts
    const { view } = name
    const asker = await askers.of(ctx.principal, view, ctx)
    const comparable = await this.#comparable(name, asker, ctx)
    if (comparable === undefined) return 'noSuchEntry'
    const sight = new Sight(directory, asker, ctx)
    await sight.lookUp(refsIn(assertion))
    const asked = acquaintance.asking(asker, view, comparable, 'compare', sight.knows)
    const allowedPart = mapAssertions(assertion, asked)
    const [all, left] = [filterAttributes(assertion).size, filterAttributes(allowedPart).size]
    if (all > 0 && left === 0) {
      // Whoever may compare anything learns by that whether it is there.
      if ((await directory.compare(name, TRUE, ctx)) === 'noSuchEntry') return 'noSuchEntry'
      throw new VitrineError('insufficientAccessRights')
    }
    const result = await directory.compare(name, allowedPart, ctx)
    // What may not be compared is not there for the asker, and so is not equal.
    return result === 'undefined' && left < all ? false : result
  }

  /** Which attributes of an entry may be compared; undefined where one may not know of it, or it is not there. */
  async #comparable(name: EntryName, asker: Asker, ctx: Context): Promise<Allowed | undefined> {
    const { directory } = this.#parts
    const { view } = name
    if (!asker.choosesIn(view, 'compare')) {
      const comparable = asker.allowed(view, 'compare', isSelf(asker.principal, name, directory))
      return comparable === NONE ? undefined : comparable
    }
    const described = directory.views.get(view)
    const anything = asker.cover(view, 'compare')
    const decision = new Decision(asker.rows(view, 'compare'), described, directory)
    const named = described === undefined ? [] : [filterOfName(name.names, described, directory.schema)]
    const filter = conjunction([...named, filterOfCover(anything)])
    const request = { view, filter, attributes: decision.attributes, limit: 1, unordered: true as const }
    for await (const [entry] of directory.search(request, asGateway(ctx))) {
      if (entry === undefined) continue
      const holds = await decision.of([entry], ctx)
      return (attr) => {
        const cover = asker.cover(view, 'compare', attr)
        return cover === 'all' || cover.some((row) => holds(entry, row))
      }
    }
    // It is answered alike whether it is there or not, where that may not be known.
    return anything === 'all' ? asker.allowed(view, 'compare', false) : undefined
  }
}
