/** Amounts of bytes as people write them: `256KiB`, `10MiB`, or a number of bytes. */
import { scalarSchema } from './scalar.js'

const units = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 } as const

/** Bytes, or undefined if the text is no size. */
export function parseSize(text: string): number | undefined {
  const found = /^(\d{1,12})\s*(B|KiB|MiB|GiB)?$/.exec(text)
  if (found === null) return undefined
  const bytes = Number(found[1]) * units[(found[2] ?? 'B') as keyof typeof units]
  return Number.isSafeInteger(bytes) ? bytes : undefined
}

/** A number of bytes above zero. */
export function size() {
  return scalarSchema((text) => parseSize(text) || undefined, {
    message: 'is no size above zero',
    remedy: 'Write a number of bytes, or one with a unit: 256KiB, 10MiB.',
  })
}
