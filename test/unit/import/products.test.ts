/** What importers make of the files of other products, and what they say of what they cannot. */
import { createCipheriv } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../../src/config/config-error.js'
import { importAdConnect } from '../../../src/import/ad-connect.js'
import { filesOf } from '../../../src/import/files.js'
import type { Imported } from '../../../src/import/imported.js'
import { importJansLink } from '../../../src/import/jans-link.js'
import { saltOf } from '../../../src/import/jans-secret.js'
import { importLogintc } from '../../../src/import/logintc.js'

const remarkOn = ({ remarks }: Imported, key: string) => remarks.find((remark) => remark.key === key)
const file = (imported: Imported, path: string) =>
  filesOf(imported).find((one) => one.path === path)?.text ?? ''

function complaintOf(run: () => Imported): string {
  try {
    run()
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
  throw new Error('nothing was said against it')
}

describe('Janssen Link', () => {
  const source = {
    configId: 'corp ad',
    bindDN: 'cn=link,dc=corp',
    bindPassword: 'in clear!',
    servers: ['dc1.corp:636', 'dc2.corp:636'],
    useSSL: true,
    baseDNs: ['ou=staff,dc=corp'],
    enabled: true,
  }
  const link = (more: object) => ({
    file: 'link.json',
    text: JSON.stringify(
      { sourceConfigs: [source], keyAttributes: ['uid'], baseDN: 'o=jans', ...more },
      null,
      2,
    ),
  })

  it('each source is a source, each mapped attribute an attribute', () => {
    const imported = importJansLink(
      link({
        keyObjectClasses: ['inetOrgPerson'],
        customLdapFilter: 'sn=*',
        attributeMapping: [
          { source: 'login', destination: 'uid' },
          { source: 'phone', destination: 'jansPhone' },
          { source: 'manager', destination: 'manager' },
        ],
        keyAttributes: ['login', 'kind=staff'],
        sourceAttributes: ['login', 'l'],
      }),
    )
    expect(imported.gateway.suffix).toBe('o=jans')
    expect(imported.gateway.sources).toMatchObject({
      'corp-ad': { url: ['ldaps://dc1.corp:636', 'ldaps://dc2.corp:636'], bindDn: 'cn=link,dc=corp' },
    })
    expect(imported.secrets.get('secrets/corp-ad')).toBe('in clear!')
    expect(imported.views).toMatchObject([
      {
        view: 'people',
        source: 'corp-ad',
        from: 'ou=staff,dc=corp??sub?(&(objectClass=inetOrgPerson)(kind=staff)(sn=*))',
        attributes: {
          uid: 'login',
          jansPhone: { column: 'phone', syntax: 'directoryString' },
          manager: { ref: 'people', column: 'manager' },
          kind: { column: 'kind', syntax: 'directoryString' },
          l: 'l',
        },
        ldap: { rdn: 'uid' },
      },
    ])
  })

  it('several places are members of a union, told apart by the key attributes', () => {
    const second = { ...source, configId: 'corp ad', baseDNs: ['ou=a,dc=b', 'ou=b,dc=b'] }
    const off = { ...source, enabled: false }
    const imported = importJansLink(link({ sourceConfigs: [source, second, off] }))
    expect(imported.views.map(({ view }) => view)).toEqual([
      'people-corp-ad',
      'people-corp-ad-2-1',
      'people-corp-ad-2-2',
      'people',
    ])
    expect(imported.views.at(-1)).toMatchObject({ union: { by: ['uid'], duplicates: 'first' } })
    expect(remarkOn(imported, 'sourceConfigs[2]')?.text).toMatch(/not enabled/)
  })

  it('the domain controllers of Active Directory are known by what is asked of them', () => {
    const imported = importJansLink(
      link({ attributeMapping: [{ source: 'sAMAccountName', destination: 'uid' }] }),
    )
    expect(imported.gateway.sources).toMatchObject({ 'corp-ad': { referrals: 'ignore' } })
    expect(imported.views).toMatchObject([{ uuid: 'objectGUID', enabled: { bit: 2 } }])
  })

  it('people are copied as they were there, and known again by the key attributes', () => {
    const imported = importJansLink(
      link({
        updateMethod: 'copy',
        snapshotFolder: '/var/jans/link-snapshots',
        snapshotMaxCount: 7,
        pollingInterval: '20',
        keepExternalPerson: true,
      }),
    )
    expect(imported.gateway.copy).toEqual({
      snapshotFolder: '/var/jans/link-snapshots',
      snapshotMaxCount: 7,
      pollingInterval: '20m',
      keepExternalPerson: true,
      correlate: ['uid'],
    })
    expect(file(imported, 'gateway.yaml')).toContain('- { mapping: people.yaml, refreshMethod: copy }')
    expect(remarkOn(imported, 'updateMethod')?.text).toMatch(/maxRemoveLimit/)
  })

  it('by several together, where there are several', () => {
    const imported = importJansLink(link({ keyAttributes: ['o', 'uid', 'kind=staff'] }))
    expect(imported.gateway.copy).not.toHaveProperty('correlate')
    expect(file(imported, 'gateway.yaml')).toMatch(
      /mapping: people\.yaml\n +refreshMethod: copy\n +copy:\n? *\{? *keyAttributes: \[ ?o, uid, kind ?\]/,
    )
  })

  it('or live, where they were asked live', () => {
    const imported = importJansLink(link({ updateMethod: 'VDS' }))
    expect(imported.gateway.copy).toBeUndefined()
    expect(file(imported, 'gateway.yaml')).toContain('views: [ people.yaml ]')
  })

  it('passwords are opened by the salt, and asked for without it', () => {
    const salt = '0123456789abcdefghijklmn'
    const cipher = createCipheriv('des-ede3-ecb', salt, null)
    const encrypted = Buffer.concat([cipher.update('pâss'), cipher.final()]).toString('base64')
    const input = link({ sourceConfigs: [{ ...source, bindPassword: encrypted }] })
    const opened = importJansLink(input, { salt: saltOf(`encodeSalt = ${salt}\n`) })
    expect(opened.secrets.get('secrets/corp-ad')).toBe('pâss')
    for (const wrong of [undefined, 'nmlkjihgfedcba9876543210', 'short']) {
      const imported = importJansLink(input, wrong === undefined ? {} : { salt: wrong })
      expect(imported.secrets.has('secrets/corp-ad')).toBe(false)
      expect(file(imported, 'gateway.yaml')).toContain(`password: \${CORP_AD_PASSWORD}`)
      expect(remarkOn(imported, 'sourceConfigs[0].bindPassword')?.kind).toBe('do')
    }
  })

  it('a configuration that has no source yet asks for one in the environment', () => {
    const imported = importJansLink(link({ sourceConfigs: undefined, keyAttributes: ['uid'] }))
    expect(file(imported, 'gateway.yaml')).toContain(`url: \${SOURCE_URL}`)
    expect(file(imported, 'people.yaml')).toContain(`from: \${SOURCE_BASE}??sub?`)
  })

  it('passwords and names that the gateway makes are not mapped', () => {
    const imported = importJansLink(
      link({ sourceAttributes: ['userPassword', 'objectClass', 'not_a_name', 'cn'] }),
    )
    expect(imported.views).toMatchObject([{ attributes: { uid: 'uid', cn: 'cn' } }])
    expect(remarkOn(imported, 'attribute userPassword')?.kind).toBe('differs')
    expect(remarkOn(imported, 'attribute not_a_name')?.kind).toBe('none')
  })

  it.each([
    ['{', /^link\.json:1:/],
    ['{ "keyAttributes": "uid" }', /link\.json:1:\d+ {2}keyAttributes: expected/],
    ['{ "customLdapFilter": "(a=" }', /customLdapFilter: is no LDAP filter: .* Correct it/],
    [
      '{ "keyAttributes": ["uid"], "sourceConfigs": [\n{ "servers": [] }] }',
      /link\.json:2:\d+ {2}sourceConfigs\[0\]\.servers: names no server/,
    ],
    [
      '{ "keyAttributes": ["uid"], "sourceConfigs": [{ "servers": ["x"], "baseDNs": ["people"] }] }',
      /baseDNs\[0\]: is no distinguished name/,
    ],
    ['{ "keyObjectClasses": ["a)(b=*"] }', /keyObjectClasses\[0\]: is no LDAP filter/],
    ['{ "keyAttributes": ["uid"], "pollingInterval": "often" }', /pollingInterval: is no number of minutes/],
  ])('what cannot be is told with its place: %s', (text, message) => {
    expect(complaintOf(() => importJansLink({ file: 'link.json', text }))).toMatch(message)
  })
})

describe('LoginTC User Sync Tool', () => {
  const text = `; comment
[LoginTC]
host=cloud.logintc.com
api_key = 0123
[LDAP]
host = ldap.example.com
encryption = startTLS
bind_dn = cn=Manager,dc=example,dc=com
bind_password = a=b;#\${c}
base_dn = ou=People,dc=example,dc=com
attr_username = uid
attr_name = displayName
attr_email = mail
filter = (&(objectClass=person)(memberOf=cn=a\\2ab,dc=example,dc=com))
attr_alias1 = mail
attr_alias3 = givenName
normalize_alias = alias1
`

  it('the directory is the source, its users are people with aliases', () => {
    const imported = importLogintc({ file: 'config.cfg', text })
    expect(imported.gateway).toMatchObject({
      suffix: 'dc=example,dc=com',
      sources: { ldap: { url: 'ldap://ldap.example.com', startTls: true } },
    })
    expect(imported.secrets.get('secrets/ldap')).toBe(`a=b;#\${c}`)
    expect(imported.views).toMatchObject([
      {
        from: 'ou=People,dc=example,dc=com??sub?(&(objectClass=person)(memberOf=cn=a\\2ab,dc=example,dc=com))',
        attributes: {
          uid: 'uid',
          cn: 'displayName',
          logintcAlias: [
            { column: 'mail', case: 'lower' },
            { column: 'givenName', syntax: 'directoryString' },
          ],
        },
      },
    ])
    expect(remarkOn(imported, 'logintc.api_key')?.kind).toBe('none')
  })

  it.each([
    ['base_dn = ou=People,dc=example,dc=com', '', /config\.cfg:5:1 {2}ldap\.base_dn: missing/],
    [/\[LDAP\].*/s, '', /config\.cfg {2}has no section that describes an LDAP directory/],
    ['attr_email = mail', '', /config\.cfg:\d+:1 {2}ldap\.attr_email: missing/],
    ['encryption = startTLS', 'encryption = tls', /config\.cfg:7:1 {2}ldap\.encryption/],
    [
      'normalize_alias = alias1',
      'normalize_alias = alias4',
      /config\.cfg:17:1 {2}ldap\.normalize_alias: names no alias/,
    ],
    [/bind_password.*/, '', /ldap\.bind_password: is missing for bind_dn/],
  ])('what cannot be is told with its place: %s -> %s', (from, to, message) => {
    const wrong = { file: 'config.cfg', text: text.replace(from, to) }
    expect(complaintOf(() => importLogintc(wrong))).toMatch(message)
  })
})

describe('Kopano ad-connect', () => {
  const text = `settings:
  dry-run: true
  create-as-disabled: false
backend:
  ldap:
    addr: ldap://your-ldap-server.local
    bind_dn: cn=readonly,dc=lg,dc=local
    bind_password: readonly
    base_dn: dc=lg,dc=local
    scope: one
    sync:
      page_size: 20
      filter: (objectClass=inetOrgPerson)
    authentication:
      username_attribute: mail
      username_filter_template: (&(objectClass=inetOrgPerson)(mail=%s))
      timeout: 5
`

  it('people log in by the attribute that names users there', () => {
    const imported = importAdConnect({ file: 'adc.yaml', text })
    expect(imported.gateway).toMatchObject({
      suffix: 'dc=lg,dc=local',
      sources: { ldap: { url: 'ldap://your-ldap-server.local', pageSize: 20, operationTimeout: '5s' } },
      sasl: { users: [{ view: 'people', attribute: 'mail' }] },
    })
    expect(imported.views).toMatchObject([
      {
        from: 'dc=lg,dc=local??one?(objectClass=inetOrgPerson)',
        scim: { attributes: { userName: { attribute: 'mail' } } },
      },
    ])
    expect(remarkOn(imported, 'settings.dry-run')).toBeDefined()
    expect(remarkOn(imported, 'backend.ldap.authentication.username_filter_template')).toBeUndefined()
  })

  it('what else is asked of who logs in is told', () => {
    const stricter = text.replace('(mail=%s))', '(mail=%s)(!(loginDisabled=TRUE)))')
    const imported = importAdConnect({ file: 'adc.yaml', text: stricter })
    const remark = remarkOn(imported, 'backend.ldap.authentication.username_filter_template')
    expect(remark?.text).toContain('(!(loginDisabled=TRUE))')
  })

  it.each([
    ['scope: one', 'scope: two', /adc\.yaml:10:\d+ {2}backend\.ldap\.scope/],
    [
      'base_dn: dc=lg,dc=local',
      'base_dn: lg',
      /adc\.yaml:9:\d+ {2}backend\.ldap\.base_dn: is no distinguished name/,
    ],
    ['(mail=%s))', '(mail=%s)', /username_filter_template: is no LDAP filter/],
    [/ {4}bind_password.*\n/, '', /bind_password: is missing for bind_dn/],
  ])('what cannot be is told with its place: %s -> %s', (from, to, message) => {
    const wrong = { file: 'adc.yaml', text: text.replace(from, to) }
    expect(complaintOf(() => importAdConnect(wrong))).toMatch(message)
  })
})
