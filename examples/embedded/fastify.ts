/**
 * SCIM within a Fastify server of one's own: run with `npx tsx examples/embedded/fastify.ts DATABASE_URL [PORT]`, where
 * the database holds `users (id, login, full_name, mail, password_hash, active)`.
 */
import { fastify } from 'fastify'
import { createGateway, scim } from '../../src/index.js'

const [url = 'sqlite:people.sqlite', port = '8080'] = process.argv.slice(2)

// Without `listen` the gateway opens no port of its own.
const gateway = await createGateway({
  suffix: 'dc=example,dc=com',
  sources: { hr: { type: 'sql', url } },
  views: [
    {
      view: 'people',
      source: 'hr',
      from: 'users',
      writable: true,
      key: 'id',
      attributes: {
        uid: 'login',
        cn: 'full_name',
        mail: 'mail',
        userPassword: { column: 'password_hash', verifyOnly: true },
      },
      enabled: 'active',
      scim: { resource: 'User' },
    },
  ],
  serviceAccounts: [{ dn: 'cn=provisioner,dc=example,dc=com', password: '{CLEARTEXT}not used over SCIM' }],
  scim: {
    tokens: [
      {
        name: 'provisioner',
        token: '{CLEARTEXT}a-token-to-try-this-with',
        as: 'cn=provisioner,dc=example,dc=com',
        scopes: ['users.read', 'users.write'],
      },
    ],
  },
  access: [
    {
      who: 'cn=provisioner,dc=example,dc=com',
      allow: ['read', 'search', 'write'],
      views: ['people'],
    },
  ],
})

const app = fastify({ forceCloseConnections: true })
app.get('/', async () => ({ hello: 'from a server of your own' }))
app.register(scim, { gateway, prefix: '/scim/v2' })
app.addHook('onClose', () => gateway.close())

console.log(`${await app.listen({ host: '127.0.0.1', port: Number(port) })}/scim/v2`)

process.once('SIGINT', () => void app.close())
process.once('SIGTERM', () => void app.close())
