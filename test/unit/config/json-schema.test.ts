/** The published JSON Schemas accept what the gateway accepts, and describe every key. */
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { gatewayJsonSchema, mappingJsonSchema } from '../../../src/config/json-schema.js'
import { gateway, groups, people, union } from './files.js'

type Node = Readonly<Record<string, unknown>>

const kinds: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
  array: Array.isArray,
  object: isNode,
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The keywords that our schemas use, and what each demands. A keyword that is not here fails the test. */
const keywords: Readonly<Record<string, (demand: unknown, value: unknown, node: Node) => boolean>> = {
  $schema: () => true,
  title: () => true,
  description: () => true,
  default: () => true,
  type: (type, value) => [type].flat().some((name) => kinds[String(name)]?.(value) === true),
  enum: (words, value) => Array.isArray(words) && words.includes(value),
  const: (word, value) => word === value,
  anyOf: (nodes, value) => Array.isArray(nodes) && nodes.some((inner) => valid(inner, value)),
  oneOf: (nodes, value) => Array.isArray(nodes) && nodes.filter((inner) => valid(inner, value)).length === 1,
  pattern: (text, value) => typeof value !== 'string' || new RegExp(String(text), 'u').test(value),
  minLength: (count, value) => typeof value !== 'string' || value.length >= Number(count),
  minItems: (count, value) => !Array.isArray(value) || value.length >= Number(count),
  items: (inner, value) => !Array.isArray(value) || value.every((item) => valid(inner, item)),
  required: (names, value) => !isNode(value) || (names as string[]).every((name) => name in value),
  properties: (inner, value) =>
    !isNode(value) ||
    Object.entries(inner as Node).every(([key, node]) => !(key in value) || valid(node, value[key])),
  propertyNames: (inner, value) => !isNode(value) || Object.keys(value).every((key) => valid(inner, key)),
  additionalProperties: (inner, value, node) => {
    const known = isNode(node.properties) ? node.properties : {}
    return (
      !isNode(value) ||
      Object.entries(value).every(([key, item]) => key in known || (inner !== false && valid(inner, item)))
    )
  },
}

function valid(node: unknown, value: unknown): boolean {
  if (!isNode(node)) throw new Error(`no schema: ${JSON.stringify(node)}`)
  return Object.entries(node).every(([keyword, demand]) => {
    const holds = keywords[keyword]
    if (holds === undefined) throw new Error(`unknown keyword ${keyword}`)
    return holds(demand, value, node)
  })
}

describe('the schema of gateway files', () => {
  const schema = gatewayJsonSchema()

  it('is one of draft 2020-12 with a title', () => {
    expect(schema).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: 'Vitrine gateway',
      type: 'object',
      required: ['suffix', 'sources', 'views'],
      additionalProperties: false,
    })
    expect(schema).not.toHaveProperty('$id')
    expect(() => JSON.stringify(schema)).not.toThrow()
  })

  it('describes every key, with its default as one writes it', () => {
    const properties = schema.properties as Record<string, { description?: string; properties?: object }>
    expect(Object.keys(properties)).toEqual([
      'suffix',
      'containers',
      'listen',
      'tls',
      'requireTls',
      'sasl',
      'sources',
      'views',
      'copy',
      'cache',
      'targets',
      'serviceAccounts',
      'access',
      'scim',
      'console',
      'limits',
      'cookieSecret',
      'log',
      'shutdown',
      'watch',
    ])
    const bare: string[] = []
    const walk = (node: unknown, path: string): void => {
      if (Array.isArray(node)) for (const inner of node) walk(inner, path)
      if (!isNode(node)) return
      // Mappings have a grammar of their own.
      if (String(node.description).startsWith('A Vitrine mapping:')) return
      for (const [key, inner] of Object.entries(isNode(node.properties) ? node.properties : {})) {
        if (!isNode(inner) || typeof inner.description !== 'string') bare.push(`${path}.${key}`)
      }
      for (const [key, inner] of Object.entries(node))
        walk(inner, key === 'properties' ? path : `${path}.${key}`)
    }
    walk(schema, '')
    expect(bare).toEqual([])
    expect(schema).toHaveProperty('properties.limits.properties.idle.default', '15m')
    expect(schema).toHaveProperty('properties.limits.properties.pduBytes.default', '10MiB')
  })

  it.each([
    ['a short file', gateway],
    ['a reference for a word', `${gateway}log: { level: "\${LEVEL}" }\n`],
    ['a reference for a number', `${gateway}limits: { inFlight: "\${MANY}", idle: 5 }\n`],
    ['options of a view', gateway.replace('people.yaml', '{ mapping: people.yaml, refreshMethod: vds }')],
    [
      'copies',
      `${gateway.replace('people.yaml', `{ mapping: people.yaml, refreshMethod: copy, copy: { copyPasswords: "\${A}" } }`)}copy: { store: "\${STORE}", snapshotMaxCount: 3 }\n`,
    ],
    [
      'directories',
      gateway.replace(
        'sources:',
        `sources:
  corp: { type: ldap, url: "ldaps://a", ca: ca.pem, bindDn: cn=a, password: b, pool: { streams: 20 } }
  lab: { type: ldap, url: ["ldap://a", { url: "ldap://b", priority: 1 }], startTls: true, referrals: "\${REFERRALS}" }`,
      ),
    ],
    ['rules', `${gateway}access: [ { who: [self, cn=x], views: "*", allow: read, except: [mail] } ]\n`],
    [
      'SCIM and who may use it',
      `${gateway}scim:
  anonymousDiscovery: "\${OPEN}"
  tokens: [ { name: a, token: "{SHA256}x", as: cn=a, scopes: "*", expires: 2030-12-31 } ]
  jwt: [ { issuer: i, audience: [a], jwks: { keys: [ { kty: RSA } ] }, as: cn=a, algorithms: [RS256] } ]
  introspection: { url: "https://i", clientId: a, clientSecret: b, principal: { view: people, attribute: uid } }
  tokenEndpoint: { clients: [ { id: a, secret: "{SSHA}x", as: cn=a, scopes: [users.read] } ] }
  scopes: { users.read: "https://jans.io/scim/users.read", "*": [all] }
`,
    ],
    ['an inline mapping', gateway.replace('people.yaml', JSON.stringify(parse(people)))],
  ])('accepts %s', (_, text) => {
    expect(valid(schema, parse(text))).toBe(true)
  })

  it.each([
    ['nothing', '{}'],
    ['an unknown key', `${gateway}sufix: dc=x\n`],
    ['an unknown word', `${gateway}log: { level: loud }\n`],
    [
      'an unknown signature',
      `${gateway}scim: { jwt: [ { issuer: i, audience: a, jwks: k, algorithms: [HS256] } ] }\n`,
    ],
    ['a token without scopes', `${gateway}scim: { tokens: [ { name: a, token: x, as: cn=a } ] }\n`],
    ['a source of no kind', gateway.replace('type: sql, ', '')],
    ['no views', gateway.replace('people.yaml', '')],
    [
      'a wrong inline mapping',
      gateway.replace('people.yaml', JSON.stringify({ ...parse(people), form: 'x' })),
    ],
  ])('refuses %s', (_, text) => {
    expect(valid(schema, parse(text))).toBe(false)
  })
})

describe('the schema of mapping files', () => {
  const schema = mappingJsonSchema()

  it('has a title and no identity', () => {
    expect(schema).toMatchObject({ title: 'Vitrine mapping' })
    expect(schema).not.toHaveProperty('$id')
  })

  it('accepts what the gateway accepts, and refuses a slip', () => {
    expect(valid(schema, parse(people))).toBe(true)
    expect(valid(schema, parse(groups))).toBe(true)
    expect(valid(schema, parse(people.replace('key: id', 'kee: id')))).toBe(false)
    expect(valid(schema, parse(people.replace('view: people', 'view: 1st')))).toBe(false)
    expect(valid(schema, parse(union))).toBe(true)
    expect(valid(schema, parse(union.replace('by: mail', 'buy: mail')))).toBe(false)
  })
})
