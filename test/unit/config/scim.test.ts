/** The `scim` section: what it becomes, and what is said where it is wrong. */
import { createHash } from 'node:crypto'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { GatewayConfig } from '../../../src/config/gateway-config.js'
import { scimFindings } from '../../../src/config/scim-findings.js'
import { gateway, load, people, problems } from './files.js'

afterEach(() => {
  vi.unstubAllEnvs()
})

const token = 'correct-horse-battery-staple'
const hex = createHash('sha256').update(token).digest('hex')
const base64 = createHash('sha256').update(token).digest('base64')
const account = 'serviceAccounts: [ { dn: "cn=app,o=apps", password: "{SSHA}x" } ]\n'
const publicKey = '{"kty":"EC","crv":"P-256","kid":"1","x":"AA","y":"AA"}'

async function scim(text: string): Promise<GatewayConfig['scim']> {
  return (await load({ 'gateway.yaml': `${gateway}${account}scim: ${text}\n` })).scim
}

const jwt = (more: string) => `{ jwt: [ { issuer: i, audience: a, jwks: "https://i/keys", ${more} } ] }`

describe('the section scim', () => {
  it('takes every key', async () => {
    expect(
      await scim(`
  prefix: /v2
  baseUrl: https://id.example.com/v2/
  profile: entra
  maxCount: "500"
  defaultCount: 50
  bulk: { maxOperations: 10, maxPayloadSize: 2MiB }
  bodyLimit: 64KiB
  anonymousDiscovery: "true"
  tokens:
    - { name: a, token: "{SHA256}${hex}", as: "CN=app, o=apps", scopes: users.read }
    - name: b
      token: "{cleartext}another-token-of-a-demo"
      as: uid=ada,ou=people,dc=example,dc=com
      scopes: [bulk, "*"]
      expires: 2030-12-31T18:00:00+01:00
  jwt:
    - { issuer: https://i, audience: [a, b], jwks: https://i/keys, as: "cn=app,o=apps" }
    - issuer: https://j
      audience: a
      jwks: { keys: [ ${publicKey} ] }
      algorithms: [ES256]
      principal: { view: people, attribute: MAIL, claim: email }
      scopeClaim: roles
      clockTolerance: 0
  introspection:
    url: https://i/introspect
    clientId: me
    clientSecret: x
    audience: c
    as: cn=app,o=apps
    scopes: [groups.read]
    cache: 0
  tokenEndpoint:
    path: /token
    lifetime: 10m
    clients: [ { id: sync, secret: "{SHA256}${hex}", as: "cn=app,o=apps", scopes: [users.read, users.write] } ]
  scopes: { users.read: https://jans.io/scim/users.read, "*": [all, admin] }`),
    ).toEqual({
      prefix: '/v2',
      baseUrl: 'https://id.example.com/v2',
      profile: 'entra',
      maxCount: 500,
      defaultCount: 50,
      bulk: { maxOperations: 10, maxPayloadSize: 2 ** 21 },
      bodyLimit: 2 ** 16,
      anonymousDiscovery: true,
      tokens: [
        { name: 'a', token: hex, as: 'CN=app, o=apps', scopes: ['users.read'] },
        {
          name: 'b',
          token: createHash('sha256').update('another-token-of-a-demo').digest('hex'),
          as: 'uid=ada,ou=people,dc=example,dc=com',
          scopes: '*',
          expires: Date.UTC(2030, 11, 31, 17),
        },
      ],
      jwt: [
        {
          issuer: 'https://i',
          audience: ['a', 'b'],
          jwks: 'https://i/keys',
          allowHttp: false,
          algorithms: expect.arrayContaining(['RS256', 'PS512', 'ES384', 'EdDSA']),
          as: 'cn=app,o=apps',
          clockTolerance: 30_000,
        },
        {
          issuer: 'https://j',
          audience: ['a'],
          jwks: { keys: [JSON.parse(publicKey)] },
          allowHttp: false,
          algorithms: ['ES256'],
          principal: { view: 'people', attribute: 'MAIL', claim: 'email' },
          scopeClaim: 'roles',
          clockTolerance: 0,
        },
      ],
      introspection: {
        url: 'https://i/introspect',
        allowHttp: false,
        clientId: 'me',
        clientSecret: 'x',
        audience: ['c'],
        as: 'cn=app,o=apps',
        scopes: ['groups.read'],
        cache: 0,
      },
      tokenEndpoint: {
        path: '/token',
        lifetime: 600_000,
        clients: [
          {
            id: 'sync',
            secret: `{SHA256}${base64}`,
            as: 'cn=app,o=apps',
            scopes: ['users.read', 'users.write'],
          },
        ],
      },
      scopes: { 'users.read': ['https://jans.io/scim/users.read'], '*': ['all', 'admin'] },
    })
  })

  it('never has more resources per page by default than at most', async () => {
    expect(await scim('{ maxCount: 20 }')).toMatchObject({ maxCount: 20, defaultCount: 20 })
  })

  it('never signs symmetrically', async () => {
    const { jwt: issuers } = await scim(jwt('as: "cn=app,o=apps"'))
    expect(issuers[0]?.algorithms.filter((name) => /^(?:HS|none)/i.test(name))).toEqual([])
  })

  it('takes a token in hexadecimal digits, in base64 and in cleartext for the same', async () => {
    for (const text of [
      `{SHA256}${hex.toUpperCase()}`,
      `{sha256}${base64}`,
      `{SHA256}${base64.slice(0, -1)}`,
      `{CLEARTEXT}${token}`,
    ]) {
      const { tokens } = await scim(
        `{ tokens: [ { name: a, token: "${text}", as: "cn=app,o=apps", scopes: "*" } ] }`,
      )
      expect(tokens[0]?.token).toBe(hex)
    }
  })

  it('takes keys out of a file', async () => {
    const read = await load({
      'keys.json': `{ "keys": [ ${publicKey} ], "other": 1 }\n`,
      'gateway.yaml': `${gateway}${account}scim: ${jwt('as: "cn=app,o=apps"').replace('https://i/keys', `\${file:keys.json}`)}\n`,
    })
    expect(read.scim.jwt[0]?.jwks).toEqual({ keys: [JSON.parse(publicKey)] })
  })

  it('takes a secret of the environment', async () => {
    vi.stubEnv('SCIM_TOKEN', token)
    const { tokens } = await scim(
      `{ tokens: [ { name: a, token: "{CLEARTEXT}\${SCIM_TOKEN}", as: "cn=app,o=apps", scopes: "*" } ] }`,
    )
    expect(tokens[0]?.token).toBe(hex)
  })

  it('may ask this very machine over http', async () => {
    for (const url of ['http://localhost:1/k', 'http://127.0.0.1:1/k', 'http://[::1]:1/k']) {
      await scim(jwt('as: "cn=app,o=apps"').replace('https://i/keys', url))
    }
    await scim(jwt('as: "cn=app,o=apps", allowHttp: true').replace('https://i', 'http://keycloak:8080'))
  })
})

describe('access rules', () => {
  it('may allow to write, which they do not unless they say so', async () => {
    const text =
      'access: [ { who: self, views: people }, { who: self, views: people, allow: [read, write] } ]\n'
    const { access } = await load({ 'gateway.yaml': `${gateway}${text}` })
    expect(access.map(({ allow }) => allow)).toEqual([
      ['read', 'search', 'compare'],
      ['read', 'write'],
    ])
  })
})

const ok = 'as: "cn=app,o=apps"'
const oneToken = (more: string) => `{ tokens: [ { name: a, ${more} } ] }`
const hashed = `token: "{SHA256}${hex}"`
const client = (more: string) => `{ tokenEndpoint: { clients: [ { id: a, secret: "{SSHA}x", ${more} } ] } }`
const asking = (more: string) =>
  `{ introspection: { url: "https://i", clientId: a, clientSecret: b, ${more} } }`

describe('the section scim is refused', () => {
  it.each([
    ['{ prefix: scim }', 'prefix: "scim" is no path. Write /names between slashes, without one at the end.'],
    [
      '{ prefix: /scim/ }',
      'prefix: "/scim/" is no path. Write /names between slashes, without one at the end.',
    ],
    [
      '{ baseUrl: id.example.com }',
      'baseUrl: is no URL that resources could be found below. Write https://host/path, without a query, a fragment or a password.',
    ],
    ['{ profile: azure }', 'profile: "azure" is not "rfc", "entra" or "okta".'],
    ['{ maxCount: 0 }', 'maxCount: 0 is no whole number from 1 to 100000.'],
    ['{ anonymousDiscovery: perhaps }', /^anonymousDiscovery: .*"true" or "false"/],
    ['{ token: [] }', 'token: unknown key. Did you mean "tokens"?'],
    [oneToken(`${hashed}, ${ok}`), /^tokens\[0\]\.scopes: missing\. Add "scopes": What it is good for/],
    [
      oneToken(`${hashed}, scopes: "*"`),
      /^tokens\[0\]\.as: missing\. Add "as": Acts as this service account or entry/,
    ],
    [
      oneToken(`${hashed}, scopes: "*", as: "cn=app,o=x"`),
      'tokens[0].as: "cn=app,o=x" is neither a service account nor an entry below the suffix. Known serviceAccounts: cn=app,o=apps.',
    ],
    [
      oneToken(`${hashed}, scopes: "*", as: app`),
      'tokens[0].as: "app" is not a DN. Write attribute=value,…, e.g. dc=example,dc=com.',
    ],
    [
      oneToken(`${hashed}, ${ok}, scopes: [users.read, user.write]`),
      'tokens[0].scopes[1]: "user.write" is no scope. Did you mean "users.write"?',
    ],
    [oneToken(`${hashed}, ${ok}, scopes: "*", expires: soon`), /^tokens\[0\]\.expires: "soon" is no time\./],
    [
      oneToken(`${hashed}, ${ok}, scopes: "*", expires: 2030-13-01`),
      /^tokens\[0\]\.expires: "2030-13-01" is no time\./,
    ],
    [
      oneToken(`token: hunter2hunter2, ${ok}, scopes: "*"`),
      'tokens[0].token: neither the hash of a token nor marked as cleartext. Write {SHA256} and what this prints: printf %s TOKEN | sha256sum.',
    ],
    [
      oneToken(`token: "{CLEARTEXT}hunter2", ${ok}, scopes: "*"`),
      'tokens[0].token: neither the hash of a token nor marked as cleartext. A token has 12 letters, digits or - . _ ~ + / at least; make one with: openssl rand -hex 32.',
    ],
    [jwt(''), 'jwt[0]: needs one of the keys as or principal. Say as whom its tokens act.'],
    [
      jwt(`${ok}, principal: { view: people, attribute: mail }`),
      'jwt[0]: as and principal exclude each other. Say as whom its tokens act.',
    ],
    [jwt(`${ok}, scopes: "*", scopeClaim: x`), 'jwt[0]: scopes and scopeClaim exclude each other.'],
    [
      jwt('principal: { view: peple, attribute: mail }'),
      'jwt[0].principal.view: "peple" is no view. Did you mean "people"?',
    ],
    [
      jwt('principal: { view: people, attribute: mial }'),
      'jwt[0].principal.attribute: "mial" is no attribute of that view. Did you mean "mail"?',
    ],
    [jwt(`${ok}, algorithms: [HS256]`), /^jwt\[0\]\.algorithms\[0\]: "HS256" is not "RS256", /],
    [jwt(`${ok}, algorithms: [none]`), /^jwt\[0\]\.algorithms\[0\]: "none" is not "RS256", /],
    [
      jwt(ok).replace('https://i/keys', 'http://i/keys'),
      'jwt[0].jwks: asks over http:// who may get in. Write https://, or allowHttp: true if nobody else can reach the network in between.',
    ],
    [
      jwt(ok).replace('https://i/keys', 'keys.json'),
      `jwt[0].jwks: is neither a URL nor a set of keys. Write the URL of the keys, or public keys as JSON, e.g. \${file:jwks.json}.`,
    ],
    [
      jwt(ok).replace('"https://i/keys"', `{ keys: [ { kty: oct, k: AA } ] }`),
      /^jwt\[0\]\.jwks: holds what is no public key\. /,
    ],
    [
      jwt(ok).replace('"https://i/keys"', `{ keys: [ { kty: EC, crv: P-256, x: A, y: A, d: A } ] }`),
      /^jwt\[0\]\.jwks: holds a private key\. /,
    ],
    [
      asking(ok).replace('https', 'http'),
      'introspection.url: asks over http:// who may get in. Write https://, or allowHttp: true if nobody else can reach the network in between.',
    ],
    [asking(ok).replace('https://i', 'ftp://i'), 'introspection.url: is no URL. Start it with https://.'],
    [asking(''), 'introspection: needs one of the keys as or principal. Say as whom its tokens act.'],
    [
      client(`${ok}, scopes: reed`).replace('{SSHA}x', 'hunter2'),
      'tokenEndpoint.clients[0].secret: neither a password hash nor marked as cleartext. Hash it with slappasswd, or write {CLEARTEXT} before it.',
    ],
    ['{ tokenEndpoint: { clients: [] } }', 'tokenEndpoint.clients: must not be empty.'],
    [
      client(`${ok}, scopes: "*"`).replace('{ clients', '{ lifetime: 25h, clients'),
      'tokenEndpoint.lifetime: "25h" is longer than a day. Clients get a new one in time.',
    ],
    ['{ scopes: { users.raed: x } }', 'scopes["users.raed"]: is no scope. Did you mean "users.read"?'],
    ['{ scopes: { users.read: "a b" } }', /^scopes\["users\.read"\]: "a b" is no scope\. /],
  ])('%s', async (text, expected) => {
    const [first = '', ...others] = await problems({ 'gateway.yaml': `${gateway}${account}scim: ${text}\n` })
    expect(others.filter((line) => !/is no scope/.test(line))).toEqual([])
    const message = first.replace(/^gateway\.yaml:6:\d+ {2}scim\.?/, '')
    if (typeof expected === 'string') expect(message).toBe(expected)
    else expect(message).toMatch(expected)
  })

  it('where two tokens or clients cannot be told apart', async () => {
    const tokens = [
      `{ name: a, token: "{SHA256}${hex}", ${ok}, scopes: "*" }`,
      `{ name: a, token: "{SHA256}${'0'.repeat(64)}", ${ok}, scopes: "*" }`,
      `{ name: b, token: "{CLEARTEXT}${token}", ${ok}, scopes: "*" }`,
    ]
    const clients = ['a', 'b', 'a'].map((id) => `{ id: ${id}, secret: "{SSHA}x", ${ok}, scopes: "*" }`)
    const text = `scim: { tokens: [ ${tokens} ], tokenEndpoint: { clients: [ ${clients} ] } }\n`
    const found = await problems({ 'gateway.yaml': `${gateway}${account}${text}` })
    expect(found.map((line) => line.replace(/^\S+ {2}/, ''))).toEqual([
      'scim.tokens[1].name: "a" is the name of another token already.',
      'scim.tokens[2].token: the same token as another one.',
      'scim.tokenEndpoint.clients[2].id: "a" is the id of another client already.',
    ])
    expect(found.join('\n')).not.toContain(token)
  })

  it('but knows the scopes of resource types that mappings declare', async () => {
    const read = await load({
      'people.yaml': `${people}scim: { resource: Printer }\n`,
      'gateway.yaml': `${gateway}${account}scim: ${oneToken(`${hashed}, ${ok}, scopes: [printers.write]`)}\n`,
    })
    expect(read.scim.tokens[0]?.scopes).toEqual(['printers.write'])
  })
})

describe('check is told', () => {
  const mapping = { 'people.yaml': `${people}scim: { resource: User }\n` }
  const found = async (text: string, files: Record<string, string> = mapping) => {
    const config = await load({ ...files, 'gateway.yaml': `${gateway}${account}${text}` })
    return scimFindings(config, Date.UTC(2026, 0, 1)).map(({ message }) => message)
  }

  it('that nobody can get in', async () => {
    expect(await found('listen: { http: 8080 }\n')).toEqual([
      'SCIM is served, but nobody can get in: every request is answered 401',
    ])
    expect(await found('')).toEqual([])
    expect(await found('listen: { http: 8080 }\n', {})).toEqual([])
  })

  it('that tokens are for nothing', async () => {
    const scimText = `scim: ${oneToken(`${hashed}, ${ok}, scopes: "*"`)}\n`
    expect(await found(scimText, {})).toEqual([
      'scim says who may use SCIM, but it is not served',
      'scim says who may use SCIM, but no view is a resource',
    ])
    expect(await found(`listen: { http: 8080 }\n${scimText}`)).toEqual([])
  })

  it('that a token has expired, or does not outlive the process', async () => {
    const expired = oneToken(`${hashed}, ${ok}, scopes: "*", expires: 2025-12-31`)
    expect(await found(`listen: { http: 8080 }\nscim: ${expired}\n`)).toEqual([
      'the SCIM token a has expired on 2025-12-31T00:00:00.000Z',
    ])
    const endpoint = `listen: { http: 8080 }\nscim: ${client(`${ok}, scopes: "*"`)}\n`
    expect(await found(endpoint)).toEqual([
      'without cookieSecret, tokens of scim.tokenEndpoint are good at this process alone, and until it ends',
    ])
    expect(await found(`${endpoint}cookieSecret: sixteen-characters\n`)).toEqual([])
  })
})
