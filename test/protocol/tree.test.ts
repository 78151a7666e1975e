/** The tree itself: several suffixes, and the entries above the views, which filters find and comparisons ask like any other. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGateway, type GatewayInput } from '../../src/index.js'
import { LdapClient, LdapError } from '../../src/ldap/index.js'
import { sqliteDatabase } from '../mappings/databases.js'
import { codeOf, type Database, find, outcome, read, runSql, type Serving, serve } from './serving.js'

const tables = `
create table staff (id integer primary key, login varchar(80), password varchar(80));
create table clients (id integer primary key, login varchar(80));
create table ghosts (id integer primary key, login varchar(80));
insert into staff values (1, 'ann', 'sesame'), (2, 'bob', null);
insert into clients values (1, 'carl');
insert into ghosts values (1, null);
`

const view = (name: string, from: string, base: string, more: object = {}) => ({
  view: name,
  source: 'hr',
  from,
  key: 'id',
  attributes: { uid: 'login', ...more },
  ldap: { base, rdn: 'uid', objectClass: ['top', 'account'] },
})
const userPassword = { column: 'password', verifyOnly: true, cleartext: true }
const config = (url: string): GatewayInput => ({
  suffix: ['dc=example,dc=com', 'o=Customers', 'dc=example,dc=org'],
  listen: { ldap: 0 },
  log: { level: 'silent' },
  sources: { hr: { type: 'sql', url } },
  access: [
    { who: 'anonymous', views: ['staff', 'clients', 'ghosts'] },
    { who: 'cn=reader,o=Customers', views: ['clients', 'secrets'] },
  ],
  serviceAccounts: [{ dn: 'cn=reader,o=Customers', password: '{CLEARTEXT}secret' }],
  views: [
    view('staff', 'staff', 'OU=people', { userPassword }),
    view('clients', 'clients', 'ou=Clients, O=customers'),
    view('secrets', 'clients', 'ou=Secrets,o=customers'),
    view('ghosts', 'ghosts', 'ou=ghosts,dc=example,dc=com'),
  ],
  containers: [
    { dn: '', description: 'The company', o: 'Example Ltd' },
    { dn: 'ou=People', description: ['Everybody', 'who is here'], telephoneNumber: 12345 },
    { dn: 'ou=empty,ou=more', objectClass: ['organizationalUnit', 'extensibleObject'], uid: 'x' },
    { dn: 'l=Paris+ou=Branch,o=customers', objectClass: ['organizationalUnit'], street: 'Rue' },
  ],
})

const company = 'dc=example,dc=com'

let database: Database
let serving: Serving
let client: LdapClient

beforeAll(async () => {
  database = await sqliteDatabase()
  await runSql(database.url, tables)
  serving = await serve(config(database.url))
  client = await serving.connect()
})

afterAll(async () => {
  await serving?.close()
  await database?.remove()
})

describe('several suffixes', () => {
  it('are all naming contexts', async () => {
    expect(await read(client, '', ['namingContexts'])).toEqual({
      namingContexts: ['dc=example,dc=com', 'dc=example,dc=org', 'o=Customers'],
    })
  })

  it('are searched each by itself, and the root only as a base', async () => {
    expect(await find(client, company, '(uid=*)')).toEqual([
      `ou=empty,ou=more,${company}`,
      `uid=ann,ou=People,${company}`,
      `uid=bob,ou=People,${company}`,
    ])
    expect(await find(client, 'o=customers', '(uid=*)')).toEqual(['uid=carl,ou=Clients,o=Customers'])
    expect((await outcome(client, 'dc=example,dc=org')).dns).toEqual(['dc=example,dc=org'])
    for (const scope of ['singleLevel', 'wholeSubtree'] as const)
      expect(await outcome(client, '', { scope })).toMatchObject({ code: 32, dns: [] })
  })

  it('what is below none of them is nowhere', async () => {
    expect(await outcome(client, 'dc=com')).toEqual({ code: 32, matchedDN: '', dns: [] })
    expect(await outcome(client, 'ou=x,dc=example,dc=org')).toMatchObject({ matchedDN: 'dc=example,dc=org' })
    expect(await outcome(client, `uid=ann,ou=people,dc=example,dc=org`)).toMatchObject({
      code: 32,
      matchedDN: 'dc=example,dc=org',
    })
  })

  it('entries and accounts bind below any of them', async () => {
    await serving.connect(`uid=ann,ou=people,${company}`, 'sesame')
    const reader = await serving.connect('cn=reader,o=customers', 'secret')
    expect(await find(reader, 'o=customers', '(uid=*)')).toEqual([
      'uid=carl,ou=Clients,o=Customers',
      'uid=carl,ou=Secrets,o=Customers',
    ])
    expect((await outcome(reader, 'o=customers', { scope: 'singleLevel' })).dns).toContain(
      'ou=Secrets,o=Customers',
    )
    expect((await outcome(client, 'o=customers', { scope: 'singleLevel' })).dns).not.toContain(
      'ou=Secrets,o=Customers',
    )
    expect(await codeOf(client.compare('ou=secrets,o=customers', 'ou', 'secrets'))).toBe(50)
  })

  it('a name that only looks like a container does not lead to it', async () => {
    expect(await outcome(client, 'ou=People\\01dc=example,dc=com')).toMatchObject({ code: 32 })
    expect(await outcome(client, 'uid=ann,ou=people\\01dc=example,dc=com')).toMatchObject({ code: 32 })
    expect(await outcome(client, 'l=Paris\\00ou=branch,o=customers')).toMatchObject({ code: 32 })
  })
})

describe('entries above the views', () => {
  it('hold what the configuration says, and what their names say', async () => {
    expect(await read(client, company)).toEqual({
      objectClass: ['dcObject', 'organization', 'top'],
      dc: ['example'],
      o: ['Example Ltd', 'example'],
      description: ['The company'],
    })
    expect(await read(client, `ou=people,${company}`)).toEqual({
      objectClass: ['organizationalUnit', 'top'],
      ou: ['People'],
      description: ['Everybody', 'who is here'],
      telephoneNumber: ['12345'],
    })
    expect(await read(client, 'OU=branch+L=paris,o=Customers')).toEqual({
      objectClass: ['organizationalUnit', 'top'],
      l: ['Paris'],
      ou: ['Branch'],
      street: ['Rue'],
    })
  })

  it('are found by filters of every kind', async () => {
    const found = (filter: string) => find(client, company, filter)
    expect(await found('(description=every*)')).toEqual([`ou=People,${company}`])
    expect(await found('(&(ou=PEOPLE)(!(description=nothing)))')).toEqual([`ou=People,${company}`])
    expect(await found('(2.5.4.20=123-45)')).toEqual([`ou=People,${company}`])
    expect(await found('(objectClass=organization)')).toEqual([company])
    expect(await found('(name=example*)')).toEqual([company])
    expect(await found(`(entryDN=OU=people,DC=example,dc=com)`)).toEqual([`ou=People,${company}`])
    expect(await found('(structuralObjectClass=organizationalUnit)')).toEqual([
      `ou=People,${company}`,
      `ou=empty,ou=more,${company}`,
      `ou=ghosts,${company}`,
      `ou=more,${company}`,
    ])
  })

  it('have a UUID that stays, and by which they are found', async () => {
    const [uuid] = (await read(client, `ou=people,${company}`, ['entryUUID']))?.entryUUID ?? []
    expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab]/)
    expect(await find(client, company, `(entryUUID=${uuid})`)).toEqual([`ou=People,${company}`])
    const other = await createGateway(config(database.url))
    const { ldap } = await other.listen()
    const again = await LdapClient.connect({ host: ldap?.host ?? '', port: ldap?.port ?? 0 })
    expect(await read(again, `OU=people,${company}`, ['entryUUID'])).toEqual({ entryUUID: [uuid] })
    again.close()
    await other.close()
  })

  it('say whether anything is below them, as it is now', async () => {
    const below = (dn: string) => read(client, dn, ['hasSubordinates'])
    for (const dn of [company, `ou=people,${company}`, `ou=more,${company}`])
      expect(await below(dn)).toEqual({ hasSubordinates: ['TRUE'] })
    for (const dn of [`ou=empty,ou=more,${company}`, 'dc=example,dc=org', `ou=ghosts,${company}`])
      expect(await below(dn)).toEqual({ hasSubordinates: ['FALSE'] })
    expect(await find(client, company, '(&(hasSubordinates=FALSE)(ou=*))')).toEqual([
      `ou=empty,ou=more,${company}`,
      `ou=ghosts,${company}`,
    ])
    await runSql(database.url, "update ghosts set login = 'casper'")
    expect(await below(`ou=ghosts,${company}`)).toEqual({ hasSubordinates: ['TRUE'] })
    expect(await client.compare(`ou=ghosts,${company}`, 'hasSubordinates', 'TRUE')).toBe(true)
    await runSql(database.url, 'update ghosts set login = null')
    expect(await client.compare(`ou=ghosts,${company}`, 'hasSubordinates', 'TRUE')).toBe(false)
  })

  it('are compared', async () => {
    const people = `ou=people,${company}`
    expect(await client.compare(people, 'description', 'EVERYBODY')).toBe(true)
    expect(await client.compare(people, 'description', 'nobody')).toBe(false)
    expect(await client.compare(people, 'objectClass', 'top')).toBe(true)
    expect(await client.compare(people, 'entryDN', `OU=People, ${company}`)).toBe(true)
    expect(await codeOf(client.compare(people, 'mail', 'x'))).toBe(16)
    expect(await codeOf(client.compare(people, 'no-such', 'x'))).toBe(17)
    expect(await client.compare('', 'vendorName', 'Vitrine')).toBe(true)
    expect(await client.compare('cn=Subschema', 'cn', 'subschema')).toBe(true)
  })

  it('comparisons of what is not there tell how far the name leads', async () => {
    const matched = async (dn: string) => {
      try {
        await client.compare(dn, 'cn', 'x')
        return 'found'
      } catch (error) {
        return error instanceof LdapError ? `${error.code} ${error.matchedDN}` : error
      }
    }
    expect(await matched(`uid=nobody,ou=people,${company}`)).toBe(`32 ou=People,${company}`)
    expect(await matched(`cn=x,uid=ann,ou=people,${company}`)).toBe(`32 uid=ann,ou=People,${company}`)
    expect(await matched(`cn=x,uid=nobody,ou=people,${company}`)).toBe(`32 ou=People,${company}`)
    expect(await matched('dc=nowhere')).toBe('32 ')
  })
})

describe('is refused with place and remedy:', () => {
  const problemsOf = async (change: Partial<GatewayInput>) => {
    try {
      const gateway = await createGateway({ ...config(database.url), ...change })
      await gateway.close()
      return []
    } catch (error) {
      const { problems } = error as {
        problems: readonly { path: string; message: string; remedy?: string }[]
      }
      return problems.map(({ path, message, remedy }) => `${path}: ${message}. ${remedy ?? ''}`)
    }
  }

  it('a suffix below another, or twice', async () => {
    const suffix = ['dc=example,dc=com', 'o=Customers', 'ou=x, DC=Example,dc=com', 'O=customers']
    expect(await problemsOf({ suffix })).toEqual([
      'suffix[2]: ou=x, DC=Example,dc=com is below dc=example,dc=com, which is a suffix itself. Leave it out; what hangs there takes its whole DN, or one relative to dc=example,dc=com, as its base.',
      'suffix[3]: O=customers is written twice. Write it once.',
    ])
  })

  it.each([
    [
      { dn: 'ou=a', color: 'red' },
      'containers[0].color: the schema knows no attribute color. Correct its name.',
    ],
    [
      { dn: 'ou=a', mail: 'a@b' },
      'containers[0].mail: organizationalUnit may not have mail. Leave it out, or give the entry an objectClass that may, e.g. one more: extensibleObject.',
    ],
    [
      { dn: 'ou=a', objectClass: ['extensibleObject'] },
      'containers[0].objectClass: none of top, extensibleObject is structural. Add a structural class, e.g. organizationalUnit.',
    ],
    [{ dn: 'cn=a', objectClass: ['person'] }, 'containers[0].objectClass: person must have sn. Add it.'],
    [
      { dn: 'ou=a', objectClass: ['organisationalUnit'] },
      'containers[0].objectClass: the schema knows no object class organisationalUnit. Correct it.',
    ],
    [
      { dn: 'ou=a', entryUUID: '6ba7b814-9dad-11d1-80b4-00c04fd430c8' },
      'containers[0].entryUUID: entryUUID is kept by the gateway itself. Leave it out.',
    ],
    [
      { dn: 'ou=a', userPassword: 'secret' },
      'containers[0].userPassword: these entries do not bind. Declare a service account.',
    ],
    [{ dn: 'ou=a', seeAlso: 'nobody' }, 'containers[0].seeAlso: "nobody" is no DN. Correct it.'],
    [
      { dn: 'ou=a', l: 'x', localityName: 'y' },
      'containers[0].localityName: l and localityName are one attribute. Write it once.',
    ],
    [
      { dn: 'people' },
      'containers[0].dn: "people" is not a DN. Write attribute=value,…, e.g. dc=example,dc=com.',
    ],
  ])('%j', async (container, expected) => {
    expect(await problemsOf({ containers: [container] })).toEqual([expected])
  })

  it('an entry that is declared twice', async () => {
    expect(await problemsOf({ containers: [{ dn: 'ou=a' }, { dn: `OU=A,${company}` }] })).toEqual([
      `containers[1].dn: OU=A,${company} is declared already. Declare it once.`,
    ])
  })
})
