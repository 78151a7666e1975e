/** What /Schemas says can be written can be: every attribute of every type is added, replaced and removed as it says. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Body, databases, GROUP, type Service, serveDemo, USER, unique } from './serving.js'

/** RFC 7643 7. */
interface Attribute {
  readonly name: string
  readonly type: string
  readonly multiValued: boolean
  readonly required: boolean
  readonly mutability: string
  readonly returned: string
  readonly canonicalValues?: readonly string[]
  readonly referenceTypes?: readonly string[]
  readonly subAttributes?: readonly Attribute[]
}

describe.each(databases)('the schemas and %s', (_name, create) => {
  let scim: Service

  beforeAll(async () => {
    scim = await serveDemo(create)
  })
  afterAll(() => scim?.close())

  const attributesOf = async (urn: string) =>
    ((await scim.get(`/Schemas/${urn}`)).body.attributes ?? []) as readonly Attribute[]
  const somebody = async () => (await scim.user({ userName: unique('shown') })).id

  const isReference = ({ subAttributes = [] }: Attribute) => subAttributes.some(({ name }) => name === '$ref')

  /** A value of the attribute that no other call gives, as a client would send it. */
  const sampleOf = async (attribute: Attribute): Promise<unknown> => {
    const one = isReference(attribute) ? { value: await somebody() } : await oneOf(attribute)
    return attribute.multiValued ? [one] : one
  }
  const oneOf = async ({ type, canonicalValues, subAttributes = [] }: Attribute): Promise<unknown> => {
    switch (type) {
      case 'complex': {
        const parts = subAttributes.filter(({ mutability }) => mutability !== 'readOnly')
        return Object.fromEntries(
          await Promise.all(parts.map(async (part) => [part.name, await sampleOf(part)] as const)),
        )
      }
      case 'boolean':
        return true
      case 'integer':
        return 1000 + Number(unique('').slice(1))
      case 'decimal':
        return 1000.5
      case 'dateTime':
        return '2030-04-05T00:00:00Z'
      case 'binary':
        return Buffer.from(unique('binary')).toString('base64')
      case 'reference':
        return `https://example.com/${unique('page')}`
      default:
        return canonicalValues?.[0] ?? unique('Text')
    }
  }

  /** Times may come back in another notation, references with more about whom they refer to. */
  const shown = (attribute: Attribute, value: unknown): unknown => {
    if (Array.isArray(value)) return value.map((one: unknown) => shown(attribute, one))
    if (attribute.type === 'dateTime') return new Date(String(value)).toISOString()
    if (typeof value !== 'object' || value === null) return value
    const parts = (attribute.subAttributes ?? []).filter(
      ({ name }) => !isReference(attribute) || name === 'value',
    )
    return Object.fromEntries(
      Object.entries(value).flatMap(([name, part]) =>
        parts.filter((own) => own.name === name).map((own) => [name, shown(own, part)]),
      ),
    )
  }
  const valueIn = (body: Body, urn: string, isCore: boolean, name: string) => {
    const object = isCore ? body : body[urn]
    return typeof object === 'object' && object !== null ? (object as Body)[name] : undefined
  }

  it.each([
    ['User', '/Users', () => ({ schemas: [USER], userName: unique('shown') })],
    ['Group', '/Groups', () => ({ schemas: [GROUP], displayName: unique('Shown') })],
  ] as const)('hold for a %s', async (type, endpoint, blank) => {
    const { body: described } = await scim.get(`/ResourceTypes/${type}`)
    const core = String(described.schema)
    const extensions = (described.schemaExtensions ?? []) as readonly { readonly schema: string }[]
    const created = await scim.post(endpoint, blank())
    const path = `${endpoint}/${created.body.id}`
    let written = 0
    for (const urn of [core, ...extensions.map(({ schema }) => schema)]) {
      for (const attribute of await attributesOf(urn)) {
        const { name, mutability, required, returned } = attribute
        const at = `${urn}:${name}`
        if (mutability === 'readOnly') {
          const { status } = await scim.patch(path, [
            { op: 'replace', path: at, value: await sampleOf(attribute) },
          ])
          expect(status, at).toBe(400)
          continue
        }
        for (const op of ['add', 'replace'] as const) {
          const value = await sampleOf(attribute)
          const { status, body, text } = await scim.patch(path, [{ op, path: at, value }])
          expect(status, `${op} ${at} ${JSON.stringify(value)}: ${text}`).toBe(200)
          const now = valueIn(body, urn, urn === core, name)
          if (returned === 'never') expect(now, at).toBeUndefined()
          else {
            expect(shown(attribute, now), `${op} ${at}`).toEqual(shown(attribute, value))
          }
          expect((await scim.get(path)).body, at).toEqual(body)
          written += 1
        }
        if (required) continue
        const { status, body, text } = await scim.patch(path, [{ op: 'remove', path: at }])
        expect(status, `remove ${at}: ${text}`).toBe(200)
        if (attribute.type !== 'boolean' || urn !== core) {
          expect(valueIn(body, urn, urn === core, name), `remove ${at}`).toBeUndefined()
        }
      }
    }
    expect(written).toBeGreaterThan(2)
  })

  it('hold for a whole extension as the path', async () => {
    const { body: described } = await scim.get('/ResourceTypes/User')
    const extensions = (described.schemaExtensions ?? []) as readonly { readonly schema: string }[]
    expect(extensions.length).toBeGreaterThan(0)
    for (const { schema } of extensions) {
      const path = `/Users/${await somebody()}`
      const attributes = (await attributesOf(schema)).filter(({ mutability }) => mutability !== 'readOnly')
      const value = Object.fromEntries(
        await Promise.all(attributes.map(async (one) => [one.name, await sampleOf(one)] as const)),
      )
      for (const op of ['add', 'replace']) {
        const { status, body, text } = await scim.patch(path, [{ op, path: schema, value }])
        expect(status, text).toBe(200)
        expect(body.schemas).toContain(schema)
        for (const attribute of attributes) {
          expect(shown(attribute, valueIn(body, schema, false, attribute.name)), attribute.name).toEqual(
            shown(attribute, value[attribute.name]),
          )
        }
      }
      const gone = await scim.patch(path, [{ op: 'remove', path: schema }])
      expect(gone.status).toBe(200)
      expect(gone.body).not.toHaveProperty([schema])
    }
  })

  it('tell what the database itself keeps unique', async () => {
    const { body } = await scim.get(`/Schemas/${USER}`)
    const attributes = body.attributes as readonly { name: string; uniqueness: string }[]
    const uniqueness = (name: string) => attributes.find((a) => a.name === name)?.uniqueness
    expect([uniqueness('userName'), uniqueness('externalId'), uniqueness('displayName')]).toEqual([
      'server',
      'none',
      'none',
    ])
  })

  it('are all there, each by its name, and the types that have them', async () => {
    const { body } = await scim.get('/Schemas')
    const ids = body.Resources?.map(({ id }) => id ?? '') ?? []
    const core = 'urn:ietf:params:scim:schemas:core:2.0:'
    expect(ids).toEqual(
      expect.arrayContaining([
        USER,
        GROUP,
        ...['Schema', 'ResourceType', 'ServiceProviderConfig'].map((name) => core + name),
      ]),
    )
    for (const schema of body.Resources ?? []) {
      for (const { name, subAttributes = [] } of (schema.attributes ?? []) as readonly Attribute[]) {
        const reference = subAttributes.find((sub) => sub.name === '$ref')
        if (reference === undefined) continue
        expect(reference.referenceTypes ?? [], `${schema.id}:${name}`).not.toEqual([])
      }
      expect((await scim.get(`/Schemas/${schema.id}`)).body).toEqual(schema)
      expect(schema.name).toMatch(/^[A-Za-z]/)
    }
    const types = await scim.get('/ResourceTypes')
    for (const type of types.body.Resources ?? []) {
      expect(ids).toContain(type.schema)
      expect((await scim.get(`/ResourceTypes/${String(type.name)}`)).body).toEqual(type)
      const list = await scim.get(String(type.endpoint), { count: 1 })
      expect(list.status).toBe(200)
      expect(list.body.Resources?.[0]?.meta?.resourceType).toBe(type.name)
    }
  })
})
