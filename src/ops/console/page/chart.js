/** Lines over time, as a drawing: what they come to now stands beside their names. */
import { drawn, h, put } from './dom.js'
import { duration } from './text.js'

/**
 * @typedef {object} Series
 * @property {string} name
 * @property {(value: number) => string} text
 * @property {readonly { readonly at: number, readonly value: number | undefined }[]} points
 */

const HEIGHT = 150
const MARGIN = { top: 8, right: 8, bottom: 22, left: 56 }
/** Milliseconds that are drawn at least. */
const SHORTEST = 30_000

export class Chart {
  #drawing = h('div', { class: 'drawing' })
  #legend = h('ul', { class: 'legend' })
  /** @type {readonly Series[]} */
  #series = []
  #title

  /** @param {string} title */
  constructor(title) {
    this.#title = title
    this.element = h('figure', { class: 'chart' }, h('figcaption', {}, title), this.#legend, this.#drawing)
    new ResizeObserver(() => this.#draw()).observe(this.#drawing)
  }

  /** @param {readonly Series[]} series */
  show(series) {
    this.#series = series
    this.#draw()
  }

  #draw() {
    const series = this.#series
    const latest = series.map(({ name, text, points }) => {
      const value = points.at(-1)?.value
      return { name, text: value === undefined ? '–' : text(value) }
    })
    put(
      this.#legend,
      ...latest.map(({ name, text }, i) =>
        h(
          'li',
          { class: `line-${i}` },
          h('span', { class: 'swatch', 'aria-hidden': 'true' }),
          `${name} `,
          h('b', {}, text),
        ),
      ),
    )
    const told = latest.map(({ name, text }) => `${name} ${text}`).join(', ')
    const width = Math.max(200, this.#drawing.clientWidth)
    put(
      this.#drawing,
      drawn(
        'svg',
        {
          viewBox: `0 0 ${width} ${HEIGHT}`,
          width,
          height: HEIGHT,
          role: 'img',
          'aria-label': `${this.#title}: ${told}`,
        },
        ...content(series, width),
      ),
    )
  }
}

/**
 * @param {readonly Series[]} series
 * @param {number} width
 */
function content(series, width) {
  const all = series.flatMap(({ points }) => points)
  const top = ceiling(Math.max(0, ...all.map(({ value }) => value ?? 0)))
  const now = Math.max(0, ...all.map(({ at }) => at))
  // What has just begun to be drawn fills the width, too.
  const span = Math.max(SHORTEST, now - Math.min(now, ...all.map(({ at }) => at)))
  const x = (/** @type {number} */ at) =>
    MARGIN.left + (1 - (now - at) / span) * (width - MARGIN.left - MARGIN.right)
  const y = (/** @type {number} */ value) =>
    HEIGHT - MARGIN.bottom - (value / top) * (HEIGHT - MARGIN.top - MARGIN.bottom)
  const text = (/** @type {number} */ value) => series[0]?.text(value) ?? ''
  const heights = text(top / 2) === text(top) ? [0, top] : [0, top / 2, top]
  const times = /** @type {const} */ ([
    [span, 'start'],
    [span / 2, 'middle'],
    [0, 'end'],
  ])
  return [
    ...heights.flatMap((value) => [
      drawn('line', { class: 'grid', x1: MARGIN.left, x2: width - MARGIN.right, y1: y(value), y2: y(value) }),
      drawn('text', { x: MARGIN.left - 6, y: y(value) + 4, 'text-anchor': 'end' }, text(value)),
    ]),
    ...times.map(([before, anchor]) =>
      drawn(
        'text',
        { x: x(now - before), y: HEIGHT - 5, 'text-anchor': anchor },
        before === 0 ? 'now' : `−${duration(before)}`,
      ),
    ),
    ...series.map(({ points }, i) => drawn('path', { class: `line line-${i}`, d: pathOf(points, x, y) })),
    ...series.map(({ points }, i) => {
      const last = points.at(-1)
      return (
        last?.value !== undefined &&
        drawn('circle', { class: `dot line-${i}`, cx: x(last.at), cy: y(last.value), r: 3 })
      )
    }),
  ]
}

/**
 * Without what there is nothing to tell of.
 * @param {Series['points']} points
 * @param {(at: number) => number} x
 * @param {(value: number) => number} y
 */
function pathOf(points, x, y) {
  let path = ''
  let isOpen = false
  for (const { at, value } of points) {
    if (value !== undefined) path += `${isOpen ? 'L' : 'M'}${x(at).toFixed(1)} ${y(value).toFixed(1)}`
    isOpen = value !== undefined
  }
  return path
}

/**
 * The next round number.
 * @param {number} value
 */
function ceiling(value) {
  if (value <= 0) return 1
  const unit = 10 ** Math.floor(Math.log10(value))
  return unit * ([1, 2, 5, 10].find((step) => step * unit >= value) ?? 10)
}
