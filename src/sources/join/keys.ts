/** The keys by which rows of two sources belong together: how they are read, compared, and asked for. */
import { caseIgnore } from '../../schema/normalize.js'
import type { Secondary } from '../joined.js'
import { allOf, anyOf, NEVER } from '../logic.js'
import type { Cell, Column, Field, FieldFilter, Row, Slot, Source, Test } from '../source.js'

type Value = Exclude<Cell, null>

/** One of the keys that a row has; several where a column of it has several values. */
export interface JoinKey {
  /** Equal for equal keys, whichever side they come from. */
  readonly form: string
  readonly cells: readonly Value[]
}

export type Side = 'primary' | 'secondary'

/** Of a row with several values in several columns, no more combinations than these are keys. */
const MOST_KEYS = 1000

/** What the keys of a side are read from, in the order of `Secondary.on`. */
export function keyFields({ on }: Secondary, side: Side): readonly Field[] {
  return on.map((pair): Field => {
    const column = pair[side]
    return column.values === undefined
      ? { kind: 'column', column }
      : { kind: 'set', relation: column.values.relation, columns: [column.values.column] }
  })
}

/** @param slots where the key fields of that side stand in a row */
export function keysOf(secondary: Secondary, row: Row, slots: readonly number[]): readonly JoinKey[] {
  let keys: readonly JoinKey[] = [{ form: '', cells: [] }]
  for (const slot of slots) {
    const cells = cellsOf(row[slot] ?? null).flatMap((cell) => {
      const form = formOf(cell, secondary.caseExact)
      return form === undefined || cell === null ? [] : [{ form, cell }]
    })
    keys = keys
      .flatMap((key) =>
        cells.map(({ form, cell }) => ({
          form: `${key.form}${form.length} ${form}`,
          cells: [...key.cells, cell],
        })),
      )
      .slice(0, MOST_KEYS)
  }
  return keys
}

function cellsOf(slot: Slot): readonly Cell[] {
  return Array.isArray(slot)
    ? (slot as readonly (readonly Cell[])[]).map(([cell = null]) => cell)
    : [slot as Cell]
}

/** Undefined for what is no value: NULL and text of nothing but spaces. */
function formOf(cell: Cell, caseExact: boolean): string | undefined {
  if (cell === null) return undefined
  const text = textOf(cell)
  if (!/[^ ]/.test(text)) return undefined
  return caseExact ? text : caseIgnore(text)
}

export function textOf(cell: Value): string {
  if (cell instanceof Uint8Array) return Buffer.from(cell).toString('hex')
  return cell instanceof Date ? cell.toISOString() : String(cell)
}

/** At least the rows of a side that have one of these keys. */
export function havingKey(
  secondary: Secondary,
  side: Side,
  keys: readonly JoinKey[],
  source: Pick<Source, 'support'>,
): FieldFilter {
  return allOf(
    secondary.on.map((pair, i) => {
      const column = pair[side]
      const cells = keys.flatMap((key) => key.cells[i] ?? [])
      const { values } = column
      if (values === undefined) return isOneOf(column, cells, secondary.caseExact, source)
      const of = isOneOf(values.column, cells, secondary.caseExact, source)
      return of.op === 'const' && !of.value
        ? of
        : { op: 'some', relation: values.relation, of, negated: false }
    }),
  )
}

/** At least the rows whose cell is equal to one of these; every row where the source cannot be asked that. */
function isOneOf(
  column: Column,
  cells: readonly Value[],
  caseExact: boolean,
  source: Pick<Source, 'support'>,
): FieldFilter {
  const ask = (test: Test): FieldFilter => ({ op: 'test', on: column, test, negated: false })
  if (column.kind === 'text' && !caseExact) {
    const forms = [...new Set(cells.map((cell) => caseIgnore(textOf(cell))))]
    const tests = forms.map((value) => ({ test: 'text', rule: 'caseIgnore', value }) as const)
    const supported = tests.map((test) => source.support(column, test))
    if (supported.includes('none')) return { op: 'const', value: true }
    const exact = forms.filter((_, i) => supported[i] === 'exact')
    const together: Test = { test: 'texts', rule: 'caseIgnore', values: exact }
    const isTogether = exact.length > 1 && source.support(column, together) === 'exact'
    const alone = tests.filter((_, i) => supported[i] === 'superset' || !isTogether)
    return anyOf([...(isTogether ? [ask(together)] : []), ...alone.map(ask)])
  }
  const found = new Map(cells.flatMap((cell) => castTo(cell, column) ?? []).map((c) => [textOf(c), c]))
  const values = [...found.values()]
  const [only] = values
  if (only === undefined) return NEVER
  if (values.length === 1 && column.kind !== 'text') {
    const test: Test = { test: 'compare', op: 'eq', value: only }
    if (source.support(column, test) !== 'none') return ask(test)
  }
  const test: Test = { test: 'oneOf', values }
  return source.support(column, test) === 'none' ? { op: 'const', value: true } : ask(test)
}

/** The cell as the column could hold it; nothing where it could not. */
function castTo(cell: Value, { kind, range }: Column): readonly Value[] | undefined {
  const text = textOf(cell)
  switch (kind) {
    case 'integer': {
      if (!/^-?\d{1,40}$/.test(text)) return undefined
      const n = BigInt(text)
      return range !== undefined && (n < range[0] || n > range[1]) ? undefined : [n]
    }
    case 'uuid':
      return /^[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}$/i.test(text) ? [text.toLowerCase()] : undefined
    case 'binary':
      return cell instanceof Uint8Array ? [cell] : undefined
    default:
      return [text]
  }
}

/** Which of two rows comes first: the one with the lesser key, however its source orders them. */
export function compareKeys(a: Cell, b: Cell): number {
  const isNumber = (cell: Cell) => typeof cell === 'number' || typeof cell === 'bigint'
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
  const [x, y] = isNumber(a) && isNumber(b) ? [a, b] : [textOf(a), textOf(b)]
  return x < y ? -1 : x > y ? 1 : 0
}

/** No row has a key that its column cannot hold. */
export function isWithin({ range }: Column, key: Value): boolean {
  if (range === undefined || (typeof key !== 'number' && typeof key !== 'bigint')) return true
  return key >= range[0] && key <= range[1]
}
