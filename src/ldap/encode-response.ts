/** Writes what a server sends straight from its parts, without a message object in between. */
import type { BerWriter } from './ber-writer.js'
import type { Control, LdapResult, OutgoingAttribute } from './message.js'
import * as tags from './tags.js'

/** SearchResultEntry (RFC 4511 4.5.2). */
export function writeEntry(
  writer: BerWriter,
  messageId: number,
  dn: string,
  attributes: readonly OutgoingAttribute[],
  controls: readonly Control[] | undefined,
): void {
  const start = writer.begin(tags.SEQUENCE)
  writer.integer(messageId)
  writeEntryBody(writer, dn, attributes)
  writeControls(writer, controls)
  writer.end(start)
}

/** The same without its envelope. */
export function writeEntryBody(
  writer: BerWriter,
  dn: string,
  attributes: readonly OutgoingAttribute[],
): void {
  const entry = writer.begin(tags.SEARCH_RESULT_ENTRY)
  writer.string(dn)
  const list = writer.begin(tags.SEQUENCE)
  for (let i = 0; i < attributes.length; i++) {
    const { type, values } = attributes[i] as OutgoingAttribute
    const attribute = writer.beginShort(tags.SEQUENCE)
    writer.text(type)
    const set = writer.beginShort(tags.SET)
    for (let j = 0; j < values.length; j++) writer.text(values[j] as string | Uint8Array)
    writer.endShort(set)
    writer.endShort(attribute)
  }
  writer.end(list)
  writer.end(entry)
}

/** SearchResultReference (RFC 4511 4.5.3). */
export function writeReference(
  writer: BerWriter,
  messageId: number,
  uris: readonly string[],
  controls: readonly Control[] | undefined,
): void {
  const start = writer.begin(tags.SEQUENCE)
  writer.integer(messageId)
  writeUris(writer, tags.SEARCH_RESULT_REFERENCE, uris)
  writeControls(writer, controls)
  writer.end(start)
}

/** IntermediateResponse (RFC 4511 4.13). */
export function writeIntermediate(
  writer: BerWriter,
  messageId: number,
  name: string | undefined,
  value: Uint8Array | undefined,
  controls: readonly Control[] | undefined,
): void {
  const start = writer.begin(tags.SEQUENCE)
  writer.integer(messageId)
  const response = writer.begin(tags.INTERMEDIATE_RESPONSE)
  if (name !== undefined) writer.string(name, 0x80)
  if (value !== undefined) writer.octets(value, 0x81)
  writer.end(response)
  writeControls(writer, controls)
  writer.end(start)
}

/** What an LDAPResult may hold beyond its common part, according to the response it is in. */
interface AnyResult extends LdapResult {
  readonly serverSaslCreds?: Uint8Array
  readonly name?: string
  readonly value?: Uint8Array
}

/** A response that is an LDAPResult (RFC 4511 4.1.9), under the tag of its operation. */
export function writeResult(writer: BerWriter, messageId: number, tag: number, result: AnyResult): void {
  const start = writer.begin(tags.SEQUENCE)
  writer.integer(messageId)
  const response = writer.begin(tag)
  writer.integer(result.code, tags.ENUMERATED)
  writer.string(result.matchedDN ?? '')
  writer.string(result.message ?? '')
  if (result.referrals !== undefined && result.referrals.length > 0) {
    writeUris(writer, 0xa3, result.referrals)
  }
  if (tag === tags.BIND_RESPONSE) {
    if (result.serverSaslCreds !== undefined) writer.octets(result.serverSaslCreds, 0x87)
  } else if (tag === tags.EXTENDED_RESPONSE) {
    if (result.name !== undefined) writer.string(result.name, 0x8a)
    if (result.value !== undefined) writer.octets(result.value, 0x8b)
  }
  writer.end(response)
  writeControls(writer, result.controls)
  writer.end(start)
}

export function writeControls(writer: BerWriter, controls: readonly Control[] | undefined): void {
  if (controls === undefined || controls.length === 0) return
  const list = writer.begin(tags.CONTROLS)
  for (const { type, critical, value } of controls) {
    const control = writer.begin(tags.SEQUENCE)
    writer.string(type)
    if (critical) writer.boolean(true)
    if (value !== undefined) writer.octets(value)
    writer.end(control)
  }
  writer.end(list)
}

function writeUris(writer: BerWriter, tag: number, uris: readonly string[]): void {
  const list = writer.begin(tag)
  for (const uri of uris) writer.string(uri)
  writer.end(list)
}
