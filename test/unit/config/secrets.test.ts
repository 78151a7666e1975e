/** What interpolation puts in never shows in an error, wherever it stands. */
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { problems } from './files.js'

afterEach(() => {
  vi.unstubAllEnvs()
})

/** A configuration in which every text is the secret. */
const everywhere = {
  'gateway.yaml': `suffix: "\${SECRET}"
listen: { ldap: "\${SECRET}", http: "\${file:secret}" }
sources:
  hr: { type: sql, url: "\${SECRET}", password: "\${SECRET}", pool: { max: "\${SECRET}" }, connectTimeout: "\${SECRET}" }
  b: { type: "\${SECRET}", url: "mysql://\${SECRET}" }
  c: { type: sql, url: "mysql://u:\${SECRET}@h:x/d" }
views:
  - "\${SECRET}"
  - { mapping: "\${file:secret}", refreshMethod: "\${SECRET}" }
  - people.yaml
  - other.yaml
serviceAccounts:
  - { dn: "\${SECRET}", password: "\${SECRET}" }
  - { dn: "\${SECRET}", password: "\${file:secret}" }
access: [ { who: "\${SECRET}", views: [ "\${SECRET}", nobody ], allow: "\${SECRET}" } ]
limits: { size: "\${SECRET}", time: "\${SECRET}", pduBytes: "\${SECRET}" }
scim:
  prefix: "\${SECRET}"
  baseUrl: "\${SECRET}"
  profile: "\${SECRET}"
  anonymousDiscovery: "\${SECRET}"
  tokens: [ { name: "\${SECRET}", token: "\${SECRET}", as: "\${SECRET}", scopes: "\${SECRET}", expires: "\${SECRET}" }, { name: "\${SECRET}", token: "\${SECRET}", as: "cn=\${SECRET}", scopes: [ "\${SECRET}" ] } ]
  jwt: [ { issuer: "\${SECRET}", audience: "\${SECRET}", jwks: "\${SECRET}", algorithms: [ "\${SECRET}" ], principal: { view: "\${SECRET}", attribute: "\${SECRET}" } } ]
  introspection: { url: "\${SECRET}", clientId: "\${SECRET}", clientSecret: "\${SECRET}", cache: "\${SECRET}" }
  tokenEndpoint: { path: "\${SECRET}", lifetime: "\${SECRET}", clients: [ { id: "\${SECRET} ", secret: "\${SECRET}", as: "cn=\${SECRET}", scopes: "\${SECRET}" } ] }
  scopes: { users.read: "\${SECRET} " }
cookieSecret: "\${SECRET}"
log: { level: "\${SECRET}" }
`,
  'people.yaml': `view: "\${SECRET}"
source: "\${SECRET}"
from: ""
key: "{\${SECRET}"
attributes: { uid: { ref: "\${SECRET}", column: "" }, cn: { ref: nobody, column: a }, sn: { column: x, type: "\${SECRET}" } }
ldap: { base: "\${SECRET}", rdn: "\${SECRET}", objectClass: "\${SECRET}" }
scim: { resource: "\${SECRET}", more: "\${SECRET}" }
`,
  'other.yaml': `view: "\${SECRET}"
source: hr
from: a
key: b
attributes: { "\${SECRET}": x, cn: { ref: nobody, column: a } }
ldap: { base: "\${SECRET}", rdn: "\${SECRET}", objectClass: [a] }
`,
}

describe('a secret', () => {
  it('is shown as it is referred to', async () => {
    vi.stubEnv('SECRET', 'hunter2')
    const found = await problems({ ...everywhere, secret: 'hunter2\n' })
    expect(found).toContain(
      `gateway.yaml:1:9  suffix: "\${SECRET}" is not a DN. Write attribute=value,…, e.g. dc=example,dc=com.`,
    )
    expect(found).toContain(
      `gateway.yaml:8:5  views[0]: "\${SECRET}" cannot be read: there is no such file. Check the path; it is relative to the configuration that names it.`,
    )
    expect(found.length).toBeGreaterThan(25)
    expect(found.join('\n')).not.toContain('hunter2')
  })

  it('is absent from every message, whatever it is', async () => {
    const secret = fc
      .tuple(
        fc.constantFrom('', '{SSHA}', 'mysql://', 'dc=', '$2b$', `\${`, '5', 'people'),
        fc.base64String({ minLength: 4 }),
      )
      .map(([form, text]) => `${form}QZ${text}ZQ`)
    await fc.assert(
      fc.asyncProperty(secret, async (text) => {
        vi.stubEnv('SECRET', text)
        const found = await problems({ ...everywhere, secret: text })
        expect(found.join('\n')).not.toContain(text)
        expect(found.join('\n')).not.toContain('QZ')
      }),
      { numRuns: 30 },
    )
  })

  it('that a mapping is named by stays hidden in the places of its problems', async () => {
    vi.stubEnv('WHICH', 'people')
    const found = await problems({
      'gateway.yaml': `suffix: dc=x\nsources: {}\nviews: [ "\${WHICH}.yaml" ]\n`,
    })
    expect(found).toEqual([`\${WHICH}.yaml:2:9  source: "hr" is no source. There are no sources.`])
  })

  it('that stands in the file itself is not repeated, where it is one', async () => {
    const found = await problems({
      'gateway.yaml': `suffix: dc=x
sources: { hr: { type: sql, url: "mysql://u:hunter2#@h/d", password: "" } }
views: [ people.yaml ]
serviceAccounts: [ { dn: cn=a, password: hunter2 } ]
cookieSecret: hunter2
`,
    })
    expect(found).toHaveLength(4)
    expect(found.join('\n')).not.toContain('hunter2')
  })
})
