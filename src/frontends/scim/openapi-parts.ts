/** What the operations of the OpenAPI document are made of: parameters, bodies, answers. */
import type { JsonObject } from '../../scim/json.js'

const MEDIA_TYPE = 'application/scim+json'

export const ref = (name: string): JsonObject => ({ $ref: `#/components/schemas/${name}` })
export const parameter = (name: string): JsonObject => ({ $ref: `#/components/parameters/${name}` })

export function json(description: string, schema: JsonObject, headers?: JsonObject): JsonObject {
  return {
    description,
    ...(headers !== undefined && { headers }),
    content: { [MEDIA_TYPE]: { schema } },
  }
}

export const body = (schema: JsonObject): JsonObject => ({
  required: true,
  content: { [MEDIA_TYPE]: { schema }, 'application/json': { schema } },
})

export const refused: JsonObject = { default: { $ref: '#/components/responses/Error' } }

export const etag: JsonObject = { ETag: { description: 'Its version', schema: { type: 'string' } } }
export const located: JsonObject = {
  ...etag,
  Location: { description: 'Its URI', schema: { type: 'string', format: 'uri' } },
}

export const inPath = (name: string, description: string): JsonObject => ({
  name,
  in: 'path',
  required: true,
  description,
  schema: { type: 'string' },
})

const text: JsonObject = { type: 'string' }
const dateTime: JsonObject = { type: 'string', format: 'date-time' }

function query(name: string, description: string, schema: JsonObject): JsonObject {
  return { name, in: 'query', description, schema }
}

function header(name: string, description: string): JsonObject {
  return { name, in: 'header', description, schema: text }
}

export const parameters: JsonObject = {
  id: inPath('id', 'What the service calls the resource'),
  filter: query('filter', 'Which resources, e.g. userName eq "bjensen" (RFC 7644 3.4.2.2)', text),
  sortBy: query('sortBy', 'Attribute to sort by', text),
  sortOrder: query('sortOrder', 'Which come first', {
    ...text,
    enum: ['ascending', 'descending'],
    default: 'ascending',
  }),
  startIndex: query('startIndex', 'Where the page begins', { type: 'integer', minimum: 1, default: 1 }),
  count: query('count', 'How many resources the page shall hold; 0 only counts', {
    type: 'integer',
    minimum: 0,
  }),
  since: { ...query('since', 'From when on, e.g. 2026-01-01T00:00:00Z', dateTime), required: true },
  cursor: query('cursor', 'Empty for the first page, then the nextCursor of the page before', text),
  attributes: query('attributes', 'Names of the attributes to show, between commas', text),
  excludedAttributes: query('excludedAttributes', 'Names of the attributes to leave out', text),
  ifMatch: header('If-Match', 'Only if the resource has this version'),
  ifNoneMatch: header('If-None-Match', 'Only if the resource has another version'),
  prefer: header('Prefer', 'return=minimal: without telling how the resource is now (RFC 7240)'),
  groupOverheadBypass: header('Group-Overhead-Bypass', 'With any value: members are not looked up'),
}
