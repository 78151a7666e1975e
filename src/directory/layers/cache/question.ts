/** Questions and answers as a cache knows them: what makes two questions the same, and how much an answer takes to keep. */
import type { Entry } from '../../../model/entry.js'
import type { SearchRequest } from '../../../model/request.js'
import { isComplex, Ref, type Value } from '../../../model/value.js'

/** Bytes that an object takes besides what is in it. */
const OBJECT = 64

const sorted = new WeakMap<ReadonlySet<string>, string>()

/** The same text for the same question. Attributes come in sets that are made once, and are put in order once. */
export function keyOf(request: SearchRequest): string {
  const { filter, attributes, limit, after, id, order, skip, displays, unordered } = request
  return JSON.stringify(
    [namesOf(attributes), filter, limit, after, id, order, skip, displays === true, unordered === true],
    exactly,
  )
}

function namesOf(attributes: SearchRequest['attributes']): string {
  if (attributes === 'all') return '*'
  const known = sorted.get(attributes)
  if (known !== undefined) return known
  const names = [...attributes].sort().join('\n')
  sorted.set(attributes, names)
  return names
}

/** What JSON has no form for, or the same one as for something else. */
function exactly(this: unknown, name: string, shown: unknown): unknown {
  const value = (this as Record<string, unknown>)[name]
  if (typeof value === 'bigint') return { bigint: String(value) }
  if (typeof value === 'number' && !Number.isFinite(value)) return { number: String(value) }
  if (value instanceof Date) return { time: value.getTime() }
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('base64') }
  if (value instanceof Ref) return { ref: [value.view, value.names, value.id] }
  // What is not there in an array would be null; in an object, absent, and so would a constant's third value be.
  return value === undefined ? { absent: true } : shown
}

/** About how many bytes an entry takes. */
export function sizeOf({ id, version, attributes }: Entry): number {
  let size = 4 * OBJECT + 2 * (id.length + (version?.length ?? 0))
  for (const [name, values] of attributes) {
    size += 2 * OBJECT + 2 * name.length
    for (const value of values) size += sizeOfValue(value)
  }
  return size
}

function sizeOfValue(value: Value): number {
  if (typeof value === 'string') return 16 + 2 * value.length
  if (typeof value !== 'object') return 16
  if (value instanceof Date) return OBJECT
  if (value instanceof Uint8Array) return OBJECT + value.length
  if (value instanceof Ref) {
    const texts = [...value.names, value.id, value.display, value.uuid]
    return 2 * OBJECT + texts.reduce((sum, text) => sum + 16 + 2 * (text?.length ?? 0), 0)
  }
  if (!isComplex(value)) return OBJECT
  return Object.values(value).reduce((sum: number, part) => sum + sizeOfValue(part), OBJECT)
}

/** Octets are often a part of what was read at once: that is not held for their sake. */
export function keptEntry(entry: Entry): Entry {
  if (![...entry.attributes.values()].some((values) => values.some(isPart))) return entry
  const own = (value: Value): Value => (isPart(value) ? new Uint8Array(value) : value)
  return {
    ...entry,
    attributes: new Map([...entry.attributes].map(([name, values]) => [name, values.map(own)])),
  }
}

const isPart = (value: Value): value is Uint8Array =>
  value instanceof Uint8Array && value.buffer.byteLength > value.byteLength
