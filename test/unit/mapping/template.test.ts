/** What templates show, and the questions that their equality becomes. */
import { describe, expect, it } from 'vitest'
import { split, templateOperation } from '../../../src/mapping/operations/template.js'
import type { Scalar } from '../../../src/model/value.js'
import { caseIgnore } from '../../../src/schema/normalize.js'
import type { Cell, Column } from '../../../src/sources/source.js'

const a: Column = { name: 'a', kind: 'text' }
const b: Column = { name: 'b', kind: 'text' }
const options = {
  matching: { equality: (value: Scalar) => caseIgnore(String(value)) },
  rule: 'caseIgnore',
  case: undefined,
} as const
const show = (parts: readonly (string | Column)[], row: readonly Cell[], shown?: 'lower' | 'upper') =>
  templateOperation(parts, { ...options, case: shown }).reader((field) =>
    field.kind === 'column' && field.column === a ? 0 : 1,
  )(row)
const ask = (parts: readonly (string | Column)[], value: string) =>
  templateOperation(parts, options).rewrite({ op: 'eq', attr: 'cn', value })
const splits = (parts: readonly (string | Column)[], wanted: string) => split(parts, wanted, caseIgnore)

describe('a template', () => {
  it('leaves no gap where a part is missing', () => {
    expect(show([a, ' ', b], ['Ada', 'Lovelace'])).toEqual(['Ada Lovelace'])
    expect(show([a, ' ', b], [null, 'Lovelace'])).toEqual(['Lovelace'])
    expect(show([a, ' ', b], ['Ada', ''])).toEqual(['Ada'])
    expect(show([a, ', ', b], ['Ada', null])).toEqual(['Ada,'])
  })

  it('has no value where all its columns have none', () => {
    expect(show([a, ' of ', b], [null, '  '])).toEqual([])
  })

  it('shows one case, but for letters that would become others', () => {
    expect(show([a], ['Straße ÀB'], 'upper')).toEqual(['STRAßE ÀB'])
    expect(show([a], ['STRASSE \u212a'], 'lower')).toEqual(['strasse \u212a'])
  })
})

describe('its equality', () => {
  it('is split wherever the literal can stand', () => {
    expect(splits([a, ' ', b], 'ada king lovelace')).toEqual([
      ['', 'ada king lovelace'],
      ['ada', 'king lovelace'],
      ['ada king', 'lovelace'],
      ['ada king lovelace', ''],
    ])
    expect(splits([a, '@', b], 'x@y@z')).toEqual([
      ['x', 'y@z'],
      ['x@y', 'z'],
    ])
    expect(splits([a, '@', b], 'nothing')).toEqual([])
  })

  it('is not split into too many', () => {
    expect(splits([a, ' ', b], 'a '.repeat(100).trim())).toBeUndefined()
  })

  it('asks columns for equality only, which indexes serve', () => {
    const asked = ask([a, ' ', b], 'Ada Lovelace')
    expect(JSON.stringify(asked)).not.toContain('substring')
    expect(asked).toMatchObject({ op: 'or', of: [{ op: 'and' }, { op: 'and' }, { op: 'and' }] })
    expect(JSON.stringify(asked)).not.toContain('unknown')
  })

  it('is left to be decided where spaces in columns would count', () => {
    expect(JSON.stringify(ask([a, b], 'foobar'))).toContain('unknown')
    expect(JSON.stringify(ask([a, '-', b], 'foo-bar'))).toContain('unknown')
  })

  it('is not asked where characters could compose over a border', () => {
    expect(ask([a, b], 'é')).toEqual({ op: 'unknown' })
    expect(ask([a, ' ', b], 'é x')).not.toEqual({ op: 'unknown' })
  })
})
