/**
 * entryUUID without a column for it: the key itself where it is a UUID, else a UUIDv8 (RFC 9562 5.8) made of the
 * view's name and the key, from which the key can be read back. A lookup by it is a lookup by key.
 *
 * Layout: 48 bits and 8 bits of a hash of the view's name around the version, 4 bits of kind, and 62 bits
 * of key: an integer from 0, or up to 7 bytes of text behind its length.
 */
import { createHash } from 'node:crypto'
import { allOf, NEVER } from '../../sources/logic.js'
import type { Cell, Column, Field, FieldFilter } from '../../sources/source.js'
import { compareInteger, test } from '../codecs/text.js'
import { type Operation, type Question, UNKNOWN } from '../mapping.js'
import { rewriteValue } from '../rewrite.js'

const INTEGER = 1n
const TEXT = 2n
const PAYLOAD = (1n << 62n) - 1n
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** Can keys of this column be told from a UUID? Text keys only as far as they have up to 7 bytes. */
export function isUuidKey(column: Column): boolean {
  return ['uuid', 'integer', 'text', 'binary'].includes(column.kind)
}

export function uuidOperation(view: string, key: Column): Operation {
  const tag = viewTag(view)
  const field: Field = { kind: 'column', column: key }
  return {
    fields: [field],
    reader: (slotOf) => {
      const slot = slotOf(field)
      return (row) => {
        const uuid = uuidOf(row[slot] as Cell, tag)
        return uuid === undefined ? [] : [uuid]
      }
    },
    rewrite: (question) => ask(question, key, tag),
    rewriteElement: (of) => rewriteValue(of, 'value', (question) => ask(question, key, tag)),
  }
}

/**
 * The UUID of a key, and the key behind one, both as text or cells. A key that has no UUID is called by its own text,
 * which no UUID of another can be; so is text that is a UUID, in whatever case it stands there.
 */
export function keyHandles(view: string, key: Column) {
  const tag = viewTag(view)
  return {
    handleOf: (cell: Exclude<Cell, null>): string | undefined =>
      key.kind === 'text' && UUID.test(String(cell).toLowerCase()) ? String(cell) : uuidOf(cell, tag),
    keyOf: (handle: string): Exclude<Cell, null> | undefined => {
      const lower = handle.toLowerCase()
      const cell = UUID.test(lower) ? cellOf(lower, key, tag) : undefined
      return cell === lower && key.kind === 'text' ? handle : cell
    },
  }
}

function ask(question: Question, key: Column, tag: bigint): FieldFilter {
  if (question.op === 'present') return present(key)
  if (question.op !== 'eq' && question.op !== 'approx') return UNKNOWN
  const wanted = String(question.value).toLowerCase()
  if (!UUID.test(wanted)) return NEVER
  const cell = cellOf(wanted, key, tag)
  if (cell === undefined) return NEVER
  if (typeof cell === 'bigint' || typeof cell === 'number') return compareInteger(key, 'eq', BigInt(cell))
  if (key.kind === 'text') {
    const value = String(cell)
    if (value !== wanted) return test(key, { test: 'text', rule: 'exact', value })
    // The text of a UUID may stand there in capitals; spaces around it, which the rule allows, may not.
    return allOf([test(key, { test: 'text', rule: 'caseIgnore', value }), UNKNOWN])
  }
  return test(key, { test: 'compare', op: 'eq', value: cell })
}

/** A key that does not fit has no UUID, and a declared column may hold none. */
function present(key: Column): FieldFilter {
  if (key.kind === 'uuid') return test(key, { test: 'present' })
  if (key.kind !== 'integer') return UNKNOWN
  return allOf([compareInteger(key, 'ge', 0n), compareInteger(key, 'le', PAYLOAD)])
}

/** The UUID of a key; undefined if the key does not fit. */
function uuidOf(cell: Cell, tag: bigint): string | undefined {
  if (typeof cell === 'number' || typeof cell === 'bigint') {
    if (cell >= 0 && cell < ONE_GROUP) return ofSmallInteger(Number(cell), tag)
    const n = BigInt(cell)
    return n < 0n || n > PAYLOAD ? undefined : assemble(tag, INTEGER, n)
  }
  if (cell instanceof Uint8Array)
    return cell.length === 16 ? dashed(Buffer.from(cell).toString('hex')) : undefined
  if (typeof cell !== 'string') return undefined
  const lower = cell.toLowerCase()
  if (UUID.test(lower)) return lower
  const bytes = Buffer.from(cell, 'utf8')
  if (bytes.length === 0 || bytes.length > 7) return undefined
  return assemble(tag, TEXT, (BigInt(bytes.length) << 56n) | BigInt(`0x${bytes.toString('hex')}`))
}

function cellOf(uuid: string, key: Column, tag: bigint): Exclude<Cell, null> | undefined {
  if (key.kind === 'uuid') return uuid
  if (key.kind === 'integer' && uuid.startsWith(headsOf(tag)[12] ?? ''))
    return Number.parseInt(uuid.slice(-12), 16)
  const hex = uuid.replaceAll('-', '')
  if (key.kind === 'binary') return Buffer.from(hex, 'hex')
  const bits = BigInt(`0x${hex}`)
  const payload = bits & PAYLOAD
  const kind = (bits >> 64n) & 0xfn
  const ours = assemble(tag, kind, payload) === uuid
  if (key.kind === 'integer') return ours && kind === INTEGER ? payload : undefined
  if (!ours) return uuid
  if (kind !== TEXT) return undefined
  const length = Number(payload >> 56n)
  const text = payload & ((1n << 56n) - 1n)
  return Buffer.from(text.toString(16).padStart(length * 2, '0'), 'hex').toString('utf8')
}

/** 56 bits that tell the entries of one view from those of another. */
function viewTag(view: string): bigint {
  return BigInt(`0x${createHash('sha256').update(view).digest('hex').slice(0, 14)}`)
}

function assemble(tag: bigint, kind: bigint, payload: bigint): string {
  const high = ((tag >> 8n) << 16n) | 0x8000n | ((tag & 0xffn) << 4n) | kind
  const bits = (high << 64n) | (0b10n << 62n) | payload
  return dashed(bits.toString(16).padStart(32, '0'))
}

/** Below it, an integer is the last of the five groups of digits: they alone differ between the UUIDs of such keys. */
const ONE_GROUP = 2 ** 48

/** What stands before a key of so many digits, by tag: the other groups and the zeros that fill the last. */
const heads = new Map<bigint, readonly string[]>()

/** The UUID of a key as most keys are; the same as `assemble` makes, without its arithmetic. */
function ofSmallInteger(n: number, tag: bigint): string {
  const digits = n.toString(16)
  return (headsOf(tag)[digits.length] ?? '') + digits
}

function headsOf(tag: bigint): readonly string[] {
  const known = heads.get(tag)
  if (known !== undefined) return known
  const zero = assemble(tag, INTEGER, 0n)
  const byLength = Array.from({ length: 13 }, (_, length) => zero.slice(0, zero.length - length))
  heads.set(tag, byLength)
  return byLength
}

function dashed(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
