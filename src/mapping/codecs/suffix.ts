/** DNs that are shown below another suffix than they are kept below, and found and stored by what they are shown as. */
import { escapeRdnValue } from '../../ldap/dn.js'
import type { Scalar } from '../../model/value.js'
import { type NamingValue, parseDn } from '../../schema/dn-value.js'
import { anyOf } from '../../sources/logic.js'
import type { Codec } from '../mapping.js'

type Rdn = readonly NamingValue[]
/** The form in which DNs are the same. */
type FormOf = (dn: string) => unknown

/** What is below `from` is shown below `to`; RDNs leaf first. */
export interface Suffix {
  readonly from: readonly Rdn[]
  readonly to: readonly Rdn[]
}

/** @param plain the codec of DNs as they are kept, in which what is below none of the suffixes is shown as well */
export function suffixCodec(suffixes: readonly Suffix[], plain: Codec, formOf: FormOf): Codec {
  const inwards = longestFirst(suffixes)
  const outwards = longestFirst(suffixes.map(({ from, to }) => ({ from: to, to: from })))
  const shown = (dn: string) => moved(dn, inwards, formOf)[0] ?? dn
  /** Every DN that is shown so. */
  const keptFor = (dn: string): readonly string[] =>
    [...moved(dn, outwards, formOf), dn].filter((kept) => formOf(shown(kept)) === formOf(dn))
  return {
    decode: (cell) => {
      const kept = plain.decode(cell)
      return typeof kept === 'string' ? shown(kept) : kept
    },
    rewrite: (column, question) => {
      if (!('value' in question) || typeof question.value !== 'string') return plain.rewrite(column, question)
      return anyOf(keptFor(question.value).map((value) => plain.rewrite(column, { ...question, value })))
    },
    encode: (value: Scalar, column) => {
      const [kept] = typeof value === 'string' ? keptFor(value) : [value]
      return kept === undefined ? undefined : plain.encode(kept, column)
    },
    orders: () => false,
  }
}

function longestFirst(suffixes: readonly Suffix[]): readonly Suffix[] {
  return [...suffixes].sort((a, b) => b.from.length - a.from.length)
}

/** The DN below the other suffix of each that it is below. */
function moved(dn: string, suffixes: readonly Suffix[], formOf: FormOf): readonly string[] {
  const rdns = parseDn(dn)
  if (rdns === undefined) return []
  return suffixes.flatMap(({ from, to }) => {
    const own = rdns.length - from.length
    const isBelow = own >= 0 && formOf(textOf(rdns.slice(own))) === formOf(textOf(from))
    return isBelow ? [textOf([...rdns.slice(0, own), ...to])] : []
  })
}

function textOf(rdns: readonly Rdn[]): string {
  return rdns
    .map((rdn) => rdn.map(({ type, value }) => `${type}=${escapeRdnValue(value)}`).join('+'))
    .join(',')
}
