/** Reads the parts that requests and responses share: controls and attributes. */
import type { BerReader } from './ber-reader.js'
import { MessageError } from './errors.js'
import type { Attribute, Control } from './message.js'
import { resultCode } from './result-code.js'
import { BOOLEAN, CONTROLS, OCTET_STRING, SEQUENCE, SET } from './tags.js'

/** Controls of one message. */
const MOST_CONTROLS = 256
const NONE: readonly Control[] = Object.freeze([])

/**
 * Two octets are enough for a part that takes a hundred in memory, so that the size of a message does not bound what it
 * becomes. Nobody needs as many parts as this refuses.
 */
export function tooMany(parts: string): MessageError {
  return new MessageError(resultCode.adminLimitExceeded, `too many ${parts} in one message`)
}

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
    if (controls.length >= MOST_CONTROLS) throw tooMany('controls')
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

/** @param most attributes and values together */
export function readAttributes(reader: BerReader, most = Number.POSITIVE_INFINITY): Attribute[] {
  const list = reader.enter(SEQUENCE)
  const attributes: Attribute[] = []
  let left = most
  while (reader.offset < reader.end) {
    const attribute = readAttribute(reader, left)
    left -= attribute.values.length + 1
    attributes.push(attribute)
  }
  reader.leave(list)
  return attributes
}

/** @param most values, and one for the attribute itself */
export function readAttribute(reader: BerReader, most = Number.POSITIVE_INFINITY): Attribute {
  if (most <= 0) throw tooMany('attributes')
  const outer = reader.enter(SEQUENCE)
  const type = reader.string()
  const set = reader.enter(SET)
  // Mostly there is one: a list that begins with it takes no more room than it needs.
  const values = reader.offset < reader.end ? [reader.octets()] : []
  while (reader.offset < reader.end) {
    if (values.length >= most) throw tooMany('values')
    values.push(reader.octets())
  }
  reader.leave(set)
  reader.leave(outer)
  return { type, values }
}
