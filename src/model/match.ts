/**
 * What a filter means: the reference semantics that every pushdown must agree with, three-valued as
 * RFC 4511 4.5.1.7 says. Matching rules come from the schema; this file knows none.
 */
import type { Entry } from './entry.js'
import type { Assertion, ComparisonFilter, Filter } from './filter.js'
import {
  type ComplexValue,
  type EntryId,
  isComplex,
  Ref,
  type Scalar,
  scalarOf,
  type Value,
} from './value.js'

/** A value in the form in which its matching rule compares it: equal values have identical forms. */
export type NormalForm = string | number | bigint | boolean

/** Where a piece of a substring assertion stands; insignificant spaces are treated by it (RFC 4518 2.6.1). */
export type SubstringPlace = 'initial' | 'any' | 'final'

/** How values of an attribute are compared. A missing ability makes the assertion Undefined. */
export interface Matching {
  readonly equality?: (value: Scalar) => NormalForm | undefined
  /** Negative, zero or positive, as `a` sorts before, with or after `b`. */
  readonly ordering?: (a: Scalar, b: Scalar) => number | undefined
  /** For rules that are no comparison of normal forms, such as those on bits. */
  readonly test?: (value: Scalar, assertion: Scalar) => boolean | undefined
  readonly substring?: {
    readonly value: (value: Scalar) => string | undefined
    readonly piece: (piece: string, place: SubstringPlace) => string
  }
}

/** Finds how an attribute (or a part of one, for `element`) is compared, under a named rule or its own. */
export type MatchingOf = (attr: string, rule?: string) => Matching | undefined

/** True, false or undefined: does the entry satisfy the filter? */
export function match(filter: Filter, entry: Entry, matchingOf: MatchingOf): boolean | undefined {
  return matcher(filter, matchingOf)(entry)
}

/** `match` for many entries: assertion values, which may be long, are brought to their normal forms once. */
export function matcher(filter: Filter, matchingOf: MatchingOf): (entry: Entry) => boolean | undefined {
  const evaluate = compile(filter, matchingOf)
  return (entry) => evaluate((attr) => entry.attributes.get(attr) ?? [], entry.id)
}

type ValuesOf = (attr: string) => readonly Value[]
/** Elements have no key. */
type Evaluate = (valuesOf: ValuesOf, id?: EntryId) => boolean | undefined

function compile(filter: Filter, matchingOf: MatchingOf): Evaluate {
  switch (filter.op) {
    case 'and':
    case 'or': {
      const neutral = filter.op === 'and'
      const of = compileAll(filter.of, neutral, matchingOf)
      return (valuesOf, id) => {
        let result: boolean | undefined = neutral
        for (const evaluate of of) {
          const r = evaluate(valuesOf, id)
          if (r === !neutral) return r
          if (r === undefined) result = undefined
        }
        return result
      }
    }
    case 'not': {
      const evaluate = compile(filter.of, matchingOf)
      return (valuesOf, id) => {
        const r = evaluate(valuesOf, id)
        return r === undefined ? undefined : !r
      }
    }
    case 'key':
      return (_valuesOf, id) => id === filter.id
    case 'const':
      return () => filter.value
    default: {
      const holds = compileAssertion(filter, matchingOf)
      return (valuesOf) => holds(valuesOf(filter.attr))
    }
  }
}

/** The parts of a conjunction or disjunction; thousands of equalities of one attribute are one look into a set. */
function compileAll(
  of: readonly Filter[],
  isConjunction: boolean,
  matchingOf: MatchingOf,
): readonly Evaluate[] {
  const result: Evaluate[] = []
  const sets = new Map<string, Set<NormalForm>>()
  const keys = new Set<EntryId>()
  for (const filter of of) {
    // In a conjunction it is their negations that go together.
    const equality = isConjunction ? (filter.op === 'not' ? filter.of : undefined) : filter
    if (equality?.op === 'key') {
      if (keys.size === 0)
        result.push((_valuesOf, id) => (id !== undefined && keys.has(id)) !== isConjunction)
      keys.add(equality.id)
      continue
    }
    const normal = equality && normalEquality(equality, matchingOf)
    if (normal === undefined) {
      result.push(compile(filter, matchingOf))
      continue
    }
    const { attr, rule, normalize, wanted } = normal
    const key = JSON.stringify([attr, rule])
    const known = sets.get(key)
    if (known !== undefined) {
      known.add(wanted)
      continue
    }
    const forms = new Set([wanted])
    sets.set(key, forms)
    const isOne = (scalar: Scalar) => forms.has(normalize(scalar) as NormalForm)
    result.push((valuesOf) => someScalar(valuesOf(attr), isOne) !== isConjunction)
  }
  return result
}

/** An assertion that compares normal forms, with the form that it wants. */
function normalEquality(filter: Filter, matchingOf: MatchingOf) {
  if (filter.op !== 'eq' && filter.op !== 'approx') return undefined
  const { attr, rule, value } = filter
  if (isByKey(filter) || filter.first === true) return undefined
  const matching = matchingOf(attr, rule)
  if (rule !== undefined && matching?.test !== undefined) return undefined
  const normalize = matching?.equality
  const wanted = normalize?.(value)
  return normalize === undefined || wanted === undefined ? undefined : { attr, rule, normalize, wanted }
}

/** A reference that says nothing but a key is compared by it. */
function isByKey({ value, rule }: ComparisonFilter): boolean {
  return value instanceof Ref && value.names.length === 0 && rule === undefined
}

const undecided = () => undefined

function compileAssertion(
  filter: Assertion,
  matchingOf: MatchingOf,
): (values: readonly Value[]) => boolean | undefined {
  switch (filter.op) {
    case 'present':
      return (values) => values.length > 0
    case 'element': {
      const evaluate = compile(filter.of, (part, rule) => matchingOf(`${filter.attr}.${part}`, rule))
      return (values) => values.some((value) => evaluate((part) => partOf(value, part)) === true)
    }
    case 'substring': {
      const rule = matchingOf(filter.attr)?.substring
      if (rule === undefined) return undecided
      const initial = filter.initial === undefined ? undefined : rule.piece(filter.initial, 'initial')
      const any = filter.any.map((piece) => rule.piece(piece, 'any'))
      const final = filter.final === undefined ? undefined : rule.piece(filter.final, 'final')
      return (values) =>
        someScalar(values, (scalar) => {
          const text = rule.value(scalar)
          return text !== undefined && containsPieces(text, initial, any, final)
        })
    }
    case 'eq':
    case 'approx': {
      const { value: asserted } = filter
      if (asserted instanceof Ref && isByKey(filter))
        return (values) => someScalar(values, (scalar) => isSameTarget(scalar, asserted))
      const matching = matchingOf(filter.attr, filter.rule)
      const test = filter.rule === undefined ? undefined : matching?.test
      if (test !== undefined)
        return (values) => someScalar(values, (scalar) => test(scalar, filter.value) === true)
      const { first, ...whichever } = filter
      const normal = normalEquality(whichever, matchingOf)
      if (normal === undefined) return undecided
      const { normalize, wanted } = normal
      if (first === true)
        return ([value]) =>
          value !== undefined && someScalar([value], (scalar) => normalize(scalar) === wanted)
      return (values) => someScalar(values, (scalar) => normalize(scalar) === wanted)
    }
    default: {
      const compare = matchingOf(filter.attr, filter.rule)?.ordering
      if (compare === undefined) return undecided
      const { op, value } = filter
      return (values) =>
        someScalar(values, (scalar) => {
          const c = compare(scalar, value)
          if (c === undefined) return false
          return op === 'ge' ? c >= 0 : op === 'le' ? c <= 0 : op === 'gt' ? c > 0 : c < 0
        })
    }
  }
}

function isSameTarget(scalar: Scalar, { view, id, uuid }: Ref): boolean {
  if (!(scalar instanceof Ref) || scalar.view !== view) return false
  return id === undefined ? uuid !== undefined && scalar.uuid === uuid : scalar.id === id
}

function someScalar(values: readonly Value[], test: (scalar: Scalar) => boolean): boolean {
  for (const value of values) {
    const scalar = scalarOf(value)
    if (scalar !== undefined && test(scalar)) return true
  }
  return false
}

function partOf(value: Value, part: string): readonly Value[] {
  if (value instanceof Ref && (part === 'display' || part === 'type' || part === 'view')) {
    const known = value[part]
    return known === undefined ? [] : [known]
  }
  const found = isComplex(value) ? (value as ComplexValue)[part] : part === 'value' ? value : undefined
  return found === undefined ? [] : [found]
}

/** Do the pieces stand in `text` in order and without overlap? */
export function containsPieces(
  text: string,
  initial: string | undefined,
  any: readonly string[],
  final: string | undefined,
): boolean {
  let from = 0
  if (initial !== undefined) {
    if (!text.startsWith(initial)) return false
    from = initial.length
  }
  for (const piece of any) {
    const at = text.indexOf(piece, from)
    if (at < 0) return false
    from = at + piece.length
  }
  return final === undefined || (text.length - from >= final.length && text.endsWith(final))
}
