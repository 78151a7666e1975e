import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Shape, ShapedAttributes, shaped } from '../../../src/model/attributes.js'

const someValues = fc.option(fc.array(fc.string(), { minLength: 1, maxLength: 3 }), { nil: undefined })
const named = fc.uniqueArray(fc.tuple(fc.string(), someValues), { selector: ([name]) => name })

describe('attributes of a shape', () => {
  it('are what a map of those that have values is', () => {
    fc.assert(
      fc.property(named, fc.string(), (all, other) => {
        const attributes = new ShapedAttributes(
          new Shape(all.map(([name]) => name)),
          all.map(([, values]) => values),
        )
        const map = new Map(all.flatMap(([name, values]) => (values === undefined ? [] : [[name, values]])))
        expect([...attributes]).toEqual([...map])
        expect([...attributes.keys()]).toEqual([...map.keys()])
        expect([...attributes.values()]).toEqual([...map.values()])
        expect(attributes.size).toBe(map.size)
        for (const name of [other, ...all.map(([one]) => one)]) {
          expect(attributes.get(name)).toBe(map.get(name))
          expect(attributes.has(name)).toBe(map.has(name))
        }
        const told: unknown[] = []
        attributes.forEach((values, name, of) => {
          told.push([name, values, of === attributes])
        })
        expect(told).toEqual([...map].map(([name, values]) => [name, values, true]))
      }),
    )
  })

  it('leave the others as they are without some', () => {
    fc.assert(
      fc.property(named, fc.array(fc.string()), (all, others) => {
        const map = new Map(all.flatMap(([name, values]) => (values === undefined ? [] : [[name, values]])))
        const gone = [...others, ...all.filter((_, i) => i % 2 === 0).map(([name]) => name)]
        const attributes = shaped(map)
        expect([...attributes.without(gone)]).toEqual([...map].filter(([name]) => !gone.includes(name)))
        expect([...attributes]).toEqual([...map])
      }),
    )
  })

  it('are themselves as those of a shape', () => {
    const attributes = new ShapedAttributes(new Shape(['cn']), [['Ada']])
    expect(shaped(attributes)).toBe(attributes)
  })
})
