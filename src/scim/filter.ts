/** The text of a filter (RFC 7644 3.4.2.2) becomes its tree. What its names mean and whether types fit is not decided here. */
import type { AttributePath, ScimComparison, ScimFilter } from './filter-ast.js'
import { Scanner } from './lexer.js'

/** Bounds of what a client may send. */
export const MAX_FILTER_LENGTH = 100_000
const MAX_DEPTH = 100
const MAX_TERMS = 5_000

const comparisons: ReadonlySet<string> = new Set<ScimComparison>([
  'eq',
  'ne',
  'co',
  'sw',
  'ew',
  'gt',
  'ge',
  'lt',
  'le',
])

/**
 * Operators and the literals `true`, `false` and `null` are read in any case; `not` may stand right before its
 * parenthesis. `emails[type eq "work"].value eq "x"` is read as `emails[(type eq "work") and value eq "x"]`. Throws
 * `filterError` with the position and what was expected there.
 */
export function parseFilter(text: string): ScimFilter {
  const scanner = new Scanner(text, 'filterError', MAX_FILTER_LENGTH)
  const filter = new FilterParser(scanner).filter(0)
  scanner.requireEnd()
  return filter
}

/** The filter between the brackets of a value path; the scanner stands behind the opening one. */
export function parseValueFilter(scanner: Scanner): ScimFilter {
  return new FilterParser(scanner, true).filter(1)
}

class FilterParser {
  readonly #scanner: Scanner
  #inElement: boolean
  #terms = 0

  constructor(scanner: Scanner, inElement = false) {
    this.#scanner = scanner
    this.#inElement = inElement
  }

  /** `not` binds tighter than `and`, and `and` tighter than `or`. Ends before what cannot belong to it. */
  filter(depth: number): ScimFilter {
    if (depth > MAX_DEPTH) this.#scanner.refuse(`nested more than ${MAX_DEPTH} deep`)
    const alternatives: ScimFilter[] = []
    let conjunction: ScimFilter[] = []
    for (;;) {
      this.#scanner.skipSpace()
      conjunction.push(this.#operand(depth))
      const connective = this.#connective()
      if (connective === 'and') continue
      alternatives.push(combined('and', conjunction))
      if (connective === undefined) return combined('or', alternatives)
      conjunction = []
    }
  }

  #connective(): 'and' | 'or' | undefined {
    const scanner = this.#scanner
    const before = scanner.text[scanner.at - 1]
    const apart = scanner.skipSpace() || before === ')' || before === ']'
    const { next } = scanner
    if (next === undefined || next === ')' || next === ']') return undefined
    const from = scanner.at
    const word = scanner.word().toLowerCase()
    if ((word !== 'and' && word !== 'or') || !apart) return scanner.expected('"and", "or" or the end', from)
    if (scanner.next !== '(') scanner.requireSpace()
    return word
  }

  #operand(depth: number): ScimFilter {
    const scanner = this.#scanner
    if (scanner.take('(')) return this.#closed(depth, ')')
    const from = scanner.at
    if (scanner.word().toLowerCase() === 'not') {
      scanner.skipSpace()
      if (scanner.take('(')) return { op: 'not', of: this.#closed(depth, ')') }
    }
    scanner.at = from
    if (++this.#terms > MAX_TERMS) scanner.refuse(`more than ${MAX_TERMS} terms`)
    const path = scanner.path()
    return scanner.next === '[' ? this.#element(path, depth) : this.#expression(path)
  }

  #closed(depth: number, closing: string): ScimFilter {
    const filter = this.filter(depth + 1)
    this.#scanner.require(closing)
    return filter
  }

  #element(path: AttributePath, depth: number): ScimFilter {
    const scanner = this.#scanner
    if (this.#inElement) scanner.expected('an operator')
    scanner.require('[')
    this.#inElement = true
    const of = this.#closed(depth, ']')
    this.#inElement = false
    const sub = scanner.subAttribute()
    if (sub === undefined) return { op: 'element', path, of }
    return { op: 'element', path, of: { op: 'and', of: [of, this.#expression({ attribute: sub })] } }
  }

  #expression(path: AttributePath): ScimFilter {
    const scanner = this.#scanner
    scanner.requireSpace()
    const from = scanner.at
    const op = scanner.word().toLowerCase()
    if (op === 'pr') return { op, path }
    if (!isComparison(op))
      return scanner.expected('an operator (eq, ne, co, sw, ew, gt, ge, lt, le or pr)', from)
    scanner.requireSpace()
    return { op, path, value: scanner.value() }
  }
}

function combined(op: 'and' | 'or', of: readonly ScimFilter[]): ScimFilter {
  const [only] = of
  return of.length === 1 && only !== undefined ? only : { op, of }
}

function isComparison(op: string): op is ScimComparison {
  return comparisons.has(op)
}
