/** Numbers and times as people read them. */

const whole = new Intl.NumberFormat('en')
const time = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'medium', hour12: false })

/** @param {number} value */
export const count = (value) => whole.format(Math.round(value))

/**
 * @param {number} value
 * @param {string} one
 * @param {string} [many]
 */
export const counted = (value, one, many = `${one}s`) => `${count(value)} ${value === 1 ? one : many}`

/**
 * With as many digits as tell something.
 * @param {number} value
 */
export function figure(value) {
  if (value === 0) return '0'
  if (value < 1) return value.toPrecision(1)
  return value < 10 ? value.toFixed(1) : count(value)
}

/** @param {number} milliseconds */
export function duration(milliseconds) {
  if (milliseconds < 1000) return `${figure(milliseconds)} ms`
  return milliseconds < 60_000 ? `${figure(milliseconds / 1000)} s` : `${figure(milliseconds / 60_000)} min`
}

/** @param {number} bytes */
export const memory = (bytes) => `${count(bytes / 2 ** 20)} MiB`

/** @param {string} iso */
export const moment = (iso) => time.format(new Date(iso))
