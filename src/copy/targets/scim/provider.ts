/** What a remote service says of itself (RFC 7643 5 to 7): what it can do, where its resources are, which attributes it has. */
import { isArray, isObject, type Json, type JsonObject } from '../../../scim/json.js'
import { Refused, type ScimClient } from './client.js'

export interface Provider {
  /** Has the service said anything of itself? */
  readonly isTold: boolean
  readonly patch: boolean
  readonly filter: boolean
  readonly etag: boolean
  /** Undefined where requests cannot be put together. */
  readonly bulk: { readonly maxOperations: number; readonly maxPayloadSize: number } | undefined
  /** How many resources it gives in one page at most. */
  readonly maxResults: number
  /** Of a resource type, without a slash at its end; undefined for one that it does not have. */
  endpointOf(type: string): string | undefined
  /** May the attribute, or sub-attribute, be written? Where the service publishes no schemas, all may. */
  takes(schema: string, attribute: string, sub?: string): boolean
}

/** What is known better than the service does. */
export interface ProviderOverrides {
  readonly patch?: boolean
  readonly bulk?: boolean
  readonly filter?: boolean
}

/** Operations in one request, however many the service would take: its answer has to come within the time-out. */
const MOST_OPERATIONS = 100
const MOST_RESULTS = 1000
const MEGABYTE = 1024 * 1024

/** @throws as `ScimClient.ask`, but for what a service may leave out */
export async function providerOf(
  client: ScimClient,
  overrides: ProviderOverrides,
  signal: AbortSignal,
): Promise<Provider> {
  const config = await documentOf(client, '/ServiceProviderConfig', signal)
  const types = listOf(await documentOf(client, '/ResourceTypes', signal))
  const schemas = listOf(await documentOf(client, '/Schemas', signal))
  const bulk = overrides.bulk ?? supports(config, 'bulk') ?? false
  const { maxOperations, maxPayloadSize } = objectIn(config, 'bulk')
  const { maxResults } = objectIn(config, 'filter')
  const endpoints = endpointsOf(types)
  const writable = writableOf(schemas)
  return {
    isTold: config !== undefined || types !== undefined || schemas !== undefined,
    patch: overrides.patch ?? supports(config, 'patch') ?? true,
    filter: overrides.filter ?? supports(config, 'filter') ?? true,
    etag: supports(config, 'etag') ?? false,
    bulk: bulk
      ? {
          maxOperations: Math.min(MOST_OPERATIONS, positive(maxOperations) ?? MOST_OPERATIONS),
          maxPayloadSize: positive(maxPayloadSize) ?? MEGABYTE,
        }
      : undefined,
    maxResults: Math.min(MOST_RESULTS, positive(maxResults) ?? MOST_RESULTS),
    endpointOf: (type) => endpoints?.get(type) ?? (endpoints === undefined ? `/${type}s` : undefined),
    takes: (schema, attribute, sub) => writable === undefined || writable(schema, attribute, sub),
  }
}

/** Undefined where the service has no such document. */
async function documentOf(
  client: ScimClient,
  path: string,
  signal: AbortSignal,
): Promise<JsonObject | undefined> {
  try {
    return (await client.ask({ method: 'GET', path, repeatable: true }, signal)).body
  } catch (error) {
    if (error instanceof Refused && [400, 403, 404, 405, 500, 501].includes(error.status)) return undefined
    throw error
  }
}

function supports(config: JsonObject | undefined, feature: string): boolean | undefined {
  const { supported } = objectIn(config, feature)
  return typeof supported === 'boolean' ? supported : undefined
}

function objectIn(from: JsonObject | undefined, name: string): JsonObject {
  const found = from?.[name]
  return isObject(found) ? found : {}
}

function positive(json: Json | undefined): number | undefined {
  return typeof json === 'number' && json >= 1 ? Math.floor(json) : undefined
}

function listOf(document: JsonObject | undefined): readonly JsonObject[] | undefined {
  const found = document?.Resources
  return isArray(found) && found.length > 0 ? found.filter(isObject) : undefined
}

function endpointsOf(types: readonly JsonObject[] | undefined): ReadonlyMap<string, string> | undefined {
  if (types === undefined) return undefined
  return new Map(
    types.flatMap(({ name, id, endpoint }): [string, string][] => {
      const type = typeof name === 'string' ? name : id
      if (typeof type !== 'string' || typeof endpoint !== 'string') return []
      // Some give a whole URL, some leave out the slash.
      const path = /^https?:/.test(endpoint) ? new URL(endpoint).pathname.replace(/^.*(?=\/)/, '') : endpoint
      return [[type, `/${path.replace(/^\/+|\/+$/g, '')}`]]
    }),
  )
}

const CORE = 'urn:ietf:params:scim:schemas:core:'

/** Those of every resource whatever its schema (RFC 7643 3.1). */
const COMMON = new Set(['schemas', 'externalid'])

function writableOf(schemas: readonly JsonObject[] | undefined): Provider['takes'] | undefined {
  if (schemas === undefined) return undefined
  const known = new Map<string, ReadonlyMap<string, JsonObject>>()
  for (const { id, attributes } of schemas)
    if (typeof id === 'string') known.set(lower(id), named(attributes))
  return (schema, attribute, sub) => {
    if (COMMON.has(lower(attribute))) return true
    const attributes = known.get(lower(schema))
    // Some publish only what is their own.
    if (attributes === undefined && schema.startsWith(CORE)) return true
    const found = attributes?.get(lower(attribute))
    if (found === undefined || found.mutability === 'readOnly') return false
    if (sub === undefined) return true
    const subs = named(found.subAttributes)
    // Elements whose parts the service does not tell may have any.
    return subs.size === 0 || subs.has(lower(sub))
  }
}

function named(attributes: Json | undefined): ReadonlyMap<string, JsonObject> {
  const all = isArray(attributes) ? attributes.filter(isObject) : []
  return new Map(all.map((each) => [typeof each.name === 'string' ? lower(each.name) : '', each]))
}

const lower = (text: string) => text.toLowerCase()
