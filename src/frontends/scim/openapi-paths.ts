/** The paths of the OpenAPI document, as the routes are. */
import type { Resource } from '../../model/resource.js'
import { resourceScope } from '../../model/scopes.js'
import type { Json, JsonObject } from '../../scim/json.js'
import { body, etag, inPath, json, located, parameter, ref, refused } from './openapi-parts.js'

/** What an operation demands of tokens, by our name of the scope. */
export type SecurityOf = (scope: string) => readonly Json[]

const queryParameters = [
  ...['filter', 'sortBy', 'sortOrder', 'startIndex', 'count', 'cursor'],
  ...['attributes', 'excludedAttributes'],
]

export function pathsOf(
  resources: readonly Resource[],
  security: SecurityOf,
  { bulk }: { readonly bulk: boolean },
): JsonObject {
  const me = resources.find(({ type }) => type === 'User')
  return {
    ...Object.fromEntries(resources.flatMap((resource) => collectionPaths(resource, security))),
    ...(me !== undefined && { '/Me': oneResource(me, security, 'Me', []) }),
    '/': { get: query('all resources', 'All', 'Resource', 'Service', security('search')) },
    '/.search': { post: search('All', 'Resource', 'Service', security('search')) },
    ...(bulk && { '/Bulk': { post: bulkOperation(security) } }),
    ...servicePaths,
  }
}

type Paths = readonly (readonly [path: string, item: JsonObject])[]

function collectionPaths(resource: Resource, security: SecurityOf): Paths {
  const { type, endpoint, operations, lastModified } = resource
  const read = security(resourceScope(type, 'read'))
  const create = {
    tags: [type],
    security: security(resourceScope(type, 'write')),
    operationId: `create${type}`,
    summary: `Create a ${type}`,
    parameters: shownBy(resource),
    requestBody: body(ref(`${type}Input`)),
    responses: {
      201: json('Created', ref(type), located),
      409: json('Another resource has what is to be unique', ref('Error')),
      ...refused,
    },
  }
  const changes = {
    tags: [type],
    security: read,
    operationId: `listChangesOf${type}`,
    summary: `What has changed below ${endpoint} since a moment`,
    parameters: ['since', 'count', 'cursor', 'attributes', 'excludedAttributes'].map(parameter),
    responses: { 200: json('A page', ref(`${type}Changes`)), ...refused },
  }
  return [
    [
      endpoint,
      {
        get: query(endpoint, type, type, type, read),
        ...(operations.has('create') && { post: create }),
      },
    ],
    [`${endpoint}/.search`, { post: search(type, type, type, read) }],
    ...(lastModified === undefined ? [] : [[`${endpoint}/.changes`, { get: changes }] as const]),
    [`${endpoint}/{id}`, oneResource(resource, security, type, [parameter('id')])],
  ]
}

/** What of a resource is shown, and whether references are looked up. */
function shownBy({ schema }: Resource): readonly JsonObject[] {
  const isGroup = schema.attributes.some(({ name }) => name === 'members')
  return ['attributes', 'excludedAttributes', ...(isGroup ? ['groupOverheadBypass'] : [])].map(parameter)
}

/** @param name behind the verb, in the names of the operations */
function oneResource(
  resource: Resource,
  security: SecurityOf,
  name: string,
  parameters: readonly JsonObject[],
): JsonObject {
  const { type, operations } = resource
  const write = { tags: [type], security: security(resourceScope(type, 'write')) }
  const shown = shownBy(resource)
  const conditional = [...shown, parameter('ifMatch'), parameter('prefer')]
  const failed = { 412: json('It is no longer as the client expects it', ref('Error')), ...refused }
  const changed = {
    200: json('As it is now', ref(type), etag),
    204: { description: 'Changed; nothing is to be told' },
    ...failed,
  }
  return {
    ...(parameters.length > 0 && { parameters }),
    get: {
      tags: [type],
      security: security(resourceScope(type, 'read')),
      operationId: `read${name}`,
      summary: `Read a ${type}`,
      parameters: [...shown, parameter('ifNoneMatch')],
      responses: {
        200: json('The resource', ref(type), etag),
        304: { description: 'It is still as the client knows it' },
        ...refused,
      },
    },
    ...(operations.has('update') && {
      put: {
        ...write,
        operationId: `replace${name}`,
        summary: `Replace what clients may change of a ${type}`,
        parameters: conditional,
        requestBody: body(ref(`${type}Input`)),
        responses: changed,
      },
      patch: {
        ...write,
        operationId: `patch${name}`,
        summary: `Change parts of a ${type}`,
        parameters: conditional,
        requestBody: body(ref('PatchOp')),
        responses: changed,
      },
    }),
    ...(operations.has('delete') && {
      delete: {
        ...write,
        operationId: `delete${name}`,
        summary: `Delete a ${type}`,
        parameters: [parameter('ifMatch')],
        responses: { 204: { description: 'Deleted' }, ...failed },
      },
    }),
  }
}

function query(
  what: string,
  name: string,
  schema: string,
  tag: string,
  security: readonly Json[],
): JsonObject {
  return {
    tags: [tag],
    security,
    operationId: `list${name}`,
    summary: `Query ${what}`,
    parameters: queryParameters.map(parameter),
    responses: { 200: json('A page', ref(`${schema}List`)), ...refused },
  }
}

function search(name: string, schema: string, tag: string, security: readonly Json[]): JsonObject {
  return {
    tags: [tag],
    security,
    operationId: `search${name}`,
    summary: 'Query by a message, whose parameters stand in no log of URLs',
    requestBody: body(ref('SearchRequest')),
    responses: { 200: json('A page', ref(`${schema}List`)), ...refused },
  }
}

function bulkOperation(security: SecurityOf): JsonObject {
  return {
    tags: ['Service'],
    security: security('bulk'),
    operationId: 'bulk',
    summary: 'Do many operations, in the order that their references demand',
    requestBody: body(ref('BulkRequest')),
    responses: {
      200: json('What became of each', ref('BulkResponse')),
      413: json('Too many operations, or too large', ref('Error')),
      ...refused,
    },
  }
}

function told(operationId: string, summary: string, schema: JsonObject, path?: JsonObject): JsonObject {
  return {
    get: {
      tags: ['Service'],
      operationId,
      summary,
      ...(path !== undefined && { parameters: [path] }),
      responses: { 200: json(summary, schema), ...refused },
    },
  }
}

const servicePaths: JsonObject = {
  '/ServiceProviderConfig': told(
    'readServiceProviderConfig',
    'What the service can do',
    ref('ServiceProviderConfig'),
  ),
  '/ResourceTypes': told('listResourceTypes', 'All resource types', ref('ResourceTypeList')),
  '/ResourceTypes/{name}': told(
    'readResourceType',
    'One resource type',
    ref('ResourceType'),
    inPath('name', 'Its name, e.g. User'),
  ),
  '/Schemas': told('listSchemas', 'All schemas', ref('SchemaList')),
  '/Schemas/{urn}': told('readSchema', 'One schema', ref('Schema'), inPath('urn', 'Its URN')),
}
