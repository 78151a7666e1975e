/**
 * The gateway inside a program: run with `npx tsx examples/embedded/gateway.ts DATABASE_URL`, where the database holds
 * `users (id, login, full_name, mail, password_hash)`.
 */
import { createGateway } from '../../src/index.js'

const [url = 'sqlite:people.sqlite'] = process.argv.slice(2)

const gateway = await createGateway({
  suffix: 'dc=example,dc=com',
  listen: { ldap: '127.0.0.1:1389' },
  sources: { hr: { type: 'sql', url } },
  views: [
    {
      view: 'people',
      source: 'hr',
      from: 'users',
      key: 'id',
      attributes: {
        uid: 'login',
        cn: 'full_name',
        sn: 'full_name',
        mail: 'mail',
        userPassword: { column: 'password_hash', verifyOnly: true },
      },
      ldap: { base: 'ou=people', rdn: 'uid', objectClass: ['inetOrgPerson'] },
    },
  ],
  access: [{ who: 'authenticated', views: ['people'] }],
})

const { ldap } = await gateway.listen()
console.log(`ldap://${ldap?.host}:${ldap?.port}`)

process.once('SIGINT', () => void gateway.close())
