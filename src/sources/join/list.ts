/** Keys of joined rows, where one source has to be told what others decide; as long as they are not too many. */
import type { Cell, Collection, Edge, Field, FieldFilter, ReachFilter, Row, SourceQuery } from '../source.js'
import { textOf } from './keys.js'
import { allOf } from './logic.js'
import { plainCollection } from './node.js'

type Key = Exclude<Cell, null>
type Search = (query: SourceQuery) => AsyncIterable<readonly Row[]>

/** The keys of the rows that satisfy a filter; undefined if there are more than `most`. */
export async function listKeys(
  { table, key, where, filter }: Collection & { readonly filter: FieldFilter },
  search: Search,
  most: number,
): Promise<readonly Key[] | undefined> {
  const keys = new Map<string, Key>()
  const fields: Field[] = [{ kind: 'column', column: key }]
  const query = { table, key, where, filter, fields, limit: most + 1, unordered: true } as const
  for await (const rows of search(query))
    for (const [cell = null] of rows) if (cell !== null) keys.set(textOf(cell as Key), cell as Key)
  return keys.size > most ? undefined : [...keys.values()]
}

/**
 * The keys of the rows from which a chain of references leads to its target, itself among them; undefined if there are
 * more than `most`. Goes backwards from the target, one question for all rows of a step.
 */
export async function leadingOn(
  { step, last, nodes, target, of }: ReachFilter,
  search: Search,
  most: number,
): Promise<readonly Key[] | undefined> {
  const found = new Map<string, Key>()
  const published = (keys: readonly Key[]) =>
    listKeys({ ...nodes, filter: isOneOf(nodes, keys) }, search, most)
  const before = async (edge: Edge, keys: readonly Key[]) => {
    const leading = keys.length === 0 ? [] : await listKeys(leadingTo(edge, keys), search, most)
    return leading && (leading.length === 0 ? [] : published(leading))
  }
  const ends = await listKeys({ ...target, filter: of }, search, most)
  let fresh = ends && (last === undefined ? ends : await before(last, ends))
  while (fresh !== undefined && fresh.length > 0) {
    for (const key of fresh) found.set(textOf(key), key)
    if (found.size > most) return undefined
    fresh = (await before(step, fresh))?.filter((key) => !found.has(textOf(key)))
  }
  return fresh && [...found.values()]
}

/** The rows of an edge's table that lead to one of these keys, told apart by where they come from. */
function leadingTo({ table, from, to, where }: Edge, values: readonly Key[]) {
  const isThere: FieldFilter = { op: 'test', on: from, test: { test: 'present' }, negated: false }
  const leads: FieldFilter = { op: 'test', on: to, test: { test: 'oneOf', values }, negated: false }
  return { ...plainCollection({ table, key: from, where }), filter: allOf([isThere, leads]) }
}

const isOneOf = ({ key }: Collection, values: readonly Key[]): FieldFilter => ({
  op: 'test',
  on: key,
  test: { test: 'oneOf', values },
  negated: false,
})
