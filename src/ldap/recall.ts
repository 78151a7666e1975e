/** Searches that are answered as they were before, without being decoded; what is remembered is the handlers' affair. */
import { BerWriter } from './ber-writer.js'
import { writeEntryBody } from './encode-response.js'
import type { OutgoingAttribute } from './message.js'
import type { Outbox } from './outbox.js'
import * as tags from './tags.js'

/** A search as it came. */
export interface EncodedSearch {
  readonly messageId: number
  /** All behind the message id, octet by octet. */
  readonly encoded: string
}

/** The search that a PDU is, which lies whole in `buffer`; undefined where it is something else, or nothing at all. */
export function encodedSearch(buffer: Buffer, start: number, end: number): EncodedSearch | undefined {
  const length = buffer[start + 1] ?? 0
  let at = start + 2 + (length > 0x7f ? length & 0x7f : 0)
  const octets = buffer[at + 1] ?? 0
  if (buffer[at] !== tags.INTEGER || octets < 1 || octets > 4) return undefined
  at += 2
  // A negative one is none.
  if ((buffer[at] ?? 0) > 0x7f) return undefined
  let messageId = 0
  for (const idEnd = at + octets; at < idEnd; at++) messageId = messageId * 256 + (buffer[at] ?? 0)
  if (at >= end || buffer[at] !== tags.SEARCH_REQUEST || messageId < 1) return undefined
  return { messageId, encoded: buffer.toString('latin1', at, end) }
}

/** An entry as `RecalledAnswer` holds it. */
export function encodeEntry(dn: string, attributes: readonly OutgoingAttribute[]): Uint8Array {
  const writer = new BerWriter(Buffer.allocUnsafeSlow(512))
  writeEntryBody(writer, dn, attributes)
  return Uint8Array.prototype.slice.call(writer.bytes())
}

/** Sends entries to whoever asked with this id. */
export function sendEntries(outbox: Outbox, messageId: number, entries: readonly Uint8Array[]): void {
  for (const entry of entries) {
    const writer = outbox.begin()
    const start = writer.begin(tags.SEQUENCE)
    writer.integer(messageId)
    writer.raw(entry)
    writer.end(start)
    outbox.commit()
  }
}
