/**
 * Controls of operations that write: pre-read and post-read (RFC 4527), no-op (draft-zeilenga-ldap-noop) and Microsoft's
 * tree delete.
 */
import { BerWriter } from '../ber-writer.js'
import { readAttributes } from '../decode-parts.js'
import { writeEntryBody } from '../encode-response.js'
import { BerError } from '../errors.js'
import type { Attribute, Control, OutgoingAttribute } from '../message.js'
import { SEARCH_RESULT_ENTRY, SEQUENCE } from '../tags.js'
import { readValue } from './value.js'

export const writeControlType = {
  preRead: '1.3.6.1.1.13.1',
  postRead: '1.3.6.1.1.13.2',
  /** As OpenLDAP numbers it. */
  noOp: '1.3.6.1.4.1.4203.666.5.2',
  treeDelete: '1.2.840.113556.1.4.805',
} as const

/** An entry as it was before the operation, or as it is after it. */
export interface ReadEntry {
  readonly dn: string
  readonly attributes: readonly Attribute[]
}

type ReadType = typeof writeControlType.preRead | typeof writeControlType.postRead

/** @param attributes as in a search: names, `*`, `+`, `1.1`; none is all user attributes */
export function preReadControl(attributes: readonly string[], critical = false): Control {
  return readRequest(writeControlType.preRead, attributes, critical)
}

/** @param attributes as in a search: names, `*`, `+`, `1.1`; none is all user attributes */
export function postReadControl(attributes: readonly string[], critical = false): Control {
  return readRequest(writeControlType.postRead, attributes, critical)
}

function readRequest(type: ReadType, attributes: readonly string[], critical: boolean): Control {
  const writer = new BerWriter(Buffer.allocUnsafeSlow(256))
  const start = writer.begin(SEQUENCE)
  for (const attribute of attributes) writer.string(attribute)
  writer.end(start)
  return { type, critical, value: writer.bytes() }
}

/** The attributes that a pre-read or post-read control asks for. */
export function parseReadRequest(control: Control): readonly string[] {
  return readValue(control, (reader) => {
    reader.enter(SEQUENCE)
    const attributes: string[] = []
    while (reader.offset < reader.end) attributes.push(reader.string())
    return attributes
  })
}

export function readResponseControl(
  type: ReadType,
  dn: string,
  attributes: readonly OutgoingAttribute[],
): Control {
  const writer = new BerWriter(Buffer.allocUnsafeSlow(1024))
  writeEntryBody(writer, dn, attributes)
  return { type, critical: false, value: writer.bytes() }
}

/** The entry in the response to a pre-read or post-read control. */
export function parseReadResponse(control: Control): ReadEntry {
  return readValue(control, (reader) => {
    const tag = reader.peek()
    // Some send a plain sequence.
    if (tag !== SEARCH_RESULT_ENTRY && tag !== SEQUENCE) throw new BerError('no entry')
    reader.enter(tag)
    return { dn: reader.string(), attributes: readAttributes(reader) }
  })
}

/** Everything is done but for the change itself; the result is then noOperation. */
export function noOpControl(critical = true): Control {
  return { type: writeControlType.noOp, critical }
}

/** With the entry, all below it is deleted. */
export function treeDeleteControl(critical = true): Control {
  return { type: writeControlType.treeDelete, critical }
}
