/** People and groups, bound in every way there is, to try representations on. */
import type { Directory, Handles } from '../../../../src/directory/directory.js'
import type { Entry } from '../../../../src/model/entry.js'
import { type MatchingOf, match } from '../../../../src/model/match.js'
import type { Context, SearchRequest } from '../../../../src/model/request.js'
import {
  type Binding,
  bindingKey,
  type Resource,
  type ScimAttribute,
  type ScimSchema,
} from '../../../../src/model/resource.js'
import { Ref, type Scalar, type Value } from '../../../../src/model/value.js'
import type { View, ViewAttribute } from '../../../../src/model/view.js'
import { type Schema, standardSchema } from '../../../../src/schema/schema.js'
import { attribute, complex, text } from '../../../../src/schema/scim/attribute.js'
import { externalId } from '../../../../src/schema/scim/common.js'
import { enterpriseUserSchema } from '../../../../src/schema/scim/enterprise-user.js'
import { groupSchema } from '../../../../src/schema/scim/group.js'
import { ENTERPRISE_USER, GROUP, USER } from '../../../../src/schema/scim/urns.js'
import { userSchema } from '../../../../src/schema/scim/user.js'
import { type Representation, representationOf } from '../../../../src/scim/representation/representation.js'
import { partsOf } from '../../../data/directory.js'

export { ENTERPRISE_USER, GROUP, USER }
export const CUSTOM = 'urn:example:scim:schemas:Acme:2.0:User'
export const BASE = 'https://example.com/scim/v2'

/** The schema with these attributes only, of which complex ones have the named sub-attributes only. */
function kept(schema: ScimSchema, names: Readonly<Record<string, readonly string[] | true>>): ScimSchema {
  const attributes = schema.attributes.flatMap((a): ScimAttribute[] => {
    const subs = names[a.name]
    if (subs === undefined) return []
    return subs === true
      ? [a]
      : [{ ...a, subAttributes: a.subAttributes?.filter((s) => subs.includes(s.name)) ?? [] }]
  })
  return { ...schema, attributes }
}

const plain = (attr: string): Binding => ({ kind: 'plain', attr })
const references = (attr: string): Binding => ({ kind: 'references', attr })
const only = (attr: string, parts: readonly string[], type?: string): Binding => ({
  kind: 'elements',
  stores: [{ attr, parts, ...(type !== undefined && { type }) }],
})

const core = kept(userSchema, {
  userName: true,
  name: ['formatted', 'familyName', 'givenName'],
  displayName: true,
  profileUrl: true,
  title: true,
  locale: true,
  active: true,
  password: true,
  emails: ['value', 'type', 'primary'],
  phoneNumbers: ['value', 'type'],
  photos: ['value', 'type', 'primary', 'display'],
  addresses: ['streetAddress', 'locality', 'type', 'primary'],
  groups: true,
  roles: ['value', 'type'],
  x509Certificates: ['value'],
})

const formatted = (a: ScimAttribute): ScimAttribute =>
  a.name !== 'name'
    ? a
    : {
        ...a,
        subAttributes: (a.subAttributes ?? []).map((s) =>
          s.name === 'formatted' ? { ...s, mutability: 'readOnly' } : s,
        ),
      }

const userResource: Resource = {
  type: 'User',
  endpoint: '/Users',
  description: 'People',
  schema: { ...core, attributes: [...core.attributes.map(formatted), externalId] },
  extensions: [
    { schema: kept(enterpriseUserSchema, { department: true, manager: true }), required: false },
    {
      required: false,
      schema: {
        id: CUSTOM,
        name: 'Acme',
        description: '',
        attributes: [
          attribute('floor', 'integer', ''),
          attribute('height', 'decimal', ''),
          attribute('visits', 'dateTime', '', { multiValued: true }),
          attribute('picture', 'binary', '', { returned: 'request' }),
          text('tags', '', { multiValued: true, caseExact: true }),
          text('badge', '', { mutability: 'immutable' }),
          text('pin', '', { returned: 'always' }),
          complex('contract', '', [text('number', '', { mutability: 'immutable' }), text('terms', '')]),
        ],
      },
    },
  ],
  operations: new Set(['create', 'update', 'delete'] as const),
  bindings: new Map<string, Binding>([
    [bindingKey(USER, 'externalId'), plain(`${USER}:externalId`)],
    [bindingKey(USER, 'userName'), plain('uid')],
    [bindingKey(USER, 'name', 'formatted'), plain('cn')],
    [bindingKey(USER, 'name', 'familyName'), plain('sn')],
    [bindingKey(USER, 'name', 'givenName'), plain('givenName')],
    [bindingKey(USER, 'displayName'), plain('displayName')],
    [bindingKey(USER, 'profileUrl'), plain('labeledURI')],
    [bindingKey(USER, 'title'), plain('title')],
    [bindingKey(USER, 'locale'), plain(`${USER}:locale`)],
    [bindingKey(USER, 'active'), plain(`${USER}:active`)],
    [bindingKey(USER, 'password'), plain('userPassword')],
    [bindingKey(USER, 'emails'), only('mail', ['value'], 'work')],
    [
      bindingKey(USER, 'phoneNumbers'),
      {
        kind: 'elements',
        stores: [
          { attr: 'telephoneNumber', parts: ['value'], type: 'work' },
          { attr: 'mobile', parts: ['value'], type: 'mobile' },
        ],
      },
    ],
    [bindingKey(USER, 'photos'), only(`${USER}:photos`, ['value', 'type', 'primary', 'display'])],
    [
      bindingKey(USER, 'addresses'),
      only(`${USER}:addresses`, ['streetAddress', 'locality', 'type', 'primary']),
    ],
    [bindingKey(USER, 'groups'), references('memberOf')],
    [bindingKey(USER, 'roles'), only(`${USER}:roles`, ['value', 'type'], 'other')],
    [bindingKey(USER, 'x509Certificates'), only('userCertificate', ['value'])],
    [bindingKey(ENTERPRISE_USER, 'department'), plain('departmentNumber')],
    [bindingKey(ENTERPRISE_USER, 'manager'), references('manager')],
    ...[
      'floor',
      'height',
      'visits',
      'picture',
      'tags',
      'badge',
      'pin',
      'contract.number',
      'contract.terms',
    ].map((path): [string, Binding] => [`${CUSTOM}:${path}`, plain(`${CUSTOM}:${path}`)]),
  ]),
  created: 'createTimestamp',
  lastModified: 'modifyTimestamp',
}

const groupResource: Resource = {
  type: 'Group',
  endpoint: '/Groups',
  description: 'Groups',
  schema: groupSchema,
  extensions: [],
  operations: new Set(['create', 'update', 'delete'] as const),
  bindings: new Map([
    [bindingKey(GROUP, 'displayName'), plain('cn')],
    [bindingKey(GROUP, 'members'), references('member')],
  ]),
}

const schema: Schema = standardSchema().withAttributes([
  { name: `${USER}:externalId`, caseExact: true, hidden: true },
  { name: `${USER}:locale`, hidden: true },
  { name: `${USER}:active`, syntax: 'boolean', hidden: true },
  { name: `${USER}:photos`, caseExact: true, hidden: true },
  { name: `${USER}:addresses`, hidden: true },
  { name: `${USER}:roles`, hidden: true },
  { name: `${CUSTOM}:floor`, syntax: 'integer', hidden: true },
  { name: `${CUSTOM}:height`, hidden: true },
  { name: `${CUSTOM}:visits`, syntax: 'generalizedTime', hidden: true },
  { name: `${CUSTOM}:picture`, syntax: 'octetString', hidden: true },
  { name: `${CUSTOM}:tags`, caseExact: true, hidden: true },
  { name: `${CUSTOM}:badge`, hidden: true },
  { name: `${CUSTOM}:pin`, hidden: true },
  { name: `${CUSTOM}:contract.number`, hidden: true },
  { name: `${CUSTOM}:contract.terms`, hidden: true },
])

function attr(name: string, given: Partial<ViewAttribute> = {}): [string, ViewAttribute] {
  const usual = { refers: [], multiValued: false, verifyOnly: false, writable: true, parts: [] }
  const kind = schema.attribute(name)?.syntax.kind ?? 'text'
  return [name, { name, kind, ...usual, ...given }]
}

const many = { multiValued: true }
const shown = { writable: false }
const common = {
  base: '',
  objectClasses: [],
  bindable: true,
  inTree: true,
  writes: { add: true, delete: true },
}

export const people: View = {
  ...common,
  name: 'people',
  rdn: ['uid'],
  attributes: new Map([
    ...['uid', 'sn', 'givenName', 'displayName', 'labeledURI', 'title', 'mail', 'telephoneNumber'].map((n) =>
      attr(n),
    ),
    ...['externalId', 'locale', 'active'].map((n) => attr(`${USER}:${n}`)),
    ...['floor', 'height', 'picture', 'badge', 'pin', 'contract.number', 'contract.terms'].map((n) =>
      attr(`${CUSTOM}:${n}`),
    ),
    attr('departmentNumber'),
    attr('mobile', many),
    attr('userCertificate', many),
    attr(`${CUSTOM}:visits`, many),
    attr(`${CUSTOM}:tags`, many),
    attr(`${USER}:photos`, { ...many, parts: partsOf('value', 'type', 'primary', 'display') }),
    attr(`${USER}:addresses`, { ...many, parts: partsOf('streetAddress', 'locality', 'type', 'primary') }),
    attr(`${USER}:roles`, { ...many, parts: partsOf('value', 'type') }),
    attr('cn', shown),
    attr('createTimestamp', shown),
    attr('modifyTimestamp', shown),
    attr('entryUUID', shown),
    attr('userPassword', { verifyOnly: true }),
    attr('manager', { refers: ['people'] }),
    attr('memberOf', { refers: ['groups'], ...many, ...shown }),
  ]),
  resource: userResource,
}

export const groups: View = {
  ...common,
  name: 'groups',
  rdn: ['cn'],
  attributes: new Map([
    attr('cn'),
    attr('member', { refers: ['people', 'groups'], ...many }),
    attr('entryUUID', shown),
  ]),
  resource: groupResource,
}

const views: ReadonlyMap<string, View> = new Map([
  ['people', people],
  ['groups', groups],
])

const PREFIX: Readonly<Record<string, string>> = {
  people: '00000000-0000-8001-8000-',
  groups: '00000000-0000-8002-8000-',
}

/** The `id` of the entry with a key, which is a number. */
export function idOf(view: string, key: number | string): string {
  return `${PREFIX[view]}${String(key).padStart(12, '0')}`
}

/** Made of the key, and with the view in it. */
function handlesOf(view: string): Handles {
  return {
    of: (id) => idOf(view, id),
    idOf: (handle) => {
      const key = /^0*([1-9]\d*)$/.exec(handle.slice(24))?.[1]
      return handle.startsWith(PREFIX[view] ?? '?') ? key : undefined
    },
    declared: false,
  }
}

/** UUIDs are the keys: no id tells of which view it is. */
export const uuidKeys: Handles = {
  of: (id) => id,
  idOf: (handle) => (/^[0-9a-f-]{36}$/.test(handle) ? handle : undefined),
  declared: false,
}

/** UUIDs stand in a column of their own. */
export const declared: Handles = { of: () => undefined, idOf: () => undefined, declared: true }

/** Keys are text that no UUID can hold. */
export const textKeys: Handles = { of: (id) => id, idOf: (handle) => handle, declared: false }

export interface Parts {
  readonly handles?: Handles
  readonly search?: Directory['search']
}

export function represented(view: View, { handles, search }: Parts = {}): Representation {
  const all = new Map([...views.keys()].map((name) => [name, handles ?? handlesOf(name)]))
  const directory = { views, schema, search: search ?? noSearch }
  return representationOf(view, directory, all)
}

// biome-ignore lint/correctness/useYield: nobody is to search
async function* noSearch(): AsyncIterable<readonly Entry[]> {
  throw new Error('searched')
}

/** Searches in these entries by filter and key, and counts how often. */
export function searching(entries: readonly Entry[]): {
  search: Directory['search']
  asked: SearchRequest[]
} {
  const asked: SearchRequest[] = []
  return {
    asked,
    async *search(request) {
      asked.push(request)
      yield entries.filter(
        (e) =>
          e.view === request.view &&
          (request.id === undefined || request.id === e.id) &&
          match(request.filter, e, matchingOf) === true,
      )
    },
  }
}

export const ctx: Context = {
  principal: { kind: 'service', name: 'cn=tests' },
  signal: new AbortController().signal,
}

/** References are the same if they name the same key. */
export const matchingOf: MatchingOf = (name, rule) => {
  const matching = schema.matching(name, rule)
  const plainly = matching?.equality
  if (plainly === undefined) return matching
  const equality = (value: Scalar) =>
    value instanceof Ref ? `${value.view}/${value.id ?? value.uuid}` : plainly(value)
  return { ...matching, equality }
}

export function entryOf(
  view: string,
  id: number | string,
  attributes: Readonly<Record<string, readonly Value[]>>,
  version?: string,
): Entry {
  const all = new Map(Object.entries(attributes))
  if (!all.has('entryUUID')) all.set('entryUUID', [idOf(view, id)])
  return { view, id: String(id), attributes: all, ...(version !== undefined && { version }) }
}
