/** What octets of an attribute are as a cell, and a cell as octets, by the syntax that the server tells (RFC 4517 3.3). */
import { parseGeneralizedTime, renderGeneralizedTime } from '../../schema/generalized-time.js'
import type { Cell, ColumnKind } from '../source.js'
import type { Names } from './names.js'

type Value = Exclude<Cell, null>

export interface Form {
  readonly kind: ColumnKind
  /** Undefined where the octets are none of the syntax. */
  decode(octets: Buffer): Value | undefined
  /** Undefined where the syntax cannot say it. */
  encode(value: Value): Buffer | undefined
}

const text: Form = {
  kind: 'text',
  decode: (octets) => octets.toString('utf8'),
  encode: (value) =>
    value instanceof Uint8Array || value instanceof Date ? undefined : Buffer.from(String(value)),
}

const integer: Form = {
  kind: 'integer',
  decode: (octets) => {
    const digits = octets.toString('latin1')
    if (!/^-?\d+$/.test(digits)) return undefined
    const number = Number(digits)
    return Number.isSafeInteger(number) ? number : BigInt(digits)
  },
  encode: (value) =>
    typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value))
      ? Buffer.from(BigInt(value).toString())
      : undefined,
}

const boolean: Form = {
  kind: 'boolean',
  decode: (octets) => {
    const word = octets.toString('latin1').toUpperCase()
    return word === 'TRUE' ? true : word === 'FALSE' ? false : undefined
  },
  encode: (value) => (typeof value === 'boolean' ? Buffer.from(value ? 'TRUE' : 'FALSE') : undefined),
}

const time: Form = {
  kind: 'time',
  decode: (octets) => parseGeneralizedTime(octets.toString('latin1')),
  encode: (value) => {
    const rendered = value instanceof Date ? renderGeneralizedTime(value) : undefined
    return rendered === undefined ? undefined : Buffer.from(rendered)
  },
}

/** Active Directory wants a fraction in every time, of one digit. */
const activeDirectoryTime: Form = {
  ...time,
  encode: (value) => {
    const rendered = value instanceof Date ? renderGeneralizedTime(value) : undefined
    return rendered === undefined ? undefined : Buffer.from(rendered.replace(/(\.\d+)?Z$/, '.0Z'))
  },
}

/** Two digits of the year; those below 50 are of this century (RFC 5280 4.1.2.5.1). */
const utcTime: Form = {
  kind: 'time',
  decode: (octets) => {
    const written = octets.toString('latin1')
    const century = Number(written.slice(0, 2)) < 50 ? '20' : '19'
    return /^\d{2}/.test(written) ? parseGeneralizedTime(century + written) : undefined
  },
  encode: (value) => {
    const rendered = value instanceof Date ? renderGeneralizedTime(value) : undefined
    return rendered === undefined ? undefined : Buffer.from(rendered.slice(2).replace(/\.\d+/, ''))
  },
}

const binary: Form = {
  kind: 'binary',
  decode: (octets) => octets,
  encode: (value) => (value instanceof Uint8Array ? Buffer.from(value) : undefined),
}

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/

/** RFC 4530 2.1 */
const uuid: Form = {
  kind: 'uuid',
  decode: (octets) => {
    const written = octets.toString('latin1').toLowerCase()
    return UUID.test(written) ? written : undefined
  },
  encode: (value) =>
    UUID.test(String(value).toLowerCase()) ? Buffer.from(String(value).toLowerCase()) : undefined,
}

/** 389 Directory Server writes UUIDs as four groups of eight digits. */
const nsUniqueId: Form = {
  kind: 'uuid',
  decode: (octets) => {
    const digits = octets.toString('latin1').toLowerCase().replaceAll('-', '')
    return /^[\da-f]{32}$/.test(digits) ? hyphenated(digits) : undefined
  },
  encode: (value) => {
    const digits = String(value).toLowerCase().replaceAll('-', '')
    return /^[\da-f]{32}$/.test(digits) ? Buffer.from(digits.match(/.{8}/g)?.join('-') ?? '') : undefined
  },
}

/** Of the 16 octets of objectGUID the first three groups stand in the order of little-endian machines. */
const guid: Form = {
  kind: 'uuid',
  decode: (octets) => (octets.length === 16 ? hyphenated(swapped(octets).toString('hex')) : undefined),
  encode: (value) => {
    const digits = String(value).replaceAll('-', '')
    return /^[\da-f]{32}$/i.test(digits) ? swapped(Buffer.from(digits, 'hex')) : undefined
  },
}

const hyphenated = (digits: string) => digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')

const GUID_ORDER = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15]
const swapped = (octets: Buffer) => Buffer.from(GUID_ORDER.map((at) => octets[at] ?? 0))

/** A security identifier (MS-DTYP 2.4.2): `S-1-`, the authority, and up to 15 sub-authorities. */
const sid: Form = {
  kind: 'text',
  decode: (octets) => {
    const count = octets[1] ?? 0
    if (octets[0] !== 1 || octets.length !== 8 + 4 * count) return undefined
    const authority = octets.readUIntBE(2, 6)
    const parts = Array.from({ length: count }, (_, i) => octets.readUInt32LE(8 + 4 * i))
    return ['S-1', authority, ...parts].join('-')
  },
  encode: (value) => {
    const parts = /^s-1-(\d+)((?:-\d+){0,15})$/i.exec(String(value))
    if (parts === null) return undefined
    const authority = Number(parts[1])
    const subs = (parts[2] ?? '').split('-').slice(1).map(Number)
    if (authority >= 2 ** 48 || subs.some((sub) => sub >= 2 ** 32)) return undefined
    const octets = Buffer.alloc(8 + 4 * subs.length)
    octets[0] = 1
    octets[1] = subs.length
    octets.writeUIntBE(authority, 2, 6)
    for (const [i, sub] of subs.entries()) octets.writeUInt32LE(sub, 8 + 4 * i)
    return octets
  },
}

/** DNs are cells in the one form that `names` gives all spellings of a name. */
const dn = (names: Names): Form => ({
  kind: 'text',
  decode: (octets) => names.canonical(octets.toString('utf8')),
  encode: (value) => (typeof value === 'string' ? Buffer.from(value) : undefined),
})

const bySyntax: Readonly<Record<string, Form>> = {
  '1.3.6.1.4.1.1466.115.121.1.27': integer,
  '1.2.840.113556.1.4.906': integer,
  '1.3.6.1.4.1.1466.115.121.1.7': boolean,
  '1.3.6.1.4.1.1466.115.121.1.24': time,
  '1.3.6.1.4.1.1466.115.121.1.53': utcTime,
  '1.3.6.1.1.16.1': uuid,
  '1.3.6.1.4.1.1466.115.121.1.5': binary,
  '1.3.6.1.4.1.1466.115.121.1.8': binary,
  '1.3.6.1.4.1.1466.115.121.1.9': binary,
  '1.3.6.1.4.1.1466.115.121.1.10': binary,
  '1.3.6.1.4.1.1466.115.121.1.23': binary,
  '1.3.6.1.4.1.1466.115.121.1.28': binary,
  '1.3.6.1.4.1.1466.115.121.1.40': binary,
  '1.2.840.113556.1.4.907': binary,
}

const DN_SYNTAX = '1.3.6.1.4.1.1466.115.121.1.12'

const byName: Readonly<Record<string, Form>> = {
  objectguid: guid,
  objectsid: sid,
  sidhistory: sid,
  tokengroups: sid,
  nsuniqueid: nsUniqueId,
  // OpenLDAP before 2.5 and others publish it with the syntax of octets.
  entryuuid: uuid,
}

/** @param syntax OID of the attribute's syntax; undefined is taken for text */
export function formOf(
  attribute: string,
  syntax: string | undefined,
  { names, isActiveDirectory }: { readonly names: Names; readonly isActiveDirectory: boolean },
): Form {
  const known = byName[attribute.toLowerCase()]
  if (known !== undefined) return known
  if (syntax === DN_SYNTAX) return dn(names)
  const form = bySyntax[syntax ?? ''] ?? text
  return form === time && isActiveDirectory ? activeDirectoryTime : form
}
