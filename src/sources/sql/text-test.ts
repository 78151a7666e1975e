/**
 * Questions to a text column. Each becomes conditions that an index can seek and that hold for every text the
 * matching rule accepts, and, where the database can decide alone, one that holds for no other.
 */
import type { Operand, Piece, Support, Test, TextRule } from '../source.js'
import { type DecidedRule, type Dialect, padded, type SqlColumn, type TextTraits } from './dialect.js'
import { beginningOf, hasLiteral, headsOf, isPlain, likeBody } from './pattern.js'
import type { SqlBuilder } from './statement.js'

/** Text made of several columns is folded here, and no index serves it. */
const CONCAT_TRAITS: TextTraits = { fold: 'lower', unicode: false, codePointOrder: false, pads: false }

/** Of more pieces, only so many go into a pattern. */
const MOST_PIECES = 100

export function textSupport(
  on: Operand,
  test: Extract<Test, { test: 'text' | 'substring' }>,
  dialect: Dialect,
): Support {
  if (test.rule === 'dn') return 'none'
  if (test.test === 'text') {
    if (!isText(on)) return 'none'
    if (test.rule === 'exact' || isDecided(test.value, dialect)) return 'exact'
    return canSeek(test.rule) || !isPlain(test.value) ? 'superset' : 'none'
  }
  const pieces = patternPieces(test.pieces)
  const isSought = pieces.some((p) => !isPlain(p.text) || hasLiteral(likeBody(p.text, traitsOf(on))))
  return isSought && test.rule !== 'exact' ? 'superset' : 'none'
}

const isDecided = (value: string, dialect: Dialect) => isPlain(value) && dialect.decides(value)

/** What goes into a pattern: a text that holds all of the pieces holds these, too. */
function patternPieces(pieces: readonly Piece[]): readonly Piece[] {
  const some = pieces.slice(0, MOST_PIECES)
  return some.map(({ place, text }) => ({ place, text: beginningOf(text, some.length) }))
}

const isText = (on: Operand): on is SqlColumn => !('concat' in on) && on.kind === 'text'

/** Only rules that change nothing but case, composition and runs of spaces leave prefixes to seek. */
const canSeek = (rule: TextRule) => rule === 'caseIgnore' || rule === 'caseExact'

function decidedRule(rule: TextRule): DecidedRule {
  if (rule === 'dn') throw new RangeError('names are not compared by the database')
  return rule
}

function traitsOf(on: Operand): TextTraits {
  return 'concat' in on ? CONCAT_TRAITS : ((on as SqlColumn).text ?? CONCAT_TRAITS)
}

/** Equality. `sql` is the column, already written. */
export function writeEquality(
  out: SqlBuilder,
  dialect: Dialect,
  column: SqlColumn,
  sql: string,
  test: Extract<Test, { test: 'text' }>,
): void {
  const { rule, value } = test
  const traits = traitsOf(column)
  if (!dialect.bindable(value)) out.add('1 = 0')
  else if (rule === 'exact') {
    out.add(`(${sql} = `).bind(value).add(' AND ')
    dialect.sameBytes(out, sql, [value])
    out.add(')')
  } else {
    const decided = isDecided(value, dialect)
    out.add('(')
    if (canSeek(rule)) {
      writeSeek(out, dialect, sql, value, traits)
      if (decided) out.add(' AND ')
    }
    if (decided) dialect.sameText(out, dialect.prepared(sql, decidedRule(rule)), [value])
    else if (!canSeek(rule)) out.add(dialect.notPlain(sql))
    out.add(')')
  }
}

/** Equality with one of several values, all of which the dialect decides. */
export function writeAnyEquality(
  out: SqlBuilder,
  dialect: Dialect,
  column: SqlColumn,
  sql: string,
  { rule, values }: Extract<Test, { test: 'texts' }>,
): void {
  out.add('(')
  if (canSeek(rule)) {
    writeSeekAny(out, dialect, column, sql, values)
    out.add(' AND ')
  }
  dialect.sameText(out, dialect.prepared(sql, decidedRule(rule)), values)
  out.add(')')
}

/**
 * What can be equal to one of the values: texts that are, but for case, and those with spaces more than a value has.
 * An index can find them if they are sought by what they begin with; looking at each text is simpler than that.
 */
function writeSeekAny(
  out: SqlBuilder,
  dialect: Dialect,
  column: SqlColumn,
  sql: string,
  values: readonly string[],
): void {
  const traits = traitsOf(column)
  const folded = dialect.folded(sql, traits)
  const isWord = (value: string) => !value.includes(' ')
  out.add('(')
  dialect.inList(out, folded, padded(values.map((value) => dialect.foldedLiteral(value, traits))), 'text')
  // One word can only be longer by the spaces behind it.
  const heads = new Set(
    values.flatMap((value) => {
      if (isWord(value)) return traits.pads ? [] : [`${value} `]
      return headsOf(value) ?? []
    }),
  )
  if (column.sought === true && heads.size <= dialect.mostHeads) {
    for (const head of [' ', ...heads]) {
      out.add(' OR ')
      dialect.prefix(out, folded, dialect.foldedLiteral(head, traits), traits)
    }
  } else {
    const patterns = [' %', ...(traits.pads ? [] : ['% ']), ...(values.every(isWord) ? [] : ['%  %'])]
    for (const pattern of patterns) {
      out.add(' OR ')
      dialect.like(out, sql, pattern)
    }
  }
  out.add(')')
}

/** What an index can find of the texts equal to a prepared one. */
function writeSeek(out: SqlBuilder, dialect: Dialect, sql: string, value: string, traits: TextTraits): void {
  out.add('(')
  const start = beginningOf(value)
  const body = `${dialect.foldedLiteral(likeBody(start, traits), traits)}%`
  if (!isPlain(value)) writePattern(out, dialect, sql, start, headsOf(start), body, traits)
  else {
    out
      .add(`${dialect.folded(sql, traits)} = `)
      .bind(dialect.foldedLiteral(value, traits))
      .add(' OR ')
    // One word can only be longer by the spaces behind it.
    if (value.includes(' ') || start !== value)
      writePattern(out, dialect, sql, start, headsOf(start), body, traits)
    else writePattern(out, dialect, sql, start, [`${value} `], body.replace(/%$/, ' %'), traits, body)
  }
  out.add(')')
}

/** Substrings. */
export function writeSubstring(
  out: SqlBuilder,
  dialect: Dialect,
  on: Operand,
  sql: string,
  test: Extract<Test, { test: 'substring' }>,
): void {
  const traits = traitsOf(on)
  const pieces = patternPieces(test.pieces)
  const body = dialect.foldedLiteral(bodyOf(pieces, traits), traits)
  const [first] = pieces
  if (!hasLiteral(body)) out.add(dialect.notPlain(sql))
  // Spaces and hyphens mean nothing to these rules: the pattern is held against the prepared text.
  else if (!canSeek(test.rule))
    dialect.like(out, dialect.prepared(sql, decidedRule(test.rule)), bodyOf(pieces, { unicode: false }))
  else if (first?.place === 'initial') {
    out.add('(')
    writePattern(out, dialect, sql, first.text, headsOf(first.text), body, traits)
    out.add(')')
  } else dialect.like(out, dialect.folded(sql, traits), body)
}

/** Pieces in order, open wherever the assertion is, and behind, where spaces may trail. */
function bodyOf(pieces: readonly Piece[], folding: { unicode: boolean }): string {
  const bodies = pieces.map((p) => likeBody(p.text, folding))
  const joined = pieces[0]?.place === 'initial' ? bodies.join('%') : `%${bodies.join('%')}`
  return `${joined}%`.replace(/(?<!!)%{2,}/g, '%')
}

/**
 * The folded column `LIKE body`, or the same behind leading spaces, in a form that an index on the folded
 * expression serves: a prefix for each of `heads`, and one for leading spaces, which `spaced` then follows.
 * @param start what `body` begins with, before it became a pattern
 */
function writePattern(
  out: SqlBuilder,
  dialect: Dialect,
  sql: string,
  start: string,
  heads: readonly string[] | undefined,
  body: string,
  traits: TextTraits,
  spaced = body,
): void {
  const folded = dialect.folded(sql, traits)
  if (heads === undefined) {
    if (!isPlain(start)) out.add(dialect.notPlain(sql))
    if (!isPlain(start) && hasLiteral(body)) out.add(' AND ')
    if (isPlain(start) || hasLiteral(body)) dialect.like(out, folded, `%${body}`.replace(/^%%/, '%'))
    return
  }
  const prefixes = new Set(
    heads.flatMap((head) => [dialect.foldedLiteral(head, traits), foldAscii(head, traits)]),
  )
  out.join([...prefixes], ' OR ', (prefix) => {
    out.add('(')
    dialect.prefix(out, folded, prefix, traits)
    if (body !== `${prefix}%`) {
      out.add(' AND ')
      dialect.like(
        out,
        folded,
        isPlain(prefix) && body.startsWith(prefix) ? body : `%${body}`.replace(/^%%/, '%'),
      )
    }
    out.add(')')
  })
  out.add(' OR (')
  dialect.prefix(out, folded, ' ', traits)
  out.add(' AND ')
  dialect.like(out, folded, ` %${spaced}`.replace(/^ %%/, ' %'))
  out.add(')')
}

const foldAscii = (text: string, { fold }: TextTraits) =>
  fold === 'upper'
    ? text.replace(/[a-z]+/g, (letters) => letters.toUpperCase())
    : text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
