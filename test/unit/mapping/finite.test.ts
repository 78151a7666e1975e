/** Value maps and boolean tests: what cells mean, and which cells a question asks for. */
import { describe, expect, it } from 'vitest'
import { equalsCodec, mapCodec } from '../../../src/mapping/codecs/finite.js'
import { literal } from '../../../src/mapping/codecs/literal.js'
import type { MatchingOf } from '../../../src/model/match.js'
import { standardSchema } from '../../../src/schema/schema.js'
import type { Column } from '../../../src/sources/source.js'

const schema = standardSchema()
const matchingOf: MatchingOf = (attr, rule) => schema.matching(attr, rule)
const number: Column = { name: 'n', kind: 'integer', range: [-128n, 127n] }
const flag: Column = { name: 'f', kind: 'boolean' }
const text: Column = { name: 't', kind: 'text' }

describe('a value map', () => {
  const kinds = mapCodec(
    'employeeType',
    new Map([
      ['1', 'staff'],
      ['2', 'Contractor'],
      ['3', 'STAFF'],
      ['999', 'beyond the column'],
    ]),
    number,
    matchingOf,
  )

  it('shows what is listed and nothing else', () => {
    expect([1, 2n, 4, null].map(kinds.decode)).toEqual(['staff', 'Contractor', undefined, undefined])
  })

  it('asks for every cell whose meaning satisfies the question', () => {
    const values = (question: Parameters<typeof kinds.rewrite>[1]) => {
      const asked = kinds.rewrite(number, question)
      return asked.op === 'test' && asked.test.test === 'oneOf' ? asked.test.values : asked
    }
    expect(values({ op: 'eq', attr: 'employeeType', value: 'Staff' })).toEqual([1n, 3n])
    expect(values({ op: 'substring', attr: 'employeeType', initial: 'CON', any: [] })).toEqual([2n])
    expect(values({ op: 'present', attr: 'employeeType' })).toEqual([1n, 2n, 3n])
    expect(values({ op: 'eq', attr: 'employeeType', value: 'beyond the column' })).toEqual({
      op: 'const',
      value: false,
    })
  })

  it('knows truth by any of its spellings, the first of which counts', () => {
    const map = mapCodec(
      'employeeType',
      new Map([
        ['1', 'yes'],
        ['true', 'other'],
        ['f', 'no'],
      ]),
      flag,
      matchingOf,
    )
    expect([true, false].map(map.decode)).toEqual(['yes', 'no'])
    expect(map.rewrite(flag, { op: 'eq', attr: 'employeeType', value: 'other' })).toEqual({
      op: 'const',
      value: false,
    })
  })
})

describe('a boolean test', () => {
  const active = equalsCodec(['A', 'B'], 'C', text, matchingOf)
  const xFlag = schema.withAttributes([{ name: 'xFlag', syntax: 'boolean' }])
  const test = equalsCodec(['A'], undefined, text, (attr, rule) => xFlag.matching(attr, rule))

  it('is false at NULL and at anything else', () => {
    expect(['A', 'B', 'a', '', null].map(active.decode)).toEqual([true, true, false, false, false])
  })

  it('asks for what is true, or for all but that', () => {
    const asked = (value: boolean) => test.rewrite(text, { op: 'eq', attr: 'xFlag', value })
    expect(asked(true)).toMatchObject({ test: { test: 'oneOf', values: ['A'] }, negated: false })
    expect(asked(false)).toMatchObject({ test: { test: 'oneOf', values: ['A'] }, negated: true })
    expect(test.rewrite(text, { op: 'present', attr: 'xFlag' })).toEqual({ op: 'const', value: true })
  })
})

describe('a value of the configuration', () => {
  it('is what its column can hold, or nothing', () => {
    expect(literal('7', number)).toBe(7n)
    expect(literal('128', number)).toBeUndefined()
    expect(literal('seven', number)).toBeUndefined()
    expect(literal('true', number)).toBe(1)
    expect(literal('t', flag)).toBe(true)
    expect(literal('maybe', flag)).toBeUndefined()
    expect(literal('x', { name: 'b', kind: 'binary' })).toBeUndefined()
    expect(literal('ABCD', { name: 'u', kind: 'uuid' })).toBe('abcd')
  })
})
