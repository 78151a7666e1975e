/** A test of a column as the filter that a server decides by its own rules, and how far these are ours. */
import type { LdapFilter } from '../../ldap/filter.js'
import type { Cell, Condition, Support, Test, TextRule } from '../source.js'
import type { LdapColumn } from './columns.js'

type Value = Exclude<Cell, null>

/** True of every entry, and of none; not every server knows the shorter forms of RFC 4526. */
export const EVERY: LdapFilter = { tag: 'present', attribute: 'objectClass' }
export const NONE: LdapFilter = { tag: 'not', filter: EVERY }

export function allOf(filters: readonly LdapFilter[]): LdapFilter {
  const of = filters.filter((f) => f !== EVERY).flatMap((f) => (f.tag === 'and' ? f.filters : [f]))
  if (of.includes(NONE)) return NONE
  const [only] = of
  if (only === undefined) return EVERY
  return of.length === 1 ? only : { tag: 'and', filters: of }
}

export function anyOf(filters: readonly LdapFilter[]): LdapFilter {
  const of = filters.filter((f) => f !== NONE).flatMap((f) => (f.tag === 'or' ? f.filters : [f]))
  if (of.includes(EVERY)) return EVERY
  const [only] = of
  if (only === undefined) return NONE
  return of.length === 1 ? only : { tag: 'or', filters: of }
}

export function not(filter: LdapFilter): LdapFilter {
  if (filter === EVERY) return NONE
  return filter.tag === 'not' ? filter.filter : { tag: 'not', filter }
}

/** Does the server find exactly the values of a test, those and perhaps others, or can it not say? */
export function supportOf(column: LdapColumn, test: Test): Support {
  switch (test.test) {
    case 'present':
      return 'exact'
    case 'text':
    case 'texts':
      return byRule(test.rule, column.equality)
    case 'substring': {
      const support = byRule(test.rule, column.substring)
      // Servers differ in what spaces at the ends of a piece mean.
      return support === 'exact' && test.pieces.some(({ text }) => text !== text.trim())
        ? 'superset'
        : support
    }
    case 'compare':
      if (test.op === 'eq') return equality(column)
      if (!column.ordered) return 'none'
      // Which is the next greater number is known; which is the next moment is not.
      return test.op === 'ge' || test.op === 'le' || column.kind === 'integer' ? 'exact' : 'superset'
    case 'oneOf':
      return equality(column)
    case 'bits':
      return column.bitwise ? 'exact' : 'none'
  }
}

function equality({ comparable, kind, isName, equality: rule }: LdapColumn): Support {
  if (isName) return 'exact'
  if (!comparable) return 'none'
  // The server's rules ignore more than bytes do.
  return kind === 'text' && rule !== undefined && rule !== 'dn' ? 'superset' : 'exact'
}

/** Is what the server's rule finds what ours does? */
function byRule(ours: TextRule, theirs: TextRule | undefined): Support {
  if (theirs === undefined) return 'none'
  if (ours === theirs) return 'exact'
  if (ours === 'dn' || theirs === 'dn') return 'none'
  return strictness[ours] > strictness[theirs] ? 'superset' : 'none'
}

/** What a rule takes for equal, all of lower strictness do. */
const strictness: Readonly<Record<TextRule, number>> = {
  exact: 3,
  caseExact: 2,
  caseIgnore: 1,
  telephone: 0,
  numeric: 0,
  dn: -1,
}

/** The entries of which some value of the attribute passes the test. */
export function assertionOf(column: LdapColumn, test: Test): LdapFilter {
  const { attribute } = column
  switch (test.test) {
    case 'present':
      return column.isName ? EVERY : { tag: 'present', attribute }
    case 'text':
      return equal(column, test.value)
    case 'texts':
      return anyOf(test.values.map((value) => equal(column, value)))
    case 'oneOf':
      return anyOf(test.values.map((value) => equal(column, value)))
    case 'substring': {
      if (!test.pieces.every((piece) => column.admits(piece.text))) return NONE
      const pieces = test.pieces.flatMap(({ place, text }) =>
        text.trim() === '' ? [] : [{ place, octets: Buffer.from(text.trim()) }],
      )
      if (pieces.length === 0) return { tag: 'present', attribute }
      const at = (place: string) => pieces.filter((p) => p.place === place).map((p) => p.octets)
      const [[initial], [final]] = [at('initial'), at('final')]
      return {
        tag: 'substrings',
        attribute,
        any: at('any'),
        ...(initial !== undefined && { initial }),
        ...(final !== undefined && { final }),
      }
    }
    case 'compare':
      return comparison(column, test.op, test.value)
    case 'bits':
      return bits(column, test.mask)
  }
}

function equal(column: LdapColumn, value: Value): LdapFilter {
  if (typeof value === 'string' && !column.admits(value)) return NONE
  const octets = column.form.encode(value)
  return octets === undefined ? NONE : { tag: 'equality', attribute: column.attribute, value: octets }
}

function comparison(column: LdapColumn, op: 'eq' | 'ge' | 'le' | 'gt' | 'lt', value: Value): LdapFilter {
  if (op === 'eq') return equal(column, value)
  const greater = op === 'ge' || op === 'gt'
  const step = op === 'gt' ? 1n : op === 'lt' ? -1n : 0n
  const bound =
    (typeof value === 'number' && Number.isInteger(value)) || typeof value === 'bigint'
      ? BigInt(value) + step
      : value
  const octets = column.form.encode(bound)
  if (octets === undefined) return NONE
  return { tag: greater ? 'greaterOrEqual' : 'lessOrEqual', attribute: column.attribute, value: octets }
}

const BIT_AND = '1.2.840.113556.1.4.803'

function bits({ attribute }: LdapColumn, mask: bigint): LdapFilter {
  return {
    tag: 'extensible',
    rule: BIT_AND,
    attribute,
    value: Buffer.from(mask.toString()),
    dnAttributes: false,
  }
}

/** The entries that a condition of the configuration leaves. */
export function conditionOf({ column, not: isNot, values }: Condition): LdapFilter {
  const ldapColumn = column as LdapColumn
  const found = anyOf(
    values.map((value) => {
      const present = assertionOf(ldapColumn, { test: 'present' })
      if (value === null) return not(present)
      const cell = literalOf(ldapColumn, value)
      return cell === undefined ? NONE : equal(ldapColumn, cell)
    }),
  )
  return isNot ? not(found) : found
}

function literalOf({ form, kind }: LdapColumn, value: string | number | boolean): Value | undefined {
  if (kind === 'boolean') return value === true || value === 1 || value === '1' || value === 'true'
  return form.decode(Buffer.from(String(value))) ?? String(value)
}
