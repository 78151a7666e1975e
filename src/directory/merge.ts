/**
 * Questions about the same column put together: of a thousand equalities in a disjunction one that asks whether the cell
 * is among a thousand values, which sources decide by one look at a row, or at an index.
 */

import type { Filter } from '../model/filter.js'
import { anyOf } from '../sources/logic.js'
import type { Cell, Column, FieldFilter, Relation, Test, TextRule } from '../sources/source.js'

/** A question, and whether the source decides it by itself. */
export interface Pushed {
  readonly filter: FieldFilter
  readonly exact: boolean
}

type Value = Exclude<Cell, null>
type SomeFilter = Extract<FieldFilter, { op: 'some' }>

/**
 * The same disjunction in fewer questions, or the same conjunction, of which those that are negated go together. What
 * the source does not decide by itself stays as it is, for the source may find it in its own way.
 */
export function merged(op: 'and' | 'or', all: readonly Pushed[]): readonly FieldFilter[] {
  const negated = op === 'and'
  const lists = new Map<Column, Map<string, List>>()
  const related = new Map<Relation, Related>()
  const result: (FieldFilter | List | Related)[] = []
  for (const { filter, exact } of all.flatMap((each) => flattened(op, each))) {
    const asked = exact && filter.op === 'test' && filter.negated === negated ? listed(filter) : undefined
    if (asked !== undefined) {
      const ofColumn = lists.get(asked.on) ?? new Map<string, List>()
      lists.set(asked.on, ofColumn)
      const key = asked.rule ?? ''
      const known = ofColumn.get(key)
      if (known === undefined) {
        ofColumn.set(key, asked)
        result.push(asked)
      } else known.add(asked)
    } else if (exact && filter.op === 'some' && filter.negated === negated) {
      const known = related.get(filter.relation)
      if (known === undefined) {
        const made = new Related(filter)
        related.set(filter.relation, made)
        result.push(made)
      } else known.all.push(filter)
    } else result.push(filter)
  }
  return result.map((each) => (each instanceof List || each instanceof Related ? each.filter() : each))
}

function flattened(op: 'and' | 'or', { filter, exact }: Pushed): readonly Pushed[] {
  return filter.op === op ? filter.of.map((each) => ({ filter: each, exact })) : [{ filter, exact }]
}

/** Values of which the cell is one, compared by the rule, or as they stand without one. */
class List {
  readonly on: Column
  readonly rule: TextRule | undefined
  readonly #alone: FieldFilter
  readonly #values: Map<string, Value>
  #count = 1

  constructor(alone: FieldFilter, on: Column, rule: TextRule | undefined, values: readonly Value[]) {
    this.on = on
    this.rule = rule
    this.#alone = alone
    this.#values = new Map(values.map((value) => [keyOf(value), value]))
  }

  get values(): Iterable<Value> {
    return this.#values.values()
  }

  add({ values }: List): void {
    for (const value of values) this.#values.set(keyOf(value), value)
    this.#count++
  }

  filter(): FieldFilter {
    if (this.#count === 1) return this.#alone
    const values = [...this.#values.values()]
    const test: Test =
      this.rule === undefined
        ? { test: 'oneOf', values }
        : { test: 'texts', rule: this.rule, values: values.map(String) }
    return { op: 'test', on: this.on, test, negated: this.#alone.op === 'test' && this.#alone.negated }
  }
}

const keyOf = (value: Value) => `${typeof value === 'string'} ${String(value)}`

/** Undefined for a question that is no equality, or one of values that a list of them is not compared alike with. */
function listed(filter: Extract<FieldFilter, { op: 'test' }>): List | undefined {
  const { on, test } = filter
  if ('concat' in on) return undefined
  switch (test.test) {
    case 'text':
      return test.rule === 'exact'
        ? new List(filter, on, undefined, [test.value])
        : new List(filter, on, test.rule, [test.value])
    case 'texts':
      return new List(filter, on, test.rule, test.values)
    case 'oneOf':
      return new List(filter, on, undefined, test.values)
    case 'compare':
      return test.op === 'eq' && (on.kind === 'integer' || on.kind === 'uuid')
        ? new List(filter, on, undefined, [test.value])
        : undefined
    default:
      return undefined
  }
}

/** Related rows of which one satisfies one of the questions. */
class Related {
  readonly all: SomeFilter[]

  constructor(first: SomeFilter) {
    this.all = [first]
  }

  filter(): FieldFilter {
    const [first, ...more] = this.all
    if (first === undefined) throw new RangeError('nothing to put together')
    if (more.length === 0) return first
    const of = anyOf(
      merged(
        'or',
        this.all.map(({ of }) => ({ filter: of, exact: true })),
      ),
    )
    return { ...first, of }
  }
}

/** The parts of a conjunction; those that deny equalities of one attribute as one that denies all of them. */
export function conjunctsOf(filter: Filter): readonly Filter[] {
  if (filter.op !== 'and') return [filter]
  const denied = new Map<string | undefined, Filter[]>()
  const result: (() => Filter)[] = []
  for (const each of filter.of) {
    const of = each.op === 'not' ? each.of : undefined
    if (of === undefined || (of.op !== 'eq' && of.op !== 'approx' && of.op !== 'key')) {
      result.push(() => each)
      continue
    }
    const attr = of.op === 'key' ? undefined : of.attr
    const known = denied.get(attr)
    if (known !== undefined) {
      known.push(of)
      continue
    }
    const all: Filter[] = [of]
    denied.set(attr, all)
    result.push(() => (all.length === 1 ? each : { op: 'not', of: { op: 'or', of: all } }))
  }
  return result.map((made) => made())
}
