/**
 * Controls and their values: paged results (RFC 2696), ManageDsaIT (RFC 3296), proxied authorization (RFC 4370),
 * server side sorting (RFC 2891) and assertions (RFC 4528); the others are in `controls/`, all types are named here. All
 * `parse` functions throw `MessageError` protocolError for a malformed value.
 */
import { BerWriter } from './ber-writer.js'
import { listViewType } from './controls/list-view.js'
import { searchFlagType } from './controls/search-flags.js'
import { readValue } from './controls/value.js'
import { valuesFilterType } from './controls/values-filter.js'
import { writeControlType } from './controls/write.js'
import { BerError, MessageError } from './errors.js'
import type { LdapFilter } from './filter.js'
import { readFilter, writeFilter } from './filter-ber.js'
import { ldapString } from './ldap-string.js'
import type { Control } from './message.js'
import { resultCode } from './result-code.js'
import { ENUMERATED, SEQUENCE } from './tags.js'

export const controlType = {
  pagedResults: '1.2.840.113556.1.4.319',
  manageDsaIT: '2.16.840.1.113730.3.4.2',
  proxiedAuthorization: '2.16.840.1.113730.3.4.18',
  sortRequest: '1.2.840.113556.1.4.473',
  sortResponse: '1.2.840.113556.1.4.474',
  assertion: '1.3.6.1.1.12',
  valuesFilter: valuesFilterType,
  ...listViewType,
  ...searchFlagType,
  ...writeControlType,
} as const

export interface PagedResults {
  /** In a request the entries wanted at most, in a response an estimate of all; 0: not known. */
  readonly size: number
  /** Empty at the start and at the end. */
  readonly cookie: Buffer
}

export interface SortKey {
  readonly attribute: string
  /** Name or OID of the ordering rule; the attribute's own unless given. */
  readonly orderingRule?: string
  readonly reverse: boolean
}

export interface SortResult {
  /** An LDAP result code. */
  readonly code: number
  /** The first attribute at fault. */
  readonly attribute?: string
}

export function findControl(controls: readonly Control[], type: string): Control | undefined {
  for (const control of controls) if (control.type === type) return control
  return undefined
}

export function pagedResultsControl(page: PagedResults, critical = false): Control {
  const writer = new BerWriter(Buffer.allocUnsafeSlow(page.cookie.length + 32))
  const start = writer.begin(SEQUENCE)
  writer.integer(page.size)
  writer.octets(page.cookie)
  writer.end(start)
  return { type: controlType.pagedResults, critical, value: writer.bytes() }
}

export function parsePagedResults(control: Control): PagedResults {
  return readValue(control, (reader) => {
    reader.enter(SEQUENCE)
    const size = reader.integer()
    const cookie = reader.octets()
    if (size < 0) throw new BerError('negative page size')
    return { size, cookie }
  })
}

export function manageDsaITControl(critical = true): Control {
  return { type: controlType.manageDsaIT, critical }
}

/** `authzId` is `dn:<dn>`, `u:<user>` or empty for anonymous. Always critical, as RFC 4370 section 3 says. */
export function proxiedAuthorizationControl(authzId: string): Control {
  return { type: controlType.proxiedAuthorization, critical: true, value: Buffer.from(authzId) }
}

/** The authzId of the control, which holds it bare. */
export function parseProxiedAuthorization(control: Control): string {
  if (!control.critical) {
    throw new MessageError(resultCode.protocolError, 'proxied authorization must be critical')
  }
  return control.value === undefined ? '' : ldapString(control.value, 0, control.value.length)
}

/** The operation is done only if its entry satisfies the filter. */
export function assertionControl(filter: LdapFilter, critical = true): Control {
  const writer = new BerWriter(Buffer.allocUnsafeSlow(256))
  writeFilter(writer, filter)
  return { type: controlType.assertion, critical, value: writer.bytes() }
}

export function parseAssertion(control: Control): LdapFilter {
  return readValue(control, (reader) => readFilter(reader))
}

export function sortRequestControl(keys: readonly SortKey[], critical = false): Control {
  const writer = new BerWriter(Buffer.allocUnsafeSlow(128))
  const list = writer.begin(SEQUENCE)
  for (const { attribute, orderingRule, reverse } of keys) {
    const key = writer.begin(SEQUENCE)
    writer.string(attribute)
    if (orderingRule !== undefined) writer.string(orderingRule, 0x80)
    if (reverse) writer.boolean(true, 0x81)
    writer.end(key)
  }
  writer.end(list)
  return { type: controlType.sortRequest, critical, value: writer.bytes() }
}

export function parseSortRequest(control: Control): SortKey[] {
  return readValue(control, (reader) => {
    reader.enter(SEQUENCE)
    const keys: SortKey[] = []
    while (reader.offset < reader.end) {
      const outer = reader.enter(SEQUENCE)
      const attribute = reader.string()
      const rule = reader.peek() === 0x80 ? { orderingRule: reader.string(0x80) } : undefined
      const reverse = reader.peek() === 0x81 && reader.boolean(0x81)
      reader.leave(outer)
      keys.push({ attribute, ...rule, reverse })
    }
    if (keys.length === 0) throw new BerError('no sort key')
    return keys
  })
}

export function sortResponseControl(result: SortResult): Control {
  const writer = new BerWriter(Buffer.allocUnsafeSlow(64))
  const start = writer.begin(SEQUENCE)
  writer.integer(result.code, ENUMERATED)
  if (result.attribute !== undefined) writer.string(result.attribute, 0x80)
  writer.end(start)
  return { type: controlType.sortResponse, critical: false, value: writer.bytes() }
}

export function parseSortResponse(control: Control): SortResult {
  return readValue(control, (reader) => {
    reader.enter(SEQUENCE)
    const code = reader.integer(ENUMERATED)
    return reader.peek() === 0x80 ? { code, attribute: reader.string(0x80) } : { code }
  })
}
