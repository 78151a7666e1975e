/** The rows that the suite holds sources to, and the questions it asks of them. */
import { normalizeDn } from '../../../src/schema/dn-value.js'
import { caseExact, caseIgnore, numeric, telephone } from '../../../src/schema/normalize.js'
import type { Cell, ColumnKind, Operand, Piece, Table, Test, TextRule } from '../../../src/sources/source.js'
import type { MemoryRow } from './reference.js'

export interface FixtureColumn {
  readonly name: string
  readonly kind: ColumnKind
  /** The kinds it may have in stores that have no such type; that of `kind` alone unless told. */
  readonly kinds?: readonly ColumnKind[]
  readonly required?: boolean
  readonly unique?: boolean
  /** Case makes no difference, where a store makes any. */
  readonly folded?: boolean
  /** May be sought. */
  readonly indexed?: boolean
  /** Holds a key of this table. */
  readonly references?: string
}

/** Longer texts are refused. */
export const LONGEST = 60

export interface Fixture {
  readonly name: string
  /** The first is the key. */
  readonly columns: readonly FixtureColumn[]
  /** The store makes keys. */
  readonly numbered?: boolean
  /** Columns that no two rows share all of. */
  readonly together?: readonly string[]
  readonly rows: readonly (readonly Cell[])[]
}

const at = (text: string) => new Date(`${text}Z`)
const uuid = (n: number) => `123e4567-e89b-42d3-a456-42661417400${n}`
const bytes = (hex: string) => Buffer.from(hex, 'hex')

const things: Fixture = {
  name: 'things',
  columns: [
    { name: 'id', kind: 'integer' },
    { name: 'code', kind: 'text' },
    { name: 'boss_id', kind: 'integer' },
    { name: 'kind', kind: 'text' },
    { name: 'name', kind: 'text' },
    { name: 'other', kind: 'text' },
    { name: 'number', kind: 'integer' },
    { name: 'flag', kind: 'boolean', kinds: ['boolean', 'integer'] },
    { name: 'at', kind: 'time' },
    { name: 'day', kind: 'date' },
    { name: 'photo', kind: 'binary' },
    { name: 'uid', kind: 'uuid', kinds: ['uuid', 'text'] },
  ],
  rows: [
    [
      1,
      'ada',
      null,
      'a',
      'foo',
      'bar',
      0,
      true,
      at('2025-01-02T03:04:05'),
      at('2025-01-02T00:00:00'),
      bytes('00ff'),
      uuid(1),
    ],
    [
      2,
      'Bob',
      1,
      'a',
      'Foo',
      null,
      7,
      false,
      at('2025-01-02T03:04:05.678'),
      at('2000-02-29T00:00:00'),
      bytes(''),
      uuid(2),
    ],
    [3, 'carl', 2, 'b', ' foo  Bar ', 'ÜBER', -7, null, null, null, null, null],
    [
      4,
      'Dora',
      3,
      'b',
      'foo bar',
      'über',
      9223372036854775807n,
      true,
      at('1999-12-31T23:59:59.999'),
      at('1999-12-31T00:00:00'),
      bytes('61'),
      uuid(3),
    ],
    [
      5,
      'éva',
      6,
      null,
      '',
      'u\u0308ber',
      -9223372036854775808n,
      false,
      at('2038-01-19T03:14:08'),
      null,
      bytes('6161'),
      uuid(4),
    ],
    [6, 'Éva2', 5, null, '   ', '100% _sure\\!', null, null, null, at('2025-12-31T00:00:00'), null, null],
    [7, '日本', 99, 'c', null, "x' or '1'='1", 42, true, null, null, null, uuid(5)],
    [8, '+49 30-12', 4, 'd', '+49 30 12-34', '+493012 34', 7, false, null, null, null, null],
    [9, 'k', 9, 'e', '\u212aelvin', 'kelvin', 7, null, null, null, null, null],
    [10, 'ß', null, 'a', 'STRASSE', 'Straße', 1, true, null, null, null, null],
  ],
}

const kids: Fixture = {
  name: 'kids',
  columns: [
    { name: 'id', kind: 'integer' },
    { name: 'thing_id', kind: 'integer' },
    { name: 'kind', kind: 'text' },
    { name: 'val', kind: 'text' },
    { name: 'label_id', kind: 'integer' },
  ],
  rows: [
    [1, 1, 'a', 'foo', 1],
    [2, 1, 'b', ' FOO', 2],
    [3, 2, 'a', null, 3],
    [4, 2, 'b', 'bar', null],
    [5, 4, null, 'Foo', 1],
    [6, null, 'a', 'foo', 1],
    [7, 99, 'a', 'foo', 1],
  ],
}

const labels: Fixture = {
  name: 'labels',
  columns: [
    { name: 'id', kind: 'integer' },
    { name: 'label', kind: 'text' },
  ],
  rows: [
    [1, 'foo'],
    [2, 'Bar'],
    [3, null],
  ],
}

const many: Fixture = {
  name: 'many',
  columns: [{ name: 'id', kind: 'integer' }],
  rows: Array.from({ length: 2500 }, (_, i) => [i + 1]),
}

const logins: Fixture = {
  name: 'logins',
  columns: [
    { name: 'id', kind: 'integer' },
    { name: 'login', kind: 'text', unique: true, folded: true },
  ],
  rows: [
    'ann',
    ' bob',
    'carol ',
    'DAVE',
    'eve  x',
    null,
    'ann b',
    '\u00e4nn\u00e4',
    'a_c',
    ...Array.from({ length: 80 }, (_, i) => `user${i}`),
  ].map((login, i) => [i + 1, login]),
}

export const fixtures: readonly Fixture[] = [things, kids, labels, many, logins]

/** Every column, and texts made of several. */
export function operands(table: Table): readonly Operand[] {
  const columns = [...table.columns.values()]
  const [name, other, number] = ['name', 'other', 'number'].map((n) => table.columns.get(n))
  return name && other && number
    ? [...columns, { concat: [name, ' ', other] }, { concat: ['<', number, '>', name] }]
    : columns
}

const prepared: Readonly<Record<TextRule, (text: string) => string>> = {
  exact: (text) => text,
  caseIgnore: (text) => caseIgnore(text),
  caseExact: (text) => caseExact(text),
  telephone,
  numeric,
  dn: (text) => normalizeDn(text) ?? '',
}

/** Every kind of question, about what the rows hold and what they nearly hold. */
export function questions(on: Operand, rows: readonly MemoryRow[]): readonly Test[] {
  if ('concat' in on) return substrings(['foo', 'bar', 'o b', 'über', '%', '7', '>f'])
  const cells = rows.map((row) => row[on.name] ?? null).filter((cell) => cell !== null)
  const tests: Test[] = [{ test: 'present' }]
  if (on.kind === 'text') {
    const texts = [...new Set(['strasse', 'straße', 'kelvin', 'no one', ...cells.map(String)])]
    for (const rule of Object.keys(prepared) as TextRule[]) {
      for (const text of texts) {
        // Text without any value is asked for by nobody.
        const value = prepared[rule](text)
        if (/[^ ]/.test(value)) tests.push({ test: 'text', rule, value })
      }
      if (rule === 'exact') continue
      const plain = texts.map(prepared[rule]).filter((value) => /^[ -~]*[!-~][ -~]*$/.test(value))
      tests.push({ test: 'texts', rule, values: plain })
      // So many that no index is asked for each.
      const others = Array.from({ length: 60 }, (_, n) => `nothing ${n}`)
      tests.push({ test: 'texts', rule, values: [...plain.filter((_, i) => i % 2 === 0), ...others] })
    }
    return [
      ...tests,
      ...substrings(['foo', 'bar', ' ', 'o b', 'über', '%', '_', '\\!', "'", 's', '日']),
      { test: 'oneOf', values: ['foo'] },
      { test: 'oneOf', values: ['Foo', 'ÜBER', 'a', ...Array.from({ length: 2000 }, (_, n) => `${n}`)] },
    ]
  }
  const near = cells.flatMap((cell): readonly Exclude<Cell, null>[] => {
    if (cell instanceof Date) return [cell, new Date(cell.getTime() + 1), new Date(cell.getTime() - 1)]
    return [cell]
  })
  const ordered = on.kind === 'integer' || on.kind === 'time' || on.kind === 'date'
  for (const value of near) {
    for (const op of ordered ? (['eq', 'ge', 'le', 'gt', 'lt'] as const) : (['eq'] as const))
      tests.push({ test: 'compare', op, value })
  }
  if (on.kind === 'integer') {
    tests.push({ test: 'oneOf', values: [0, 7n] })
    for (const mask of [0n, 1n, 2n, 6n, 2n ** 40n, 2n ** 63n]) tests.push({ test: 'bits', mask })
  }
  return tests
}

function substrings(texts: readonly string[]): readonly Test[] {
  const rules = ['caseIgnore', 'caseExact', 'telephone', 'numeric'] as const
  return rules.flatMap((rule) =>
    texts.flatMap((text) => {
      const piece = (place: Piece['place']): Piece => ({
        place,
        text:
          rule === 'caseIgnore'
            ? caseIgnore(text, place)
            : rule === 'caseExact'
              ? caseExact(text, place)
              : prepared[rule](text),
      })
      const shapes = [[piece('initial')], [piece('any')], [piece('final')], [piece('initial'), piece('any')]]
      return shapes.map((pieces): Test => ({ test: 'substring', rule, pieces }))
    }),
  )
}
