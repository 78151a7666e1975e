/**
 * A template such as `{first_name} {last_name}`. An empty column counts as empty text; the result is trimmed
 * and its doubled spaces closed up, so that a missing first name leaves no gap.
 *
 * Equality is inverted: the asserted value is split at every place where the literals can stand, and each split
 * becomes a conjunction of plain column equalities, which indexes serve.
 */

import { allOf, anyOf } from '../../sources/logic.js'
import type { Cell, Column, Field, FieldFilter } from '../../sources/source.js'
import {
  cellText,
  inCase,
  isOrderedAsStored,
  substringPieces,
  type TextOptions,
  textCodec,
} from '../codecs/text.js'
import { negate, type Operation, type Question, UNKNOWN } from '../mapping.js'
import { rewriteValue } from '../rewrite.js'

/** Columns and literals in turn. */
export type TemplatePart = string | Column

/** Beyond these an equality is not asked of the source but decided on its rows. */
const MAX_SPLITS = 32
const MAX_LENGTH = 512
const MAX_STEPS = 20_000

export function templateOperation(parts: readonly TemplatePart[], options: TextOptions): Operation {
  const columns = parts.filter((p): p is Column => typeof p !== 'string')
  const fields = columns.map((column): Field => ({ kind: 'column', column }))
  return {
    fields,
    reader: (slotOf) => {
      const layout = parts.map((p) => (typeof p === 'string' ? p : slotOf({ kind: 'column', column: p })))
      return (row) => {
        let empty = true
        let text = ''
        for (const part of layout) {
          if (typeof part === 'string') text += part
          else {
            const value = cellText(row[part] as Cell)
            if (value !== undefined) {
              empty = false
              text += value
            }
          }
        }
        return empty ? [] : [inCase(closeUp(text), options.case)]
      }
    },
    rewrite: (question) => ask(parts, columns, question, options),
    rewriteElement: (of) => rewriteValue(of, 'value', (question) => ask(parts, columns, question, options)),
    ...(parts.every(leavesBlank) && isOrderedAsStored(options) && { order: { concat: parts } }),
  }
}

/** Is the text made of it blank where its columns are, and only there? */
function leavesBlank(part: TemplatePart): boolean {
  return typeof part === 'string' ? !/[^ ]/.test(part) : part.kind !== 'binary' && part.kind !== 'other'
}

export function closeUp(text: string): string {
  // Hardly any has such spaces.
  const hasSuch = text.startsWith(' ') || text.endsWith(' ') || text.includes('  ')
  return hasSuch ? text.replace(/ {2,}/g, ' ').replace(/^ | $/g, '') : text
}

function ask(
  parts: readonly TemplatePart[],
  columns: readonly Column[],
  question: Question,
  options: TextOptions,
): FieldFilter {
  const codec = textCodec({ ...options, case: undefined })
  const attr = question.attr
  const present = (column: Column) => codec.rewrite(column, { op: 'present', attr })
  if (question.op === 'present') return anyOf(columns.map(present))
  const { rule, matching } = options
  if (rule !== 'caseIgnore' && (rule !== 'caseExact' || options.case !== undefined)) return UNKNOWN
  if (question.op === 'substring') {
    const pieces = substringPieces(question, matching)
    if (pieces === undefined || !columns.every(isShownAsStored)) return UNKNOWN
    return { op: 'test', on: { concat: parts }, test: { test: 'substring', rule, pieces }, negated: false }
  }
  if ((question.op !== 'eq' && question.op !== 'approx') || question.rule !== undefined) return UNKNOWN
  // Bytes are a value even where they show as spaces only.
  if (columns.some((column) => column.kind === 'binary')) return UNKNOWN
  const wanted = matching.equality?.(question.value)
  if (typeof wanted !== 'string') return UNKNOWN
  if (!isPlain(wanted) && !parts.every((part, i) => isApart(part, i, parts))) return UNKNOWN
  const splits = split(parts, wanted, (text) => String(matching.equality?.(text)))
  if (splits === undefined) return UNKNOWN
  // Elsewhere the spaces around a column's value count, which its equality does not tell.
  const unless = parts.every(isSpaced) ? [] : [UNKNOWN]
  return anyOf(
    splits.map((values) =>
      allOf([
        ...columns.map((column, i) => {
          const value = values[i] ?? ''
          return value === '' ? negate(present(column)) : codec.rewrite(column, { op: 'eq', attr, value })
        }),
        ...unless,
      ]),
    ),
  )
}

/** Other kinds are written by the database in its own way. */
const isShownAsStored = ({ kind }: Column) => kind === 'text' || kind === 'integer' || kind === 'uuid'

/** Only characters that compose with nothing beside them; what they are the composition of is ASCII too. */
const isPlain = (text: string) => /^[ -~]*$/.test(text)

/** Can what stands beside this literal not compose with it into one character, nor two columns with each other? */
function isApart(part: TemplatePart, i: number, parts: readonly TemplatePart[]): boolean {
  if (typeof part !== 'string') return i === 0 || typeof parts[i - 1] === 'string'
  return (i === 0 || /^[ -~]/.test(part)) && (i === parts.length - 1 || /[ -;?@[-`{-~]$/.test(part))
}

/** Does a space stand between a column and all beside it, so that further spaces in it mean nothing? */
function isSpaced(part: TemplatePart, i: number, parts: readonly TemplatePart[]): boolean {
  if (typeof part !== 'string') return i === 0 || typeof parts[i - 1] === 'string'
  return (i === 0 || part.startsWith(' ')) && (i === parts.length - 1 || part.endsWith(' '))
}

/**
 * Every way to fill the columns so that the template shows `wanted`, but for spaces around their values where those
 * count; not every column empty. Undefined if there are too many.
 */
export function split(
  parts: readonly TemplatePart[],
  wanted: string,
  normalize: (text: string) => string,
): readonly (readonly string[])[] | undefined {
  if (wanted.length > MAX_LENGTH) return undefined
  const found = new Map<string, readonly string[]>()
  const strict = parts.every(isSpaced)
  let steps = 0

  const fill = (at: number, rest: string, values: readonly string[]): boolean => {
    if (++steps > MAX_STEPS) return false
    const part = parts[at]
    if (part === undefined) {
      if (rest !== '' || values.every((v) => v === '')) return true
      let i = 0
      const text = parts.map((p) => (typeof p === 'string' ? p : values[i++])).join('')
      if (!strict || normalize(closeUp(text)) === wanted) found.set(JSON.stringify(values), values)
      return found.size <= MAX_SPLITS
    }
    if (typeof part === 'string') {
      return spellings(normalize, part).every(
        (literal) => !rest.startsWith(literal) || fill(at + 1, rest.slice(literal.length), values),
      )
    }
    const last = at === parts.length - 1
    for (let end = last ? rest.length : 0; end <= rest.length; end++) {
      if (!fill(at + 1, rest.slice(end), [...values, rest.slice(0, end).replace(/^ | $/g, '')])) return false
    }
    return true
  }
  return fill(0, wanted, []) ? [...found.values()] : undefined
}

/** A literal as it can stand in a prepared value: beside an empty column its outer spaces are closed up. */
function spellings(normalize: (text: string) => string, literal: string): readonly string[] {
  const core = /[^ ]/.test(literal) ? normalize(literal) : ''
  const before = literal.startsWith(' ') ? ['', ' '] : ['']
  const after = literal.endsWith(' ') && core !== '' ? ['', ' '] : ['']
  return [...new Set(before.flatMap((b) => after.map((a) => b + core + a)))]
}
