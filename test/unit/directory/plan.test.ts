/** What of a filter a source is asked, and what is left to decide. */
import { describe, expect, it } from 'vitest'
import { planFilter } from '../../../src/directory/plan.js'
import type { Mapping } from '../../../src/mapping/mapping.js'
import type { Filter } from '../../../src/model/filter.js'
import type { Column, FieldFilter, Support, Test } from '../../../src/sources/source.js'

/** Attributes named for what the source can do with questions about them. */
const names = ['exact', 'superset', 'none'] as const
const column = (name: string): Column => ({ name, kind: 'text' })
const test = (name: string, negated = false): FieldFilter => ({
  op: 'test',
  on: column(name),
  test: { test: 'present' },
  negated,
})
const mapping = {
  attributes: new Map(
    names.map((name) => [
      name,
      { name, operations: [{ fields: [], reader: () => () => [], rewrite: () => test(name) }] },
    ]),
  ),
} as unknown as Mapping
const source = { support: (on: { name?: string }): Support => on.name as Support } as Parameters<
  typeof planFilter
>[2]
const plan = (filter: Filter) => planFilter(filter, mapping, source)
const ask = (attr: string): Filter => ({ op: 'present', attr })
const not = (of: Filter): Filter => ({ op: 'not', of })
const columns = new Map<string, Column>(names.map((name) => [name, column(name)]))
const asked = (name: string, test: Test): FieldFilter => ({
  op: 'test',
  on: columns.get(name) ?? column(name),
  test,
  negated: false,
})
/** Where equalities are questions to text columns. */
const planText = (filter: Filter) => {
  const rewrite = (name: string) => (question: Filter) =>
    question.op === 'eq'
      ? asked(name, { test: 'text', rule: 'caseIgnore', value: String(question.value) })
      : EVERY
  const attributes = names.map((name) => [
    name,
    { name, operations: [{ fields: [], reader: () => () => [], rewrite: rewrite(name) }] },
  ])
  return planFilter(filter, { attributes: new Map(attributes as []) } as unknown as Mapping, source)
}
const EVERY: FieldFilter = { op: 'const', value: true }
const NONE: FieldFilter = { op: 'const', value: false }

describe('one question', () => {
  it('is the source’s alone where that is exact', () => {
    expect(plan(ask('exact'))).toEqual({ pushed: test('exact'), residual: undefined })
    expect(plan(not(ask('exact')))).toEqual({ pushed: test('exact', true), residual: undefined })
  })

  it('is asked and decided where the source finds more', () => {
    expect(plan(ask('superset'))).toEqual({ pushed: test('superset'), residual: ask('superset') })
  })

  it('is decided only, where its negation would find less than is meant', () => {
    expect(plan(not(ask('superset')))).toEqual({ pushed: EVERY, residual: not(ask('superset')) })
    expect(plan(ask('none'))).toEqual({ pushed: EVERY, residual: ask('none') })
  })

  it('about an attribute that the view does not map is false', () => {
    expect(plan(ask('other'))).toEqual({ pushed: NONE, residual: undefined })
    expect(plan(not(ask('other')))).toEqual({ pushed: EVERY, residual: undefined })
  })

  it('that is Undefined selects nothing, negated or not', () => {
    const undefinedFilter: Filter = { op: 'const', value: undefined }
    expect(plan(undefinedFilter).pushed).toEqual(NONE)
    expect(plan(not(undefinedFilter)).pushed).toEqual(NONE)
  })
})

describe('several', () => {
  it('in a conjunction leave only the inexact ones to decide', () => {
    expect(plan({ op: 'and', of: [ask('exact'), ask('superset'), ask('none')] })).toEqual({
      pushed: { op: 'and', of: [test('exact'), test('superset')] },
      residual: { op: 'and', of: [ask('superset'), ask('none')] },
    })
  })

  it('in a disjunction are asked only if all can be', () => {
    const some: Filter = { op: 'or', of: [ask('exact'), ask('superset')] }
    expect(plan(some)).toEqual({
      pushed: { op: 'or', of: [test('exact'), test('superset')] },
      residual: some,
    })
    const unaskable: Filter = { op: 'or', of: [ask('exact'), ask('none')] }
    expect(plan(unaskable)).toEqual({ pushed: EVERY, residual: unaskable })
  })

  it('equalities of a column are one question, those that the source cannot decide apart', () => {
    const eq = (attr: string, value: string): Filter => ({ op: 'eq', attr, value })
    const of = [
      eq('exact', 'a'),
      eq('superset', 'b'),
      eq('exact', 'c'),
      eq('exact', 'a'),
      eq('superset', 'd'),
    ]
    const text = (name: string, value: string) => asked(name, { test: 'text', rule: 'caseIgnore', value })
    const texts = asked('exact', { test: 'texts', rule: 'caseIgnore', values: ['a', 'c'] })
    const some: Filter = { op: 'or', of }
    expect(planText(some)).toEqual({
      pushed: { op: 'or', of: [texts, text('superset', 'b'), text('superset', 'd')] },
      residual: some,
    })
    const denied: Filter = { op: 'or', of: [eq('exact', 'a'), eq('exact', 'c')] }
    const none = { ...texts, negated: true }
    expect(planText(not(denied))).toEqual({ pushed: none, residual: undefined })
    expect(planText({ op: 'and', of: denied.of.map(not) })).toEqual({ pushed: none, residual: undefined })
  })

  it('are negated as De Morgan says', () => {
    expect(plan(not({ op: 'or', of: [ask('exact'), not(ask('exact'))] })).pushed).toEqual({
      op: 'and',
      of: [test('exact', true), test('exact')],
    })
  })
})
