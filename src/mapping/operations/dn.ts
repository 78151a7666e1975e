/** A DN made of columns, e.g. `uid={login},ou=people,dc=example,dc=com`; no value unless all columns have one. */
import { escapeRdnValue } from '../../ldap/dn.js'
import { Ref } from '../../model/value.js'
import { parseDn } from '../../schema/dn-value.js'
import { caseIgnore } from '../../schema/normalize.js'
import { allOf, NEVER } from '../../sources/logic.js'
import type { Cell, Column, Field, FieldFilter } from '../../sources/source.js'
import { cellText, type TextOptions, test, textCodec } from '../codecs/text.js'
import { type Operation, type Question, UNKNOWN } from '../mapping.js'
import { rewriteValue } from '../rewrite.js'

/** A DN pattern, leaf first: each RDN's types, and for each its literal text or the column that holds it. */
export type DnPattern = readonly (readonly { readonly type: string; readonly value: string | Column }[])[]

/** `canonical` gives one name to the aliases of an attribute type. */
export function dnOperation(pattern: DnPattern, canonical: (type: string) => string): Operation {
  const columns = pattern.flat().flatMap(({ value }) => (typeof value === 'string' ? [] : [value]))
  const fields = columns.map((column): Field => ({ kind: 'column', column }))
  return {
    fields,
    reader: (slotOf) => {
      const slots = new Map(columns.map((column) => [column, slotOf({ kind: 'column', column })]))
      return (row) => {
        const dn = dnText(pattern, (column) => cellText((row[slots.get(column) ?? -1] ?? null) as Cell))
        return dn === undefined ? [] : [dn]
      }
    },
    rewrite: (question) => ask(pattern, columns, question, canonical),
    rewriteElement: (of) =>
      rewriteValue(of, 'value', (question) => ask(pattern, columns, question, canonical)),
  }
}

/** The DN, its values escaped; undefined where a column has no value. */
export function dnText(
  pattern: DnPattern,
  textOf: (column: Column) => string | undefined,
): string | undefined {
  const rdns = pattern.map((rdn) =>
    rdn.map(({ type, value }) => {
      const text = typeof value === 'string' ? value : textOf(value)
      return text === undefined ? undefined : `${type}=${escapeRdnValue(text)}`
    }),
  )
  return rdns.flat().includes(undefined) ? undefined : rdns.map((rdn) => rdn.join('+')).join(',')
}

function ask(
  pattern: DnPattern,
  columns: readonly Column[],
  question: Question,
  canonical: (type: string) => string,
): FieldFilter {
  if (question.op === 'present') return allOf(columns.map((column) => test(column, { test: 'present' })))
  // These names are of no entry that can be referred to.
  if (question.op === 'eq' && question.value instanceof Ref) return NEVER
  if ((question.op !== 'eq' && question.op !== 'approx') || question.rule !== undefined) return UNKNOWN
  const asserted = typeof question.value === 'string' ? parseDn(question.value) : undefined
  if (asserted === undefined || asserted.length !== pattern.length) return NEVER
  const codec = textCodec(VALUE)
  const equal = (value: string | Column, wanted: string): FieldFilter =>
    typeof value !== 'string'
      ? codec.rewrite(value, { op: 'eq', attr: question.attr, value: wanted })
      : { op: 'const', value: caseIgnore(value) === caseIgnore(wanted) }
  return allOf(
    pattern.flatMap((rdn, i) => {
      const other = asserted[i] ?? []
      if (other.length !== rdn.length) return [NEVER]
      return rdn.map(({ type, value }) => {
        const found = other.find((o) => canonical(o.type) === canonical(type))
        return found === undefined ? NEVER : equal(value, found.value)
      })
    }),
  )
}

/** How the values inside a DN are compared (RFC 4517 4.2.15, taking every naming attribute as caseIgnoreMatch). */
const VALUE: TextOptions = {
  matching: { equality: (value) => caseIgnore(String(value)) },
  rule: 'caseIgnore',
  case: undefined,
}
