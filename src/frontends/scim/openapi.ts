/**
 * The OpenAPI 3.1 document of the service, generated from its resource types. Paths are made in `openapi-paths.ts`,
 * schemas of bodies in `openapi-schema.ts` and `openapi-messages.ts`.
 */
import type { Resource } from '../../model/resource.js'
import { resourceScope } from '../../model/scopes.js'
import { resourceTypeSchema, schemaSchema, serviceProviderConfigSchema } from '../../schema/scim/service.js'
import type { Json, JsonObject } from '../../scim/json.js'
import type { ServiceSettings } from './discovery.js'
import { changesSchema, listSchema, messageSchemas } from './openapi-messages.js'
import { json, parameters, ref } from './openapi-parts.js'
import { pathsOf } from './openapi-paths.js'
import { ownSchema, resourceSchema } from './openapi-schema.js'

export interface DocumentSettings extends ServiceSettings {
  /** Of the product. */
  readonly version: string
  /** A scope as clients know it; they know ours if it is left out. */
  readonly scopeName?: (scope: string) => string
}

export function openApiDocument(resources: readonly Resource[], settings: DocumentSettings): JsonObject {
  const { base, version, tokenUrl, bulk } = settings
  const scopes = new Scopes(settings)
  const isWritable = resources.some(({ operations }) => operations.size > 0)
  return {
    openapi: '3.1.0',
    info: {
      title: 'Vitrine SCIM',
      version,
      description: 'Identities over SCIM 2.0 (RFC 7643, RFC 7644, RFC 9865)',
    },
    servers: [{ url: base }],
    security: scopes.any(),
    tags: [
      ...resources.map(({ type, description }) => ({ name: type, description })),
      { name: 'Service', description: 'What the service says of itself' },
    ],
    paths: pathsOf(resources, (scope) => scopes.of(scope), { bulk: bulk !== undefined && isWritable }),
    components: {
      schemas: componentSchemas(resources),
      parameters,
      responses: { Error: json('Why the request was refused', ref('Error')) },
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        ...(tokenUrl !== undefined && {
          oauth2: {
            type: 'oauth2',
            flows: { clientCredentials: { tokenUrl, scopes: scopes.described(resources) } },
          },
        }),
      },
    },
  }
}

/** What operations demand of tokens. */
class Scopes {
  readonly #hasOAuth: boolean
  readonly #shown: (scope: string) => string

  constructor({ tokenUrl, scopeName = (scope) => scope }: DocumentSettings) {
    this.#hasOAuth = tokenUrl !== undefined
    this.#shown = scopeName
  }

  any(): readonly Json[] {
    return this.#hasOAuth ? [{ bearer: [] }, { oauth2: [] }] : [{ bearer: [] }]
  }

  /** @param scope one of our names */
  of(scope: string): readonly Json[] {
    const shown = this.#shown(scope)
    return this.#hasOAuth ? [{ bearer: [shown] }, { oauth2: [shown] }] : [{ bearer: [shown] }]
  }

  described(resources: readonly Resource[]): JsonObject {
    const ofTypes = resources.flatMap(({ type, endpoint }) => [
      [this.#shown(resourceScope(type, 'read')), `Read ${endpoint}`],
      [this.#shown(resourceScope(type, 'write')), `Change ${endpoint}`],
    ])
    const general = [
      [this.#shown('search'), 'Search all resources at once'],
      [this.#shown('bulk'), 'Send bulk requests'],
    ]
    return Object.fromEntries([...ofTypes, ...general])
  }
}

function componentSchemas(resources: readonly Resource[]): JsonObject {
  const ofResources = resources.flatMap((resource): [string, Json][] => [
    [resource.type, resourceSchema(resource, 'shown')],
    [`${resource.type}List`, listSchema(ref(resource.type))],
    ...(resource.lastModified === undefined
      ? []
      : [[`${resource.type}Changes`, changesSchema(ref(resource.type))] satisfies [string, Json]]),
    ...(resource.operations.has('create') || resource.operations.has('update')
      ? [[`${resource.type}Input`, resourceSchema(resource, 'sent')] satisfies [string, Json]]
      : []),
  ])
  return {
    ...Object.fromEntries(ofResources),
    Resource: { anyOf: resources.map(({ type }) => ref(type)) },
    ResourceList: listSchema(ref('Resource')),
    ...messageSchemas,
    ServiceProviderConfig: ownSchema(serviceProviderConfigSchema),
    ResourceType: ownSchema(resourceTypeSchema),
    ResourceTypeList: listSchema(ref('ResourceType')),
    Schema: ownSchema(schemaSchema),
    SchemaList: listSchema(ref('Schema')),
  }
}
