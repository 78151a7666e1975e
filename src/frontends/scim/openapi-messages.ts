/** The messages of SCIM (RFC 7644 3.4.2 to 3.12) as JSON Schemas, for the OpenAPI document. */
import type { Json, JsonObject } from '../../scim/json.js'

const API = 'urn:ietf:params:scim:api:messages:2.0'

const string: JsonObject = { type: 'string' }
const integer: JsonObject = { type: 'integer' }
const strings: JsonObject = { type: 'array', items: string }
const anything: JsonObject = {}

function message(
  name: string,
  description: string,
  properties: JsonObject,
  required: readonly string[] = [],
): JsonObject {
  const schemas = { type: 'array', items: string, contains: { const: `${API}:${name}` } }
  return {
    type: 'object',
    description,
    properties: { schemas, ...properties },
    required: ['schemas', ...required],
  }
}

/** A page of a list (RFC 7644 3.4.2 and RFC 9865). */
export function listSchema(items: Json): JsonObject {
  return message('ListResponse', 'Resources that a query found', listed(items), ['totalResults'])
}

/** A page of what has changed. */
export function changesSchema(items: Json): JsonObject {
  const deleted = {
    type: 'array',
    description: 'Resources that are there no longer; absent where nobody remembers them',
    items: {
      type: 'object',
      properties: { id: string, at: { ...string, format: 'date-time' } },
      required: ['id', 'at'],
    },
  }
  const properties = { ...listed(items), deleted }
  return message('ListResponse', 'Resources that were made or changed', properties, ['totalResults'])
}

const listed = (items: Json): JsonObject => ({
  totalResults: { ...integer, description: 'How many there are in all' },
  startIndex: { ...integer, description: 'Where the page begins, the first being 1' },
  itemsPerPage: { ...integer, description: 'How many the page holds' },
  nextCursor: { ...string, description: 'Where the next page begins; absent on the last' },
  Resources: { type: 'array', items },
})

export const messageSchemas: JsonObject = {
  Error: message(
    'Error',
    'Why a request was refused',
    {
      status: { ...string, description: 'HTTP status' },
      scimType: {
        ...string,
        examples: [
          ...['invalidFilter', 'tooMany', 'uniqueness', 'mutability', 'invalidSyntax'],
          ...['invalidPath', 'noTarget', 'invalidValue', 'invalidVers', 'sensitive', 'invalidCursor'],
        ],
      },
      detail: string,
    },
    ['status'],
  ),
  SearchRequest: message('SearchRequest', 'A query that is posted', {
    filter: string,
    sortBy: string,
    sortOrder: { ...string, enum: ['ascending', 'descending'] },
    startIndex: { ...integer, minimum: 1 },
    count: { ...integer, minimum: 0 },
    cursor: string,
    attributes: strings,
    excludedAttributes: strings,
  }),
  PatchOp: message(
    'PatchOp',
    'Changes of a resource, all or none (RFC 7644 3.5.2)',
    {
      Operations: {
        type: 'array',
        minItems: 1,
        items: {
          type: 'object',
          properties: {
            op: { ...string, enum: ['add', 'replace', 'remove'] },
            path: { ...string, description: 'e.g. displayName or emails[type eq "work"].value' },
            value: anything,
          },
          required: ['op'],
        },
      },
    },
    ['Operations'],
  ),
  BulkRequest: message(
    'BulkRequest',
    'Many operations in one request (RFC 7644 3.7)',
    {
      failOnErrors: { ...integer, minimum: 1, description: 'Stop after so many errors' },
      Operations: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            method: { ...string, enum: ['POST', 'PUT', 'PATCH', 'DELETE'] },
            bulkId: { ...string, description: 'What other operations call what this one creates' },
            version: string,
            path: { ...string, description: 'e.g. /Users or /Groups/bulkId:1' },
            data: anything,
          },
          required: ['method', 'path'],
        },
      },
    },
    ['Operations'],
  ),
  BulkResponse: message(
    'BulkResponse',
    'What became of each operation',
    {
      Operations: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            ...{ method: string, bulkId: string, version: string, location: string },
            ...{ status: string, response: anything },
          },
          required: ['method', 'status'],
        },
      },
    },
    ['Operations'],
  ),
}
