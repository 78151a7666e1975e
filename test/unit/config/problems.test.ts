/** What a wrong configuration is answered with: file, line, column, key path and remedy, all at once. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../../src/config/config-error.js'
import { loadGateway, readGateway } from '../../../src/config/load.js'
import { folderWith, gateway, groups, linesOf, people, problems } from './files.js'

/** people.yaml with one attribute more, on line 9. */
function withAttribute(text: string): Readonly<Record<string, string>> {
  return { 'people.yaml': people.replace('ldap:', `  ${text}\nldap:`) }
}

describe('all problems of all files', () => {
  it('are told at once, file by file and from top to bottom', async () => {
    const found = await problems({
      'gateway.yaml': `suffix: example.com
listen: { ldap: 0.0.0.0, htp: 443 }
sources:
  hr: { type: sql, url: "mssql://db/x", pool: { max: many } }
views: [ people.yaml, groups.yaml, broken.yaml, nowhere.yaml ]
access: [ { who: anonymus, views: peeple } ]
`,
      'people.yaml': people.replace('from:', 'form:').replace('uid: username', 'mail2: { colum: email }'),
      'groups.yaml': groups.replace('source: hr', 'source: rh'),
      'broken.yaml': 'view: broken\nattributes:\n  cn: {first} {last}\n',
    })
    expect(found).toEqual([
      'gateway.yaml:1:9  suffix: "example.com" is not a DN. Write attribute=value,…, e.g. dc=example,dc=com.',
      'gateway.yaml:2:17  listen.ldap: "0.0.0.0" is no place to listen. Write a port, or host:port, e.g. 127.0.0.1:1389, 0.0.0.0:1389 or [::]:1389.',
      'gateway.yaml:2:26  listen.htp: unknown key. Did you mean "http"?',
      'gateway.yaml:4:25  sources.hr.url: is not the URL of a known database. Start it with mysql://, mariadb://, postgres://, postgresql:// or sqlite:.',
      'gateway.yaml:4:54  sources.hr.pool.max: "many" is no whole number from 1 to 10000.',
      'gateway.yaml:5:49  views[3]: "nowhere.yaml" cannot be read: there is no such file. Check the path; it is relative to the configuration that names it.',
      'gateway.yaml:6:18  access[0].who: "anonymus" is neither anonymous, authenticated or self nor a DN. Did you mean "anonymous"?',
      'people.yaml:3:1  form: unknown key. Did you mean "from"?',
      'people.yaml:6:12  attributes.mail2.colum: unknown key. Did you mean "column"?',
      'people.yaml:9:31  ldap.rdn: "uid" names the entries but is not among the attributes. Add it to attributes, or name one of: mail2, sn, mail.',
      'groups.yaml:2:9  source: "rh" is no source. Did you mean "hr"?',
      'broken.yaml:3:15  YAML: unexpected flow-map-start at node end. Put text that starts with { in quotes.',
    ])
  })

  it('are there as data, too', async () => {
    const folder = folderWith({
      'gateway.yaml': gateway,
      'people.yaml': people.replace('key: id', 'kye: id'),
    })
    const thrown: unknown = await loadGateway(join(folder, 'gateway.yaml')).catch((error: unknown) => error)
    expect(thrown).toBeInstanceOf(ConfigError)
    expect(thrown).toMatchObject({
      name: 'ConfigError',
      problems: [
        {
          file: join(folder, 'people.yaml'),
          line: 4,
          column: 1,
          path: 'kye',
          message: 'unknown key',
          remedy: 'Did you mean "key"?',
        },
      ],
    })
  })
})

describe('an attribute', () => {
  it.each([
    ['x: { colum: a }', '9:8  attributes.x.colum: unknown key. Did you mean "column"?'],
    ['x: { column: a, mapp: { 1: a } }', '9:19  attributes.x.mapp: unknown key. Did you mean "map"?'],
    [
      'x: { column: a, type: txt }',
      /^9:25 {2}attributes\.x\.type: "txt" is not "text", .* Did you mean "text"\?$/,
    ],
    ['x: { column: "a{b}" }', '9:16  attributes.x.column: a column name holds no braces.'],
    [
      'x: { column: a, map: { k: [1] } }',
      '9:29  attributes.x.map.k: expected text, a number or true/false, found a list.',
    ],
    [
      'x: { constant: { a: 1 } }',
      '9:18  attributes.x.constant: expected text, a number, true/false or a list, found a map.',
    ],
    ['x: { table: t, on: u }', '9:3  attributes.x.value: missing. Add "value".'],
    [
      'x: { table: t, value: v }',
      /^9:3 {2}attributes\.x\.on: missing\. Add "on": The child table's column that holds/,
    ],
    ['x: { ref: people }', '9:3  attributes.x: needs one of the keys column, table or by.'],
    [
      'x: { ref: people, table: t, value: v, onn: x }',
      '9:41  attributes.x.onn: unknown key. Did you mean "on"?',
    ],
    ['x: { verifyOnly: true }', '9:3  attributes.x.column: missing. Add "column".'],
    ['x: {}', '9:3  attributes.x: needs one of the keys column, constant, template, table, ref or dn.'],
    [
      'x: { column: c, bit: 3 }',
      '9:24  attributes.x.bit: must be the value of one bit, such as 1, 2, 4 or 8.',
    ],
    ['x: 5', '9:6  attributes.x: expected text, a map or a list, found a number.'],
    ['x: ""', '9:6  attributes.x: must not be empty.'],
    ['x:', '9:5  attributes.x: expected text, a map or a list, found nothing.'],
    ['x: []', '9:6  attributes.x: must not be empty.'],
    ['x: {name}', '9:6  attributes.x: expected text, found a map. Put text that starts with { in quotes.'],
    [
      'x: [ a, { table: t, on: u, valu: v } ]',
      '9:30  attributes.x[1].valu: unknown key. Did you mean "value"?',
    ],
    ['"a.b": 1', '9:10  attributes["a.b"]: expected text, a map or a list, found a number.'],
    [
      'x: { ref: peeple, column: boss }',
      '9:13  attributes.x.ref: "peeple" is no view. Did you mean "people"?',
    ],
    [
      'x: [ { ref: rooms, column: r } ]',
      '9:15  attributes.x[0].ref: "rooms" is no view. Known views: people.',
    ],
  ])('%s', async (text, expected) => {
    const [only, ...others] = await problems(withAttribute(text))
    expect(others).toEqual([])
    if (typeof expected === 'string') expect(only).toBe(`people.yaml:${expected}`)
    else expect(only?.replace('people.yaml:', '')).toMatch(expected)
  })

  it('that no operation fits is told both what is wrong and what is missing', async () => {
    expect(await problems(withAttribute('x: { foo: 1 }'))).toEqual([
      'people.yaml:9:3  attributes.x: needs one of the keys column, constant, template, table, ref or dn.',
      'people.yaml:9:8  attributes.x.foo: unknown key.',
    ])
  })
})

describe('a mapping', () => {
  it.each([
    ['where: { a: { nott: 1 } }', 'where.a.nott: unknown key. Did you mean "not"?', '10:15'],
    ['where: { a: [[1]] }', 'where.a[0]: expected text, a number or true/false, found a list.', '10:14'],
    ['where: { a: [] }', 'where.a: must not be empty.', '10:13'],
    ['enabled: { column: a }', 'enabled: needs one of the keys equals, not or bit.', '10:1'],
    ['scim: { resourse: User }', 'scim.resourse: unknown key. Did you mean "resource"?', '10:9'],
    ['view: twice', 'view: duplicate key. Remove one of the two.', '10:1'],
  ])('with %s', async (text, expected, position) => {
    expect(await problems({ 'people.yaml': `${people}${text}\n` })).toEqual([
      `people.yaml:${position}  ${expected}`,
    ])
  })

  it.each([
    [
      /^ldap.*$/m,
      'ldap: { base: people, rdn: uid, objectClass: [x] }',
      '9:15  ldap.base: "people" is not a DN. Write attribute=value,…, e.g. ou=people, or "" for right below the suffix.',
    ],
    [
      /rdn: uid/,
      'rdn: [uid, udi]',
      '9:37  ldap.rdn[1]: "udi" names the entries but is not among the attributes. Did you mean "uid"?',
    ],
    [/^ldap.*\n/m, '', '1:1  ldap: shown nowhere: neither ldap nor scim says where. Add one of them.'],
    [/view: people/, 'view: 1st', '1:7  view: letters, digits, - and _, starting with a letter.'],
  ])('with %s replaced by "%s"', async (from, to, expected) => {
    expect(await problems({ 'people.yaml': people.replace(from, to) })).toEqual([`people.yaml:${expected}`])
  })

  it('is the same inline, at its place in the gateway file', async () => {
    const inline = people
      .replace('key: id', 'kee: id')
      .replace('source: hr', 'source: h')
      .replaceAll(/^/gm, '      ')
      .trim()
    expect(
      await problems({
        'gateway.yaml': gateway.replace('[ people.yaml ]', `\n  - mapping:\n      ${inline}`),
      }),
    ).toEqual([
      'gateway.yaml:7:15  views[0].mapping.source: "h" is no source. Did you mean "hr"?',
      'gateway.yaml:9:7  views[0].mapping.kee: unknown key. Did you mean "key"?',
    ])
  })
})

describe('a file', () => {
  it('that is not there', async () => {
    const folder = folderWith({})
    expect(await linesOf(loadGateway(join(folder, 'gateway.yaml')), folder)).toEqual([
      'gateway.yaml  cannot be read: there is no such file. Check the path.',
    ])
  })

  it.each([
    ['', 'gateway.yaml:1:1  expected a map, found nothing.'],
    ['a: 1\n---\nb: 1\n', 'gateway.yaml:2:1  more than one document. Keep one document per file.'],
    ['a: b: c\n', 'gateway.yaml:1:4  YAML: nested mappings are not allowed in compact mappings.'],
    ['a: *b\n', 'gateway.yaml:1:4  alias *b has no anchor &b before it.'],
    ['a: &b [*b]\n', 'gateway.yaml:1:8  alias *b stands within what it refers to.'],
    [
      'suffix: dc=x\nsources: {}\ncookieSecret: {SSHA}abc\n',
      'gateway.yaml:3:21  YAML: unexpected scalar at node end. Put text that starts with { in quotes.',
    ],
    ['- 1\n', 'gateway.yaml:1:1  expected a map, found a list.'],
  ])('that holds %j', async (text, expected) => {
    expect(await problems({ 'gateway.yaml': text })).toEqual([expected])
  })

  it('that is no text', async () => {
    expect(await problems({ 'people.yaml': new Uint8Array([0xff, 0xfe, 0x00]) })).toEqual([
      'gateway.yaml:4:10  views[0]: "people.yaml" cannot be read: it is not UTF-8 text. Check the path; it is relative to the configuration that names it.',
    ])
  })
})

describe('a gateway', () => {
  it.each([
    [
      'listen: { ldap: 70000 }',
      '5:17  listen.ldap: 70000 is no place to listen. Write a port, or host:port, e.g. 127.0.0.1:1389, 0.0.0.0:1389 or [::]:1389.',
    ],
    ['listen: { ldap: [1] }', '5:17  listen.ldap: expected a number or text, found a list.'],
    [
      'limits: { time: 5 parsecs }',
      '5:17  limits.time: "5 parsecs" is no duration. Write a number of seconds, or one with a unit: 500ms, 30s, 15m, 1h; 24d at most.',
    ],
    [
      'limits: { pduBytes: 10MB }',
      '5:21  limits.pduBytes: "10MB" is no size above zero. Write a number of bytes, or one with a unit: 256KiB, 10MiB.',
    ],
    ['limits: { inFlight: 0 }', '5:21  limits.inFlight: 0 is no whole number from 1 to 100000.'],
    [
      'limits: { bindFailures: { window: 0 } }',
      '5:35  limits.bindFailures.window: 0 is no duration above zero. Write a number of seconds, or one with a unit: 500ms, 30s, 15m, 1h; 24d at most.',
    ],
    [
      'log: { level: inf }',
      '5:15  log.level: "inf" is not "trace", "debug", "info", "warn", "error", "fatal" or "silent". Did you mean "info"?',
    ],
    [
      'serviceAccounts: [ { dn: cn=a, password: {CLEARTEXT} } ]',
      '5:42  serviceAccounts[0].password: expected text, found a map. Put text that starts with { in quotes.',
    ],
    [
      'cookieSecret: short',
      '5:15  cookieSecret: a secret needs at least 16 characters. Make one with: openssl rand -base64 32.',
    ],
    [
      'serviceAccounts: [ { dn: app, password: "{SSHA}x" } ]',
      '5:26  serviceAccounts[0].dn: "app" is not a DN. Write attribute=value,…, e.g. dc=example,dc=com.',
    ],
    [
      'serviceAccounts: [ { dn: cn=a, password: hunter2 } ]',
      '5:42  serviceAccounts[0].password: neither a password hash nor marked as cleartext. Hash it with slappasswd, or write {CLEARTEXT} before it.',
    ],
    [
      'serviceAccounts: [ { dn: cn=a, password: "{ROT13}uhagre2" } ]',
      '5:42  serviceAccounts[0].password: neither a password hash nor marked as cleartext. Hash it with slappasswd, or write {CLEARTEXT} before it.',
    ],
    [
      'serviceAccounts: [ { dn: "cn=a,o=b", password: "{SSHA}x" }, { dn: "CN=A, o=b", password: "{SSHA}x" } ]',
      '5:67  serviceAccounts[1].dn: "CN=A, o=b" names another service account already.',
    ],
    [
      'access: [ { who: self } ]',
      '5:11  access[0].views: missing. Add "views": Names of views, or * for all.',
    ],
    [
      'access: [ { who: self, views: [people, peopel] } ]',
      '5:40  access[0].views[1]: "peopel" is no view. Did you mean "people"?',
    ],
    [
      'access: [ { who: self, views: "*", allow: [read, reed] } ]',
      '5:50  access[0].allow[1]: "reed" is not "read", "search", "compare", "write", "add", "modify", "delete", "bind" or "proxy". Did you mean "read"?',
    ],
    ['access: { who: self }', '5:9  access: expected a list, found a map.'],
    [
      'sufix: dc=x',
      '5:1  sufix: unknown key. Known keys: suffix, containers, listen, tls, requireTls, sasl, sources, views, copy, cache, targets, serviceAccounts, access, scim, console, limits, cookieSecret, log, shutdown, watch.',
    ],
  ])('with %s', async (text, expected) => {
    expect(await problems({ 'gateway.yaml': `${gateway}${text}\n` })).toEqual([`gateway.yaml:${expected}`])
  })

  it.each([
    ['{ url: sqlite:x }', '3:3  sources.hr.type: missing. Add "type": An SQL database.'],
    [
      '{ type: sgl, url: sqlite:x }',
      '3:15  sources.hr.type: "sgl" is not "sql" or "ldap". Did you mean "sql"?',
    ],
    [
      '{ type: sql, url: "sqlite:" }',
      '3:25  sources.hr.url: names no SQLite file. Write sqlite:FILE, e.g. sqlite:data/people.db.',
    ],
    [
      '{ type: sql, url: "sqlite://people.db" }',
      '3:25  sources.hr.url: names no SQLite file. Write sqlite:FILE, e.g. sqlite:data/people.db.',
    ],
    [
      '{ type: sql, url: "mysql://a:b#c@db/x" }',
      '3:25  sources.hr.url: is not a valid URL. Percent-encode special characters in user name and password, or give the password under `password`.',
    ],
    [
      '{ type: sql, url: "mysql://a:b@db/x", password: c }',
      '3:55  sources.hr.password: the URL holds a password already. Remove one of them.',
    ],
    [
      '{ type: sql, url: "sqlite:x", password: c }',
      '3:47  sources.hr.password: a password needs a URL with a user name.',
    ],
  ])('with source %s', async (source, expected) => {
    const text = gateway.replace('{ type: sql, url: sqlite:people.db }', source)
    expect(await problems({ 'gateway.yaml': text })).toEqual([`gateway.yaml:${expected}`])
  })

  it.each([
    ['[]', '4:8  views: must not be empty.'],
    ['[ 3 ]', '4:10  views[0]: expected text or a map, found a number.'],
    ['[ { mappng: people.yaml } ]', '4:12  views[0].mappng: unknown key. Did you mean "mapping"?'],
    [
      '[ { mapping: people.yaml, copy: { copyPasswords: true } } ]',
      '4:40  views[0].copy: says how a copy is made, and there is none. Write refreshMethod: copy, or leave it out.',
    ],
    [
      '[ { mapping: people.yaml, refreshMethod: copy, copy: { copyPassword: true } } ]',
      '4:63  views[0].copy.copyPassword: unknown key. Did you mean "copyPasswords"?',
    ],
    [
      '[ { mapping: people.yaml, refreshMethod: cpy } ]',
      '4:49  views[0].refreshMethod: "cpy" is not "vds" or "copy". Did you mean "copy"?',
    ],
  ])('with views %s', async (views, expected) => {
    const text = gateway.replace('[ people.yaml ]', views)
    expect(await problems({ 'gateway.yaml': text })).toEqual([`gateway.yaml:${expected}`])
  })

  it.each([
    [
      '{ store: "oracle://x" }',
      'store: is not the URL of a known database. Start it with mysql://, mariadb://, postgres://, postgresql:// or sqlite:.',
    ],
    [
      '{ store: "sqlite::memory:" }',
      'store: a store is kept in a file. Write sqlite:FILE, e.g. sqlite:data/copies.sqlite.',
    ],
    ['{ password: secret }', 'password: a password needs a URL with a user name.'],
    [
      '{ store: "sqlite:a", snapshotFolder: b }',
      'snapshotFolder: says the same as store. Remove one of them.',
    ],
    [
      '{ maxRemoveLimit: 101% }',
      'maxRemoveLimit: "101%" is no limit of removals. Write a number, a percentage such as "5%", or { count: 50, percent: 5 }.',
    ],
    [
      '{ cron: "15 3 * *" }',
      'cron: "15 3 * *" is no cron expression: it has not five fields. Write minute, hour, day, month and weekday, e.g. "15 3 * * *".',
    ],
    [
      '{ cron: "0 0 30 2 *" }',
      'cron: "0 0 30 2 *" is no cron expression: it never comes to pass. Write minute, hour, day, month and weekday, e.g. "15 3 * * *".',
    ],
    ['{ timeZone: Berlin }', 'timeZone: "Berlin" is no time zone. Write a name such as Europe/Berlin.'],
    [
      '{ webhooks: [ { name: a, url: "https://h", secret: short } ] }',
      'webhooks[0].secret: a secret needs at least 24 octets. Write whsec_ and what this prints: openssl rand -base64 32.',
    ],
    ['{ snapshotMaxCount: 0 }', 'snapshotMaxCount: 0 is no whole number from 1 to 10000.'],
  ])('with copy %s', async (copy, expected) => {
    const [found, ...others] = await problems({ 'gateway.yaml': `${gateway}copy: ${copy}\n` })
    expect(found).toMatch(/^gateway\.yaml:\d+:\d+ {2}copy\./)
    expect(found?.replace(/^.* {2}copy\./, '')).toBe(expected)
    expect(others).toEqual([])
  })

  it.each([
    ['token: a, user: b, password: c', 'user: says who we are, as token does. Keep one of them.'],
    ['user: b', 'password: user and password go together. Give both.'],
    ['url: "ftp://x"', 'url: is not the URL of an HTTP service. Write https://HOST/PATH.'],
    ['cert: a.pem', 'key: cert and key go together. Give both.'],
  ])('with a target that says %s', async (said, expected) => {
    const url = said.startsWith('url') ? '' : 'url: "https://h/scim", '
    const target = `targets: [ { name: hub, type: scim, views: [people], ${url}${said} } ]`
    const [found, ...others] = await problems({ 'gateway.yaml': `${gateway}${target}\n` })
    expect(found?.replace(/^.* {2}targets\[0\]\./, '')).toBe(expected)
    expect(others).toEqual([])
  })

  it('without anything', async () => {
    expect(await problems({ 'gateway.yaml': '{}\n' })).toEqual([
      'gateway.yaml:1:1  suffix: missing. Add "suffix": The DN under which all views hang, e.g. dc=example,dc=com.',
      'gateway.yaml:1:1  sources: missing. Add "sources": The databases and directories, by the names that mappings call them.',
      'gateway.yaml:1:1  views: missing. Add "views": What is shown: one mapping each.',
    ])
  })

  it('with two views of one name, or in one place', async () => {
    const other = people.replace('view: people', 'view: staff').replace('ou=people', 'OU = People')
    const found = await problems({
      'gateway.yaml': gateway.replace('people.yaml', 'people.yaml, again.yaml, other.yaml'),
      'again.yaml': people.replace('ou=people', 'ou=again'),
      'other.yaml': other.replace('rdn: uid', 'rdn: UID'),
    })
    expect(found).toEqual([
      'again.yaml:1:7  view: "people" is the name of another view already. Name each view differently.',
      'other.yaml:9:15  ldap.base: view people has the same base and rdn, so that two entries could have one DN. Give one of them another base.',
    ])
  })

  it('whose views are not all known is not told that one is unknown', async () => {
    const found = await problems({
      'gateway.yaml': `${gateway.replace('people.yaml', 'people.yaml, nowhere.yaml')}access: [ { who: self, views: rooms } ]\n`,
    })
    expect(found).toHaveLength(1)
    expect(found[0]).toContain('"nowhere.yaml" cannot be read')
  })
})

describe('interpolation', () => {
  it('that fails is told where it stands, once', async () => {
    const found = await problems({
      'gateway.yaml': gateway
        .replace('sqlite:people.db', `"mysql://\${VITRINE_TEST_UNSET}:\${file:none}@db/x"`)
        .replace('people.yaml', `"\${VITRINE_TEST_UNSET}", people.yaml, "\${1st}", "a\${b"`),
    })
    expect(found).toEqual([
      `gateway.yaml:3:25  sources.hr.url: environment variable VITRINE_TEST_UNSET is not set. Set it, or write \${VITRINE_TEST_UNSET:-default}.`,
      `gateway.yaml:3:25  sources.hr.url: \${file:none} cannot be read: there is no such file. Create the file, or correct its path.`,
      `gateway.yaml:4:10  views[0]: environment variable VITRINE_TEST_UNSET is not set. Set it, or write \${VITRINE_TEST_UNSET:-default}.`,
      `gateway.yaml:4:48  views[2]: \${1st} is no reference. Write \${NAME}, \${NAME:-default} or \${file:PATH}, or $\${ for a plain \${.`,
      `gateway.yaml:4:58  views[3]: \${ is no reference. Write \${NAME}, \${NAME:-default} or \${file:PATH}, or $\${ for a plain \${.`,
    ])
  })
})

describe('what no file says', () => {
  it('has a path, but no place', async () => {
    expect(await problems({}, { limits: { time: 'soon' }, log: { level: 'warn' } })).toEqual([
      'limits.time: "soon" is no duration. Write a number of seconds, or one with a unit: 500ms, 30s, 15m, 1h; 24d at most.',
    ])
    const folder = folderWith({ 'people.yaml': people.replace('source: hr', 'source: crm') })
    const input = {
      suffix: 'x',
      sources: { hr: { type: 'sql' as const, url: 'sqlite:x' } },
      views: ['people.yaml'],
    }
    expect(await linesOf(readGateway(input, folder), folder)).toEqual([
      'suffix: "x" is not a DN. Write attribute=value,…, e.g. dc=example,dc=com.',
      'people.yaml:2:9  source: "crm" is no source. Known sources: hr.',
    ])
  })
})
