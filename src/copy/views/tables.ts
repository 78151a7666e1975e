/**
 * What of a view's entries is copied, and which tables of the store hold it: one row per entry, the first value of each
 * attribute in it, all others in tables of their own. The mapping that reads them is made in `mapping.ts`.
 */
import { createHash } from 'node:crypto'
import { attributesOf, type GivenSpec, isSecret } from '../../mapping/given.js'
import type { BackRefSpec, MappingSpec } from '../../mapping/schema.js'
import type { Path } from '../../mapping/tables.js'
import type { Entry } from '../../model/entry.js'
import type { Filter } from '../../model/filter.js'
import type { ValueKind } from '../../model/value.js'
import { namingAttributes, type View, type ViewAttribute } from '../../model/view.js'
import type { Schema } from '../../schema/schema.js'
import type { ColumnKind } from '../../sources/source.js'
import type { StoreChild, StoreColumn, StoreTable } from '../store/store.js'

/** An entry on its way into a copy, with what is no attribute of it. */
export interface CopiedEntry {
  readonly entry: Entry
  /** May it bind? */
  readonly enabled: boolean
  /** Hashes of passwords, by the names of `CopiedView.secrets`. */
  readonly secrets?: ReadonlyMap<string, string>
  /** Where it does not follow from the id. */
  readonly uuid?: string
}

/** The columns beside those of attributes, whose names have no underscore. */
export const KEY = 'entry_id'
export const VERSION = 'entry_version'
export const ENABLED_COLUMN = 'entry_enabled'
export const UUID_COLUMN = 'entry_uuid'
export const VALUE = 'value'
export const TARGET = 'target'

/** A place where values of an attribute are kept. */
export type Kept =
  /** The only plain value there can be, or the first; `leads` where the entry may be named by it. */
  | { readonly in: 'cell'; readonly column: string; readonly leads: boolean }
  /** The plain values behind the first. */
  | { readonly in: 'values'; readonly table: string }
  /** Elements with parts; `value` among them where they have one. */
  | { readonly in: 'elements'; readonly table: string; readonly parts: readonly KeptPart[] }
  /** The key of the one entry that is referred to. */
  | { readonly in: 'reference'; readonly column: string; readonly view: string }
  | { readonly in: 'references'; readonly table: string; readonly view: string }

export interface KeptPart {
  readonly name: string
  readonly kind: ValueKind
  readonly column: string
}

export interface CopiedAttribute {
  /** As entries hold it. */
  readonly name: string
  /** Where the mapping file has it. */
  readonly path: Path
  readonly kind: ValueKind
  /** In the order in which its values are shown. */
  readonly kept: readonly Kept[]
  /** References that the entries of other views keep. */
  readonly back: readonly BackRefSpec[]
}

/** A password hash that is copied. */
export interface CopiedSecret {
  /** The attribute's, and of an attribute with several, numbered from the second on. */
  readonly name: string
  readonly path: Path
  readonly column: string
  readonly cleartext: boolean
}

/** An attribute whose values are not the entry's own row's. */
export interface Untold {
  readonly attr: string
  /** For operators: where its values are. */
  readonly where: string
}

export interface CopiedView {
  readonly name: string
  /** Of the store. */
  readonly table: string
  readonly attributes: readonly CopiedAttribute[]
  readonly secrets: readonly CopiedSecret[]
  readonly hasVersion: boolean
  /** Does the mapping say which entries are enabled? */
  readonly hasEnabled: boolean
  /** Is a column of UUIDs declared? */
  readonly hasUuid: boolean
  /** Attributes by which entries are looked up. */
  readonly sought: ReadonlySet<string>
  /** Chooses the entries that are copied; all unless there is one. */
  readonly filter?: Filter
  /** Of the directory that it is copied from: entries that have all of these are. */
  readonly objectClasses?: readonly string[]
  /** What keeps it from being read incrementally, though there is a time of change. */
  readonly untold?: readonly Untold[]
}

/** What a key of a view's origin is, and which of its attributes no two entries share: known of its tables alone. */
export interface OriginFacts {
  readonly key: ColumnKind
  readonly unique: ReadonlySet<string>
}

export interface CopiedOptions {
  readonly passwords?: boolean
  /** Further attributes by which entries are looked up. */
  readonly index?: readonly string[]
  /** Those that are copied, besides what names entries; all unless told. */
  readonly attributes?: readonly string[]
  readonly filter?: Filter
  readonly objectClasses?: readonly string[]
}

/** What applications look people and groups up by. */
const SOUGHT: readonly string[] = [
  'uid',
  'cn',
  'mail',
  'uidNumber',
  'gidNumber',
  'memberUid',
  'employeeNumber',
  'sAMAccountName',
  'userPrincipalName',
  'ipHostNumber',
]

/**
 * @param view what the mapping is to everybody else, see `viewOf`
 * @param schema knows the attributes of the mapping
 */
export function copiedView(
  spec: MappingSpec,
  view: View,
  schema: Schema,
  { passwords = false, index = [], attributes: chosen, filter, objectClasses }: CopiedOptions = {},
): CopiedView {
  const attributes: CopiedAttribute[] = []
  const secrets: CopiedSecret[] = []
  const wanted = chosen && new Set([...chosen, ...namingAttributes(view)])
  for (const { name, path, specs } of attributesOf(spec, schema)) {
    const described = view.attributes.get(name)
    if (described === undefined || path[0] === 'enabled') continue
    for (const [i, { cleartext }] of specs.filter(isSecret).entries()) {
      const column = `entry_secret_${secrets.length + 1}`
      secrets.push({ name: i === 0 ? name : `${name}#${i + 1}`, path, column, cleartext: cleartext === true })
    }
    const shown = specs.filter((one) => !isSecret(one))
    if (shown.length === 0 || wanted?.has(name) === false) continue
    const back = shown.flatMap((one) => (typeof one === 'object' && 'by' in one ? [one] : []))
    attributes.push({ name, path, kind: described.kind, kept: keptOf(described, shown, view), back })
  }
  return {
    name: view.name,
    table: tableName(view.name),
    attributes,
    secrets: passwords ? secrets : [],
    hasVersion: spec.version !== undefined,
    hasEnabled: spec.enabled !== undefined,
    hasUuid: spec.uuid !== undefined,
    sought: new Set([...namingAttributes(view), ...userNames(view), ...SOUGHT, ...index]),
    ...(filter && { filter }),
    ...(objectClasses && { objectClasses }),
  }
}

/** What SCIM looks entries up by. */
function userNames({ resource }: View): readonly string[] {
  return [...(resource?.bindings ?? [])].flatMap(([key, binding]) =>
    /:(?:userName|externalId|displayName)$/i.test(key) && binding.kind === 'plain' ? [binding.attr] : [],
  )
}

/** Of what the mapping says of an attribute, each kind of value once, in the order in which they come first. */
function keptOf(attribute: ViewAttribute, specs: readonly GivenSpec[], view: View): readonly Kept[] {
  const { name, multiValued, parts } = attribute
  const table = (...more: readonly string[]) => tableName(view.name, columnName(name), ...more)
  const made = new Map<string, readonly Kept[]>()
  for (const spec of specs) {
    if (typeof spec === 'object' && 'ref' in spec) {
      if ('by' in spec) continue
      const kept: Kept = multiValued
        ? { in: 'references', table: table('to', spec.ref), view: spec.ref }
        : { in: 'reference', column: columnName(name), view: spec.ref }
      made.set(`to ${spec.ref}`, [kept])
    } else if (typeof spec === 'object' && 'parts' in spec && spec.parts !== undefined) {
      const kept = parts.map((part) => ({ ...part, column: partColumn(part.name) }))
      made.set('elements', [{ in: 'elements', table: table('elements'), parts: kept }])
    } else {
      const rest: readonly Kept[] = multiValued ? [{ in: 'values', table: table() }] : []
      const leads = specs.length === 1 && !(typeof spec === 'object' && 'table' in spec)
      made.set('values', [{ in: 'cell', column: columnName(name), leads }, ...rest])
    }
  }
  return [...made.values()].flat()
}

const partColumn = (part: string) => (part === VALUE ? VALUE : `part_${columnName(part)}`)

const digest = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 8)

/** Attributes of SCIM alone are called by a URN: its last piece, told apart from others. */
function columnName(attribute: string): string {
  if (/^[A-Za-z][A-Za-z0-9-]{0,40}$/.test(attribute)) return attribute
  const last = attribute.slice(attribute.lastIndexOf(':') + 1).replace(/[^A-Za-z0-9-]+/g, '_')
  return `${last.slice(0, 30)}_${digest(attribute)}`
}

/** Names that a store tells apart, whatever their case, and that no other names can run together to. */
function tableName(...parts: readonly string[]): string {
  const joined = parts.join('_')
  const [view = '', ...others] = parts
  const isPlain =
    /^[a-z][a-z0-9]*$/.test(view) &&
    others.every((part, i) => (i === 0 ? /^[A-Za-z0-9]+$/ : /^[a-z0-9]+$/).test(part))
  if (isPlain && joined.length <= 45) return joined
  return `${joined.replace(/[^A-Za-z0-9_-]+/g, '_').slice(0, 36)}_${digest(JSON.stringify(parts))}`
}

/** @param factsOf what is known of the view itself, and of those that it refers to */
export function storeTable(copied: CopiedView, factsOf: (view: string) => OriginFacts): StoreTable {
  const { key, unique } = factsOf(copied.name)
  const columns: StoreColumn[] = [{ name: KEY, kind: key }]
  if (copied.hasVersion) columns.push({ name: VERSION, kind: 'text' })
  if (copied.hasUuid) columns.push({ name: UUID_COLUMN, kind: 'uuid', index: 'unique' })
  columns.push({ name: ENABLED_COLUMN, kind: 'boolean' })
  for (const { column } of copied.secrets) columns.push({ name: column, kind: 'text', exact: true })
  const children: StoreChild[] = []
  for (const { name, kind, kept } of copied.attributes) {
    const index = copied.sought.has(name) ? { index: 'plain' as const } : {}
    for (const one of kept) {
      switch (one.in) {
        case 'cell':
          columns.push({ name: one.column, kind, ...(unique.has(name) ? { index: 'unique' } : index) })
          break
        case 'values':
          children.push(child(one.table, [{ name: VALUE, kind, ...index }]))
          break
        case 'elements':
          children.push(
            child(
              one.table,
              one.parts.map((part) => ({
                name: part.column,
                kind: part.kind,
                ...(part.column === VALUE ? index : {}),
              })),
            ),
          )
          break
        case 'reference':
          columns.push(keyColumn(one.column, factsOf(one.view)))
          break
        case 'references':
          children.push(child(one.table, [keyColumn(TARGET, factsOf(one.view))]))
          break
      }
    }
  }
  return { name: copied.table, key: KEY, columns, children }
}

const child = (name: string, columns: readonly StoreColumn[]): StoreChild => ({
  name,
  of: KEY,
  columns,
  identity: columns.length,
})

const keyColumn = (name: string, { key: kind }: OriginFacts): StoreColumn => ({
  name,
  kind,
  index: 'plain',
  ...(kind === 'text' && { exact: true }),
})
