/**
 * What the service says of itself (RFC 7644 4, RFC 7643 5 to 7; pagination by RFC 9865): pure functions from its
 * resource types and settings to JSON. Their routes, and that they know no filter, are the business of others.
 */
import type { Resource, ScimAttribute, ScimSchema } from '../../model/resource.js'
import { text } from '../../schema/scim/attribute.js'
import { resourceTypeSchema, schemaSchema, serviceProviderConfigSchema } from '../../schema/scim/service.js'
import { RESOURCE_TYPE, SCHEMA, SERVICE_PROVIDER_CONFIG } from '../../schema/scim/urns.js'
import type { Json, JsonObject } from '../../scim/json.js'

export interface ServiceSettings {
  /** The base of all locations, without a slash behind it, e.g. `https://id.example.com/scim/v2`. */
  readonly base: string
  /** `rfc`, or the dialect that is spoken instead. */
  readonly profile: string
  /** Resources per page: if the client does not say, and at most. */
  readonly pageSize: number
  readonly maxResults: number
  /** Undefined where bulk requests are not taken; the size in bytes. */
  readonly bulk?: { readonly maxOperations: number; readonly maxPayloadSize: number } | undefined
  /** For how many seconds a cursor is good; undefined: for ever. */
  readonly cursorTimeout?: number | undefined
  /** Where clients get tokens (RFC 6749 4.4), if it is here. */
  readonly tokenUrl?: string | undefined
  readonly documentationUri?: string | undefined
}

/** Says which dialect is spoken where it is not the standard's. */
const DIALECT = 'urn:ietf:params:scim:schemas:extension:vitrine:2.0:ServiceProviderConfig'

const dialectSchema: ScimSchema = {
  id: DIALECT,
  name: 'Dialect',
  description: 'How the service differs from the standard',
  attributes: [
    text('profile', 'Name of the dialect, after the clients that speak it', {
      required: true,
      mutability: 'readOnly',
    }),
  ],
}

const LIST_RESPONSE = 'urn:ietf:params:scim:api:messages:2.0:ListResponse'

/** RFC 7643 5. */
export function serviceProviderConfig(resources: readonly Resource[], settings: ServiceSettings): JsonObject {
  const { base, profile, pageSize, maxResults, bulk, cursorTimeout, documentationUri } = settings
  const isDialect = profile !== 'rfc'
  const isWritable = resources.some(({ operations }) => operations.size > 0)
  return {
    schemas: isDialect ? [SERVICE_PROVIDER_CONFIG, DIALECT] : [SERVICE_PROVIDER_CONFIG],
    ...(documentationUri !== undefined && { documentationUri }),
    patch: { supported: resources.some(({ operations }) => operations.has('update')) },
    bulk: {
      supported: bulk !== undefined && isWritable,
      maxOperations: bulk?.maxOperations ?? 0,
      maxPayloadSize: bulk?.maxPayloadSize ?? 0,
    },
    filter: { supported: true, maxResults },
    changePassword: { supported: resources.some(changesPasswords) },
    sort: { supported: true },
    etag: { supported: true },
    pagination: {
      cursor: true,
      index: true,
      defaultPaginationMethod: 'index',
      defaultPageSize: Math.min(pageSize, maxResults),
      maxPageSize: maxResults,
      ...(cursorTimeout !== undefined && { cursorTimeout }),
    },
    authenticationSchemes: authenticationSchemes(settings),
    ...(isDialect && { [DIALECT]: { profile } }),
    meta: { resourceType: 'ServiceProviderConfig', location: `${base}/ServiceProviderConfig` },
  }
}

function changesPasswords({ operations, schema }: Resource): boolean {
  return operations.has('update') && schema.attributes.some((a) => a.mutability === 'writeOnly')
}

function authenticationSchemes({ tokenUrl, documentationUri }: ServiceSettings): readonly JsonObject[] {
  const documented = documentationUri !== undefined && { documentationUri }
  const bearer = {
    type: 'oauthbearertoken',
    name: 'OAuth Bearer Token',
    description: 'A token in the header Authorization',
    specUri: 'https://www.rfc-editor.org/rfc/rfc6750',
    ...documented,
    primary: true,
  }
  if (tokenUrl === undefined) return [bearer]
  const description = `Client credentials are exchanged for a token at ${tokenUrl}`
  return [
    bearer,
    {
      type: 'oauth2',
      name: 'OAuth 2.0',
      description,
      specUri: 'https://www.rfc-editor.org/rfc/rfc6749',
      ...documented,
      primary: false,
    },
  ]
}

/** RFC 7643 6, as a ListResponse. */
export function resourceTypes(resources: readonly Resource[], base: string): JsonObject {
  return listOf(resources.map((resource) => resourceTypeJson(resource, base)))
}

/** @param name in any case; undefined if there is no such type */
export function resourceType(
  resources: readonly Resource[],
  name: string,
  base: string,
): JsonObject | undefined {
  const found = resources.find(({ type }) => alike(type, name))
  return found && resourceTypeJson(found, base)
}

function resourceTypeJson(resource: Resource, base: string): JsonObject {
  const { type, description, endpoint, schema, extensions } = resource
  return {
    schemas: [RESOURCE_TYPE],
    id: type,
    name: type,
    description,
    endpoint,
    schema: schema.id,
    schemaExtensions: extensions.map((e) => ({ schema: e.schema.id, required: e.required })),
    meta: { resourceType: 'ResourceType', location: `${base}/ResourceTypes/${type}` },
  }
}

/** RFC 7643 7 and 8.7: the schemas of all resource types and the service's own, as a ListResponse. */
export function schemas(
  resources: readonly Resource[],
  { base, profile }: Pick<ServiceSettings, 'base' | 'profile'>,
): JsonObject {
  return listOf(published(resources, profile).map((schema) => schemaJson(schema, base)))
}

/** @param urn in any case; undefined if there is no such schema */
export function schema(
  resources: readonly Resource[],
  urn: string,
  { base, profile }: Pick<ServiceSettings, 'base' | 'profile'>,
): JsonObject | undefined {
  const found = published(resources, profile).find(({ id }) => alike(id, urn))
  return found && schemaJson(found, base)
}

/** Each schema once: what several resource types keep of one is put together. */
function published(resources: readonly Resource[], profile: string): readonly ScimSchema[] {
  const found = new Map<string, ScimSchema>()
  const own = [serviceProviderConfigSchema, resourceTypeSchema, schemaSchema]
  const ofResources = resources.flatMap((r) => [r.schema, ...r.extensions.map((e) => e.schema)])
  for (const one of [...ofResources, ...own, ...(profile === 'rfc' ? [] : [dialectSchema])]) {
    const known = found.get(one.id)
    found.set(
      one.id,
      known === undefined ? one : { ...known, attributes: united(known.attributes, one.attributes) },
    )
  }
  return [...found.values()]
}

/** Attributes of both; where they differ, as the first has them. */
function united(first: readonly ScimAttribute[], second: readonly ScimAttribute[]): readonly ScimAttribute[] {
  const others = new Map(second.map((attribute) => [attribute.name, attribute]))
  const merged = first.map((attribute) => {
    const more = others.get(attribute.name)?.subAttributes
    others.delete(attribute.name)
    const { subAttributes } = attribute
    return subAttributes === undefined || more === undefined
      ? attribute
      : { ...attribute, subAttributes: united(subAttributes, more) }
  })
  return [...merged, ...others.values()]
}

function schemaJson({ id, name, description, attributes }: ScimSchema, base: string): JsonObject {
  return {
    schemas: [SCHEMA],
    id,
    name,
    description,
    attributes: attributes.map(attributeJson),
    meta: { resourceType: 'Schema', location: `${base}/Schemas/${id}` },
  }
}

function attributeJson(attribute: ScimAttribute): JsonObject {
  const { name, type, multiValued, description, required, caseExact, mutability, returned, uniqueness } =
    attribute
  const { canonicalValues, referenceTypes, subAttributes } = attribute
  return {
    name,
    type,
    multiValued,
    description,
    required,
    ...(canonicalValues !== undefined && { canonicalValues }),
    caseExact,
    mutability,
    returned,
    uniqueness,
    ...(referenceTypes !== undefined && { referenceTypes }),
    ...(subAttributes !== undefined && { subAttributes: subAttributes.map(attributeJson) }),
  }
}

function listOf(found: readonly Json[]): JsonObject {
  return {
    schemas: [LIST_RESPONSE],
    totalResults: found.length,
    startIndex: 1,
    itemsPerPage: found.length,
    Resources: found,
  }
}

const alike = (a: string, b: string) => a.toLowerCase() === b.toLowerCase()
