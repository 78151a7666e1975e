/** What the service says of itself, and that it says so in the form of its own schemas. */
import { describe, expect, it, test } from 'vitest'
import {
  resourceType,
  resourceTypes,
  type ServiceSettings,
  schema,
  schemas,
  serviceProviderConfig,
} from '../../../../src/frontends/scim/discovery.js'
import type { Resource, ResourceOperation, ScimAttribute } from '../../../../src/model/resource.js'
import { attribute, text } from '../../../../src/schema/scim/attribute.js'
import {
  resourceTypeSchema,
  schemaSchema,
  serviceProviderConfigSchema,
} from '../../../../src/schema/scim/service.js'
import type { Json, JsonObject } from '../../../../src/scim/json.js'
import { devices, groups, users } from './resource-types.js'

const settings: ServiceSettings = {
  base: 'https://id.example.com/scim/v2',
  profile: 'rfc',
  pageSize: 100,
  maxResults: 200,
  bulk: { maxOperations: 1000, maxPayloadSize: 1_048_576 },
}
const all = [users, groups, devices]

/** Asserts that an object holds what the attributes allow and demand, `schemas`, `id` and `meta` besides. */
function conforms(json: Json | undefined, attributes: readonly ScimAttribute[], common = true): void {
  const object = asObject(json)
  const known = new Map(attributes.map((a) => [a.name, a]))
  for (const [name, value] of Object.entries(object)) {
    if (common && ['schemas', 'id', 'meta'].includes(name)) continue
    const definition = known.get(name)
    if (definition === undefined) throw new Error(`nobody knows ${name}`)
    const values = definition.multiValued ? (value as readonly Json[]) : [value]
    expect(Array.isArray(value), name).toBe(definition.multiValued)
    for (const one of values) {
      if (definition.type === 'complex') conforms(one, definition.subAttributes ?? [], false)
      else expect(typeof one, name).toBe(typeOf(definition))
    }
  }
  for (const { name, required } of attributes) if (required) expect(object).toHaveProperty(name)
}

function typeOf({ type }: ScimAttribute): string {
  return type === 'boolean' ? 'boolean' : type === 'integer' ? 'number' : 'string'
}

function asObject(json: Json | undefined): JsonObject {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new Error('not an object')
  return json as JsonObject
}

function listed(list: JsonObject): readonly JsonObject[] {
  expect(list).toMatchObject({ schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'] })
  const found = (list.Resources as readonly Json[]).map(asObject)
  expect(list).toMatchObject({
    totalResults: found.length,
    itemsPerPage: found.length,
    startIndex: 1,
  })
  return found
}

const only = (resource: Resource, ...operations: readonly ResourceOperation[]): Resource => ({
  ...resource,
  operations: new Set(operations),
})

describe('the ServiceProviderConfig', () => {
  it('has the form of its schema', () => {
    const config = serviceProviderConfig(all, {
      ...settings,
      tokenUrl: 'https://id.example.com/oauth/token',
      documentationUri: 'https://docs.example.com/',
      cursorTimeout: 600,
    })
    conforms(config, serviceProviderConfigSchema.attributes)
    expect(config.schemas).toEqual(['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'])
    expect(config.meta).toEqual({
      resourceType: 'ServiceProviderConfig',
      location: 'https://id.example.com/scim/v2/ServiceProviderConfig',
    })
  })

  it('tells what is supported, and how much of it', () => {
    expect(serviceProviderConfig(all, settings)).toMatchObject({
      patch: { supported: true },
      bulk: { supported: true, maxOperations: 1000, maxPayloadSize: 1_048_576 },
      filter: { supported: true, maxResults: 200 },
      changePassword: { supported: true },
      sort: { supported: true },
      etag: { supported: true },
    })
  })

  it('tells how to page (RFC 9865)', () => {
    const { pagination } = serviceProviderConfig(all, settings)
    expect(pagination).toEqual({
      cursor: true,
      index: true,
      defaultPaginationMethod: 'index',
      defaultPageSize: 100,
      maxPageSize: 200,
    })
    const limited = serviceProviderConfig(all, { ...settings, maxResults: 20, cursorTimeout: 60 })
    expect(limited.pagination).toMatchObject({ defaultPageSize: 20, maxPageSize: 20, cursorTimeout: 60 })
  })

  it('promises no more than the resources allow', () => {
    const readable = [only(users), only(groups)]
    expect(serviceProviderConfig(readable, settings)).toMatchObject({
      patch: { supported: false },
      bulk: { supported: false },
      changePassword: { supported: false },
    })
    expect(serviceProviderConfig([groups], settings)).toMatchObject({
      patch: { supported: true },
      changePassword: { supported: false },
    })
    expect(serviceProviderConfig(all, { ...settings, bulk: undefined })).toMatchObject({
      bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
    })
  })

  it('tells how to authenticate, one way being the preferred one', () => {
    const ways = (config: JsonObject) =>
      (config.authenticationSchemes as readonly Json[]).map(asObject).map((s) => [s.type, s.primary])
    expect(ways(serviceProviderConfig(all, settings))).toEqual([['oauthbearertoken', true]])
    expect(
      ways(serviceProviderConfig(all, { ...settings, tokenUrl: 'https://id.example.com/token' })),
    ).toEqual([
      ['oauthbearertoken', true],
      ['oauth2', false],
    ])
  })

  it('names the dialect where it is not the standard’s, in a schema that is published', () => {
    const entra = { ...settings, profile: 'entra' }
    const config = serviceProviderConfig(all, entra)
    const [, urn = ''] = config.schemas as readonly string[]
    expect(config[urn]).toEqual({ profile: 'entra' })
    expect(schema(all, urn, entra)).toMatchObject({ id: urn, attributes: [{ name: 'profile' }] })
    expect(schema(all, urn, settings)).toBeUndefined()
  })
})

describe('ResourceTypes', () => {
  it('are all listed, in the form of their schema', () => {
    const found = listed(resourceTypes(all, settings.base))
    expect(found.map((r) => r.name)).toEqual(['User', 'Group', 'FidoDevice'])
    for (const one of found) conforms(one, resourceTypeSchema.attributes)
  })

  it('are found one by one, whatever the case of their names', () => {
    const user = {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
      id: 'User',
      name: 'User',
      description: expect.any(String),
      endpoint: '/Users',
      schema: 'urn:ietf:params:scim:schemas:core:2.0:User',
      schemaExtensions: [
        { schema: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User', required: false },
      ],
      meta: {
        resourceType: 'ResourceType',
        location: 'https://id.example.com/scim/v2/ResourceTypes/User',
      },
    }
    expect(resourceType(all, 'User', settings.base)).toEqual(user)
    expect(resourceType(all, 'user', settings.base)).toEqual(user)
    expect(resourceType(all, 'Users', settings.base)).toBeUndefined()
    expect(resourceType(all, '__proto__', settings.base)).toBeUndefined()
  })
})

describe('Schemas', () => {
  it('are those of the resources and the service’s own, in the form of their schema', () => {
    const found = listed(schemas(all, settings))
    expect(found.map((s) => s.name)).toEqual([
      ...['User', 'EnterpriseUser', 'Group', 'FidoDevice'],
      ...['ServiceProviderConfig', 'ResourceType', 'Schema'],
    ])
    // The schema of schemas goes one level deeper than it can say of itself.
    for (const one of found) if (one.name !== 'Schema') conforms(one, schemaSchema.attributes)
  })

  it('are found one by one, and say where they are', () => {
    const urn = 'urn:ietf:params:scim:schemas:core:2.0:Group'
    expect(schema(all, urn.toUpperCase(), settings)).toMatchObject({
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:Schema'],
      id: urn,
      meta: { resourceType: 'Schema', location: `https://id.example.com/scim/v2/Schemas/${urn}` },
    })
    expect(schema(all, 'urn:example:none', settings)).toBeUndefined()
  })

  it('say everything about an attribute', () => {
    const user = asObject(schema(all, users.schema.id, settings))
    const attributes = (user.attributes as readonly Json[]).map(asObject)
    expect(attributes.find((a) => a.name === 'userName')).toEqual({
      name: 'userName',
      type: 'string',
      multiValued: false,
      description: expect.any(String),
      required: true,
      caseExact: false,
      mutability: 'readWrite',
      returned: 'default',
      uniqueness: 'server',
    })
    expect(attributes.find((a) => a.name === 'emails')).toMatchObject({
      type: 'complex',
      multiValued: true,
      subAttributes: expect.arrayContaining([
        expect.objectContaining({ name: 'type', canonicalValues: ['work', 'home', 'other'] }),
      ]),
    })
  })

  it('that several resource types follow are listed once, with what any of them keeps', () => {
    const schemaOf = (...attributes: readonly ScimAttribute[]) => ({ ...users.schema, attributes })
    const name = (...subAttributes: readonly ScimAttribute[]) =>
      attribute('name', 'complex', 'The name', { subAttributes })
    const staff = { ...users, extensions: [], schema: schemaOf(text('userName', 'x'), name(text('a', 'x'))) }
    const guests = {
      ...users,
      type: 'Guest',
      extensions: [],
      schema: schemaOf(text('title', 'x'), name(text('b', 'x'))),
    }
    const found = listed(schemas([staff, guests], settings)).filter((s) => s.id === users.schema.id)
    expect(found).toHaveLength(1)
    expect(found[0]?.attributes).toMatchObject([
      { name: 'userName' },
      { name: 'name', subAttributes: [{ name: 'a' }, { name: 'b' }] },
      { name: 'title' },
    ])
  })

  test.each([serviceProviderConfigSchema, resourceTypeSchema, schemaSchema])(
    'say that $name cannot be changed',
    ({ id }) => {
      const told = schema([], id, settings)
      const unlike = (attributes: Json | undefined): readonly Json[] =>
        (attributes as readonly Json[])
          .map(asObject)
          .flatMap((a) => [
            ...(a.mutability === 'readOnly' ? [] : [a]),
            ...(a.subAttributes === undefined ? [] : unlike(a.subAttributes)),
          ])
      expect(unlike(told?.attributes)).toEqual([])
    },
  )
})
