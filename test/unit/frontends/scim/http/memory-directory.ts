/** A directory in memory with people and groups, which keeps the promises that the SCIM face relies on. */
import type { Directory, Handles } from '../../../../../src/directory/directory.js'
import type { Entry } from '../../../../../src/model/entry.js'
import { VitrineError } from '../../../../../src/model/errors.js'
import { type MatchingOf, matcher } from '../../../../../src/model/match.js'
import type {
  AddRequest,
  Change,
  Context,
  DeleteRequest,
  ModifyRequest,
  Principal,
  SearchRequest,
} from '../../../../../src/model/request.js'
import type { Binding, Resource, ScimAttribute, ScimSchema } from '../../../../../src/model/resource.js'
import { type EntryId, Ref, type Scalar, scalarOf, type Value } from '../../../../../src/model/value.js'
import type { View, ViewAttribute } from '../../../../../src/model/view.js'
import { standardSchema } from '../../../../../src/schema/schema.js'
import { standardSchemas } from '../../../../../src/schema/scim/standard.js'
import { ENTERPRISE_USER, GROUP, USER } from '../../../../../src/schema/scim/urns.js'
import { partsOf } from '../../../../data/directory.js'

function kept(urn: string, names: readonly string[], subs: readonly string[] = []): ScimSchema {
  const schema = standardSchemas.get(urn)
  if (schema === undefined) throw new Error(`no schema ${urn}`)
  const only = (a: ScimAttribute): ScimAttribute =>
    a.subAttributes === undefined || a.multiValued || a.name === 'manager'
      ? a
      : { ...a, subAttributes: a.subAttributes.filter((s) => subs.includes(s.name)) }
  return { ...schema, attributes: schema.attributes.filter((a) => names.includes(a.name)).map(only) }
}

const plain = (attr: string): Binding => ({ kind: 'plain', attr })

const userResource: Resource = {
  type: 'User',
  endpoint: '/Users',
  description: 'People',
  schema: kept(
    USER,
    ['userName', 'name', 'displayName', 'title', 'active', 'password', 'emails'],
    ['familyName', 'givenName'],
  ),
  extensions: [{ schema: kept(ENTERPRISE_USER, ['employeeNumber', 'manager']), required: false }],
  operations: new Set(['create', 'update', 'delete'] as const),
  bindings: new Map([
    [`${USER}:userName`, plain('uid')],
    [`${USER}:name.familyName`, plain('sn')],
    [`${USER}:name.givenName`, plain('givenName')],
    [`${USER}:displayName`, plain('displayName')],
    [`${USER}:title`, plain('title')],
    [`${USER}:active`, plain('active')],
    [`${USER}:password`, plain('userPassword')],
    [`${USER}:emails`, { kind: 'elements', stores: [{ attr: 'mail', parts: ['value', 'type', 'primary'] }] }],
    [`${ENTERPRISE_USER}:employeeNumber`, plain('employeeNumber')],
    [`${ENTERPRISE_USER}:manager`, { kind: 'references', attr: 'manager' }],
  ]),
  created: 'createTimestamp',
  lastModified: 'modifyTimestamp',
}

const groupResource: Resource = {
  type: 'Group',
  endpoint: '/Groups',
  description: 'Groups',
  schema: kept(GROUP, ['displayName', 'members']),
  extensions: [],
  operations: new Set(['create', 'update', 'delete'] as const),
  bindings: new Map<string, Binding>([
    [`${GROUP}:displayName`, plain('cn')],
    [`${GROUP}:members`, { kind: 'references', attr: 'member' }],
  ]),
  created: 'createTimestamp',
  lastModified: 'modifyTimestamp',
}

/** May be read only. */
const deviceResource: Resource = {
  type: 'Device',
  endpoint: '/Devices',
  description: 'Devices',
  schema: {
    id: 'urn:example:2.0:Device',
    name: 'Device',
    description: 'A device',
    attributes: kept(GROUP, ['displayName']).attributes,
  },
  extensions: [],
  operations: new Set(),
  bindings: new Map([['urn:example:2.0:Device:displayName', plain('cn')]]),
}

function attribute(name: string, given: Partial<ViewAttribute> = {}): ViewAttribute {
  return {
    name,
    kind: 'text',
    refers: [],
    multiValued: false,
    verifyOnly: false,
    writable: true,
    parts: [],
    ...given,
  }
}

function view(name: string, resource: Resource, ...attributes: readonly ViewAttribute[]): View {
  const times = ['createTimestamp', 'modifyTimestamp'].map((n) =>
    attribute(n, { kind: 'time', writable: false }),
  )
  return {
    name,
    rdn: [attributes[0]?.name ?? ''],
    base: `ou=${name}`,
    objectClasses: [],
    attributes: new Map([...attributes, ...times].map((a) => [a.name, a])),
    bindable: false,
    inTree: true,
    writes: { add: true, delete: true },
    remembersDeletions: true,
    resource,
  }
}

const views: ReadonlyMap<string, View> = new Map(
  [
    view(
      'people',
      userResource,
      attribute('uid'),
      attribute('sn'),
      attribute('givenName'),
      attribute('displayName'),
      attribute('title'),
      attribute('active', { kind: 'boolean', face: 'scim' }),
      attribute('userPassword', { verifyOnly: true }),
      attribute('mail', { multiValued: true, parts: partsOf('value', 'type', 'primary') }),
      attribute('employeeNumber'),
      attribute('manager', { refers: ['people'] }),
      attribute('entryUUID', { writable: false }),
    ),
    view(
      'groups',
      groupResource,
      attribute('cn'),
      attribute('member', { refers: ['people', 'groups'], multiValued: true }),
      attribute('entryUUID', { writable: false }),
    ),
    view('devices', deviceResource, attribute('cn'), attribute('entryUUID', { writable: false })),
  ].map((v) => [v.name, v]),
)

interface Stored {
  readonly attributes: Map<string, readonly Value[]>
  version: number
}

export interface Asked {
  readonly searches: SearchRequest[]
  counts: number
}

/** What is to be unique, by view. */
const UNIQUE: Readonly<Record<string, string>> = { people: 'uid' }
const REQUIRED: Readonly<Record<string, string>> = { people: 'uid', groups: 'cn' }

export class MemoryDirectory implements Directory {
  readonly schema = standardSchema()
  readonly views = views
  readonly matchingOf: MatchingOf = (attr, rule) => {
    if (attr === 'active') return { equality: (v) => (typeof v === 'boolean' ? v : undefined) }
    const matching = this.schema.matching(attr, rule)
    const equality = matching?.equality
    return equality === undefined
      ? matching
      : { ...matching, equality: (v) => (v instanceof Ref ? `${v.view} ${v.id}` : equality(v)) }
  }
  readonly asked: Asked = { searches: [], counts: 0 }
  /** Views that nobody may see. */
  readonly hidden = new Set<string>()
  /** Do entries tell their versions? */
  versions = true
  /** Thrown by whatever is asked next, once. */
  failure: Error | undefined
  /** Called before each answer. */
  before: (ctx: Context) => Promise<void> = async () => undefined
  deleted: { view: string; id: EntryId; at: Date }[] = []
  #next = 1
  #clock = Date.UTC(2026, 0, 1)
  readonly #rows = new Map<string, Map<EntryId, Stored>>([...views.keys()].map((name) => [name, new Map()]))

  async *search(request: SearchRequest, ctx: Context): AsyncIterable<readonly Entry[]> {
    this.asked.searches.push(request)
    await this.#ready(ctx)
    if (this.hidden.has(request.view)) return
    let found = this.#selected(request)
    const { order } = request
    if (order !== undefined) {
      const of = (e: Entry) => textOf(e.attributes.get(order.attr)?.[0])
      const sign = order.descending ? -1 : 1
      found = [...found].sort((a, b) => {
        const [x, y] = [of(a), of(b)]
        return x === y ? 0 : sign * (x === undefined ? 1 : y === undefined ? -1 : x < y ? -1 : 1)
      })
    }
    const from =
      request.after === undefined ? found : found.filter((e) => Number(e.id) > Number(request.after))
    const skipped = from.slice(request.skip ?? 0)
    const limited = skipped.slice(0, request.limit ?? skipped.length)
    const shown = limited.map((e) => this.#shown(e, request.attributes))
    for (let i = 0; i < shown.length; i += 3) yield shown.slice(i, i + 3)
  }

  async count(request: SearchRequest, ctx: Context): Promise<number> {
    this.asked.counts++
    await this.#ready(ctx)
    return this.hidden.has(request.view) ? 0 : this.#selected(request).length
  }

  async countValues(name: string, id: EntryId, attr: string): Promise<number> {
    return this.#find(name, id).attributes.get(attr)?.length ?? 0
  }

  async compare(): Promise<'noSuchEntry'> {
    return 'noSuchEntry'
  }

  async authenticate(): Promise<undefined> {
    return undefined
  }

  async vouchFor(): Promise<Principal | undefined> {
    return undefined
  }

  async actAs(): Promise<Principal | undefined> {
    return undefined
  }

  isVisible(name: string): boolean {
    return !this.hidden.has(name)
  }

  async add(request: AddRequest, ctx: Context): Promise<EntryId> {
    await this.#ready(ctx)
    const rows = this.#of(request.view)
    const attributes = new Map(request.attributes)
    this.#check(request.view, undefined, attributes, request.trusted === true)
    const id = String(this.#next++)
    attributes.set('entryUUID', [uuidOf(id)])
    attributes.set('createTimestamp', [this.#now()])
    attributes.set('modifyTimestamp', [new Date(this.#clock)])
    rows.set(id, { attributes, version: 1 })
    return id
  }

  async modify(request: ModifyRequest, ctx: Context): Promise<void> {
    await this.#ready(ctx)
    const stored = this.#find(request.view, request.id)
    const changes = request.change(this.#shown(this.#entry(request.view, request.id), request.attributes))
    if (changes.length === 0) return
    const attributes = new Map(stored.attributes)
    for (const change of changes) apply(change, attributes)
    this.#check(request.view, request.id, attributes, request.trusted === true)
    attributes.set('modifyTimestamp', [this.#now()])
    this.#of(request.view).set(request.id, { attributes, version: stored.version + 1 })
  }

  async delete(request: DeleteRequest, ctx: Context): Promise<void> {
    await this.#ready(ctx)
    this.#find(request.view, request.id)
    request.check?.(this.#shown(this.#entry(request.view, request.id), request.attributes ?? new Set()))
    this.#of(request.view).delete(request.id)
    this.deleted.push({ view: request.view, id: request.id, at: this.#now() })
  }

  async ordersStrictly(): Promise<boolean> {
    return false
  }

  async deleteAll(requests: readonly DeleteRequest[], ctx: Context): Promise<void> {
    for (const request of requests) await this.delete(request, ctx)
  }

  async uniqueAttributes(): Promise<ReadonlySet<string>> {
    return new Set(['uid'])
  }

  async handles(name: string): Promise<Handles> {
    // Devices have a column of UUIDs; the others have keys that are told from any other.
    return name === 'devices'
      ? { of: () => undefined, idOf: () => undefined, declared: true }
      : {
          of: (id) => `${name}-${id}`,
          idOf: (handle) => (handle.startsWith(`${name}-`) ? handle.slice(name.length + 1) : undefined),
          declared: false,
        }
  }

  async *deletions(name: string, since: Date): AsyncIterable<readonly { id: EntryId; at: Date }[]> {
    const found = this.deleted.filter((d) => d.view === name && d.at >= since)
    for (const { id, at } of found) yield [{ id, at }]
  }

  /** Adds an entry as it is. */
  put(name: string, attributes: Readonly<Record<string, readonly Value[]>>): EntryId {
    const id = String(this.#next++)
    const times = { createTimestamp: [this.#now()], modifyTimestamp: [new Date(this.#clock)] }
    const all = { ...times, entryUUID: [uuidOf(id)], ...attributes }
    this.#of(name).set(id, { attributes: new Map(Object.entries(all)), version: 1 })
    return id
  }

  stored(name: string, id: EntryId): ReadonlyMap<string, readonly Value[]> | undefined {
    return this.#of(name).get(id)?.attributes
  }

  /** Changes an entry behind everybody's back. */
  touch(name: string, id: EntryId, attr: string, values: readonly Value[]): void {
    const stored = this.#find(name, id)
    stored.attributes.set(attr, values)
    stored.version++
  }

  size(name: string): number {
    return this.#of(name).size
  }

  async #ready(ctx: Context): Promise<void> {
    await this.before(ctx)
    if (ctx.signal.aborted) throw ctx.signal.reason
    const { failure } = this
    this.failure = undefined
    if (failure !== undefined) throw failure
  }

  #now(): Date {
    this.#clock += 1000
    return new Date(this.#clock)
  }

  #of(name: string): Map<EntryId, Stored> {
    const rows = this.#rows.get(name)
    if (rows === undefined) throw new Error(`no view ${name}`)
    return rows
  }

  #find(name: string, id: EntryId): Stored {
    const stored = this.#of(name).get(id)
    if (stored === undefined) throw new VitrineError('noSuchObject')
    return stored
  }

  #entry(name: string, id: EntryId): Entry {
    const { attributes, version } = this.#find(name, id)
    return { view: name, id, attributes, ...(this.versions && { version: String(version) }) }
  }

  #selected({ view: name, filter, id }: SearchRequest): readonly Entry[] {
    const decide = matcher(filter, this.matchingOf)
    return [...this.#of(name).keys()]
      .filter((key) => id === undefined || key === id)
      .map((key) => this.#entry(name, key))
      .filter((entry) => decide(entry) === true)
  }

  #shown(entry: Entry, wanted: ReadonlySet<string> | 'all'): Entry {
    const shown = [...entry.attributes].filter(
      ([name, values]) =>
        (wanted === 'all' || wanted.has(name)) && values.length > 0 && name !== 'userPassword',
    )
    return {
      ...entry,
      attributes: new Map(shown.map(([name, values]) => [name, values.map((v) => this.#named(v))])),
    }
  }

  #named(value: Value): Value {
    if (!(value instanceof Ref) || value.id === undefined) return value
    const target = this.#of(value.view).get(value.id)?.attributes
    const name = String(target?.get(views.get(value.view)?.rdn[0] ?? '')?.[0] ?? '')
    return new Ref(value.view, [name], value.id, name, uuidOf(value.id))
  }

  #check(
    name: string,
    self: EntryId | undefined,
    attributes: ReadonlyMap<string, readonly Value[]>,
    trusted: boolean,
  ): void {
    const required = REQUIRED[name]
    if (required !== undefined && (attributes.get(required)?.length ?? 0) === 0)
      throw new VitrineError('objectClassViolation')
    const unique = UNIQUE[name]
    const value = unique === undefined ? undefined : textOf(attributes.get(unique)?.[0])
    for (const [id, other] of this.#of(name)) {
      if (unique !== undefined && id !== self && textOf(other.attributes.get(unique)?.[0]) === value)
        throw new VitrineError('entryAlreadyExists')
    }
    for (const values of trusted ? [] : attributes.values()) {
      for (const v of values) {
        if (v instanceof Ref && !this.#of(v.view).has(v.id ?? ''))
          throw new VitrineError('constraintViolation', { message: 'a reference names nobody' })
      }
    }
  }
}

function uuidOf(id: EntryId): string {
  return `00000000-0000-4000-8000-${id.padStart(12, '0')}`
}

function textOf(value: Value | undefined): string | undefined {
  const scalar: Scalar | undefined = value === undefined ? undefined : scalarOf(value)
  return scalar === undefined ? undefined : String(scalar).toLowerCase()
}

function keyOf(value: Value): string {
  return value instanceof Ref ? `${value.view} ${value.id}` : JSON.stringify(value)
}

function apply({ op, attr, values }: Change, attributes: Map<string, readonly Value[]>): void {
  const current = attributes.get(attr) ?? []
  const keys = new Set(values.map(keyOf))
  if (op === 'replace') attributes.set(attr, values)
  else if (op === 'add') attributes.set(attr, [...current.filter((v) => !keys.has(keyOf(v))), ...values])
  else attributes.set(attr, values.length === 0 ? [] : current.filter((v) => !keys.has(keyOf(v))))
}
