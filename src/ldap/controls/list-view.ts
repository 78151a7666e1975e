/** Virtual list views (draft-ietf-ldapext-ldapv3-vlv-09): a window of a sorted list, by its place or by a value. */

import { BerWriter } from '../ber-writer.js'
import { BerError } from '../errors.js'
import type { Control } from '../message.js'
import { ENUMERATED, SEQUENCE } from '../tags.js'
import { readValue } from './value.js'

export const listViewType = {
  listViewRequest: '2.16.840.1.113730.3.4.9',
  listViewResponse: '2.16.840.1.113730.3.4.10',
} as const

/** Codes of a list view's response besides those of LDAP (section 6.2). */
export const listViewCode = { sortControlMissing: 60, offsetRangeError: 61 } as const

/** Where a window stands: at the entry with this number among so many, or at the first that is not less than a value. */
export type ListViewTarget =
  /** `contentCount` is how long the client takes the list for; 0: it does not know. */
  { readonly offset: number; readonly contentCount: number } | { readonly value: Buffer }

export interface ListViewRequest {
  /** Entries wanted before and behind the target. */
  readonly before: number
  readonly after: number
  readonly target: ListViewTarget
  /** As the last response had it. */
  readonly contextId?: Buffer
}

export interface ListViewResponse {
  /** From 1; one more than there are entries where all are less than the value. */
  readonly position: number
  readonly contentCount: number
  /** An LDAP result code, or one of `listViewCode`. */
  readonly code: number
  readonly contextId?: Buffer
}

export function listViewRequestControl(request: ListViewRequest, critical = true): Control {
  const { before, after, target, contextId } = request
  const size = ('value' in target ? target.value.length : 0) + (contextId?.length ?? 0)
  const writer = new BerWriter(Buffer.allocUnsafeSlow(size + 64))
  const start = writer.begin(SEQUENCE)
  writer.integer(before)
  writer.integer(after)
  if ('value' in target) writer.octets(target.value, 0x81)
  else {
    const byOffset = writer.begin(0xa0)
    writer.integer(target.offset)
    writer.integer(target.contentCount)
    writer.end(byOffset)
  }
  if (contextId !== undefined) writer.octets(contextId)
  writer.end(start)
  return { type: listViewType.listViewRequest, critical, value: writer.bytes() }
}

export function parseListViewRequest(control: Control): ListViewRequest {
  return readValue(control, (reader) => {
    reader.enter(SEQUENCE)
    const before = reader.integer()
    const after = reader.integer()
    if (before < 0 || after < 0) throw new BerError('a negative count')
    let target: ListViewTarget
    if (reader.peek() === 0xa0) {
      const outer = reader.enter(0xa0)
      target = { offset: reader.integer(), contentCount: reader.integer() }
      reader.leave(outer)
      if (target.offset < 0 || target.contentCount < 0) throw new BerError('a negative place')
    } else target = { value: reader.octets(0x81) }
    const context = reader.peek() === -1 ? undefined : { contextId: reader.octets() }
    return { before, after, target, ...context }
  })
}

export function listViewResponseControl(response: ListViewResponse): Control {
  const { position, contentCount, code, contextId } = response
  const writer = new BerWriter(Buffer.allocUnsafeSlow((contextId?.length ?? 0) + 64))
  const start = writer.begin(SEQUENCE)
  writer.integer(position)
  writer.integer(contentCount)
  writer.integer(code, ENUMERATED)
  if (contextId !== undefined) writer.octets(contextId)
  writer.end(start)
  return { type: listViewType.listViewResponse, critical: false, value: writer.bytes() }
}

export function parseListViewResponse(control: Control): ListViewResponse {
  return readValue(control, (reader) => {
    reader.enter(SEQUENCE)
    const position = reader.integer()
    const contentCount = reader.integer()
    const code = reader.integer(ENUMERATED)
    const context = reader.peek() === -1 ? undefined : { contextId: reader.octets() }
    return { position, contentCount, code, ...context }
  })
}
