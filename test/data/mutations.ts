/**
 * Sound BER made unsound: changes that know where elements begin and end, so that what is broken is one thing at a time,
 * deep inside as often as at the edge. A seed repeats them.
 */
import type { Random } from './random.js'

/** An element: its contents, or the elements in it. */
interface Element {
  tag: number
  /** The length that its header claims, where that is not the true one. */
  claimed?: Buffer
  contents: Buffer | Element[]
}

const interesting = [0, 1, 0x7f, 0x80, 0x81, 0x84, 0x88, 0xfe, 0xff]
const lengths = [
  '00',
  '7f',
  '80',
  '81ff',
  '82ffff',
  '8400000000',
  '847fffffff',
  '84ffffffff',
  '850000000000',
  'ff',
]
const tags = [
  0x01, 0x02, 0x04, 0x0a, 0x30, 0x31, 0x1f, 0x42, 0x60, 0x63, 0x80, 0x81, 0x84, 0x87, 0xa0, 0xa2, 0xa4, 0xff,
]

/** One to four changes of a message; parts of the other may turn up in it. */
export function mutate(random: Random, octets: Buffer, other: Buffer): Buffer {
  let mutant = octets
  for (let left = 1 + random.integer(4); left > 0; left--) {
    mutant = random.chance(0.7) ? changeElements(random, mutant, other) : changeOctets(random, mutant)
  }
  return mutant
}

/** One character changed, left out, doubled or put in, up to four times. */
export function mutateText(random: Random, text: string, alphabet: string): string {
  const characters = [...text]
  for (let left = 1 + random.integer(4); left > 0; left--) {
    const at = random.integer(characters.length + 1)
    const piece = characters.slice(at, at + random.integer(12))
    const [from, to] = random.pick([
      [1, [random.pick([...alphabet])]],
      [1, []],
      [0, [random.pick([...alphabet])]],
      [0, piece],
      [0, Array<string>(random.integer(300)).fill(random.pick([...alphabet]))],
      [piece.length, []],
    ] as const)
    characters.splice(at, from, ...to)
  }
  return characters.join('')
}

function changeElements(random: Random, octets: Buffer, other: Buffer): Buffer {
  const root = read(octets, 0, octets.length)
  const all = root.flatMap(withInner)
  if (all.length === 0) return changeOctets(random, octets)
  const element = random.pick(all)
  const donors = read(other, 0, other.length).flatMap(withInner)
  const inner = Array.isArray(element.contents) ? element.contents : undefined
  switch (random.integer(10)) {
    case 0:
      element.tag = random.pick(tags)
      break
    case 1:
      element.claimed = Buffer.from(random.pick(lengths), 'hex')
      break
    case 2:
      // The true length, in more octets than it takes.
      element.claimed = longLength(contentsOf(element).length)
      break
    case 3:
      inner?.splice(random.integer(inner.length + 1), 1)
      break
    case 4:
      if (inner !== undefined && inner.length > 0) {
        const copies = Array<Element>(random.integer(200)).fill(random.pick(inner))
        inner.splice(random.integer(inner.length), 0, ...copies)
      }
      break
    case 5:
      inner?.reverse()
      break
    case 6:
      if (donors.length > 0) Object.assign(element, random.pick(donors))
      break
    case 7:
      if (inner !== undefined && donors.length > 0)
        inner.splice(random.integer(inner.length + 1), 0, random.pick(donors))
      break
    case 8: {
      const tag = random.pick([element.tag, 0xa0, 0xa2, 0x30])
      for (let depth = random.integer(200); depth > 0; depth--) {
        element.contents = [{ ...element }]
        element.tag = tag
      }
      break
    }
    default:
      element.contents = changeOctets(random, contentsOf(element))
  }
  return Buffer.concat(root.map(write))
}

function changeOctets(random: Random, octets: Buffer): Buffer {
  const copy = Buffer.from(octets)
  const at = random.integer(copy.length + 1)
  switch (random.integer(4)) {
    case 0:
      return copy.subarray(0, at)
    case 1:
      if (at < copy.length) copy[at] = random.pick(interesting)
      return copy
    case 2:
      if (at < copy.length) copy[at] = (copy[at] ?? 0) ^ (1 << random.integer(8))
      return copy
    default: {
      const noise = Buffer.from(Array.from({ length: random.integer(20) }, () => random.integer(256)))
      return Buffer.concat([copy.subarray(0, at), noise, copy.subarray(at)])
    }
  }
}

function withInner(element: Element): Element[] {
  return Array.isArray(element.contents) ? [element, ...element.contents.flatMap(withInner)] : [element]
}

/** The elements between two offsets; what is none is left out. */
function read(octets: Buffer, from: number, to: number): Element[] {
  const found: Element[] = []
  for (let at = from; at + 2 <= to; ) {
    const tag = octets.readUInt8(at)
    const first = octets.readUInt8(at + 1)
    const count = first > 0x80 ? first & 0x7f : 0
    if (count > 4 || at + 2 + count > to) return found
    const length = count > 0 ? octets.readUIntBE(at + 2, count) : first
    const start = at + 2 + count
    const end = start + length
    if (end > to) return found
    const inner = (tag & 0x20) !== 0 ? read(octets, start, end) : []
    found.push({ tag, contents: inner.length > 0 ? inner : octets.subarray(start, end) })
    at = end
  }
  return found
}

function contentsOf({ contents }: Element): Buffer {
  return Array.isArray(contents) ? Buffer.concat(contents.map(write)) : contents
}

function write(element: Element): Buffer {
  const contents = contentsOf(element)
  const { length } = contents
  const header = element.claimed ?? (length < 0x80 ? Buffer.from([length]) : longLength(length))
  return Buffer.concat([Buffer.from([element.tag]), header, contents])
}

function longLength(length: number): Buffer {
  const octets = Buffer.from([0x84, 0, 0, 0, 0])
  octets.writeUInt32BE(length, 1)
  return octets
}
