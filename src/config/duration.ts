/** Durations as people write them: `500ms`, `30s`, `15m`, `1h`, or a number of seconds. */
import { scalarSchema } from './scalar.js'

const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** The longest delay that a timer takes, in milliseconds: a little under 25 days. */
const longest = 2 ** 31 - 1

/** Of time that nobody waits for with a timer: ten years. */
const longestPeriod = 3650 * units.d

/** Milliseconds, or undefined if the text is no duration or more than a timer can wait. */
export function parseDuration(text: string, most = longest): number | undefined {
  const found = /^(\d{1,12}(?:\.\d{1,9})?)\s*(ms|s|m|h|d)?$/.exec(text)
  if (found === null) return undefined
  const unit = (found[2] ?? 's') as keyof typeof units
  const milliseconds = Math.round(Number(found[1]) * units[unit])
  return milliseconds <= most ? milliseconds : undefined
}

/** A duration in milliseconds; `zero` says whether none at all is allowed. */
export function duration(zero: 'zero' | 'positive' = 'positive') {
  return scalarSchema(
    (text) => {
      const milliseconds = parseDuration(text)
      return milliseconds === 0 && zero === 'positive' ? undefined : milliseconds
    },
    {
      message: zero === 'zero' ? 'is no duration' : 'is no duration above zero',
      remedy: 'Write a number of seconds, or one with a unit: 500ms, 30s, 15m, 1h; 24d at most.',
    },
  )
}

/** A time that something lasts, in milliseconds, which may be years. */
export function period() {
  return scalarSchema((text) => parseDuration(text, longestPeriod) || undefined, {
    message: 'is no duration above zero',
    remedy: 'Write a number of seconds, or one with a unit: 30s, 15m, 1h, 30d; 3650d at most.',
  })
}
