/** A directory of people as predecessors describe it, made into sources, mappings and what else a gateway file needs. */
import { randomBytes } from 'node:crypto'
import type { GatewayInput } from '../config/schema.js'
import { Elsewhere, type Written } from '../config/written.js'
import type { AttributeSpec } from '../mapping/schema.js'
import type { UnionSpec } from '../mapping/union-schema.js'
import type { Imported, Remark, WrittenMapping } from './imported.js'

/** What everybody is shown in, be it a union or not. */
const PEOPLE = 'people'

type Target = NonNullable<GatewayInput['targets']>[number]

export interface DirectorySource {
  /** Letters, digits, `-` and `_`. */
  readonly name: string
  /** `ldap://…` or `ldaps://…`; one at least. */
  readonly urls: readonly (string | Elsewhere)[]
  readonly startTls?: boolean
  readonly bindDn?: string | Elsewhere
  /** Text is written to a file of its own. */
  readonly password?: string | Elsewhere
  /** One at least. */
  readonly bases: readonly (string | Elsewhere)[]
  /** Connections at a time at most. */
  readonly connections?: number
  readonly pageSize?: number
  /** In seconds. */
  readonly timeout?: number
}

export interface Described {
  readonly product: string
  readonly suffix: string
  readonly sources: readonly DirectorySource[]
  readonly isActiveDirectory: boolean
  readonly scope: 'base' | 'one' | 'sub'
  /** All must select an entry. */
  readonly filters: readonly string[]
  /** Of the view of this name, which references to people are made to. */
  readonly attributes: (view: string) => Readonly<Record<string, AttributeSpec | AttributeSpec[]>>
  /** The attribute that names entries. */
  readonly rdn: string
  /** Attributes in which entries of several places are equal if they are the same. */
  readonly same: readonly string[]
  readonly objectClass: readonly string[]
  /** The attribute that is SCIM's userName, and in which names of users are looked up, if it is not the naming one. */
  readonly userName?: string
  /** By which people are known together where they are copied, if not by what their source calls them. */
  readonly keyAttributes?: readonly string[]
  /** Attributes by the names that SCIM shows them under, where it has none of its own for them. */
  readonly scimNames?: Readonly<Record<string, string>>
  /** What stands under `copy`, where people are copied. */
  readonly copy?: NonNullable<GatewayInput['copy']>
  /** A SCIM service that people are pushed to, without its views. */
  readonly target?: Omit<Target, 'views' | 'name' | 'type' | 'token'>
  /** The URL of an HTTP proxy before it, with its password. */
  readonly proxy?: string
  readonly remarks: readonly Remark[]
}

/** Everything is closed but to one account, whose password is made here, and to people for their own entry. */
export function importedFrom(described: Described): Imported {
  const { product, suffix, sources, isActiveDirectory, userName, copy, target, proxy, remarks } = described
  const { keyAttributes = [] } = described
  const views = viewsOf(described)
  const secrets = new Map<string, string>()
  const keep = (name: string, secret: string) => {
    secrets.set(`secrets/${name}`, secret)
    return `file:secrets/${name}`
  }
  const reader = `cn=reader,${suffix}`
  const password = keep('reader', randomBytes(18).toString('base64url'))
  const gateway: Imported['gateway'] = {
    suffix,
    listen: { ldap: '127.0.0.1:1389' },
    sources: Object.fromEntries(
      sources.map((source) => [source.name, sourceOf(source, isActiveDirectory, keep)]),
    ),
    ...(copy !== undefined && { copy }),
    ...(target !== undefined && {
      targets: [
        {
          name: 'cloud',
          type: 'scim' as const,
          ...target,
          token: new Elsewhere('TARGET_TOKEN'),
          ...(proxy !== undefined && { proxy: new Elsewhere(keep('proxy', proxy)) }),
          views: [PEOPLE],
        },
      ],
    }),
    serviceAccounts: [{ dn: reader, password: new Elsewhere(password, '{CLEARTEXT}') }],
    access: [
      { who: reader, views: '*' },
      { who: 'self', views: PEOPLE },
    ],
    ...(userName !== undefined && { sasl: { users: [{ view: PEOPLE, attribute: userName }] } }),
  }
  return { product, gateway, views, isCopied: copy !== undefined, keyAttributes, secrets, remarks }
}

function sourceOf(
  source: DirectorySource,
  isActiveDirectory: boolean,
  keep: (name: string, secret: string) => string,
): Written<GatewayInput['sources'][string]> {
  const { name, urls, startTls, bindDn, password, connections, pageSize = 0, timeout = 0 } = source
  const [first = '', ...more] = urls
  const secret = typeof password === 'string' ? new Elsewhere(keep(name, password)) : password
  return {
    type: 'ldap',
    url: more.length === 0 ? first : [...urls],
    ...(startTls === true && { startTls }),
    ...(bindDn !== undefined && { bindDn }),
    ...(secret !== undefined && { password: secret }),
    // Controllers refer to parts of the tree that they do not hold.
    ...(isActiveDirectory && { referrals: 'ignore' as const }),
    ...(pageSize > 0 && { pageSize: Math.min(pageSize, 100_000) }),
    ...(connections !== undefined && { pool: shared(connections) }),
    ...(timeout > 0 && { operationTimeout: `${timeout}s` }),
  }
}

/** So many connections for everything together, but one of each kind. */
function shared(connections: number) {
  const each = Math.max(1, Math.min(1000, Math.floor(connections / 3)))
  return { connections: each, streams: each, binds: each }
}

/** One view over one place; a union over several. */
function viewsOf(described: Described): readonly (WrittenMapping | UnionSpec)[] {
  const { sources, rdn, same, objectClass, userName, scimNames = {} } = described
  const ldap = { base: 'ou=people', rdn, objectClass: [...objectClass] }
  const names = { ...(userName !== undefined && { userName }), ...scimNames }
  const scim = {
    resource: 'User',
    ...(Object.keys(names).length > 0 && {
      attributes: Object.fromEntries(Object.entries(names).map(([name, attribute]) => [name, { attribute }])),
    }),
  }
  const places = sources.flatMap(({ name, bases }) =>
    bases.map((base, i) => ({
      source: name,
      base,
      view: `people-${name}${bases.length > 1 ? `-${i + 1}` : ''}`,
    })),
  )
  const [only, ...more] = places
  if (only !== undefined && more.length === 0)
    return [{ ...mappingOf({ ...only, view: PEOPLE }, described), ldap, scim }]
  const union: UnionSpec = {
    view: PEOPLE,
    union: {
      members: places.map(({ view }) => view),
      by: [...same],
      duplicates: 'first',
      onFailure: 'fail',
    },
    ldap,
    scim,
  }
  return [...places.map((place) => mappingOf(place, described)), union]
}

function mappingOf(
  place: { readonly view: string; readonly source: string; readonly base: string | Elsewhere },
  { scope, filters, attributes, isActiveDirectory }: Described,
): WrittenMapping {
  const { view, source, base } = place
  const filter = filters.length > 1 ? `(&${filters.join('')})` : (filters[0] ?? '')
  const rest = `??${scope}?${filter}`
  return {
    view,
    source,
    // What is behind a question mark would not count as a part of the name.
    from:
      typeof base === 'string'
        ? `${base.replaceAll('?', '\\3f')}${rest}`
        : new Elsewhere(base.reference, base.before, rest),
    uuid: isActiveDirectory ? 'objectGUID' : 'entryUUID',
    attributes: { ...attributes(view) },
    authentication: 'source',
    ...(isActiveDirectory && {
      enabled: { column: 'userAccountControl', bit: 2, is: 'clear' as const },
    }),
  }
}
