import { describe, expect, it } from 'vitest'
import { type Plot, svg } from '../../../bench/growth/plot.js'

const plot: Plot = {
  title: 'Cost & <size>',
  x: 'rows',
  y: 'µs',
  isLog: false,
  lines: [
    {
      name: 'one',
      points: [
        [1000, 40],
        [100_000, 60],
      ],
    },
    { name: 'two', points: [[1000, 55]] },
  ],
}
const pathOf = (text: string) => /<path d="(M[\d.]+ [\d.]+L[^"]*)"/.exec(text)?.[1]

describe('a plot', () => {
  it('is well-formed, with names and labels escaped', () => {
    const text = svg(plot)
    expect(text).toContain('<title>Cost &amp; &lt;size&gt;</title>')
    const opened = text.match(/<(svg|title|text)[ >]/g)?.length
    expect(text.match(/<\/(svg|title|text)>/g)).toHaveLength(opened ?? 0)
  })

  it('has a tick for each power of ten to the right, and begins at 0 upwards', () => {
    const labels = [...svg(plot).matchAll(/text-anchor="\w+">([\d,.]+)</g)].map(([, label]) => label)
    expect(labels).toEqual(['0', '10', '20', '30', '40', '50', '60', '1,000', '10,000', '100,000'])
  })

  it('draws more further up, and twice as much twice as far', () => {
    const heights = [...(pathOf(svg(plot)) ?? '').matchAll(/[ML][\d.]+ ([\d.]+)/g)].map(([, y]) => Number(y))
    const [forty = 0, sixty = 0] = heights
    const bottom = 320 - 48
    expect((bottom - sixty) / (bottom - forty)).toBeCloseTo(1.5, 1)
  })

  it('gives powers of ten the same height each where it is logarithmic', () => {
    const points = [1, 10, 100].map((n) => [n, n] as const)
    const path = pathOf(svg({ ...plot, isLog: true, lines: [{ name: 'one', points }] })) ?? ''
    const [low = 0, middle = 0, high = 0] = [...path.matchAll(/[ML][\d.]+ ([\d.]+)/g)].map(([, y]) =>
      Number(y),
    )
    expect(low - middle).toBeCloseTo(middle - high, 0)
  })

  it('cannot be made of nothing', () => {
    expect(() => svg({ ...plot, lines: [] })).toThrow('nothing was measured')
  })
})
