/** The OpenAPI document: complete in itself, and true of the resource types. */
import { describe, expect, it, test } from 'vitest'
import { type DocumentSettings, openApiDocument } from '../../../../src/frontends/scim/openapi.js'
import type { Json, JsonObject } from '../../../../src/scim/json.js'
import { devices, groups, users } from './resource-types.js'

const settings: DocumentSettings = {
  base: 'https://id.example.com/scim/v2',
  version: '1.2.3',
  profile: 'rfc',
  pageSize: 100,
  maxResults: 200,
  bulk: { maxOperations: 1000, maxPayloadSize: 1_048_576 },
  tokenUrl: 'https://id.example.com/oauth/token',
}
const all = [users, groups, devices]
const document = openApiDocument(all, settings)

const isObject = (json: Json | undefined): json is JsonObject =>
  typeof json === 'object' && json !== null && !Array.isArray(json)

function at(json: Json | undefined, ...path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>((found, key) => (isObject(found) ? found[key] : undefined), json)
}

/** Every object in the document. */
function objects(json: Json | undefined): readonly JsonObject[] {
  if (Array.isArray(json)) return json.flatMap(objects)
  return isObject(json) ? [json, ...Object.values(json).flatMap(objects)] : []
}

const paths = Object.keys(at(document, 'paths') ?? {})
const methods = (path: string) =>
  Object.keys(at(document, 'paths', path) ?? {}).filter((key) => key !== 'parameters')
const properties = (name: string) =>
  Object.keys(at(document, 'components', 'schemas', name, 'properties') ?? {})

describe('the document', () => {
  it('says which OpenAPI it is, and of which service', () => {
    expect(document).toMatchObject({
      openapi: '3.1.0',
      info: { title: expect.any(String), version: '1.2.3' },
      servers: [{ url: 'https://id.example.com/scim/v2' }],
    })
  })

  it('refers only to what is in it', () => {
    const references = objects(document).flatMap(({ $ref }) => (typeof $ref === 'string' ? [$ref] : []))
    expect(references.length).toBeGreaterThan(50)
    for (const reference of new Set(references)) {
      expect(at(document, ...reference.replace('#/', '').split('/')), reference).toBeDefined()
    }
  })

  it('gives each operation a name of its own, and an answer for refusals', () => {
    const operations = paths.flatMap((path) =>
      methods(path).map((method) => at(document, 'paths', path, method)),
    )
    const names = operations.map((operation) => at(operation, 'operationId'))
    expect(names).toEqual(expect.arrayContaining(['listUser', 'patchGroup', 'deleteFidoDevice', 'bulk']))
    expect(new Set(names).size).toBe(names.length)
    for (const operation of operations) expect(at(operation, 'responses', 'default')).toBeDefined()
  })

  it('names in each path the parameters that are in it', () => {
    for (const path of paths) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      const given = objects(at(document, 'paths', path))
        .map((o) => (typeof o.$ref === 'string' ? at(document, ...o.$ref.replace('#/', '').split('/')) : o))
        .filter((o) => at(o, 'in') === 'path')
        .map((o) => at(o, 'name'))
      expect([...new Set(given)], path).toEqual(inPath)
    }
  })

  it('can be written as JSON', () => {
    expect(JSON.parse(JSON.stringify(document))).toEqual(document)
  })
})

describe('paths', () => {
  test.each([
    ['/Users', ['get', 'post']],
    ['/Users/{id}', ['get', 'put', 'patch', 'delete']],
    ['/Users/.search', ['post']],
    ['/Users/.changes', ['get']],
    ['/Groups', ['get', 'post']],
    ['/Me', ['get', 'put', 'patch', 'delete']],
    ['/', ['get']],
    ['/.search', ['post']],
    ['/Bulk', ['post']],
    ['/ServiceProviderConfig', ['get']],
    ['/ResourceTypes/{name}', ['get']],
    ['/Schemas/{urn}', ['get']],
  ])('%s: %j', (path, expected) => {
    expect(methods(path)).toEqual(expected)
  })

  it('offer only what may be done with a resource', () => {
    expect(methods('/FidoDevices')).toEqual(['get'])
    expect(paths).not.toContain('/FidoDevices/.changes')
    expect(methods('/FidoDevices/{id}')).toEqual(['get', 'put', 'patch', 'delete'])
    const readable = openApiDocument([{ ...users, operations: new Set() }], settings)
    expect(Object.keys(at(readable, 'paths') ?? {})).not.toContain('/Bulk')
    expect(Object.keys(at(readable, 'paths', '/Users/{id}') ?? {})).toEqual(['parameters', 'get'])
    const without = openApiDocument(all, { ...settings, bulk: undefined })
    expect(Object.keys(at(without, 'paths') ?? {})).not.toContain('/Bulk')
  })
})

describe('bodies', () => {
  it('hold the attributes of the schemas and what every resource has', () => {
    const names = users.schema.attributes.map((a) => a.name).filter((name) => name !== 'password')
    expect(properties('User')).toEqual(
      expect.arrayContaining([...names, 'schemas', 'id', 'meta', users.extensions[0]?.schema.id]),
    )
  })

  it('ask for no more than clients may say, and tell no secrets', () => {
    expect(properties('User')).not.toContain('password')
    expect(properties('UserInput')).toContain('password')
    for (const name of ['id', 'meta', 'groups']) expect(properties('UserInput')).not.toContain(name)
    expect(at(document, 'components', 'schemas', 'UserInput', 'required')).toEqual(['schemas', 'userName'])
    expect(at(document, 'components', 'schemas', 'User', 'required')).toEqual(['schemas', 'id'])
  })

  it('say what values are', () => {
    const property = (name: string) => at(document, 'components', 'schemas', 'User', 'properties', name)
    expect(property('active')).toMatchObject({ type: 'boolean' })
    expect(property('name')).toMatchObject({ type: 'object' })
    expect(property('emails')).toMatchObject({
      type: 'array',
      items: { type: 'object', properties: { primary: { type: 'boolean' } } },
    })
    expect(property('x509Certificates')).toMatchObject({
      items: { properties: { value: { type: 'string', contentEncoding: 'base64' } } },
    })
    const device = at(document, 'components', 'schemas', 'FidoDevice', 'properties')
    expect(at(device, 'counter')).toMatchObject({ type: 'integer' })
    expect(at(device, 'creationDate')).toMatchObject({ type: 'string', format: 'date-time' })
  })
})

describe('security', () => {
  it('demands the scope of what is done, by the name that clients know', () => {
    const renamed = openApiDocument(all, {
      ...settings,
      scopeName: (scope) => `https://example.com/${scope}`,
    })
    expect(at(document, 'paths', '/Users', 'get', 'security')).toEqual([
      { bearer: ['users.read'] },
      { oauth2: ['users.read'] },
    ])
    expect(at(renamed, 'paths', '/Groups/{id}', 'patch', 'security')).toContainEqual({
      oauth2: ['https://example.com/groups.write'],
    })
    const flow = at(renamed, 'components', 'securitySchemes', 'oauth2', 'flows', 'clientCredentials')
    expect(at(flow, 'tokenUrl')).toBe('https://id.example.com/oauth/token')
    expect(Object.keys(at(flow, 'scopes') ?? {})).toContain('https://example.com/groups.write')
  })

  it('is a bearer token alone where tokens are not given here', () => {
    const plain = openApiDocument(all, { ...settings, tokenUrl: undefined })
    expect(at(plain, 'security')).toEqual([{ bearer: [] }])
    expect(Object.keys(at(plain, 'components', 'securitySchemes') ?? {})).toEqual(['bearer'])
  })
})
