/** The access rules over SCIM: rights by group, by entry, by network and by encryption; over HTTP, HTTPS and by way of proxies. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createGateway, type Gateway, type GatewayInput } from '../../../src/index.js'
import { runSql, sqliteDatabase } from '../../mappings/databases.js'
import { Authority } from '../../servers/authority.js'
import { type Asking, type Scim, scim } from './serving.js'

const suffix = 'dc=example,dc=com'
const token = (login: string) => ({
  name: login,
  token: `{CLEARTEXT}${tokenOf(login)}`,
  as: `uid=${login},ou=people,${suffix}`,
  scopes: '*' as const,
})
const tokenOf = (login: string) => `token-of-${login}`.padEnd(20, '-')
const tables = `
create table staff (id integer primary key, login text, last text, dept text, title text);
create table teams (id integer primary key, name text);
create table members (team integer, person integer);
insert into staff values (1, 'ann', 'Archer', 'sales', 'Chief'), (2, 'bob', 'Baker', 'sales', null), (3, 'cid', 'Cooper', 'legal', 'Clerk');
insert into teams values (1, 'auditors'), (2, 'others');
insert into members values (1, 3), (2, 1);
`

type Access = NonNullable<GatewayInput['access']>

const database = sqliteDatabase()
const folder = mkdtempSync(join(tmpdir(), 'vitrine-https-'))
let authority: Authority
let gateway: Gateway | undefined

beforeAll(async () => {
  await runSql(database.url, tables)
  authority = await Authority.make()
})
afterEach(async () => {
  await gateway?.close()
  gateway = undefined
})
afterAll(() => {
  database.remove()
  authority?.remove()
  rmSync(folder, { recursive: true })
})

/** The UUID that people's keys make. */
let first = ''
const idOf = (key: number) => `/Users/${first.slice(0, -1)}${key}`

async function start(access: Access, more: Partial<GatewayInput> = {}) {
  gateway = await createGateway({
    suffix,
    listen: { http: 0 },
    log: { level: 'silent' },
    sources: { hr: { type: 'sql', url: database.url } },
    access,
    scim: { tokens: ['ann', 'bob', 'cid'].map(token) },
    views: [
      {
        view: 'people',
        source: 'hr',
        from: 'staff',
        key: 'id',
        writable: true,
        attributes: {
          uid: 'login',
          sn: 'last',
          cn: '{login} {last}',
          title: 'title',
          departmentNumber: 'dept',
          memberOf: { ref: 'teams', by: 'member' },
        },
        ldap: { base: 'ou=people', rdn: 'uid', objectClass: ['inetOrgPerson'] },
        scim: { resource: 'User' },
      },
      {
        view: 'teams',
        source: 'hr',
        from: 'teams',
        key: 'id',
        attributes: {
          cn: 'name',
          member: { ref: 'people', table: 'members', on: 'team', value: 'person' },
        },
        ldap: { base: 'ou=teams', rdn: 'cn', objectClass: ['groupOfNames'] },
        scim: { resource: 'Group' },
      },
    ],
    ...more,
  })
  const { http, https } = await gateway.listen()
  const url = `http://127.0.0.1:${http?.port ?? 0}/scim/v2`
  return { as: (login: string): Scim => scim(url, `Bearer ${tokenOf(login)}`), https: https?.port ?? 0 }
}

const names = async (of: Scim, asking: Asking = {}) => {
  const { status, body } = await of.get('/Users', {}, asking)
  return { status, names: (body.Resources ?? []).map(({ userName }) => userName) }
}
const everything = { views: '*' as const, allow: ['read' as const, 'search' as const] }

describe('over SCIM', () => {
  it('a filter chooses the entries that each may see, search and change', async () => {
    const own = '(departmentNumber={principal.departmentNumber})'
    const { as } = await start([
      { who: 'authenticated', views: ['people'], filter: own, allow: ['read', 'search'] },
      { who: 'authenticated', views: ['people'], filter: `(&${own}(!(title=*)))`, allow: ['write'] },
    ])
    expect(await names(as('ann'))).toEqual({ status: 200, names: ['ann', 'bob'] })
    expect(await names(as('cid'))).toEqual({ status: 200, names: ['cid'] })
    expect((await as('ann').get('/Users', { filter: 'title eq "Clerk"' })).body.totalResults).toBe(0)
    expect((await as('ann').get('/Users', { filter: 'not (title eq "Chief")' })).body.totalResults).toBe(1)
    first = (await as('ann').get('/Users')).body.Resources?.[0]?.id ?? ''
    expect((await as('ann').get(idOf(2))).status).toBe(200)
    expect((await as('ann').get(idOf(3))).status).toBe(404)
    const renamed = [{ op: 'replace', path: 'name.familyName', value: 'Bishop' }]
    expect((await as('ann').patch(idOf(3), renamed)).status).toBe(404)
    expect((await as('ann').patch(idOf(1), renamed)).status).toBe(403)
    const titled = [{ op: 'replace', path: 'title', value: 'Boss' }]
    expect((await as('ann').patch(idOf(2), titled)).status).toBe(403)
    expect((await as('ann').patch(idOf(2), renamed)).body.name?.familyName).toBe('Bishop')
    expect((await as('cid').remove(idOf(2))).status).toBe(404)
    await runSql(database.url, "update staff set last = 'Baker' where id = 2")
  })

  it('members of a group may do what the others may not, from the next request on', async () => {
    const { as } = await start([{ who: { group: `cn=auditors,ou=teams,${suffix}` }, ...everything }])
    expect((await names(as('cid'))).names).toEqual(['ann', 'bob', 'cid'])
    expect((await names(as('ann'))).names).toEqual([])
    await runSql(database.url, 'update members set person = 1 where team = 1')
    expect((await names(as('ann'))).names).toEqual(['ann', 'bob', 'cid'])
    expect((await names(as('cid'))).names).toEqual([])
    await runSql(database.url, 'update members set person = 3 where team = 1')
  })

  it('an attribute that may not be searched is in no filter, no order, and not shown', async () => {
    const { as } = await start([{ who: 'authenticated', ...everything, attributes: ['uid', 'cn', 'sn'] }])
    expect((await as('ann').get('/Users', { filter: 'title eq "Clerk"' })).body.totalResults).toBe(0)
    expect((await as('ann').get('/Users', { filter: 'not (title pr)' })).body.totalResults).toBe(0)
    const { body, text } = await as('ann').get('/Users', { sortBy: 'title' })
    expect(body.Resources?.map(({ userName }) => userName)).toEqual(['ann', 'bob', 'cid'])
    expect(text).not.toMatch(/Clerk|Chief/)
  })

  it('a network counts as the peer has it, or a proxy that is trusted', async () => {
    const access: Access = [{ who: 'authenticated', ...everything, from: ['192.0.2.0/24'] }]
    const said = { headers: { 'x-forwarded-for': '203.0.113.9, 192.0.2.7' } }
    const { as } = await start(access)
    expect((await names(as('ann'), said)).names).toEqual([])
    await gateway?.close()
    const behind = await start(access, { listen: { http: 0, trustedProxies: ['127.0.0.1'] } })
    expect((await names(behind.as('ann'), said)).names).toHaveLength(3)
    expect((await names(behind.as('ann'))).names).toEqual([])
    const untrusted = { headers: { 'x-forwarded-for': '192.0.2.7, 203.0.113.9' } }
    expect((await names(behind.as('ann'), untrusted)).names).toEqual([])
  })

  it('secure is what a trusted proxy says is encrypted, and nobody else', async () => {
    const access: Access = [{ who: 'authenticated', ...everything, secure: true }]
    const said = { headers: { 'x-forwarded-proto': 'https' } }
    const { as } = await start(access)
    expect((await names(as('ann'))).names).toEqual([])
    expect((await names(as('ann'), said)).names).toEqual([])
    await gateway?.close()
    const behind = await start(access, { listen: { http: 0, trustedProxies: ['127.0.0.0/8'] } })
    expect((await names(behind.as('ann'))).names).toEqual([])
    expect((await names(behind.as('ann'), said)).names).toHaveLength(3)
  })

  it('HTTPS is secure, and takes new certificates without a restart', async () => {
    const files = { certificate: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
    const put = async (subject: string) => {
      const { cert, key } = await authority.issue({ names: ['IP:127.0.0.1'], subject })
      copyFileSync(cert, files.certificate)
      copyFileSync(key, files.key)
    }
    await put('/CN=first')
    const access: Access = [{ who: 'authenticated', ...everything, secure: true }]
    const { as, https } = await start(access, { listen: { http: 0, https: 0 }, tls: files })
    expect((await names(as('ann'))).names).toEqual([])
    const found = await overTls(https)
    expect(found.totalResults).toBe(3)
    expect(found.Resources[0]?.meta.location).toMatch(/^https:\/\//)
    expect(await subjectAt(https)).toBe('first')
    await put('/CN=second')
    const until = Date.now() + 15_000
    while ((await subjectAt(https)) !== 'second' && Date.now() < until)
      await new Promise((r) => setTimeout(r, 200))
    expect(await subjectAt(https)).toBe('second')
    expect((await overTls(https)).totalResults).toBe(3)
  })

  it('HTTPS needs a certificate', async () => {
    const started = start([{ who: 'authenticated', ...everything }], { listen: { https: 0 } })
    await expect(started).rejects.toThrow(/listen\.https: needs a certificate/)
  })
})

interface Found {
  readonly totalResults: number
  readonly Resources: readonly { readonly meta: { readonly location: string } }[]
}

/** Trusting the tests' own authority, which fetch cannot be told to. */
function overTls(port: number): Promise<Found> {
  const headers = { authorization: `Bearer ${tokenOf('ann')}` }
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port,
      path: '/scim/v2/Users',
      headers,
      ca: readFileSync(authority.cert),
    }
    request(options, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString()) as Found))
    })
      .on('error', reject)
      .end()
  })
}

function subjectAt(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, ca: readFileSync(authority.cert) }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN))
      socket.destroy()
    }).on('error', reject)
  })
}
