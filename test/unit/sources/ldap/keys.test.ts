import { describe, expect, it } from 'vitest'
import { KeyLists, placeBehind } from '../../../../src/sources/ldap/keys.js'

describe('names in order', () => {
  const names = ['a', 'c', 'e']

  it('go on behind a name, whether it is still there or not', () => {
    expect([undefined, '', 'a', 'b', 'c', 'e', 'f'].map((n) => placeBehind(names, n ?? ''))).toEqual([
      0, 0, 1, 1, 2, 3, 3,
    ])
  })

  it('are kept for whoever asked, the ones least asked for going first', () => {
    const lists = new KeyLists()
    expect(lists.behind('q', 'a')).toBeUndefined()
    lists.keep('q', names)
    expect(lists.behind('q', 'a')).toEqual(['c', 'e'])
    const long = Array.from({ length: 600_000 }, (_, i) => `n${i}`)
    lists.keep('r', long)
    lists.behind('q', 'a')
    lists.keep('s', long)
    expect(lists.behind('q', 'a')).toEqual(['c', 'e'])
    expect(lists.behind('r', 'a')).toBeUndefined()
    expect(lists.behind('s', 'n99')).toBeDefined()
  })
})
