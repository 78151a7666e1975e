/** Administrators with OpenLDAP's tools, and what SCIM shows of what they write; the demonstration over each database. */
import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ldapTool } from './client-programs.js'
import { codeOf, type Database, databases, read, runSql, type Serving, serve } from './serving.js'
import { admin, crewDn, personDn, staffConfig, staffSql } from './staff.js'

const TOKEN = 'token-of-the-tests'

describe.each(databases)("OpenLDAP's tools write to %s", (_name, create) => {
  let database: Database
  let serving: Serving
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vitrine-ldif-'))
    database = await create()
    await runSql(database.url, staffSql(database.url))
    const config = staffConfig(database.url)
    const views = config.views.map((view, i) => ({
      ...(view as object),
      scim: { resource: i === 0 ? 'User' : 'Group' },
    })) as typeof config.views
    serving = await serve({
      ...config,
      views,
      listen: { ldap: 0, http: 0 },
      scim: { tokens: [{ name: 'test', token: `{CLEARTEXT}${TOKEN}`, as: admin.dn, scopes: '*' }] },
    } as typeof config)
  })

  afterAll(async () => {
    await serving?.close()
    await database?.remove()
    await rm(folder, { recursive: true })
  })

  const bound = ['-D', admin.dn, '-w', admin.password]
  const ldif = (...lines: readonly string[]) => {
    const file = join(folder, 'changes.ldif')
    writeFileSync(file, `${lines.join('\n')}\n`)
    return file
  }
  const scim = async (method: string, path: string, body?: object) => {
    const answer = await fetch(`http://${serving.http?.host}:${serving.http?.port}/scim/v2${path}`, {
      method,
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/scim+json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    return {
      status: answer.status,
      etag: answer.headers.get('etag'),
      body: text === '' ? {} : JSON.parse(text),
    }
  }
  const user = async (name: string) => {
    const { body } = await scim('GET', `/Users?filter=${encodeURIComponent(`userName eq "${name}"`)}`)
    return body.Resources?.[0]
  }

  it('ldapadd, ldapmodify, ldapmodrdn and ldapdelete, seen over SCIM at once', async () => {
    const added = ldif(
      `dn: ${personDn('zoe')}`,
      ...['top', 'person', 'organizationalPerson', 'inetOrgPerson', 'posixAccount'].map(
        (name) => `objectClass: ${name}`,
      ),
      ...['cn: Zoe Zander', 'sn: Zander', 'uidNumber: 9', 'gidNumber: 9', 'homeDirectory: /z'],
      'mail: zoe@example.com',
    )
    expect(await ldapTool('ldapadd', serving.url, ...bound, '-f', added)).toMatchObject({ code: 0 })
    expect((await user('zoe'))?.emails?.[0]?.value).toBe('zoe@example.com')
    expect((await ldapTool('ldapadd', serving.url, ...bound, '-f', added)).code).toBe(68)
    const changed = ldif(
      ...[`dn: ${personDn('zoe')}`, 'changetype: modify', 'replace: title', 'title: Zoologist', '-'],
      ...['add: mail', 'mail: z@example.org', '-', 'increment: uidNumber', 'uidNumber: 3', '-', ''],
      ...[`dn: ${crewDn('red')}`, 'changetype: modify', 'add: member', `member: ${personDn('zoe')}`],
    )
    const before = (await user('zoe'))?.meta?.version
    expect(await ldapTool('ldapmodify', serving.url, ...bound, '-f', changed)).toMatchObject({ code: 0 })
    const now = await user('zoe')
    expect(now).toMatchObject({ title: 'Zoologist' })
    expect(now?.meta?.version).not.toBe(before)
    expect(now?.groups?.[0]?.display).toBe('red')
    expect(
      await ldapTool('ldapmodrdn', serving.url, ...bound, '-r', personDn('zoe'), 'uid=zora'),
    ).toMatchObject({
      code: 0,
    })
    expect(await user('zora')).toMatchObject({ title: 'Zoologist', id: now?.id })
    expect(await ldapTool('ldapdelete', serving.url, ...bound, personDn('zora'))).toMatchObject({ code: 0 })
    expect(await user('zora')).toBeUndefined()
  })

  it('and what SCIM writes is seen over LDAP at once', async () => {
    const client = await serving.connect(admin.dn, admin.password)
    const { id, meta } = await user('ann')
    const patch = {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [{ op: 'replace', path: 'title', value: 'From SCIM' }],
    }
    expect((await scim('PATCH', `/Users/${id}`, patch)).status).toBe(200)
    expect(await read(client, personDn('ann'), ['title'])).toEqual({ title: ['From SCIM'] })
    const title = { operation: 'replace', type: 'title', values: ['From LDAP'] } as const
    expect(await codeOf(client.modify(personDn('ann'), [title]))).toBe(0)
    const { body, etag } = await scim('GET', `/Users/${id}`)
    expect(body.title).toBe('From LDAP')
    expect(etag).not.toBe(meta?.version)
  })
})
