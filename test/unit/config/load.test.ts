/** A valid configuration, from files and from an object: defaults, paths, interpolation, overrides. */
import { join, relative } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { loadGateway, readGateway } from '../../../src/config/load.js'
import { folderWith, gateway, groups, load, people } from './files.js'

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('a configuration', () => {
  it('has every default filled in', async () => {
    const folder = folderWith({ 'gateway.yaml': gateway, 'people.yaml': people })
    const config = await loadGateway(join(folder, 'gateway.yaml'))
    const { views, locate, ...rest } = config
    expect(rest).toEqual({
      file: join(folder, 'gateway.yaml'),
      literalSecrets: [],
      files: [join(folder, 'gateway.yaml'), join(folder, 'people.yaml')],
      suffix: ['dc=example,dc=com'],
      containers: [],
      listen: { proxyProtocol: [], trustedProxies: [] },
      requireTls: false,
      sasl: {},
      sources: {
        hr: {
          type: 'sql',
          url: `sqlite:${join(folder, 'people.db')}`,
          pool: { max: 10, acquireTimeout: 5000 },
          statementTimeout: 10_000,
          connectTimeout: 5000,
          traceComments: false,
        },
      },
      unions: [],
      serviceAccounts: [],
      access: [],
      scim: {
        prefix: '/scim/v2',
        profile: 'rfc',
        maxCount: 200,
        defaultCount: 100,
        bulk: { maxOperations: 1000, maxPayloadSize: 2 ** 20 },
        bodyLimit: 2 ** 20,
        anonymousDiscovery: false,
        tokens: [],
        jwt: [],
        scopes: {},
      },
      limits: {
        size: 0,
        time: 300_000,
        pageSize: 1000,
        connections: 10_000,
        connectionsPerAddress: 2500,
        inFlight: 64,
        pduBytes: 10 * 2 ** 20,
        pduBytesBeforeBind: 256 * 2 ** 10,
        idle: 900_000,
        handshake: 30_000,
        message: 60_000,
        bindFailures: { perDn: 10, perAddress: 100, window: 60_000 },
        rate: { perAddress: 0, perIdentity: 0 },
      },
      cache: {},
      copy: {
        store: {
          url: `sqlite:${join(folder, 'vitrine-copies.sqlite')}`,
          snapshotMaxCount: 10,
          pool: { max: 10, acquireTimeout: 5000 },
          statementTimeout: 10_000,
          connectTimeout: 5000,
        },
        schedule: { interval: 300_000, fullAfter: 86_400_000 },
        webhooks: [],
      },
      targets: [],
      shutdown: { delay: 0, grace: 5000 },
      watch: false,
      log: { level: 'info', modules: {}, access: false, audit: false, values: false },
    })
    expect(views).toMatchObject([
      { mapping: { view: 'people', key: 'id' }, refreshMethod: 'vds', file: join(folder, 'people.yaml') },
    ])
    expect(locate(['sources', 'hr', 'url'])).toEqual({ line: 3, column: 25 })
  })

  it('takes every key', async () => {
    const config = await load({
      'groups.yaml': groups,
      'gateway.yaml': `
suffix: [o=x, o=y]
containers:
  - { dn: ou=people, description: [all, of them], telephoneNumber: 5 }
listen: { ldap: "0.0.0.0:389", http: 8080 }
requireTls: false
sources:
  hr:
    type: sql
    url: postgresql://reader@db.example.com:5433/hr
    password: p:a#ss/@w%rd
    pool: { max: 3, acquireTimeout: 500ms }
    statementTimeout: 1m
    connectTimeout: 2
    traceComments: true
views:
  - people.yaml
  - mapping: groups.yaml
    refreshMethod: copy
    copy: { copyPasswords: true, index: [o], filter: (cn=a*), noDelete: false, maxRemoveLimit: 7, mode: remove }
  - view: rooms
    source: hr
    from: rooms
    key: id
    attributes: { cn: name }
    ldap: { base: "", rdn: cn, objectClass: [room] }
serviceAccounts:
  - { dn: "cn=app,o=x", password: "{SSHA}4ftSX2RTk1tWPZ9OGEJ9CBQxF7pVsh3m" }
  - { dn: "cn=mail,o=x", password: "$2b$10$abcdefghijklmnopqrstuu" }
  - { dn: "cn=test,o=x", password: "{CLEARTEXT}secret" }
access:
  - { who: authenticated, views: people, attributes: [uid, mail] }
  - { who: [self, "cn=app,o=x"], allow: read, views: ["*"], except: [mail] }
limits: { time: 0, idle: 0, pduBytes: 100KiB, bindFailures: { window: 10m } }
cookieSecret: 0123456789abcdef
log: { level: debug }
copy:
  store: postgres://copies@db.example.com/copies
  password: a@b
  snapshotMaxCount: 3
  cron: 15 3 * * *
  timeZone: Europe/Berlin
  maxRemoveLimit: 5%
  defaultName: "{uid}"
  noDelete: true
  hooks: { module: hooks.mjs }
  webhooks: [ { name: chat, url: "https://h/x", secret: whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz } ]
targets:
  - { name: hub, type: scim, url: "https://hub/scim", token: t, views: [people], ca: ca.pem, grace: 30d }
`,
    })
    expect(config.copy).toMatchObject({
      store: { url: 'postgres://copies:a%40b@db.example.com/copies', snapshotMaxCount: 3 },
      schedule: { cron: { expression: '15 3 * * *', zone: 'Europe/Berlin' } },
      hooks: { module: expect.stringMatching(/^\/.*\/hooks\.mjs$/), timeout: 5000 },
      webhooks: [{ name: 'chat', secret: Buffer.from('012345678901234567890123'), timeout: 10_000 }],
    })
    expect(config.copy.schedule).not.toHaveProperty('interval')
    expect(config.views[1]).toMatchObject({
      refreshMethod: 'copy',
      copy: {
        copyPasswords: true,
        index: ['o'],
        filter: '(cn=a*)',
        sync: {
          modes: { mode: 'remove', noDelete: false, noCreate: false },
          guard: { maxRemove: 7, maxRemoveShare: 1, maxLossShare: 0.3 },
          validation: { defaults: { cn: '{uid}', sn: '{uid}', displayName: '{uid}' } },
        },
      },
    })
    expect(config.targets).toMatchObject([
      {
        name: 'hub',
        credentials: { kind: 'bearer', token: 't' },
        views: ['people'],
        files: { ca: expect.stringMatching(/^\/.*\/ca\.pem$/) },
        sync: {
          modes: { mode: 'add_only', grace: 30 * 86_400_000 },
          guard: { maxRemove: 20, maxRemoveShare: 0.1, maxLossShare: 0.3 },
        },
      },
    ])
    expect(config.suffix).toEqual(['o=x', 'o=y'])
    expect(config.containers).toEqual([
      { dn: 'ou=people', attributes: { description: ['all', 'of them'], telephoneNumber: ['5'] } },
    ])
    expect(config.listen).toEqual({
      ldap: { host: '0.0.0.0', port: 389 },
      http: { host: '127.0.0.1', port: 8080 },
      proxyProtocol: [],
      trustedProxies: [],
    })
    expect(config.sources.hr).toEqual({
      type: 'sql',
      url: 'postgresql://reader:p%3Aa%23ss%2F%40w%25rd@db.example.com:5433/hr',
      pool: { max: 3, acquireTimeout: 500 },
      statementTimeout: 60_000,
      connectTimeout: 2000,
      traceComments: true,
    })
    expect(config.views.map(({ mapping }) => mapping.view)).toEqual(['people', 'groups', 'rooms'])
    expect(config.serviceAccounts).toHaveLength(3)
    expect(config.access).toEqual([
      {
        who: ['authenticated'],
        allow: ['read', 'search', 'compare'],
        views: ['people'],
        attributes: ['uid', 'mail'],
        except: [],
      },
      { who: ['self', 'cn=app,o=x'], allow: ['read'], views: '*', attributes: '*', except: ['mail'] },
    ])
    expect(config.limits).toMatchObject({
      time: 0,
      idle: 0,
      pduBytes: 102_400,
      pduBytesBeforeBind: 102_400,
      bindFailures: { perDn: 10, window: 600_000 },
    })
    expect(config.cookieSecret).toBe('0123456789abcdef')
  })

  it('cannot be changed, at any depth', async () => {
    const config = await load({ 'gateway.yaml': gateway })
    const walk = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return
      expect(Object.isFrozen(value)).toBe(true)
      for (const inner of Object.values(value)) walk(inner)
    }
    walk(config)
    expect(() => Object.assign(config.limits.bindFailures, { perDn: 1 })).toThrow(TypeError)
    expect(() => Object.assign(config.views[0]?.mapping.attributes ?? {}, { cn: 'x' })).toThrow(TypeError)
  })

  it('tells where parts of a mapping stand, in a file of its own and inline', async () => {
    const inline = people.replaceAll(/^/gm, '    ').trim()
    const config = await load({
      'groups.yaml': groups,
      'gateway.yaml': `${gateway.replace('[ people.yaml ]', '')}  - groups.yaml\n  - ${inline}\n`,
    })
    const [own, within] = config.views
    expect(own?.file).toMatch(/groups\.yaml$/)
    expect(own?.locate(['attributes', 'member', 'table'])).toEqual({ line: 7, column: 33 })
    expect(own?.locate(['attributes', 'member'], 'key')).toEqual({ line: 7, column: 3 })
    expect(own?.locate(['attributes', 'member', 'absent'], 'key')).toEqual({ line: 7, column: 3 })
    expect(within?.file).toBe(config.file)
    expect(within?.locate(['attributes', 'mail', 1, 'on'])).toEqual({ line: 13, column: 49 })
  })

  it('names files as its own was named', async () => {
    const folder = folderWith({ 'gateway.yaml': gateway, 'people.yaml': people })
    const config = await loadGateway(relative('.', join(folder, 'gateway.yaml')))
    expect(config.views[0]?.file).toBe(relative('.', join(folder, 'people.yaml')))
    expect(config.sources.hr).toHaveProperty('url', `sqlite:${join(folder, 'people.db')}`)
  })

  it('leaves an SQLite database in memory where it is', async () => {
    const config = await load({
      'gateway.yaml': gateway.replace('people.db', '":memory:"').replace('sqlite:"', '"sqlite:'),
    })
    expect(config.sources.hr).toHaveProperty('url', 'sqlite::memory:')
  })

  it('follows YAML aliases', async () => {
    const config = await load({
      'gateway.yaml': gateway.replace(
        'views:',
        '  copy: &c { type: sql, url: sqlite:b }\n  again: *c\nviews:',
      ),
    })
    expect(config.sources.again).toEqual(config.sources.copy)
    expect(config.locate(['sources', 'again', 'url'])).toEqual({ line: 4, column: 30 })
  })
})

describe('interpolation', () => {
  it('puts in variables, defaults and files, and leaves what is escaped', async () => {
    vi.stubEnv('SUFFIX', 'dc=env')
    vi.stubEnv('VIEW_FILE', 'people')
    vi.stubEnv('POOL', '7')
    vi.stubEnv('EMPTY', '')
    vi.stubEnv('TABLE', 'staff')
    const config = await load({
      'secret.txt': '{CLEARTEXT}two\nlines: [not, "yaml\n',
      'people.yaml': people.replace('from: users', `from: hr.\${TABLE}`),
      'gateway.yaml': `
suffix: ou=\${UNSET_UNIT:-a b},\${SUFFIX}
sources: { hr: { type: sql, url: "sqlite:$\${literal}", pool: { max: "\${POOL}" } } }
views: [ "\${VIEW_FILE}.yaml" ]
serviceAccounts: [ { dn: cn=a, password: "\${file:secret.txt}" } ]
log: { level: "\${EMPTY:-warn}" }
`,
    })
    expect(config.suffix).toEqual(['ou=a b,dc=env'])
    expect(config.sources.hr).toMatchObject({ url: expect.stringMatching(/\/\$\{literal\}$/) })
    expect(config.sources.hr).toHaveProperty('pool.max', 7)
    expect(config.serviceAccounts[0]?.password).toBe('{CLEARTEXT}two\nlines: [not, "yaml')
    expect(config.log.level).toBe('warn')
    expect(config.views[0]?.mapping.from).toBe('hr.staff')
  })

  it('is done once: what is put in is not looked at again', async () => {
    vi.stubEnv('PASSWORD', `{CLEARTEXT}\${HOME}`)
    const config = await load({
      'gateway.yaml': `${gateway}serviceAccounts: [ { dn: cn=a, password: "\${PASSWORD}" } ]\n`,
    })
    expect(config.serviceAccounts[0]?.password).toBe(`{CLEARTEXT}\${HOME}`)
  })
})

describe('overrides', () => {
  it('stand above the file, merged into its maps', async () => {
    const config = await load(
      { 'gateway.yaml': `${gateway}listen: { ldap: 1389, http: 8080 }\nlog: { level: warn }\n` },
      { listen: { ldap: 0, http: undefined }, limits: { time: '1s' } },
    )
    expect(config.listen).toEqual({
      ldap: { host: '127.0.0.1', port: 0 },
      http: { host: '127.0.0.1', port: 8080 },
      proxyProtocol: [],
      trustedProxies: [],
    })
    expect(config.limits.time).toBe(1000)
    expect(config.log.level).toBe('warn')
  })
})

describe('an object', () => {
  it('is a configuration too; its texts are taken as they are', async () => {
    vi.stubEnv('TABLE', 'staff')
    const folder = folderWith({ 'people.yaml': people.replace('from: users', `from: \${TABLE}`) })
    const input = {
      suffix: 'dc=x',
      sources: { hr: { type: 'sql' as const, url: `sqlite:\${TABLE}` } },
      views: ['people.yaml'],
    }
    const config = await readGateway(input, folder)
    expect(config.file).toBeUndefined()
    expect(config.locate(['suffix'])).toBeUndefined()
    expect(config.sources.hr).toHaveProperty('url', `sqlite:${join(folder, `\${TABLE}`)}`)
    expect(config.views[0]).toMatchObject({ file: join(folder, 'people.yaml'), mapping: { from: 'staff' } })
    expect(Object.isFrozen(input.views)).toBe(false)
  })

  it('may hold its mappings', async () => {
    const mapping = {
      view: 'rooms',
      source: 'hr',
      from: 'rooms',
      key: 'id',
      attributes: { cn: 'name' },
      ldap: { base: '', rdn: 'cn', objectClass: ['room'] },
    }
    const config = await readGateway(
      { suffix: 'dc=x', sources: { hr: { type: 'sql', url: 'sqlite:x' } }, views: [{ mapping }] },
      '.',
    )
    expect(config.views[0]?.mapping).toEqual(mapping)
    expect(config.views[0]?.file).toBeUndefined()
    expect(config.views[0]?.locate(['view'])).toBeUndefined()
  })
})
