/** Which plots show the curves, by the names of their files. */
import type { Curve, Curves, Point } from './curves.js'
import type { Line, Plot } from './plot.js'

export interface Measured {
  readonly database: string
  readonly curves: Curves
}

/** One line for each database, of what `value` makes of each point. */
function lines(
  all: readonly Measured[],
  curve: Curve,
  value: (point: Point) => number | undefined,
  suffix = '',
): readonly Line[] {
  return all.flatMap(({ database, curves }) => {
    const points = curves[curve].flatMap((point) => {
      const y = value(point)
      return y === undefined ? [] : [[point.x, y] as const]
    })
    return points.length === 0 ? [] : { name: `${database}${suffix}`, points }
  })
}

export function plots(all: readonly Measured[]): Readonly<Record<string, Plot>> {
  const rows = 'rows of the table'
  const cpu = 'µs of CPU'
  return {
    'rows-cpu': {
      title: 'A search for one person: CPU, by the size of the table',
      x: rows,
      y: `${cpu} per search`,
      isLog: false,
      lines: [
        ...lines(all, 'searches', ({ gateway }) => gateway, ', gateway'),
        ...lines(all, 'searches', ({ database }) => database, ', database'),
      ],
    },
    'rows-delay': {
      title: 'A search for one person, nothing else in flight: median delay',
      x: rows,
      y: 'ms',
      isLog: false,
      lines: lines(all, 'single', ({ p50 }) => p50),
    },
    'rows-memory': {
      title: 'Everybody in one answer: most memory of the gateway',
      x: 'entries of the answer',
      y: 'MB resident',
      isLog: false,
      lines: lines(all, 'dumps', ({ peakMemory }) => peakMemory),
    },
    'rows-entry': {
      title: 'Everybody in one answer: CPU of an entry',
      x: 'entries of the answer',
      y: `${cpu} per entry`,
      isLog: false,
      lines: lines(all, 'dumps', ({ gateway, x }) => gateway / x, ', gateway'),
    },
    'connections-cpu': {
      title: 'A search for one person: CPU, by connections with one in flight each',
      x: 'connections',
      y: `${cpu} per search`,
      isLog: false,
      lines: lines(all, 'crowds', ({ gateway }) => gateway, ', gateway'),
    },
    'connections-memory': {
      title: 'Most memory of the gateway, by connections with one in flight each',
      x: 'connections',
      y: 'MB resident',
      isLog: false,
      lines: lines(all, 'crowds', ({ peakMemory }) => peakMemory),
    },
    'attributes-cpu': {
      title: 'A search for one entry: CPU, by attributes asked for',
      x: 'attributes',
      y: `${cpu} per search`,
      isLog: true,
      lines: lines(all, 'wide', ({ gateway }) => gateway, ', gateway'),
    },
    'members-cpu': {
      title: 'A group: CPU of a member, by members',
      x: 'members',
      y: `${cpu} per member`,
      isLog: true,
      lines: lines(all, 'groups', ({ gateway, x }) => gateway / x, ', gateway'),
    },
    'members-memory': {
      title: 'A group, read on 4 connections at once: most memory of the gateway',
      x: 'members',
      y: 'MB resident',
      isLog: false,
      lines: lines(all, 'groups', ({ peakMemory }) => peakMemory),
    },
  }
}
