/** Views as their origins have them, with what a copy needs beside attributes: UUIDs, hashes, and who may bind. */
import { CoreDirectory, type DirectoryParts } from '../../directory/core.js'
import type { Directory } from '../../directory/directory.js'
import type { Mappings } from '../../directory/mappings.js'
import { text } from '../../mapping/codecs/literal.js'
import type { MappedAttribute, Mapping, Reading } from '../../mapping/mapping.js'
import { UNKNOWN } from '../../mapping/mapping.js'
import type { Entry } from '../../model/entry.js'
import { VitrineError } from '../../model/errors.js'
import { type Filter, TRUE } from '../../model/filter.js'
import type { Context } from '../../model/request.js'
import type { EntryId } from '../../model/value.js'
import type { Cell, Field } from '../../sources/source.js'
import type { CopiedAttribute, CopiedEntry, CopiedView, OriginFacts } from './tables.js'

/** What entries carry on their way beside their attributes; no attribute is called so. */
const ENABLED = '#enabled'
const UUID = '#uuid'
const SECRET = '#secret '

export interface ReadOptions {
  readonly filter?: Filter
  /** Only the entry with this key. */
  readonly id?: EntryId
  /** Only entries behind this key. */
  readonly after?: EntryId
}

/** What of a view is read. */
export interface ReadView
  extends Pick<CopiedView, 'name' | 'secrets' | 'hasEnabled' | 'hasUuid' | 'filter' | 'objectClasses'> {
  readonly attributes: readonly Pick<CopiedAttribute, 'name' | 'kept'>[]
}

/** Unions among what is read. */
export interface UnionsRead {
  around(core: CoreDirectory): Pick<Directory, 'search'>
  /** The mapped views that it takes to read one; itself, if it is one of them. */
  membersOf(view: string): readonly string[]
}

const NO_UNIONS: UnionsRead = { around: (core) => core, membersOf: (view) => [view] }

export class Origin {
  readonly #core: CoreDirectory
  readonly #directory: Pick<Directory, 'search'>
  readonly #mappings: ReadonlyMap<string, Mappings>
  readonly #views: ReadonlyMap<string, ReadView>
  readonly #unions: UnionsRead

  /** @param parts of the directory of origins */
  constructor(parts: DirectoryParts, views: Iterable<ReadView>, unions = NO_UNIONS) {
    this.#views = new Map([...views].map((view) => [view.name, view]))
    this.#unions = unions
    this.#mappings = parts.mappings
    const mappings = [...parts.mappings].map(([view, own]): [string, Mappings] => [
      view,
      completed(own, this.#views.get(view)),
    ])
    this.#core = new CoreDirectory({ ...parts, mappings: new Map(mappings) })
    this.#directory = unions.around(this.#core)
  }

  /** Entries as they are to be copied, in the order of their keys; never ends early without an error. */
  async *read(view: string, ctx: Context, options: ReadOptions = {}): AsyncIterable<readonly CopiedEntry[]> {
    const copied = this.#views.get(view)
    if (copied === undefined) throw new RangeError(`view ${view} is not copied`)
    const attributes = new Set([
      ...copied.attributes.flatMap(({ name, kept }) => (kept.length === 0 ? [] : name)),
      ...copied.secrets.map(({ name }) => `${SECRET}${name}`),
      ...(copied.hasUuid ? [UUID] : []),
      ...(copied.hasEnabled ? [ENABLED] : []),
    ])
    const { filter: asked = TRUE, ...where } = options
    const filter = chosen(copied, asked)
    for await (const entries of this.#directory.search({ view, filter, attributes, ...where }, ctx))
      yield entries.map((entry) => copiedEntry(entry, copied))
  }

  /** The ids of all of them, in that order. */
  async *keys(view: string, ctx: Context): AsyncIterable<readonly EntryId[]> {
    const copied = this.#views.get(view)
    if (copied === undefined) throw new RangeError(`view ${view} is not copied`)
    const request = { view, filter: chosen(copied, TRUE), attributes: new Set<string>() }
    for await (const entries of this.#directory.search(request, ctx)) yield entries.map(({ id }) => id)
  }

  isUnion(view: string): boolean {
    return this.#unions.membersOf(view).some((member) => member !== view)
  }

  /** @throws VitrineError `unavailable` while it cannot be asked for the first time */
  async ready(view: string): Promise<void> {
    for (const member of this.#unions.membersOf(view)) await this.#mappings.get(member)?.of(member)
  }

  /** @throws as `ready` */
  async facts(view: string): Promise<OriginFacts> {
    const mapping = await this.#mappings.get(view)?.of(view)
    if (mapping === undefined) throw new RangeError(`there is no view ${view}`)
    return { key: mapping.key.kind, unique: await this.#core.uniqueAttributes(view) }
  }
}

const chosen = ({ filter }: ReadView, asked: Filter): Filter =>
  filter === undefined ? asked : { op: 'and', of: [filter, asked] }

function completed(mappings: Mappings, copied: ReadView | undefined): Mappings {
  if (copied === undefined) return mappings
  const made = new WeakMap<Mapping, Mapping>()
  return {
    source: mappings.source,
    known: (view) => mappings.known(view),
    of: async (view) => {
      const mapping = await mappings.of(view)
      const known = made.get(mapping)
      if (known !== undefined || view !== copied.name) return known ?? mapping
      const where = [...mapping.where, ...ofClasses(mapping, copied)]
      const complete = { ...mapping, where, attributes: withMore(mapping, copied) }
      made.set(mapping, complete)
      return complete
    },
  }
}

/** All of the object classes have to be there. */
function ofClasses({ table }: Mapping, { objectClasses = [] }: ReadView): Mapping['where'] {
  const column = table.columns.get('objectClass')
  if (column === undefined && objectClasses.length > 0)
    throw new VitrineError('unavailable', { detail: `${table.name} has no object classes` })
  return column === undefined ? [] : objectClasses.map((name) => ({ column, not: false, values: [name] }))
}

function withMore(mapping: Mapping, copied: ReadView): ReadonlyMap<string, MappedAttribute> {
  const attributes = new Map(mapping.attributes)
  const add = (name: string, reading: Reading) => {
    const operation = { ...reading, rewrite: () => UNKNOWN, rewriteElement: () => UNKNOWN }
    attributes.set(name, { name, operations: [operation] })
  }
  const uuid = attributes.get('entryUUID')
  if (copied.hasUuid && uuid !== undefined) attributes.set(UUID, { ...uuid, name: UUID })
  for (const [i, { name }] of copied.secrets.entries()) {
    const field = mapping.secrets[i]?.field
    if (field !== undefined && field.column.secret !== true) add(`${SECRET}${name}`, of(field, hashOf))
  }
  const { enabled } = mapping
  if (enabled !== undefined) {
    const { field } = enabled
    add(ENABLED, {
      fields: [field],
      reader: (slotOf) => {
        const slot = slotOf(field)
        return (row) => [enabled.test(row[slot] ?? null)]
      },
    })
  }
  return attributes
}

function of(field: Field, read: (cell: Cell) => string | undefined): Reading {
  return {
    fields: [field],
    reader: (slotOf) => {
      const slot = slotOf(field)
      return (row) => {
        const value = read(row[slot] as Cell)
        return value === undefined ? [] : [value]
      }
    },
  }
}

/** Bytes in a column of hashes are text in ASCII. */
function hashOf(cell: Cell): string | undefined {
  if (cell === null) return undefined
  return cell instanceof Uint8Array ? Buffer.from(cell).toString('utf8') : text(cell)
}

function copiedEntry(whole: Entry, { secrets, hasUuid, hasEnabled }: ReadView): CopiedEntry {
  const attributes = new Map(whole.attributes)
  const take = (name: string) => {
    const value = attributes.get(name)?.[0]
    attributes.delete(name)
    return value
  }
  // Of the members of a union, some may not tell.
  const enabled = hasEnabled ? take(ENABLED) !== false : true
  const uuid = hasUuid ? take(UUID) : undefined
  const hashes = secrets.flatMap(({ name }): [string, string][] => {
    const hash = take(`${SECRET}${name}`)
    return typeof hash === 'string' ? [[name, hash]] : []
  })
  return {
    entry: { ...whole, attributes },
    enabled,
    ...(hashes.length > 0 && { secrets: new Map(hashes) }),
    ...(typeof uuid === 'string' && { uuid }),
  }
}
