/** The Generalized Time syntax (RFC 4517 3.3.13), in all its legal forms, to and from a Date. */

const FORM = /^(\d{4})(\d\d)(\d\d)(\d\d)(?:(\d\d)(\d\d)?)?(?:[.,](\d+))?(?:Z|([+-])(\d\d)(\d\d)?)$/

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/**
 * The moment a text names, or undefined where it is no Generalized Time. Digits below the millisecond are cut
 * off; a fraction belongs to the smallest unit given; a leap second is the first second of the next minute.
 */
export function parseGeneralizedTime(text: string): Date | undefined {
  const parts = FORM.exec(text)
  if (parts === null) return undefined
  const [, years, months, days, hours, minutes, seconds, fraction, sign, offsetHours, offsetMinutes] = parts
  const year = Number(years)
  const month = Number(months)
  const day = Number(days)
  const hour = Number(hours)
  const minute = Number(minutes ?? 0)
  const second = Number(seconds ?? 0)
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined
  if (hour > 23 || minute > 59 || second > 60) return undefined
  const offset = Number(offsetHours ?? 0) * HOUR + Number(offsetMinutes ?? 0) * MINUTE
  if (Number(offsetHours ?? 0) > 23 || Number(offsetMinutes ?? 0) > 59) return undefined
  const unit = minutes === undefined ? HOUR : seconds === undefined ? MINUTE : SECOND
  const time =
    startOfDay(year, month, day) +
    hour * HOUR +
    minute * MINUTE +
    second * SECOND +
    fractionOf(unit, fraction ?? '0') -
    (sign === '-' ? -offset : offset)
  const date = new Date(time)
  return isRenderable(date) ? date : undefined
}

/** `20250102030405Z`, with a fraction only where milliseconds are not zero; undefined outside years 0 to 9999. */
export function renderGeneralizedTime(date: Date): string | undefined {
  if (!isRenderable(date)) return undefined
  const two = (n: number) => String(n).padStart(2, '0')
  const day =
    String(date.getUTCFullYear()).padStart(4, '0') + two(date.getUTCMonth() + 1) + two(date.getUTCDate())
  const time = two(date.getUTCHours()) + two(date.getUTCMinutes()) + two(date.getUTCSeconds())
  const milliseconds = date.getUTCMilliseconds()
  const fraction = milliseconds === 0 ? '' : `.${String(milliseconds).padStart(3, '0').replace(/0+$/, '')}`
  return `${day}${time}${fraction}Z`
}

function isRenderable(date: Date): boolean {
  const year = date.getUTCFullYear()
  return year >= 0 && year <= 9999
}

function startOfDay(year: number, month: number, day: number): number {
  return new Date(0).setUTCFullYear(year, month - 1, day)
}

function daysInMonth(year: number, month: number): number {
  return new Date(new Date(0).setUTCFullYear(year, month, 0)).getUTCDate()
}

/** Milliseconds in the decimal fraction of a unit; its first 15 digits decide. */
function fractionOf(unit: number, digits: string): number {
  const kept = digits.slice(0, 15)
  return Number((BigInt(kept) * BigInt(unit)) / 10n ** BigInt(kept.length))
}
