/**
 * A column of every type that databases have for people, in each database's own types, and values for it: text that
 * case, spaces, composition, collations and SQL make awkward, numbers at the ends of their types.
 */
import fc from 'fast-check'
import type { Parameter } from '../data/sql-client.js'
import { awkwardTexts } from '../data/text.js'

/** What a column's values look like, for mappings that must pick columns that make sense. */
export type ColumnClass = 'text' | 'integer' | 'boolean' | 'time' | 'binary' | 'uuid' | 'decimal' | 'loose'

export interface ZooColumn {
  readonly name: string
  readonly class: ColumnClass
  /** The type in MariaDB, PostgreSQL and SQLite. */
  readonly types: readonly [string, string, string]
  readonly value: fc.Arbitrary<Parameter>
}

const atoms = [
  ...[
    ' ',
    '  ',
    'a',
    'A',
    'b',
    'é',
    'É',
    'e\u0301',
    'ß',
    'ss',
    'ſ',
    'K',
    'k',
    '\u212a',
    'İ',
    'i',
    'ı',
    'Σ',
    'ς',
  ],
  ...[
    'σ',
    '%',
    '_',
    '!',
    '\\',
    "'",
    '"',
    '-',
    '?',
    '*',
    '日',
    '😀',
    '\u00a0',
    '\t',
    '\n',
    '\u0001',
    '\u0002',
  ],
  ...['\u200b', '\u00ad', 'ﬁ', 'ä', 'a\u0308', 'Å', '\u212b', '½', '0', '7'],
]

/** Up to 50 characters. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.array(fc.constantFrom(...atoms), { maxLength: 6 }).map((t) => t.join('')) },
  { weight: 2, arbitrary: fc.constantFrom(...awkwardTexts) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('foo', 'Foo', 'FOO', 'foo bar', 'foo  bar', ' foo', 'foo ', 'fo', 'f'),
  },
  { weight: 1, arbitrary: fc.constantFrom('', ' ', '0', '1', '-1', '007', 'TRUE', 'red', '2025-01-02') },
)
const latinText = anyText.map((text) =>
  [...text].filter((char) => char <= '~' || (char >= '\u00a0' && char <= '\u00ff')).join(''),
)
/** Databases differ in what blanks at the end of fixed-width text mean; nobody can tell them apart there. */
const fixedText = anyText.map((text) => [...text].slice(0, 8).join('').trimEnd())

const integers = (bits: bigint, unsigned = false) => {
  const [least, greatest] = unsigned ? [0n, 2n ** bits - 1n] : [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n]
  return fc.oneof(
    fc.constantFrom(0n, 1n, 2n, 7n, 42n, 100n),
    fc.constantFrom(least, least + 1n, greatest - 1n, greatest),
    ...(bits < 64n ? [] : [fc.constantFrom(132223104000000000n, 132223104000009999n, 2650467743999999999n)]),
  )
}
const times = fc
  .constantFrom(
    ...['2025-01-02 00:00:00', '2025-01-02 03:04:05', '2025-01-02 03:04:05.678', '2000-02-29 23:59:59.999'],
    ...['1999-12-31 23:59:59', '2025-01-02 03:04:05.001', '2030-06-15 12:00:00.500'],
  )
  .chain((text) => fc.constantFrom(text, ...(text.includes('.') ? [`${text}400`, `${text}999`] : [])))
const bytes = fc.constantFrom(
  ...['', '00', '61', '666f6f', '464f4f', 'ff00fe', '666f6f20', '20'].map((hex) => Buffer.from(hex, 'hex')),
)
const uuids = fc.constantFrom(
  '00000000-0000-0000-0000-000000000000',
  '123e4567-e89b-42d3-a456-426614174000',
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
  'ABCDEF00-e89b-42d3-a456-426614174000',
)

const column = (
  name: string,
  kind: ColumnClass,
  types: readonly [string, string, string],
  value: fc.Arbitrary<Parameter>,
): ZooColumn => ({ name, class: kind, types, value: fc.option(value, { nil: null, freq: 4 }) })

export const zoo: readonly ZooColumn[] = [
  column('t_plain', 'text', ['varchar(60)', 'varchar(60)', 'text'], anyText),
  column(
    't_bin',
    'text',
    ['varchar(60) collate utf8mb4_bin', 'text collate "C"', 'text collate binary'],
    anyText,
  ),
  column('t_uni', 'text', ['varchar(60) collate utf8mb4_unicode_ci', 'text', 'text collate nocase'], anyText),
  column(
    't_nopad',
    'text',
    ['varchar(60) collate utf8mb4_general_nopad_ci', 'text collate "ucs_basic"', 'clob'],
    anyText,
  ),
  column('t_latin', 'text', ['varchar(60) character set latin1', 'varchar(60)', 'varchar(60)'], latinText),
  column(
    't_latinbin',
    'text',
    ['varchar(60) character set latin1 collate latin1_bin', 'text', 'text collate rtrim'],
    latinText,
  ),
  column('t_char', 'text', ['char(12)', 'char(12)', 'char(12)'], fixedText),
  column('t_upper', 'text', ['varchar(60)', 'varchar(60)', 'text'], anyText),
  column('t_long', 'text', ['text', 'text', 'text'], anyText),
  column(
    't_enum',
    'text',
    ["enum('red','Green light','BLUE','')", 'color', 'text'],
    fc.constantFrom('red', 'Green light', 'BLUE', ''),
  ),
  column('i_small', 'integer', ['tinyint', 'smallint', 'smallint'], integers(8n)),
  column('i_int', 'integer', ['int', 'integer', 'integer'], integers(32n)),
  column('i_big', 'integer', ['bigint', 'bigint', 'bigint'], integers(64n)),
  column('i_ubig', 'integer', ['bigint unsigned', 'bigint', 'integer'], integers(63n, true)),
  column(
    'epoch',
    'integer',
    ['bigint', 'bigint', 'integer'],
    fc.constantFrom(0n, -1n, 1735787045n, 1735787045678n, 951868799n),
  ),
  column('b_bool', 'boolean', ['tinyint(1)', 'boolean', 'boolean'], fc.boolean()),
  column('b_bit', 'boolean', ['bit(1)', 'boolean', 'integer'], fc.boolean()),
  column(
    'n_dec',
    'decimal',
    ['decimal(20,2)', 'numeric', 'numeric'],
    fc.constantFrom('0', '1', '42', '1.5', '-7', '100.00'),
  ),
  column('n_dbl', 'decimal', ['double', 'double precision', 'real'], fc.constantFrom(0, 1, 42, 1.5, -7)),
  column('at', 'time', ['datetime(6)', 'timestamp', 'datetime'], times),
  column('at_zone', 'time', ['timestamp(6) null', 'timestamptz', 'timestamp'], times),
  column(
    'day',
    'time',
    ['date', 'date', 'date'],
    times.map((text) => text.slice(0, 10)),
  ),
  column('bytes', 'binary', ['blob', 'bytea', 'blob'], bytes),
  column('var_bytes', 'binary', ['varbinary(16)', 'bytea', 'varbinary(16)'], bytes),
  column('uu', 'uuid', ['uuid', 'uuid', 'text'], uuids),
  column('js', 'loose', ['json', 'jsonb', 'json'], fc.constantFrom('{"a": 1}', '[]', '"x"')),
]

export const kidColumns: readonly ZooColumn[] = [
  column('val', 'text', ['varchar(60)', 'varchar(60)', 'text'], anyText),
  column('val_bin', 'text', ['varchar(60) collate utf8mb4_bin', 'text', 'text collate nocase'], anyText),
  column('num', 'integer', ['bigint', 'bigint', 'integer'], integers(64n)),
  column('kind', 'text', ['varchar(20)', 'varchar(20)', 'text'], fc.constantFrom('work', 'home')),
  column('flag', 'boolean', ['tinyint(1)', 'boolean', 'boolean'], fc.boolean()),
  column('since', 'time', ['datetime(6)', 'timestamp', 'datetime'], times),
  column('label_id', 'integer', ['int', 'integer', 'integer'], fc.integer({ min: 1, max: 3 })),
]
