/** The text form of a search filter (RFC 4515): parsing and formatting. */
import { isUtf8 } from 'node:buffer'
import { FilterSyntaxError } from './errors.js'
import { DEFAULT_FILTER_LIMITS, type LdapFilter } from './filter.js'

export interface FilterTextOptions {
  /** How deep filters may be nested; 128 unless told. */
  readonly maxDepth?: number
}

interface Open {
  readonly tag: 'and' | 'or' | 'not'
  readonly filters: LdapFilter[]
  readonly position: number
}

const SPACE = 0x20
const OPEN = 0x28
const CLOSE = 0x29
const STAR = 0x2a
const BACKSLASH = 0x5c
const attributeDescription = /^(?:[A-Za-z][\w-]*|\d+(?:\.\d+)*)(?:;[\w-]+)*$/
const ruleName = /^(?:[A-Za-z][\w-]*|\d+(?:\.\d+)*)$/

/**
 * White space is allowed around filters, though not within `attr=value`, and the parentheses around a single
 * comparison may be left out. Throws `FilterSyntaxError`.
 */
export function parseFilter(text: string, options: FilterTextOptions = {}): LdapFilter {
  const maxDepth = options.maxDepth ?? DEFAULT_FILTER_LIMITS.maxFilterDepth
  const surrogate = text.search(/\p{Surrogate}/u)
  if (surrogate >= 0) throw new FilterSyntaxError('unpaired surrogate', surrogate)
  let at = skipSpace(text, 0)
  if (text.charCodeAt(at) !== OPEN) {
    if (at === text.length) throw new FilterSyntaxError('empty filter', at)
    const end = itemEnd(text, at)
    if (end < text.length) throw new FilterSyntaxError('unbalanced parenthesis', end)
    return parseItem(text, at, end)
  }
  const stack: Open[] = []
  for (;;) {
    // At an opening parenthesis.
    const position = at
    at = skipSpace(text, at + 1)
    const operator = text[at]
    let complete: LdapFilter | undefined
    if (operator === '&' || operator === '|' || operator === '!') {
      if (stack.length + 1 >= maxDepth) throw new FilterSyntaxError('filter is nested too deeply', position)
      stack.push({
        tag: operator === '&' ? 'and' : operator === '|' ? 'or' : 'not',
        filters: [],
        position,
      })
      at = skipSpace(text, at + 1)
    } else {
      const end = itemEnd(text, at)
      if (text.charCodeAt(end) !== CLOSE) throw new FilterSyntaxError('unclosed parenthesis', position)
      complete = parseItem(text, at, end)
      at = skipSpace(text, end + 1)
    }
    for (;;) {
      const open = stack.at(-1)
      if (open === undefined) {
        if (at < text.length) throw new FilterSyntaxError('text behind the filter', at)
        return complete as LdapFilter
      }
      if (complete !== undefined) open.filters.push(complete)
      if (text.charCodeAt(at) === OPEN) break
      if (at >= text.length) throw new FilterSyntaxError('unclosed parenthesis', open.position)
      if (text.charCodeAt(at) !== CLOSE) throw new FilterSyntaxError('parenthesis expected', at)
      stack.pop()
      complete = close(open)
      at = skipSpace(text, at + 1)
    }
  }
}

function close(open: Open): LdapFilter {
  if (open.tag !== 'not') return { tag: open.tag, filters: open.filters }
  const [filter] = open.filters
  if (filter === undefined || open.filters.length > 1) {
    throw new FilterSyntaxError('not has exactly one filter', open.position)
  }
  return { tag: 'not', filter }
}

function skipSpace(text: string, from: number): number {
  let at = from
  for (;;) {
    const c = text.charCodeAt(at)
    if (c !== SPACE && (c < 0x09 || c > 0x0d || Number.isNaN(c))) return at
    at++
  }
}

function itemEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const c = text.charCodeAt(at)
    if (c === CLOSE || c === OPEN) return at
  }
  return text.length
}

/** Looks no further than the item reaches: what is behind is looked at when its turn comes. */
function indexOf(text: string, character: number, from: number, end: number): number {
  for (let at = from; at < end; at++) if (text.charCodeAt(at) === character) return at
  return -1
}

function parseItem(text: string, from: number, end: number): LdapFilter {
  const equals = text.indexOf('=', from)
  if (equals < 0 || equals >= end) throw new FilterSyntaxError('comparison expected', from)
  const before = text[equals - 1]
  if (before === ':') return parseExtensible(text, from, equals - 1, end)
  const compared = before === '>' || before === '<' || before === '~'
  const attribute = text.slice(from, compared ? equals - 1 : equals)
  if (!attributeDescription.test(attribute)) throw new FilterSyntaxError('attribute expected', from)
  if (compared) {
    const tag = before === '>' ? 'greaterOrEqual' : before === '<' ? 'lessOrEqual' : 'approx'
    return { tag, attribute, value: parseValue(text, equals + 1, end) }
  }
  const star = indexOf(text, STAR, equals + 1, end)
  if (star < 0) return { tag: 'equality', attribute, value: parseValue(text, equals + 1, end) }
  return parseSubstrings(text, attribute, equals + 1, star, end)
}

function parseSubstrings(
  text: string,
  attribute: string,
  from: number,
  firstStar: number,
  end: number,
): LdapFilter {
  const any: Buffer[] = []
  let star = firstStar
  for (;;) {
    const next = indexOf(text, STAR, star + 1, end)
    if (next < 0) break
    if (next > star + 1) any.push(parseValue(text, star + 1, next))
    star = next
  }
  const initial = firstStar > from ? { initial: parseValue(text, from, firstStar) } : undefined
  const final = star + 1 < end ? { final: parseValue(text, star + 1, end) } : undefined
  if (initial === undefined && final === undefined && any.length === 0) return { tag: 'present', attribute }
  return { tag: 'substrings', attribute, ...initial, any, ...final }
}

/** `[attr] [":dn"] [":" rule] ":="`; `colon` is where the `:=` stands. */
function parseExtensible(text: string, from: number, colon: number, end: number): LdapFilter {
  const [attribute = '', ...rest] = text.slice(from, colon).split(':')
  const dnAttributes = rest[0]?.toLowerCase() === 'dn'
  if (dnAttributes) rest.shift()
  const rule = rest.shift()
  const bad =
    rest.length > 0 ||
    (attribute === '' ? rule === undefined : !attributeDescription.test(attribute)) ||
    (rule !== undefined && !ruleName.test(rule))
  if (bad) throw new FilterSyntaxError('malformed extensible match', from)
  return {
    tag: 'extensible',
    ...(rule === undefined ? undefined : { rule }),
    ...(attribute === '' ? undefined : { attribute }),
    value: parseValue(text, colon + 2, end),
    dnAttributes,
  }
}

function parseValue(text: string, from: number, end: number): Buffer {
  let escaped = false
  for (let at = from; at < end; at++) {
    const c = text.charCodeAt(at)
    if (c === BACKSLASH) escaped = true
    else if (c === STAR || c === 0) throw new FilterSyntaxError('unescaped character in a value', at)
  }
  if (!escaped) return Buffer.from(text.slice(from, end))
  const pieces: Buffer[] = []
  let start = from
  for (;;) {
    const backslash = indexOf(text, BACKSLASH, start, end)
    if (backslash < 0) break
    const octet = text.slice(backslash + 1, Math.min(backslash + 3, end))
    if (!/^[\da-f]{2}$/i.test(octet)) throw new FilterSyntaxError('\\ without two hex digits', backslash)
    if (backslash > start) pieces.push(Buffer.from(text.slice(start, backslash)))
    pieces.push(Buffer.from(octet, 'hex'))
    start = backslash + 3
  }
  pieces.push(Buffer.from(text.slice(start, end)))
  return Buffer.concat(pieces)
}

/**
 * Characters that are special, control characters and octets that are not UTF-8 become `\xx`, as do characters
 * of an attribute description that no text form allows.
 */
export function formatFilter(filter: LdapFilter): string {
  switch (filter.tag) {
    case 'and':
      return `(&${filter.filters.map(formatFilter).join('')})`
    case 'or':
      return `(|${filter.filters.map(formatFilter).join('')})`
    case 'not':
      return `(!${formatFilter(filter.filter)})`
    case 'present':
      return `(${formatName(filter.attribute)}=*)`
    case 'equality':
      return `(${formatName(filter.attribute)}=${escapeFilterValue(filter.value)})`
    case 'greaterOrEqual':
      return `(${formatName(filter.attribute)}>=${escapeFilterValue(filter.value)})`
    case 'lessOrEqual':
      return `(${formatName(filter.attribute)}<=${escapeFilterValue(filter.value)})`
    case 'approx':
      return `(${formatName(filter.attribute)}~=${escapeFilterValue(filter.value)})`
    case 'substrings': {
      const pieces = [filter.initial ?? '', ...filter.any, filter.final ?? '']
      return `(${formatName(filter.attribute)}=${pieces.map(escapeFilterValue).join('*')})`
    }
    case 'extensible': {
      const dn = filter.dnAttributes ? ':dn' : ''
      const rule = filter.rule === undefined ? '' : `:${formatName(filter.rule)}`
      return `(${formatName(filter.attribute ?? '')}${dn}${rule}:=${escapeFilterValue(filter.value)})`
    }
  }
}

function formatName(name: string): string {
  return name.replace(/[^\w.;-]/gu, (c) => escapeAll(Buffer.from(c)))
}

/** An assertion value as a filter text holds it. */
export function escapeFilterValue(value: string | Uint8Array): string {
  if (typeof value === 'string') return escapeText(value)
  const octets = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  if (isUtf8(octets)) return escapeText(octets.toString())
  return escapeText(octets.toString('latin1')).replace(/[\x80-\xff]/g, (c) =>
    escapeAll(Buffer.from(c, 'latin1')),
  )
}

function escapeText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is escaped
  return text.replace(/[\x00-\x1f()*\\\x7f]/g, (c) => escapeAll(Buffer.from(c)))
}

function escapeAll(octets: Buffer): string {
  let text = ''
  for (const octet of octets) text += `\\${octet.toString(16).padStart(2, '0')}`
  return text
}
