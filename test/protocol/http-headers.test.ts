/** What every answer over HTTP says to browsers and caches, whoever asks for whatever. */
import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGateway, type Gateway } from '../../src/index.js'
import { createLog } from '../../src/ops/log.js'
import { runSql, sqliteDatabase } from '../mappings/databases.js'
import { Authority } from '../servers/authority.js'

const database = sqliteDatabase()
let authority: Authority
let gateway: Gateway
let ports: { readonly http: number; readonly https: number }
let ca: string

beforeAll(async () => {
  await runSql(database.url, 'CREATE TABLE users (id INTEGER PRIMARY KEY, login TEXT NOT NULL UNIQUE)')
  authority = await Authority.make()
  const { cert, key } = await authority.issue({ names: ['DNS:localhost'] })
  ca = readFileSync(authority.cert, 'utf8')
  gateway = await createGateway(
    {
      suffix: 'dc=example,dc=com',
      listen: { http: 0, https: 0 },
      tls: { certificate: cert, key },
      sources: { hr: { type: 'sql', url: database.url } },
      views: [
        {
          view: 'people',
          source: 'hr',
          from: 'users',
          key: 'id',
          attributes: { uid: 'login' },
          ldap: { base: 'ou=people', rdn: 'uid', objectClass: ['account'] },
          scim: { resource: 'User' },
        },
      ],
    },
    { log: createLog('silent') },
  )
  const { http, https } = await gateway.listen()
  ports = { http: http?.port ?? 0, https: https?.port ?? 0 }
})
afterAll(async () => {
  await gateway.close()
  authority.remove()
  await database.remove()
})

const everywhere = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

describe.each(['/livez', '/readyz', '/scim/v2/Users', '/scim/v2/ServiceProviderConfig', '/nowhere', '/%zz'])(
  '%s',
  (path) => {
    it('is kept, framed and taken for a page by nobody', async () => {
      const { headers } = await fetch(`http://127.0.0.1:${ports.http}${path}`)
      for (const [name, value] of Object.entries(everywhere)) expect(headers.get(name), name).toBe(value)
      expect(headers.get('strict-transport-security')).toBeNull()
      expect(headers.get('server') ?? headers.get('x-powered-by')).toBeNull()
    })

    it('is asked for over TLS only, by whoever has once', async () => {
      const headers = await new Promise((resolve, reject) => {
        const asked = request({ host: 'localhost', port: ports.https, path, ca }, (answer) => {
          answer.resume()
          resolve(answer.headers)
        })
        asked.once('error', reject)
        asked.end()
      })
      expect(headers).toMatchObject({ ...everywhere, 'strict-transport-security': 'max-age=31536000' })
    })
  },
)
