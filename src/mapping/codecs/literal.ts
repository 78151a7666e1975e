/** Cells as text, and text as the cells of a column. */
import type { Cell, Column } from '../../sources/source.js'

/** The cell that a text stands for, as the column's kind holds it; undefined if it cannot. */
export function literal(value: string, column: Column): Exclude<Cell, null> | undefined {
  switch (column.kind) {
    case 'integer': {
      if (value === 'true' || value === 'false') return value === 'true' ? 1 : 0
      if (!/^-?\d+$/.test(value)) return undefined
      const n = BigInt(value)
      return column.range !== undefined && (n < column.range[0] || n > column.range[1]) ? undefined : n
    }
    case 'boolean': {
      const known = new Map([
        ['true', true],
        ['t', true],
        ['1', true],
        ['false', false],
        ['f', false],
        ['0', false],
      ])
      return known.get(value.toLowerCase())
    }
    case 'text':
    case 'decimal':
    case 'other':
      return value
    case 'uuid':
      return value.toLowerCase()
    default:
      return undefined
  }
}

/** The text by which a cell is looked up in the configuration. */
export function text(cell: Exclude<Cell, null>): string {
  return cell instanceof Uint8Array
    ? Buffer.from(cell).toString('hex')
    : cell instanceof Date
      ? cell.toISOString()
      : String(cell)
}
