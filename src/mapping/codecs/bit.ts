/** Single bits of an integer column, as `userAccountControl` has them: shown as truth values, asked and set one by one. */

import { anyOf } from '../../sources/logic.js'
import type { Cell, Column, FieldFilter } from '../../sources/source.js'
import { UNKNOWN } from '../mapping.js'
import { literal } from './literal.js'
import { test } from './text.js'

/** What an integer column holds where it holds none. */
const NONE = 0n

/** A bit by its value, such as 2, and what is true of it where it is set. */
export interface Bit {
  readonly mask: bigint
  readonly isSet: boolean
}

/** Is it as is wanted? A cell without a number has no bit set. */
export function isAsWanted(cell: Cell | undefined, { mask, isSet }: Bit): boolean {
  return ((numberOf(cell) & mask) === mask) === isSet
}

/** The rows where it is as is wanted. */
export function askBit(column: Column, { mask, isSet }: Bit): FieldFilter {
  return { op: 'test', on: column, test: { test: 'bits', mask }, negated: !isSet }
}

/** The number that the column holds, with the bit as is wanted or the opposite; undefined where it cannot hold that. */
export function withBit(
  cell: Cell | undefined,
  { mask, isSet }: Bit,
  wanted: boolean,
  column: Column,
): Exclude<Cell, null> | undefined {
  const present = numberOf(cell)
  const next = isSet === wanted ? present | mask : present & ~mask
  // The highest bit of a number makes it negative.
  return literal(String(next), column) ?? literal(String(BigInt.asIntN(32, next)), column)
}

/**
 * What the rules on bits ask (1.2.840.113556.1.4.803 and .804): are all of these set, or any? Undefined for other rules.
 */
export function askBits(column: Column, rule: string | undefined, mask: bigint): FieldFilter | undefined {
  if (rule !== 'bitAnd' && rule !== 'bitOr') return undefined
  if (mask < 0n) return UNKNOWN
  if (rule === 'bitOr') return anyOf(bitsOf(mask).map((bit) => test(column, { test: 'bits', mask: bit })))
  return mask === 0n ? test(column, { test: 'present' }) : test(column, { test: 'bits', mask })
}

function bitsOf(mask: bigint): readonly bigint[] {
  const bits: bigint[] = []
  for (let bit = 1n; bit <= mask; bit <<= 1n) if ((mask & bit) !== 0n) bits.push(bit)
  return bits
}

function numberOf(cell: Cell | undefined): bigint {
  if (typeof cell === 'bigint') return cell
  return typeof cell === 'number' && Number.isInteger(cell) ? BigInt(cell) : NONE
}
