/** Reads the parts that requests and responses share: controls and attributes. */
import type { BerReader } from './ber-reader.js'
import type { Attribute, Control } from './message.js'
import { BOOLEAN, CONTROLS, OCTET_STRING, SEQUENCE, SET } from './tags.js'

const NONE: readonly Control[] = Object.freeze([])

/** The controls of a message, whose operation has just been read (RFC 4511 4.1.11). */
export function readControls(reader: BerReader): readonly Control[] {
  while (reader.offset < reader.end) {
    if (reader.peek() === CONTROLS) return readControlList(reader)
    reader.skip()
  }
  return NONE
}

function readControlList(reader: BerReader): Control[] {
  const list = reader.enter(CONTROLS)
  const controls: Control[] = []
  while (reader.offset < reader.end) {
    const outer = reader.enter(SEQUENCE)
    const type = reader.string()
    const critical = reader.peek() === BOOLEAN && reader.boolean()
    controls.push(
      reader.peek() === OCTET_STRING ? { type, critical, value: reader.octets() } : { type, critical },
    )
    reader.leave(outer)
  }
  reader.leave(list)
  return controls
}

export function readAttributes(reader: BerReader): Attribute[] {
  const list = reader.enter(SEQUENCE)
  const attributes: Attribute[] = []
  while (reader.offset < reader.end) attributes.push(readAttribute(reader))
  reader.leave(list)
  return attributes
}

export function readAttribute(reader: BerReader): Attribute {
  const outer = reader.enter(SEQUENCE)
  const type = reader.string()
  const set = reader.enter(SET)
  // Mostly there is one: a list that begins with it takes no more room than it needs.
  const values = reader.offset < reader.end ? [reader.octets()] : []
  while (reader.offset < reader.end) values.push(reader.octets())
  reader.leave(set)
  reader.leave(outer)
  return { type, values }
}
