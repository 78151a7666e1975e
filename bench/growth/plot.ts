/** A line chart as SVG: a logarithmic axis to the right, a linear or logarithmic one upwards. */
export interface Plot {
  readonly title: string
  readonly x: string
  readonly y: string
  /** Is the axis upwards logarithmic? Otherwise it begins at 0. */
  readonly isLog: boolean
  readonly lines: readonly Line[]
}

export interface Line {
  readonly name: string
  /** In ascending order of x, which is positive. */
  readonly points: readonly (readonly [x: number, y: number])[]
}

const WIDTH = 640
const HEIGHT = 320
const LEFT = 64
const RIGHT = 40
const TOP = 64
const BOTTOM = 48
/** Told apart by those who do not see all colours, and by their marks. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#56b4e9', '#e69f00'] as const

/** @throws Error where there is nothing to show */
export function svg({ title, x, y, isLog, lines }: Plot): string {
  const points = lines.flatMap((line) => line.points)
  if (points.length === 0) throw new Error(`nothing was measured for "${title}"`)
  const xs = logAxis(points.map(([at]) => at))
  const ys = (isLog ? logAxis : linearAxis)(points.map(([, value]) => value))
  const right = (value: number) => LEFT + xs.place(value) * (WIDTH - LEFT - RIGHT)
  const up = (value: number) => HEIGHT - BOTTOM - ys.place(value) * (HEIGHT - TOP - BOTTOM)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" font-family="sans-serif" font-size="12">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    text(LEFT, 20, title, 'font-size="14" font-weight="bold"'),
    ...legend(lines),
    ...ys.ticks.flatMap((tick) => [
      `<path d="M${LEFT} ${at(up(tick))}H${WIDTH - RIGHT}" stroke="#ddd"/>`,
      text(LEFT - 6, up(tick) + 4, label(tick), 'text-anchor="end"'),
    ]),
    ...xs.ticks.map((tick) => text(right(tick), HEIGHT - BOTTOM + 18, label(tick), 'text-anchor="middle"')),
    text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, x, 'text-anchor="middle"'),
    `<text transform="translate(16 ${(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" text-anchor="middle" fill="#222">${escaped(y)}</text>`,
    `<path d="M${LEFT} ${TOP}V${HEIGHT - BOTTOM}H${WIDTH - RIGHT}" stroke="#222" fill="none"/>`,
    ...lines.flatMap((line, i) => drawn(line, i, right, up)),
    '</svg>',
    '',
  ].join('\n')
}

function drawn(
  { points }: Line,
  nth: number,
  right: (x: number) => number,
  up: (y: number) => number,
): readonly string[] {
  const places = points.map(([x, y]) => [at(right(x)), at(up(y))] as const)
  const path = places.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${x} ${y}`).join('')
  return [
    `<path d="${path}" stroke="${colour(nth)}" stroke-width="2" fill="none"/>`,
    ...places.map(([x, y]) => mark(x, y, nth)),
  ]
}

function legend(lines: readonly Line[]): readonly string[] {
  let from = LEFT
  return lines.flatMap(({ name }, i) => {
    const here = from
    from += 26 + name.length * 7
    return [mark(at(here + 5), '40', i), text(here + 14, 44, name)]
  })
}

/** Round, square or a diamond. */
function mark(x: string, y: string, nth: number): string {
  const fill = `fill="${colour(nth)}"`
  if (nth % 3 === 0) return `<circle cx="${x}" cy="${y}" r="4" ${fill}/>`
  const side = `x="${at(Number(x) - 4)}" y="${at(Number(y) - 4)}" width="8" height="8"`
  return `<rect ${side} ${fill}${nth % 3 === 1 ? '' : ` transform="rotate(45 ${x} ${y})"`}/>`
}

interface Axis {
  readonly ticks: readonly number[]
  /** From 0 to 1. */
  place(value: number): number
}

/** Whole powers of ten around the values, each of which is a tick. */
function logAxis(values: readonly number[]): Axis {
  const logs = values.map((value) => Math.log10(value))
  const low = Math.floor(Math.min(...logs))
  const high = Math.max(low + 1, Math.ceil(Math.max(...logs)))
  const ticks = Array.from({ length: high - low + 1 }, (_, i) => Number(`1e${low + i}`))
  return { ticks, place: (value) => (Math.log10(value) - low) / (high - low) }
}

/** From 0 to a round number above all, in four to eight steps. */
function linearAxis(values: readonly number[]): Axis {
  const most = Math.max(...values) || 1
  const magnitude = 10 ** Math.floor(Math.log10(most))
  const step =
    [0.2, 0.25, 0.5, 1, 2].map((part) => part * magnitude).find((one) => most / one <= 6) ?? magnitude
  const count = Math.max(1, Math.ceil(most / step))
  const ticks = Array.from({ length: count + 1 }, (_, i) => Number((i * step).toPrecision(6)))
  return { ticks, place: (value) => value / (count * step) }
}

const colour = (nth: number) => COLOURS[nth % COLOURS.length]
const at = (place: number) => String(Number(place.toFixed(1)))
const label = (value: number) => value.toLocaleString('en-US', { maximumSignificantDigits: 6 })
const text = (x: number, y: number, what: string, more = '') =>
  `<text x="${at(x)}" y="${at(y)}" fill="#222" ${more}>${escaped(what)}</text>`
const escaped = (what: string) =>
  what.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
