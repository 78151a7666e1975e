/**
 * Rows in the order of an attribute, as the server sorts them (RFC 2891). Among equals it has no order of its own: names
 * decide, so that one page goes on where the one before ended.
 */
import { sortRequestControl } from '../../ldap/controls.js'
import { caseExact, caseIgnore } from '../../schema/normalize.js'
import type { Cell, Order } from '../source.js'
import type { LdapColumn } from './columns.js'
import { type Asked, attributesOf, type Reading } from './reading.js'

/** Can the server put entries in this order? Of several values nobody says by which one it goes. */
export function isSortable({ on, caseExact: exact }: Order): boolean {
  if ('concat' in on) return false
  const column = on as LdapColumn
  if (column.values !== undefined || column.isName || !column.sortable) return false
  return column.kind !== 'text' || column.equality === (exact ? 'caseExact' : 'caseIgnore')
}

/** The names of the first `count` entries. Nothing behind them is read but what equals the last. @throws VitrineError */
export async function firstNames(
  asked: Asked,
  order: Order,
  count: number,
  reading: Reading,
): Promise<readonly string[]> {
  const column = order.on as LdapColumn
  const controls = [sortRequestControl([{ attribute: column.attribute, reverse: order.descending }], true)]
  const sorted: string[] = []
  let equals: string[] = []
  let form: string | undefined
  const settle = () => {
    sorted.push(...equals.sort())
    equals = []
  }
  for await (const entries of reading.entries({
    ...asked,
    attributes: attributesOf([column]),
    controls,
    expected: MANY,
  })) {
    for (const entry of entries) {
      const next = formOf(entry.cell(column), order)
      if (next !== form) {
        settle()
        if (sorted.length >= count) return sorted
        form = next
      }
      equals.push(entry.name)
    }
  }
  settle()
  return sorted
}

/** More than a page: only pages come in order where there are many. */
const MANY = 100_000

function formOf(cell: Cell, { caseExact: exact }: Order): string {
  if (cell instanceof Date) return cell.toISOString()
  if (typeof cell !== 'string') return String(cell)
  return exact ? caseExact(cell) : caseIgnore(cell)
}
