/** What a search sends: entries as they are selected, as long as there is room for them. */
import type { SearchRequest, SearchWriter } from '../../ldap/index.js'
import type { Entry } from '../../model/entry.js'
import type { Tally } from '../../model/observe.js'
import type { MatchedValues } from './matched-values.js'
import type { Below, Renderer } from './render.js'
import type { Selection } from './selection.js'

export class SearchOutput {
  /** Entries still to be sent before the page or the limit is full. */
  room = Number.POSITIVE_INFINITY
  sent = 0
  /** Which values are wanted, where not all are. */
  matched: MatchedValues | undefined
  readonly #renderer: Renderer
  readonly #selection: Selection
  readonly #typesOnly: boolean
  readonly #writer: SearchWriter
  readonly #tally: Tally | undefined

  constructor(
    renderer: Renderer,
    selection: Selection,
    { typesOnly }: Pick<SearchRequest, 'typesOnly'>,
    writer: SearchWriter,
    tally: Tally | undefined,
  ) {
    this.#renderer = renderer
    this.#selection = selection
    this.#typesOnly = typesOnly
    this.#writer = writer
    this.#tally = tally
  }

  /** A promise where the client has to read first. */
  send(entry: Entry, dn: string, subordinates?: Below): undefined | Promise<void> {
    this.room--
    this.sent++
    if (this.#tally !== undefined) this.#tally.entries++
    const matched = this.#typesOnly ? undefined : this.matched?.of(entry)
    return this.#writer.entry(
      dn,
      this.#renderer.attributes(entry, dn, this.#selection, this.#typesOnly, subordinates, matched),
    )
  }
}
