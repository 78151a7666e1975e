/**
 * Controls of a search that say yes or no: subentries (RFC 3672), "don't use copy" (RFC 6171), and Microsoft's domain
 * scope and search options.
 */

import { BerReader } from '../ber-reader.js'
import { BerWriter } from '../ber-writer.js'
import type { Control } from '../message.js'
import { SEQUENCE } from '../tags.js'
import { malformed, readValue } from './value.js'

export const searchFlagType = {
  subentries: '1.3.6.1.4.1.4203.1.10.1',
  dontUseCopy: '1.3.6.1.1.22',
  domainScope: '1.2.840.113556.1.4.1339',
  searchOptions: '1.2.840.113556.1.4.1340',
} as const

/** True: subentries are found and nothing else is; false: as without the control. */
export function subentriesControl(visible: boolean, critical = true): Control {
  const writer = new BerWriter(Buffer.allocUnsafeSlow(8))
  writer.boolean(visible)
  return { type: searchFlagType.subentries, critical, value: writer.bytes() }
}

export function parseSubentries(control: Control): boolean {
  const { value } = control
  return readValue(control, () => {
    const reader = new BerReader(value ?? Buffer.alloc(0))
    const visible = reader.boolean()
    if (reader.peek() !== -1) throw malformed(control, 'more than a boolean')
    return visible
  })
}

/** The answer must not come from a copy. Always critical, as RFC 6171 section 3 says. */
export function dontUseCopyControl(): Control {
  return { type: searchFlagType.dontUseCopy, critical: true }
}

/** No referrals to other domains. */
export function domainScopeControl(critical = false): Control {
  return { type: searchFlagType.domainScope, critical }
}

/** Bit 1: as `domainScopeControl`; bit 2: everything below one phantom root. */
export function searchOptionsControl(flags: number, critical = false): Control {
  const writer = new BerWriter(Buffer.allocUnsafeSlow(16))
  const start = writer.begin(SEQUENCE)
  writer.integer(flags)
  writer.end(start)
  return { type: searchFlagType.searchOptions, critical, value: writer.bytes() }
}

export function parseSearchOptions(control: Control): number {
  return readValue(control, (reader) => {
    reader.enter(SEQUENCE)
    return reader.integer()
  })
}
