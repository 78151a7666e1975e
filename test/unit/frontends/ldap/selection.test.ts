import { describe, expect, test } from 'vitest'
import { Selections } from '../../../../src/frontends/ldap/selection.js'
import { standardSchema } from '../../../../src/schema/schema.js'

const selectionsOf = () => new Selections(standardSchema())

describe('selections that are remembered', () => {
  test('the same list of names gives the same selection', () => {
    const selections = selectionsOf()
    expect(selections.of(['uid', 'cn'])).toBe(selections.of(['uid', 'cn']))
    expect(selections.of([])).toBe(selections.of([]))
  })

  test('a name that looks like two does not stand for them, whoever asks first', () => {
    const selections = selectionsOf()
    expect(selections.of(['uid\ncn']).includes('uid')).toBe(false)
    expect(selections.of(['uid', 'cn']).includes('uid')).toBe(true)
    expect(selections.of(['uid', 'cn']).includes('cn')).toBe(true)
    expect(selections.of(['uid\ncn']).includes('cn')).toBe(false)
  })

  test('no names select what users keep, one empty name selects nothing', () => {
    const selections = selectionsOf()
    expect(selections.of([]).includes('cn')).toBe(true)
    expect(selections.of(['']).includes('cn')).toBe(false)
    expect(selections.of([]).includes('cn')).toBe(true)
  })

  test('many different lists are each answered rightly', () => {
    const selections = selectionsOf()
    for (let i = 0; i < 500; i++) expect(selections.of([`x-${i}`, 'sn']).includes('sn')).toBe(true)
    expect(selections.of(['cn']).includes('sn')).toBe(false)
  })

  test('what the tree tells of an entry is there only where it is asked for', () => {
    const selections = selectionsOf()
    expect(selections.of(['*']).includesTreeOwn).toBe(false)
    expect(selections.of(['+']).includesTreeOwn).toBe(true)
    expect(selections.of(['entryDN']).includesTreeOwn).toBe(true)
  })
})
