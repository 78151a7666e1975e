/** How each matching rule compares: the normal forms of values, built from the preparations in `normalize.ts`. */
import type { Matching, NormalForm } from '../model/match.js'
import type { Scalar } from '../model/value.js'
import { areRelated, type DnRelation, isDnRelation } from './dn-relations.js'
import { normalizeDn, normalizeRdns, splitNameAndUid } from './dn-value.js'
import type { MatchingRule, Normalizing } from './matching-rules.js'
import * as prepare from './normalize.js'
import { booleanOf, decimalOf, integerOf, octetsOf, textOf, timeOf, uuidOf } from './scalars.js'

/** What the comparison of names and identifiers needs to know of a schema. */
export interface Identifiers {
  /** The canonical name of an attribute type, or what was given. */
  readonly attributeName: (nameOrOid: string) => string
  /** The OID of what is named, or the name in lower case. */
  readonly objectIdentifier: (nameOrOid: string) => string
}

type Normalizer = (value: Scalar) => NormalForm | undefined

function ofText(normalize: (text: string) => string | undefined): Normalizer {
  return (value) => {
    const text = textOf(value)
    return text === undefined ? undefined : normalize(text)
  }
}

const normalizers: { readonly [N in Exclude<Normalizing, 'none'>]: (names: Identifiers) => Normalizer } = {
  caseIgnore: () => ofText((text) => prepare.caseIgnore(text)),
  caseExact: () => ofText((text) => prepare.caseExact(text)),
  caseIgnoreIA5: () => ofText(prepare.caseIgnoreIA5),
  caseExactIA5: () => ofText(prepare.caseExactIA5),
  list: () => ofText((text) => prepare.caseIgnoreList(text)),
  telephone: () => ofText(prepare.telephone),
  numeric: () => ofText(prepare.numeric),
  integer: () => integerOf,
  decimal: () => decimalOf,
  boolean: () => booleanOf,
  time: () => (value) => timeOf(value)?.getTime(),
  octets: () => (value) => {
    const octets = octetsOf(value)
    return octets && Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString('latin1')
  },
  bits: () => ofText((text) => text),
  uuid: () => uuidOf,
  csn: () => ofText((text) => text.toLowerCase()),
  dn: (names) => ofText((text) => normalizeDn(text, names.attributeName)),
  nameAndUid: (names) =>
    ofText((text) => {
      const { dn, uid } = splitNameAndUid(text)
      const normal = normalizeDn(dn, names.attributeName)
      return normal === undefined || uid === '' ? normal : `${normal}#${uid}`
    }),
  oid: (names) => ofText(names.objectIdentifier),
  firstOid: (names) => ofText((text) => names.objectIdentifier(firstComponent(text))),
  firstInteger: () => (value) => {
    const text = textOf(value)
    return text === undefined ? undefined : integerOf(firstComponent(text))
  },
}

const pieces: { readonly [N in Normalizing]?: NonNullable<Matching['substring']>['piece'] } = {
  caseIgnore: prepare.caseIgnore,
  caseExact: prepare.caseExact,
  caseIgnoreIA5: prepare.caseIgnoreIA5,
  caseExactIA5: prepare.caseExactIA5,
  list: prepare.caseIgnoreList,
  telephone: prepare.telephone,
  numeric: prepare.numeric,
}

/** The comparison of one rule, as `match` uses it: equality, ordering or substrings by its kind. */
export function matchingBy(rule: MatchingRule, names: Identifiers): Matching {
  if (rule.test !== undefined) return { test: rule.test }
  if (isDnRelation(rule.name)) return { test: relationTest(rule.name, names) }
  if (rule.normalizing === 'none') return {}
  const normalize = normalizers[rule.normalizing](names)
  if (rule.kind === 'ordering') {
    // What is asserted stays the same from entry to entry, and may be long.
    let asserted: { readonly value: Scalar; readonly form: NormalForm | undefined } | undefined
    return {
      ordering: (a, b) => {
        const x = normalize(a)
        if (asserted === undefined || asserted.value !== b) asserted = { value: b, form: normalize(b) }
        const y = asserted.form
        return x === undefined || y === undefined ? undefined : compareForms(x, y)
      },
    }
  }
  if (rule.kind === 'equality') return { equality: normalize }
  const piece = pieces[rule.normalizing]
  if (piece === undefined) return {}
  const value = (scalar: Scalar) => normalize(scalar)?.toString()
  return { substring: { value, piece } }
}

function relationTest(rule: DnRelation, names: Identifiers): NonNullable<Matching['test']> {
  const rdnsOf = (value: Scalar) => {
    const text = textOf(value)
    return text === undefined ? undefined : normalizeRdns(text, names.attributeName)
  }
  return (value, assertion) => {
    const [x, y] = [rdnsOf(value), rdnsOf(assertion)]
    return x === undefined || y === undefined ? undefined : areRelated(rule, x, y)
  }
}

export function compareForms(a: NormalForm, b: NormalForm): number {
  if (typeof a === 'string' && typeof b === 'string') return prepare.compareCodePoints(a, b)
  return a < b ? -1 : a > b ? 1 : 0
}

/** The identifier that a description such as `( 2.5.4.3 NAME 'cn' )` begins with; other text is itself one. */
function firstComponent(text: string): string {
  return /^[({] *([^ )}]+)/.exec(text)?.[1] ?? text
}
