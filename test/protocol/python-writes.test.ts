/** python-ldap over TLS, writing: the script `python/writes.py` does, this file knows what each came to. */
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGateway, type Gateway } from '../../src/index.js'
import { Authority } from '../servers/authority.js'
import { pythonScript } from './client-programs.js'
import { type Database, databases, runSql } from './serving.js'
import { admin, people, staffConfig, staffSql } from './staff.js'

const script = fileURLToPath(new URL('./python/writes.py', import.meta.url))

describe.each(databases)('python-ldap writes to %s', (_name, create) => {
  let authority: Authority
  let database: Database
  let gateway: Gateway | undefined

  beforeAll(async () => {
    authority = await Authority.make()
    database = await create()
    await runSql(database.url, staffSql(database.url))
    const { cert, key } = await authority.issue({ names: ['IP:127.0.0.1'] })
    gateway = await createGateway({
      ...staffConfig(database.url),
      listen: { ldap: 0, ldaps: 0 },
      requireTls: true,
      tls: { certificate: cert, key },
    })
  })
  afterAll(async () => {
    await gateway?.close()
    await database?.remove()
    authority?.remove()
  })

  it('every operation over StartTLS and ldaps comes to what it should', async () => {
    const { ldap, ldaps } = (await gateway?.listen()) ?? {}
    const urls = [`ldap://127.0.0.1:${ldap?.port}`, `ldaps://127.0.0.1:${ldaps?.port}`] as const
    const run = await pythonScript(script, ...urls, authority.cert, admin.dn, admin.password, people)
    expect(run).toMatchObject({ code: 0, stderr: '' })
    expect(JSON.parse(run.stdout)).toEqual({
      inClear: 'CONFIDENTIALITY_REQUIRED',
      bound: 'done',
      add: 'done',
      addAgain: 'ALREADY_EXISTS',
      added: { cn: ['Zoë Zimmer'], mail: ['zoe@example.com'] },
      modify: 'done',
      increment: 'done',
      refused: 'NO_SUCH_ATTRIBUTE',
      modified: { mail: ['z@example.com', 'zoe@example.org'], title: ['Pilot'], uidNumber: ['3005'] },
      ownBind: 'done',
      own: `dn:uid=zoë,${people}`,
      forbidden: 'INSUFFICIENT_ACCESS',
      rename: 'done',
      renamed: { uid: ['zoe'], title: ['Pilot'] },
      delete: 'done',
      deleted: null,
      untrusted: 'SERVER_DOWN',
    })
  })
})
