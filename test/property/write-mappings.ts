/** Random mappings of the tables of `write-tables.ts`, and what may be given to each attribute: also what it cannot hold. */
import fc from 'fast-check'
import { type MappingSpec, mappingSchema } from '../../src/mapping/schema.js'
import { Ref, type Scalar, type Value } from '../../src/model/value.js'
import type { children } from './write-tables.js'
import { element, further, inAnyCase, kinds, parts, pick, text, textOrBlank, times } from './write-values.js'

/** An attribute as a test knows it. */
export interface Held {
  readonly name: string
  /** How many values columns hold; undefined where there is a table for them. */
  readonly room: number | undefined
  /** The table that alone holds its values, a row for each. */
  readonly table?: keyof typeof children
  /** What it shows where nothing is held. */
  readonly absent?: boolean
  /** A choice of values. */
  value(n: number): Value
  refuses?(value: Value): boolean
  /** What is added to an element that does not say it. */
  readonly implied?: Readonly<Record<string, Scalar>>
}

export interface Written {
  readonly specs: readonly MappingSpec[]
  readonly people: readonly Held[]
  /** Do groups show their members? */
  readonly hasMembers: boolean
}

type Choice = readonly [spec: unknown, held: Omit<Held, 'name'>]

const inColumn = (column: string, value: Held['value'], more: object = {}): Choice => [
  column,
  { room: 1, value, ...more },
]
const spelt = (spec: object, value: Held['value'], more: object = {}): Choice => [
  spec,
  { room: 1, value, ...more },
]

/** The ways to keep several texts in a table. */
const inTable = (table: 'names' | 'descriptions' | 'uris'): fc.Arbitrary<Choice> => {
  const base = { table, on: 'person_id', value: 'val' }
  const withParts = (n: number) => element({ value: textOrBlank(n), ...further(n) })
  return fc.constantFrom<Choice>(
    [base, { room: undefined, table, value: textOrBlank }],
    [
      { ...base, where: { kind: 'work' } },
      { room: undefined, table, value: textOrBlank },
    ],
    [
      { ...base, parts },
      { room: undefined, table, value: withParts },
    ],
    [
      { ...base, where: { kind: 'work' }, parts },
      {
        room: undefined,
        table,
        value: withParts,
        implied: { type: 'work' },
        refuses: (v) => typeof v === 'object' && 'type' in v && v.type !== undefined && v.type !== 'work',
      },
    ],
  )
}
const inBoth = (column: string, choice: Choice): Choice => {
  const [spec, { table: _, refuses, implied, ...held }] = choice
  return [[column, spec], { ...held, ...(refuses && { refuses }), ...(implied && { implied }) }]
}

const many = (column: string, table: 'names' | 'descriptions' | 'uris') =>
  fc.oneof(
    { weight: 1, arbitrary: fc.constant(inColumn(column, inAnyCase)) },
    { weight: 3, arbitrary: inTable(table) },
    {
      weight: 1,
      arbitrary: inTable(table)
        .filter(([, held]) => held.implied === undefined)
        .map((choice) => inBoth(column, choice)),
    },
  )

const integers = pick<number | bigint>(0, 1, -42, 2147483647, 7, -1, 100, -2147483648, 2n ** 70n)
const isHuge = (v: Value) => typeof v === 'bigint'
const bytesOf = (n: number) => Buffer.from(['ff00fe', 'ff00fd', '61', '20'][n % 4] ?? '', 'hex')
const days = pick(new Date('2030-06-15'), new Date('1999-12-31'), new Date('2000-02-29'), times(0))
const bools = (n: number) => n % 2 === 0

const attributes = fc.record(
  {
    cn: many('a', 'names'),
    description: many('b', 'descriptions'),
    labeledURI: many('c', 'uris'),
    uidNumber: fc.constant(inColumn('num', integers, { refuses: isHuge })),
    gidNumber: fc.constant(inColumn('big', integers, { refuses: isHuge })),
    employeeType: fc.constant(
      spelt(
        { column: 'state', map: { 1: 'staff', 2: 'on leave' } },
        pick('staff', 'On  Leave', 'STAFF', 'on leave', 'Staff', 'other'),
        {
          refuses: (v: Value) => v === 'other',
        },
      ),
    ),
    xFlag: fc.constantFrom(
      spelt({ column: 'level', equals: 'A', else: 'B', syntax: 'boolean' }, bools, { absent: false }),
      spelt({ column: 'flag', syntax: 'boolean' }, bools),
    ),
    xTime: fc.constantFrom(
      spelt({ column: 'at', syntax: 'generalizedTime' }, times),
      spelt({ column: 'epoch', type: 'epochMillis', syntax: 'generalizedTime' }, times),
      spelt({ column: 'day', syntax: 'generalizedTime' }, days, {
        refuses: (v: Value) => v instanceof Date && v.getTime() % 86_400_000 !== 0,
      }),
    ),
    jpegPhoto: fc.constantFrom(
      inColumn('bytes', bytesOf),
      spelt({ column: 'encoded', type: 'hex' }, bytesOf),
      spelt({ column: 'encoded', type: 'base64' }, bytesOf),
    ),
  },
  { requiredKeys: [] },
)

const ACTIVE = 'urn:ietf:params:scim:schemas:core:2.0:User:active'
const ADDRESSES = 'urn:ietf:params:scim:schemas:core:2.0:User:addresses'

const enabled = fc.constantFrom<readonly [unknown, boolean]>(
  ['flag', false],
  [{ column: 'status', equals: 'on', else: 'off' }, false],
  [{ column: 'status', not: ['off', 'locked'], else: null }, true],
  [{ column: 'status', equals: null, else: 'locked' }, true],
)

/** Random mappings of people and of groups, whose members are people. */
export const writtenMappings: fc.Arbitrary<Written> = fc
  .record({
    attributes,
    manager: fc.boolean(),
    memberOf: fc.boolean(),
    hasMembers: fc.boolean(),
    linkKind: fc.option(fc.constant('member'), { nil: undefined, freq: 1 }),
    scim: fc.boolean(),
    enabled: fc.option(enabled, { nil: undefined, freq: 1 }),
    tenant: fc.boolean(),
    version: fc.boolean(),
    deletions: fc.boolean(),
    upkeep: fc.boolean(),
  })
  .map(({ attributes: given, ...is }) => {
    const chosen = Object.entries(given).flatMap(([name, choice]) =>
      choice === undefined ? [] : [[name, choice] as const],
    )
    // One column of truth values is enough for one of both.
    const usesFlag = chosen.some(
      ([, [spec]]) => typeof spec === 'object' && spec !== null && 'column' in spec && spec.column === 'flag',
    )
    const state = is.scim && !(usesFlag && is.enabled?.[0] === 'flag') ? is.enabled : undefined
    const link = (on: string, value: string, ref: string) => ({
      ref,
      table: 'links',
      on,
      value,
      ...(is.linkKind && { where: { kind: is.linkKind } }),
    })
    const people: Held[] = [...chosen.map(([name, [, held]]): Held => ({ name, ...held }))]
    if (is.scim) {
      people.push({
        name: ADDRESSES,
        room: undefined,
        table: 'addrs',
        value: (n) =>
          element({ ...further(n), streetAddress: n % 4 === 0 ? undefined : text(n), type: kinds(n) }),
      })
    }
    if (state !== undefined) people.push({ name: ACTIVE, room: 1, absent: state[1], value: bools })
    const specs = [
      mappingSchema.parse({
        view: 'people',
        source: 'db',
        from: 'people',
        writable: true,
        key: 'id',
        ...(is.tenant && { where: { tenant: 'acme' } }),
        ...(is.version && { version: 'version' }),
        ...(is.deletions && { deletions: { table: 'gone', key: 'person_id', at: 'at' } }),
        attributes: {
          uid: 'code',
          ...Object.fromEntries(chosen.map(([name, [spec]]) => [name, spec])),
          ...(is.manager && { manager: { ref: 'people', column: 'boss_id' } }),
          ...(is.memberOf && { memberOf: link('person_id', 'grp_id', 'grps') }),
          ...(is.upkeep && { createTimestamp: 'created', modifyTimestamp: 'changed' }),
        },
        ...(state && { enabled: state[0] }),
        ldap: { base: 'ou=people', rdn: 'uid', objectClass: ['top', 'account'] },
        ...(is.scim && {
          scim: {
            resource: 'User',
            attributes: {
              addresses: { table: 'addrs', on: 'person_id', parts: { streetAddress: 'val', ...parts } },
            },
          },
        }),
      }),
      mappingSchema.parse({
        view: 'grps',
        source: 'db',
        from: 'grps',
        writable: true,
        key: 'id',
        attributes: {
          cn: 'title',
          ...(is.hasMembers && { member: link('grp_id', 'person_id', 'people') }),
        },
        ldap: { base: 'ou=grps', rdn: 'cn', objectClass: ['top', 'groupOfNames'] },
      }),
    ]
    if (is.manager) people.push({ name: 'manager', room: 1, value: (n) => new Ref('people', [], String(n)) })
    if (is.memberOf) {
      people.push({
        name: 'memberOf',
        room: undefined,
        table: 'links',
        value: (n) => new Ref('grps', [], String(n)),
      })
    }
    people.push({ name: 'uid', room: 1, value: (n) => (n % 19 === 0 ? '' : `p${n % 31}`) })
    return { specs, people, hasMembers: is.hasMembers }
  })
