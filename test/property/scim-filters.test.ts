/** SCIM filters survive their text form; any text ends in a filter or a typed error; elements are told apart by logic. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { elementTest } from '../../src/frontends/scim/evaluate.js'
import { VitrineError } from '../../src/model/errors.js'
import { userSchema } from '../../src/schema/scim/user.js'
import { parseFilter } from '../../src/scim/filter.js'
import type { AttributePath, ScimComparison, ScimFilter } from '../../src/scim/filter-ast.js'
import { formatPath, parsePatchPath, parsePath } from '../../src/scim/path.js'

const name = fc.oneof(
  fc.constantFrom(
    'userName',
    'emails',
    'type',
    '$ref',
    'and',
    'or',
    'not',
    'pr',
    'eq',
    'true',
    'null',
    'a-b_1',
  ),
  fc.stringMatching(/^\$?[A-Za-z][A-Za-z0-9_-]{0,6}$/),
)
const urn = fc.constantFrom(
  'urn:ietf:params:scim:schemas:core:2.0:User',
  'URN:ietf:params:scim:schemas:extension:enterprise:2.0:User',
  'https://example.com/a/b?c=d',
)
const path: fc.Arbitrary<AttributePath> = fc.record(
  { schema: urn, attribute: name, sub: name },
  { requiredKeys: ['attribute'] },
)
const part: fc.Arbitrary<AttributePath> = fc.record({ attribute: name })
const value = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(...'"\\()[] .\n\u0000é😀') }),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
)
const comparison = fc.constantFrom<ScimComparison>('eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le')

function filters(paths: fc.Arbitrary<AttributePath>, ...leaves: readonly fc.Arbitrary<ScimFilter>[]) {
  return fc.letrec<{ filter: ScimFilter }>((tie) => ({
    filter: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.record({ op: comparison, path: paths, value }),
      fc.record({ op: fc.constant('pr' as const), path: paths }),
      ...leaves,
      fc.record({
        op: fc.constantFrom('and' as const, 'or' as const),
        of: fc.array(tie('filter'), { minLength: 2, maxLength: 4 }),
      }),
      fc.record({ op: fc.constant('not' as const), of: tie('filter') }),
    ),
  })).filter
}

const elementFilter = filters(part)
const filter = filters(path, fc.record({ op: fc.constant('element' as const), path, of: elementFilter }))

/** Every operand in the parentheses it needs and no others. */
function print(f: ScimFilter): string {
  switch (f.op) {
    case 'and':
    case 'or':
      return f.of.map((of) => (needsParentheses(f.op, of) ? `(${print(of)})` : print(of))).join(` ${f.op} `)
    case 'not':
      return `not (${print(f.of)})`
    case 'pr':
      return `${formatPath(f.path)} pr`
    case 'element':
      return `${formatPath(f.path)}[${print(f.of)}]`
    default:
      return `${formatPath(f.path)} ${f.op} ${JSON.stringify(f.value)}`
  }
}

function needsParentheses(outer: 'and' | 'or', inner: ScimFilter): boolean {
  return inner.op === outer || (outer === 'and' && inner.op === 'or')
}

const pieces = [
  ...['userName', 'emails', 'urn:x:2.0:User:', '.value', '$ref', 'and', 'or', 'not', 'NOT', 'pr', 'eq', 'co'],
  ...[
    '(',
    ')',
    '[',
    ']',
    '"',
    '\\',
    '"x"',
    ' ',
    '  ',
    '\t',
    '1',
    '-1.5e3',
    'true',
    'null',
    '.',
    ':',
    'é',
    '\ud800',
  ],
]
const mess = fc.oneof(
  fc.array(fc.constantFrom(...pieces), { maxLength: 30 }).map((p) => p.join('')),
  fc.array(fc.constantFrom(...pieces), { maxLength: 30 }).map((p) => p.join(' ')),
  fc.string({ unit: 'binary', maxLength: 40 }),
)

describe('SCIM filters', () => {
  it('come back from their text', () => {
    fc.assert(
      fc.property(filter, (original) => {
        expect(parseFilter(print(original))).toEqual(original)
      }),
      { numRuns: 1000 },
    )
  })

  it('are the same in more parentheses and spaces', () => {
    fc.assert(
      fc.property(filter, (original) => {
        expect(parseFilter(`\t( ( ${print(original)}\r\n))  `)).toEqual(original)
      }),
      { numRuns: 500 },
    )
  })

  it('are read or refused with a position inside the text', () => {
    fc.assert(
      fc.property(mess, (text) => {
        for (const parse of [parseFilter, parsePath, parsePatchPath]) {
          try {
            parse(text)
          } catch (error) {
            expect(error).toBeInstanceOf(VitrineError)
            const { code, safeMessage } = error as VitrineError
            expect(code).toMatch(
              parse === parsePath ? /^undefinedAttributeType$/ : /^filterError$|^undefinedAttributeType$/,
            )
            const [, position] = /expected at position (\d+)$/.exec(safeMessage) ?? []
            if (position === undefined) expect(safeMessage).toMatch(/expected at the end$/)
            else expect(Number(position) >= 1 && Number(position) <= text.length).toBe(true)
          }
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('are what was read: the text of a filter that was read means the same', () => {
    fc.assert(
      fc.property(mess, (text) => {
        let read: ScimFilter
        try {
          read = parseFilter(text)
        } catch {
          return
        }
        expect(parseFilter(print(read))).toEqual(read)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('value filters', () => {
  const emails = userSchema.attributes.find((a) => a.name === 'emails')
  if (emails === undefined) throw new Error('no emails')
  const text = fc.constantFrom('', 'a', 'A', 'ab', 'b', 'a  b', 'ä', 'Ä')
  const parts = fc.constantFrom('value', 'type', 'display').map((attribute) => ({ attribute }))
  const leaf: fc.Arbitrary<ScimFilter> = fc.oneof(
    fc.record({ op: comparison, path: parts, value: text }),
    fc.record({ op: fc.constantFrom('eq' as const, 'ne' as const), path: parts, value: fc.constant(null) }),
    fc.record({ op: fc.constantFrom('pr' as const), path: parts }),
    fc.record({
      op: fc.constant('eq' as const),
      path: fc.constant({ attribute: 'primary' }),
      value: fc.boolean(),
    }),
  )
  const element = fc.record(
    { value: text, type: text, display: text, primary: fc.boolean() },
    { requiredKeys: [], noNullPrototype: true },
  )
  const holds = (f: ScimFilter, e: Record<string, string | boolean>) =>
    elementTest(f, userSchema.id, emails).holds(e)

  it('follow logic', () => {
    fc.assert(
      fc.property(fc.array(leaf, { minLength: 2, maxLength: 5 }), element, (of, e) => {
        const each = of.map((f) => holds(f, e))
        expect(holds({ op: 'and', of }, e)).toBe(each.every((h) => h))
        expect(holds({ op: 'or', of }, e)).toBe(each.some((h) => h))
        expect(of.map((f) => holds({ op: 'not', of: f }, e))).toEqual(each.map((h) => !h))
      }),
      { numRuns: 1000 },
    )
  })

  it('say of a value exactly one of less, equal and greater, and ne where not eq', () => {
    fc.assert(
      fc.property(parts, text, element, (p, v, e) => {
        const test = (op: ScimComparison) => holds({ op, path: p, value: v }, e)
        const has = holds({ op: 'pr', path: p }, e)
        expect([test('lt'), test('eq'), test('gt')].filter((h) => h)).toHaveLength(has ? 1 : 0)
        expect(test('le')).toBe(test('lt') || test('eq'))
        expect(test('ge')).toBe(test('gt') || test('eq'))
        expect(test('ne')).toBe(!test('eq'))
        if (test('eq')) expect([test('co'), test('sw'), test('ew')]).toEqual([true, true, true])
      }),
      { numRuns: 1000 },
    )
  })
})
