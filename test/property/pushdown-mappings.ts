/** Random mappings over the tables of `pushdown-world.ts`: every operation, every transform, over every type of column. */
import fc from 'fast-check'
import { type MappingSpec, mappingSchema } from '../../src/mapping/schema.js'
import { child, elements, joined, kids } from './pushdown-children.js'
import { anyText, type ColumnClass, zoo } from './pushdown-columns.js'

const named = (...classes: readonly ColumnClass[]) =>
  zoo.filter((c) => classes.length === 0 || classes.includes(c.class)).map((c) => c.name)
const columnOf = (...classes: readonly ColumnClass[]) => fc.constantFrom(...named(...classes))
const textColumn = columnOf('text')

/** Mostly text, now and then anything: mappings are free to show a number or a date as text. */
const shownColumn = fc.oneof({ weight: 3, arbitrary: textColumn }, { weight: 2, arbitrary: columnOf() })

const literal = fc.oneof(
  fc.constantFrom(
    ' ',
    ', ',
    '-',
    ' - ',
    '@',
    'a',
    ' a',
    'a ',
    '  ',
    '(',
    '{{',
    'é',
    '.',
    ' (',
    "'",
    '\\',
    '%',
  ),
  anyText.filter((t) => !/[{}]/.test(t)),
)
/** One to three columns with odd literals between them, before and behind. */
const template = fc
  .tuple(
    fc.option(literal, { nil: '' }),
    fc.array(fc.tuple(shownColumn, fc.option(literal, { nil: '', freq: 4 })), { minLength: 1, maxLength: 3 }),
  )
  .map(([head, rest]) => head + rest.map(([name, tail]) => `{${name}}${tail}`).join(''))

const textCase = fc.constantFrom('lower', 'upper')
/** Values of a column, as a map's keys write them, with what they show. */
const mapped = (shown: fc.Arbitrary<string | number | boolean>) =>
  fc
    .oneof(
      fc.tuple(
        columnOf('integer'),
        fc.dictionary(fc.constantFrom('0', '1', '7', '-1', '42', '127'), shown, { minKeys: 1 }),
      ),
      fc.tuple(
        textColumn,
        fc.dictionary(fc.constantFrom('foo', 'FOO', 'red', 'foo ', 'é', 'BLUE', '1'), shown, { minKeys: 1 }),
      ),
      fc.tuple(columnOf('boolean'), fc.dictionary(fc.constantFrom('0', '1'), shown, { minKeys: 1 })),
    )
    // A key that its column can never hold is a problem of the mapping.
    .filter(([column, map]) => column !== 'i_ubig' || !('-1' in map))
    .map(([column, map]) => ({ column, map }))

/** `words` are values that the attribute's syntax accepts. */
const textSpec = (...words: readonly [string, string, ...string[]]): fc.Arbitrary<unknown> =>
  fc.oneof(
    { weight: 4, arbitrary: shownColumn },
    { weight: 2, arbitrary: fc.record({ column: shownColumn, case: textCase }) },
    { weight: 3, arbitrary: template },
    { weight: 1, arbitrary: fc.record({ template, case: textCase }) },
    { weight: 2, arbitrary: mapped(fc.constantFrom(...words)) },
    { weight: 2, arbitrary: child(kids('text', 'integer')) },
    { weight: 1, arbitrary: joined },
    { weight: 1, arbitrary: fc.constantFrom({ constant: words[0] }, { constant: [...words] }) },
  )
const integerSpec: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: columnOf('integer') },
  { weight: 1, arbitrary: columnOf('text', 'decimal', 'boolean') },
  { weight: 1, arbitrary: mapped(fc.constantFrom(0, 1, 1000)) },
  { weight: 1, arbitrary: child(kids('integer')) },
)
const bit = fc.record(
  {
    column: columnOf('integer'),
    bit: fc.constantFrom(1, 2, 64, 2 ** 31),
    is: fc.constantFrom('set', 'clear'),
  },
  { requiredKeys: ['column', 'bit'] },
)
const booleanSpec: fc.Arbitrary<unknown> = fc.oneof(
  columnOf('boolean', 'integer').map((column) => ({ column, syntax: 'boolean' })),
  fc
    .oneof(
      fc.tuple(textColumn, fc.constantFrom('foo', ['red', 'FOO'], 'foo ')),
      fc.tuple(columnOf('integer', 'boolean'), fc.constantFrom(1, [0, 1], true)),
    )
    .map(([column, equals]) => ({ column, equals, syntax: 'boolean' })),
  mapped(fc.boolean()).map((spec) => ({ ...spec, syntax: 'boolean' })),
  bit,
)
const timeSpec: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: columnOf('time') },
  { weight: 1, arbitrary: textColumn },
  {
    weight: 2,
    arbitrary: fc.record({
      column: columnOf('integer'),
      type: fc.constantFrom('epoch', 'epochMillis', 'filetime'),
    }),
  },
)
const binarySpec: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: columnOf('binary') },
  {
    weight: 1,
    arbitrary: fc.record({ column: columnOf('text', 'binary'), type: fc.constantFrom('hex', 'base64') }),
  },
)
const severalTexts = (...words: readonly [string, string, ...string[]]) =>
  fc.oneof(
    { weight: 4, arbitrary: textSpec(...words) },
    { weight: 1, arbitrary: fc.array(textSpec(...words), { minLength: 2, maxLength: 2 }) },
  )
const names = ['staff', 'Staff', 'é x', 'on  leave'] as const
const ascii = ['staff', 'Staff', 'foo'] as const
const digits = ['0 12', '42'] as const
const dnSpec = fc.oneof(
  shownColumn.map((name) => ({ dn: `uid={${name}},ou=things,dc=example` })),
  fc.tuple(textColumn, textColumn).map(([a, b]) => ({ dn: `cn={${a}}+sn={${b}},o=Ex Ample` })),
)

const attributes = fc.record(
  {
    cn: severalTexts(...names),
    description: severalTexts(...names),
    title: severalTexts(...names),
    labeledURI: textSpec(...names),
    memberUid: severalTexts(...ascii),
    homeDirectory: textSpec(...ascii),
    mail: severalTexts(...ascii),
    telephoneNumber: severalTexts(...digits),
    x121Address: severalTexts(...digits),
    postalAddress: textSpec(...names),
    uidNumber: integerSpec,
    gidNumber: integerSpec,
    xFlag: booleanSpec,
    createTimestamp: timeSpec,
    whenCreated: timeSpec,
    objectSid: binarySpec,
    jpegPhoto: binarySpec,
    seeAlso: dnSpec,
    manager: fc.constant({ ref: 'things', column: 'boss_id' }),
    memberOf: fc.constantFrom(
      { ref: 'grps', table: 'links', on: 'thing_id', value: 'grp_id' },
      { ref: 'grps', by: 'member' },
    ),
    owner: fc.constant({ ref: 'things', by: 'manager' }),
  },
  { requiredKeys: [] },
)

const thingWhere = fc.option(
  fc.constantFrom(
    { t_enum: 'red' },
    { t_enum: { not: 'red' } },
    { boss_id: null },
    { i_big: { not: [0, 1] } },
    { i_int: [0, 1, 42] },
  ),
  { nil: undefined, freq: 1 },
)

const lists = <T>(...values: readonly [T, ...T[]]) =>
  fc.oneof(
    fc.constantFrom(null, ...values),
    fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 2 }),
  )
const enabled: fc.Arbitrary<unknown> = fc.oneof(
  columnOf('boolean', 'integer'),
  bit,
  fc
    .oneof(
      fc.tuple(textColumn, lists<string | number>('foo', 'FOO', 'red', 'foo ', '1', 1, 'é')),
      fc.tuple(columnOf('integer'), lists<string | number | boolean>(0, 1, '42', true)),
      fc.tuple(columnOf('boolean'), lists<string | number | boolean>(true, false, 1, '0')),
      fc.tuple(columnOf('time', 'binary', 'decimal', 'uuid'), fc.constant(null)),
    )
    .chain(([column, values]) => fc.constantFrom({ column, equals: values }, { column, not: values })),
)
/** What things are over SCIM: elements without values, and values that LDAP does not show. */
const scim = fc.record(
  {
    addresses: elements,
    'urn:example:1.0:Thing:badges': elements,
    phoneNumbers: child(kids('text')),
    'urn:example:1.0:Thing:ranks': child(kids('integer')).map((spec) => ({ ...spec, syntax: 'integer' })),
    nickName: textSpec(...names),
  },
  { requiredKeys: [] },
)

/** Two views of one source that refer to each other. */
export const mappings: fc.Arbitrary<readonly MappingSpec[]> = fc
  .record({
    attributes,
    where: thingWhere,
    hidden: fc.boolean(),
    naming: fc.constantFrom('code', 'x-{code}', '{t_plain} {code}', '{code}{t_bin}'),
    ownUuid: fc.boolean(),
    linkWhere: fc.boolean(),
    scim: fc.option(scim, { nil: undefined, freq: 2 }),
    scimGroups: fc.boolean(),
    groupsByMember: fc.boolean(),
    enabled: fc.option(enabled, { nil: undefined, freq: 2 }),
  })
  .map(({ where: condition, hidden, naming, ownUuid, linkWhere, scimGroups, groupsByMember, ...more }) => {
    const { owner, ...others } = withoutUndefined(more.attributes)
    const shown = { ...others, ...('manager' in others && owner !== undefined && { owner }) }
    return [
      mappingSchema.parse({
        view: 'things',
        source: 'db',
        from: 'things',
        key: 'id',
        ...(condition && { where: condition }),
        ...(ownUuid && { uuid: 'uu' }),
        attributes: { uid: naming, ...shown },
        ldap: { base: 'ou=things', rdn: 'uid', objectClass: ['top', 'account'] },
        ...(more.scim && { scim: { resource: 'User', attributes: withoutUndefined(more.scim) } }),
        ...(more.enabled !== undefined && { enabled: more.enabled }),
      }),
      mappingSchema.parse({
        view: 'grps',
        source: 'db',
        from: 'grps',
        key: 'id',
        ...(hidden && { where: { hidden: 0 } }),
        attributes: {
          cn: 'title',
          member: [
            {
              ref: 'things',
              table: 'links',
              on: 'grp_id',
              value: 'thing_id',
              ...(linkWhere && { where: { kind: 'member' } }),
            },
            { ref: 'grps', table: 'nests', on: 'parent_id', value: 'child_id' },
          ],
          memberOf: groupsByMember
            ? { ref: 'grps', by: 'member' }
            : { ref: 'grps', table: 'nests', on: 'child_id', value: 'parent_id' },
        },
        ldap: { base: 'ou=grps', rdn: 'cn', objectClass: ['top', 'groupOfNames'] },
        ...(scimGroups && { scim: { resource: 'Group' } }),
      }),
    ]
  })

const withoutUndefined = (specs: object): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(specs).filter(([, spec]) => spec !== undefined))
