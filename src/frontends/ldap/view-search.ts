/** The entries of a view that a search finds, in the view's order where the client may go on behind them. */
import { type Directory, filterOfName } from '../../directory/directory.js'
import type { Changeable } from '../../model/changeable.js'
import type { Filter } from '../../model/filter.js'
import type { Context, SearchRequest } from '../../model/request.js'
import type { View } from '../../model/view.js'
import type { Position } from './cookie.js'
import type { Namespace } from './namespace.js'
import type { Stage } from './scope.js'
import type { SearchOutput } from './search-output.js'

/** What is asked of a view. */
export interface ViewQuestion {
  readonly view: View
  readonly filter: Filter
  readonly attributes: ReadonlySet<string>
}

export interface ViewParts {
  readonly directory: Directory
  readonly namespace: Namespace
}

/** Of the view's entries only those that the stage covers. */
export function within(
  stage: Extract<Stage, { kind: 'view' | 'entry' }>,
  wanted: Filter,
  { schema }: Namespace,
): Filter {
  const { view } = stage
  const covered = stage.kind === 'view' ? stage.within : filterOfName(stage.names, view, schema)
  return covered === undefined ? wanted : { op: 'and', of: [covered, wanted] }
}

/** Can any entry of the view be selected? None can that would need a value of an attribute which the view does not have. */
export function mightSelect(filter: Filter, view: View): boolean {
  switch (filter.op) {
    case 'and':
      return filter.of.every((f) => mightSelect(f, view))
    case 'or':
      return filter.of.some((f) => mightSelect(f, view))
    case 'const':
      return filter.value === true
    case 'not':
    case 'key':
      return true
    default:
      return view.attributes.has(filter.attr)
  }
}

/** How many are asked for at least where some have turned out to be without a name. */
const UNNAMED = 1000

/**
 * Sends a view's entries; returns behind which one to go on if there are more than room.
 * @param isPaged will the client go on behind what it is sent now?
 */
export async function sendView(
  { view, filter, attributes }: ViewQuestion,
  after: string | undefined,
  isPaged: boolean,
  output: SearchOutput,
  { directory, namespace }: ViewParts,
  ctx: Context,
): Promise<Pick<Position, 'after'> | undefined> {
  const { name } = view
  let last = after
  // Where the search is made again in no order, it finds again what it found.
  let met: Set<string> | undefined
  // One more than wanted tells whether there is more.
  let limit = output.room + 1
  for (;;) {
    let seen = 0
    const asked: Changeable<SearchRequest> = { view: name, filter, attributes }
    if (!isPaged) asked.unordered = true
    else if (last !== undefined) asked.after = last
    if (Number.isFinite(limit)) asked.limit = limit
    for await (const entries of directory.search(asked, ctx)) {
      for (const entry of entries) {
        if (met?.has(entry.id) === true) continue
        seen++
        if (!isPaged && Number.isFinite(limit)) {
          met ??= new Set()
          met.add(entry.id)
        }
        const dn = namespace.dnOf(entry, view)
        if (dn !== undefined) {
          if (output.room <= 0) return last === undefined ? {} : { after: last }
          const sent = output.send(entry, dn)
          if (sent !== undefined) await sent
        }
        last = entry.id
      }
    }
    if (seen < limit) return undefined
    // Some had no name: behind them there may be others, or, where they are in no order, anywhere.
    limit = isPaged ? Math.max(output.room + 1, UNNAMED) : Number.POSITIVE_INFINITY
  }
}
