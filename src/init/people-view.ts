/** The mapping of people, put together from what was chosen: a name for everybody, and what their classes demand. */
import type { AttributeSpec, Conditions, EnabledSpec, MappingSpec } from '../mapping/schema.js'
import type { Catalog, SurveyedColumn, SurveyedTable } from '../sources/survey.js'
import { type Chosen, isUnique, spelled } from './columns.js'
import { epoch, hashes, isDistinct, ratio, type Sampled, sixteenOctets, uuids } from './evidence.js'
import type { Groups } from './groups.js'
import type { Key } from './people.js'
import { type ProposedView, type Reason, SOURCE } from './proposed.js'
import type { Related } from './related.js'
import { deletedOf, enabledOf } from './switches.js'
import { type Known, likeness, MANAGER, spellingsOf, tableLikeness } from './words.js'

export interface PeopleParts {
  readonly sampled: Sampled
  readonly catalog: Catalog
  readonly key: Key
  readonly chosen: ReadonlyMap<Known, Chosen>
  readonly related: readonly Related[]
  readonly groups?: Groups
  /** Why this table. */
  readonly why: readonly string[]
  readonly others: readonly string[]
  /** Is added to. */
  readonly doubts: string[]
}

/** Shown as they are, in this order. */
const PLAIN: readonly Known[] = [
  ...([
    'telephoneNumber',
    'mobile',
    'facsimileTelephoneNumber',
    'title',
    'ou',
    'o',
    'employeeNumber',
  ] as const),
  ...([
    'employeeType',
    'roomNumber',
    'street',
    'postalCode',
    'l',
    'preferredLanguage',
    'description',
  ] as const),
  ...(['labeledURI', 'jpegPhoto'] as const),
]

export function peopleView(parts: PeopleParts): ProposedView {
  const { sampled, key, chosen, related, groups, doubts } = parts
  const { table } = sampled
  const attributes = new Map<string, AttributeSpec | AttributeSpec[]>()
  const reasons: Reason[] = [
    {
      key: 'from',
      chosen: table.name,
      why: parts.why.join('; ') || 'it was asked for',
      others: parts.others,
    },
    { key: 'key', chosen: at(table, key.column), why: key.why, others: [] },
  ]
  const put = (
    attribute: string,
    spec: AttributeSpec,
    from: string,
    why: string,
    others: readonly string[] = [],
  ) => {
    const before = attributes.get(attribute)
    attributes.set(attribute, before === undefined ? spec : [...[before].flat(), spec])
    reasons.push({ key: attribute, chosen: from, why, others })
  }
  const own = (attribute: Known, spec?: AttributeSpec) => {
    const found = chosen.get(attribute)
    if (found === undefined) return false
    const others = found.others.map(({ column }) => at(table, column))
    put(attribute, spec ?? found.column.name, at(table, found.column), found.why.join('; '), others)
    return true
  }
  const elsewhere = (attribute: Known) => {
    for (const one of related.filter((r) => r.attribute === attribute))
      put(attribute, one.spec, one.from, one.why)
    return attributes.has(attribute)
  }

  const uid = nameOf(parts)
  put('uid', uid.column.name, at(table, uid.column), uid.why, uid.others)
  names(parts, uid.column, put, own, elsewhere)
  own('mail')
  elsewhere('mail')
  for (const attribute of PLAIN) {
    own(attribute)
    if (!attributes.has(attribute) || /^(?:telephone|mobile|facsimile)/.test(attribute)) elsewhere(attribute)
  }
  department(parts, put, attributes)
  manager(parts, put)
  if (groups !== undefined) memberOf(parts, groups, put)
  const password = chosen.get('userPassword')
  if (password !== undefined) {
    const found = hashes(sampled.values(password.column.name))
    if (found.all === 0 || found.some > 0)
      own('userPassword', { column: password.column.name, verifyOnly: true })
    else
      doubts.push(
        `${at(table, password.column)} is not mapped: its content is ${found.others.join(', ') || 'no hash that is known'}, which is not verified`,
      )
  }
  for (const attribute of ['createTimestamp', 'modifyTimestamp'] as const) {
    const column = chosen.get(attribute)?.column
    const type = column?.kind === 'integer' ? epoch(sampled.values(column.name)) : undefined
    own(attribute, column && type && { column: column.name, type })
  }

  const deleted = deletedOf(sampled)
  if (deleted !== undefined)
    reasons.push({ key: 'where', chosen: at(table, deleted.column), why: deleted.why, others: [] })
  const enabled = stateOf(parts, attributes, reasons)
  const uuid = uuidOf(parts, chosen)
  if (uuid !== undefined)
    reasons.push({ key: 'uuid', chosen: at(table, uuid), why: 'it holds UUIDs, each once', others: [] })
  return {
    mapping: mappingOf(parts, attributes, deleted?.spec, enabled, uuid),
    reasons,
  }
}

type Put = (
  attribute: string,
  spec: AttributeSpec,
  from: string,
  why: string,
  others?: readonly string[],
) => void

const at = ({ name }: SurveyedTable, column: SurveyedColumn) => `${name}.${column.name}`

function mappingOf(
  { sampled: { table }, key }: PeopleParts,
  attributes: ReadonlyMap<string, AttributeSpec | AttributeSpec[]>,
  where: Conditions | undefined,
  enabled: EnabledSpec | undefined,
  uuid: SurveyedColumn | undefined,
): MappingSpec {
  return {
    view: 'people',
    source: SOURCE,
    from: table.name,
    key: key.column.name,
    ...(uuid !== undefined && { uuid: uuid.name }),
    ...(where !== undefined && { where }),
    attributes: Object.fromEntries(attributes),
    ...(enabled !== undefined && { enabled }),
    ldap: {
      base: 'ou=people',
      rdn: 'uid',
      objectClass: ['top', 'person', 'organizationalPerson', 'inetOrgPerson'],
    },
    scim: { resource: 'User' },
  }
}

/** What people log in with: their log-in name, else their address, else the key. */
function nameOf({ sampled, chosen, key, doubts }: PeopleParts) {
  const { table } = sampled
  const others = (found: Chosen) => found.others.map(({ column }) => at(table, column))
  const login = chosen.get('uid')
  if (login !== undefined) {
    if (!isUnique(table, login.column.name))
      doubts.push(
        `no index says that ${at(table, login.column)} is unique: of two people of one name neither may be found`,
      )
    return { column: login.column, why: login.why.join('; '), others: others(login) }
  }
  const mail = chosen.get('mail')
  if (mail !== undefined) {
    const values = sampled.values(mail.column.name)
    if (isUnique(table, mail.column.name) || (isDistinct(values) && values.length === sampled.size))
      return {
        column: mail.column,
        why: 'there are no log-in names: people are called by their addresses',
        others: [],
      }
  }
  doubts.push(`people are called by ${at(table, key.column)}: no other column names each of them`)
  return { column: key.column, why: 'nothing else names each of them', others: [] }
}

/** `person` demands `cn` and `sn` (RFC 4519 3.12). */
function names(
  { sampled: { table }, chosen }: PeopleParts,
  uid: SurveyedColumn,
  put: Put,
  own: (attribute: Known) => boolean,
  elsewhere: (attribute: Known) => boolean,
): void {
  const whole = chosen.get('displayName')?.column
  const given = chosen.get('givenName')?.column
  const family = chosen.get('sn')?.column
  if (given !== undefined && family !== undefined)
    put('cn', `{${given.name}} {${family.name}}`, `${at(table, given)} and ${family.name}`, 'put together')
  else if (whole !== undefined) put('cn', whole.name, at(table, whole), 'a full name')
  else if (family !== undefined || given !== undefined) {
    const some = family ?? given ?? uid
    put('cn', some.name, at(table, some), 'there is no fuller name')
  } else if (!elsewhere('displayName')) put('cn', uid.name, at(table, uid), 'there is no other name')
  else put('cn', uid.name, at(table, uid), 'the full name is in another table')
  if (whole !== undefined) own('displayName')
  if (!own('givenName')) elsewhere('givenName')
  if (own('sn') || elsewhere('sn')) return
  const some = whole ?? given ?? uid
  put('sn', some.name, at(table, some), 'there is no family name, and the class person demands one')
}

/** The name of the department, where a key leads to a table of them. */
function department(
  { sampled: { table }, catalog, groups }: PeopleParts,
  put: Put,
  there: ReadonlyMap<string, unknown>,
) {
  if (there.has('ou')) return
  for (const { columns, table: name, targets } of table.foreignKeys) {
    const target = catalog.tables.get(name)
    const [column, more] = columns
    if (target === undefined || target === table || target === groups?.table) continue
    if (column === undefined || more !== undefined || targets[0] === undefined) continue
    if (tableLikeness(name, DEPARTMENTS) < 0.5) continue
    const called = spelled(target).find(
      ([one, spellings]) => one.kind === 'text' && likeness(spellings, CALLED) > 0,
    )?.[0]
    if (called === undefined) continue
    put(
      'ou',
      { table: name, on: { [targets[0]]: column }, value: called.name },
      at(target, called),
      `a foreign key leads to it by ${table.name}.${column}`,
    )
    return
  }
}

const DEPARTMENTS = [
  'department',
  'abteilung',
  'service',
  'departement',
  'departamento',
  'reparto',
  'afdeling',
  'unit',
  'organizationalunit',
  'division',
]
const CALLED = [
  'name',
  'title',
  'label',
  'bezeichnung',
  'libelle',
  'nom',
  'nombre',
  'nome',
  'naam',
  'navn',
  'namn',
]

/** A column of keys of the table itself that is called so; others are of who created the row. */
function manager({ sampled, key }: PeopleParts, put: Put): void {
  const { table } = sampled
  const self = new Set(
    table.foreignKeys.flatMap(({ columns, table: target, targets }) =>
      target === table.name && columns.length === 1 && targets[0] === key.column.name ? columns : [],
    ),
  )
  const found = spelled(table).find(
    ([column, spellings]) =>
      column !== key.column &&
      (self.has(column.name) || column.kind === key.column.kind) &&
      (likeness(spellings, MANAGER) > 0 ||
        likeness(spellingsOf(column.name.replace(/_?(?:id|nr|no)$/i, '')), MANAGER) > 0),
  )?.[0]
  if (found === undefined) return
  const declared = self.has(found.name)
  const values = sampled.values(found.name)
  const keys = new Set(sampled.values(key.column.name).map(String))
  if (!declared && values.length > 0 && !values.some((value) => keys.has(String(value)))) return
  put(
    'manager',
    { ref: 'people', column: found.name },
    at(table, found),
    declared ? 'its name says so; it refers to this table' : 'its name says so; its values are keys',
  )
}

function memberOf({ sampled: { table } }: PeopleParts, groups: Groups, put: Put): void {
  const { table: join, group, person } = groups.members
  const from = `${join.name}.${group.name}`
  const why = 'see the groups'
  if (join === table) put('memberOf', { ref: 'groups', column: group.name }, from, why)
  else put('memberOf', { ref: 'groups', table: join.name, on: person.name, value: group.name }, from, why)
}

function stateOf(
  { sampled, doubts }: PeopleParts,
  attributes: ReadonlyMap<string, unknown>,
  reasons: Reason[],
): EnabledSpec | undefined {
  const { table } = sampled
  const { enabled, unclear } = enabledOf(sampled)
  if (enabled !== undefined)
    reasons.push({
      key: 'enabled',
      chosen: at(table, enabled.column),
      why: enabled.why,
      others: unclear.map((column) => at(table, column)),
    })
  else if (attributes.has('userPassword'))
    doubts.push(
      unclear.length === 0
        ? 'nothing says who may not log in: everybody with a password may'
        : `what ${unclear.map((column) => at(table, column)).join(' and ')} must be to log in is not known: say it under enabled, or everybody with a password may`,
    )
  return enabled?.spec
}

/** A unique column of UUIDs, where the key is none itself. */
function uuidOf(
  { sampled, key }: PeopleParts,
  chosen: ReadonlyMap<Known, Chosen>,
): SurveyedColumn | undefined {
  if (key.column.kind === 'uuid') return undefined
  const { table } = sampled
  const taken = new Set([...chosen.values()].map(({ column }) => column.name))
  return table.columns.find((column) => {
    if (taken.has(column.name) || !isUnique(table, column.name)) return false
    const values = sampled.values(column.name)
    if (column.kind === 'uuid') return true
    return (
      (column.kind === 'text' && ratio(uuids(values)) === 1) ||
      (column.kind === 'binary' && ratio(sixteenOctets(values)) === 1)
    )
  })
}
