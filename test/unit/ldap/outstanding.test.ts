import { describe, expect, test } from 'vitest'
import { Outstanding } from '../../../src/ldap/outstanding.js'

describe('outstanding operations', () => {
  test('each is found by its message id until it is taken out, in whatever order', () => {
    const outstanding = new Outstanding<string>()
    for (const [id, name] of [
      [7, 'a'],
      [3, 'b'],
      [9, 'c'],
    ] as const)
      outstanding.add(id, name)
    expect(outstanding.delete(3)).toBe(true)
    expect(outstanding.delete(3)).toBe(false)
    expect([7, 3, 9].map((id) => outstanding.get(id))).toEqual(['a', undefined, 'c'])
    expect(outstanding.has(3)).toBe(false)
    expect(outstanding.delete(9)).toBe(true)
    expect(outstanding.size).toBe(1)
    expect(outstanding.get(7)).toBe('a')
  })

  test('clearing gives all of them in the order in which they began', () => {
    const outstanding = new Outstanding<string>()
    outstanding.add(2, 'first')
    outstanding.add(1, 'second')
    expect(outstanding.clear()).toEqual(['first', 'second'])
    expect(outstanding.size).toBe(0)
    expect(outstanding.has(2)).toBe(false)
  })
})
