/** Raw values of drivers as cells, where drivers give text for what is none. */
import type { Cell } from '../source.js'

export type CellReader = (raw: unknown) => Cell

/** So many digits, with a sign or without, are always exact. */
const SHORT = 15

/** Digits beyond what a double holds stay exact. */
export const readInteger: CellReader = (raw) => {
  if (raw === null || raw === undefined) return null
  if (typeof raw === 'number') return raw
  if (typeof raw === 'string' && raw.length <= SHORT) {
    const number = Number(raw)
    if (Number.isInteger(number)) return number
  }
  const big = typeof raw === 'bigint' ? raw : BigInt(String(raw))
  return big >= Number.MIN_SAFE_INTEGER && big <= Number.MAX_SAFE_INTEGER ? Number(big) : big
}

export const readText: CellReader = (raw) => {
  if (raw === null || raw === undefined) return null
  if (typeof raw === 'string') return raw
  if (raw instanceof Uint8Array) return Buffer.from(raw).toString('utf8')
  return typeof raw === 'object' ? JSON.stringify(raw) : String(raw)
}

/** Fixed-width text without the blanks that fill it up. */
export const readPadded: CellReader = (raw) => {
  const text = readText(raw)
  return typeof text === 'string' ? text.replace(/ +$/, '') : text
}

/** `2025-01-02`, `2025-01-02 03:04:05.123456`, and the same with an offset; without one in UTC. */
export const readTime: CellReader = (raw) => {
  if (raw === null || raw === undefined) return null
  if (raw instanceof Date) return raw
  if (typeof raw === 'string') {
    const plain = plainTime(raw)
    if (plain !== undefined) return plain
  }
  const m = /^(\d{4,6}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d)?)(\.\d+)?)?\s*(Z|[+-]\d\d(?::?\d\d)?)?$/.exec(
    String(raw),
  )
  if (m === null) return null
  const zone = m[4] === undefined || m[4] === 'Z' ? 'Z' : m[4].length === 3 ? `${m[4]}:00` : m[4]
  const date = new Date(
    `${m[1]}T${m[2] ?? '00:00'}${(m[2]?.length ?? 0) > 5 ? (m[3] ?? '').slice(0, 4) : ''}${zone}`,
  )
  return Number.isNaN(date.getTime()) ? null : date
}

/** `2025-01-02 03:04:05` with any fraction, as databases write most times. */
const PLAIN_TIME =
  /^[1-9]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8]) (?:[01]\d|2[0-3])(?::[0-5]\d){2}(?:\.\d+)?$/

function plainTime(text: string): Date | undefined {
  if (!PLAIN_TIME.test(text)) return undefined
  const digits = (from: number, to: number) => {
    let n = 0
    for (let i = from; i < to; i++) {
      const code = text.charCodeAt(i)
      n = n * 10 + (code >= 48 ? code - 48 : 0)
    }
    return n
  }
  const fraction = text.length > 20 ? digits(20, 23) : 0
  return new Date(
    Date.UTC(
      digits(0, 4),
      digits(5, 7) - 1,
      digits(8, 10),
      digits(11, 13),
      digits(14, 16),
      digits(17, 19),
      fraction,
    ),
  )
}

const ISO_TIME =
  /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?[\t-\r ]*(?:Z|([+-])(\d\d):(\d\d))?[\t-\r ]*)?$/i

/** Text as SQLite's own time functions read it: nothing else can be asked for; the 30th of February is in March. */
export const readIsoTime: CellReader = (raw) => {
  const m = ISO_TIME.exec(String(raw))
  if (m === null || m[0][10] === 't') return null
  const part = (i: number) => Number(m[i] ?? 0)
  const [month, day, hour, minute, second] = [part(2), part(3), part(4), part(5), part(6)]
  const [zoneHours, zoneMinutes] = [part(9), part(10)]
  const isDay = month >= 1 && month <= 12 && day >= 1 && day <= 31
  const isTime = hour <= 24 && minute <= 59 && second <= 59 && zoneHours <= 14 && zoneMinutes <= 59
  if (!isDay || !isTime) return null
  const zone = (zoneHours * 60 + zoneMinutes) * (m[8] === '-' ? -1 : 1)
  const date = new Date(0)
  date.setUTCFullYear(part(1), month - 1, day)
  date.setUTCHours(hour, minute - zone, second, Number((m[7] ?? '').slice(0, 3).padEnd(3, '0')))
  return date
}

export const readBinary: CellReader = (raw) => {
  if (raw === null || raw === undefined) return null
  if (raw instanceof Uint8Array) return raw
  if (raw instanceof ArrayBuffer) return new Uint8Array(raw)
  const text = String(raw)
  return text.startsWith('\\x') ? Buffer.from(text.slice(2), 'hex') : Buffer.from(text, 'utf8')
}

/** Bits, numbers and the words of PostgreSQL. */
export const readBoolean: CellReader = (raw) => {
  if (raw === null || raw === undefined) return null
  if (typeof raw === 'boolean') return raw
  if (raw instanceof Uint8Array) return raw.some((byte) => byte !== 0)
  return raw === 't' || raw === 'true' || (Number(raw) !== 0 && !Number.isNaN(Number(raw)))
}
