/** Servers that look people up over StartTLS, with a gateway that takes nothing in clear; what they do otherwise is in their own files. */
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Authority } from '../servers/authority.js'
import { freePort } from '../servers/scratch.js'
import { HOST } from '../servers/server.js'
import { shown } from './page.js'
import { tellProgram, versionOf } from './told.js'
import { persons, startWorld, type World } from './world.js'

const { ada } = persons
const ca = '/etc/example-ca.pem'
let authority: Authority
let world: World

beforeAll(async () => {
  authority = await Authority.make()
  const { cert, key } = await authority.issue({ names: [`IP:${HOST}`] })
  world = await startWorld({ tls: { certificate: cert, key }, requireTls: true })
  world.machine.write(ca, readFileSync(authority.cert, 'utf8'), 0o644)
})

afterAll(async () => {
  await world?.close()
  authority?.remove()
})

describe('Apache httpd', () => {
  let told = ''
  tellProgram('Apache httpd', () => told)

  beforeAll(async () => {
    told = await versionOf(world.machine, 'apache2', '-v')
  })

  it('lets in over StartTLS, with LDAPTrustedMode TLS', async () => {
    const { machine, url } = world
    const port = await freePort()
    const modules = [
      'mpm_event',
      'authn_core',
      'authz_core',
      'authz_user',
      'auth_basic',
      'ldap',
      'authnz_ldap',
      'dir',
    ]
    machine.folder('/var/www', 'www-data')
    machine.write('/var/www/index.html', 'let in', 0o644)
    machine.write(
      '/etc/httpd.conf',
      `ServerRoot /etc
ServerName ${HOST}
Listen ${HOST}:${port}
User www-data
Group www-data
PidFile /run/apache.pid
ErrorLog /dev/stderr
DocumentRoot /var/www
${modules.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
LDAPTrustedGlobalCert CA_BASE64 ${ca}
LDAPTrustedMode TLS
LDAPVerifyServerCert On
${shown('/etc/apache2/conf-enabled/example.conf', url)}
`,
    )
    const status = (password: string): Promise<number> =>
      new Promise((resolve, reject) => {
        const options = {
          host: HOST,
          port,
          path: '/index.html',
          agent: false,
          auth: `${ada.uid}:${password}`,
        }
        request(options, (answer) => {
          answer.resume()
          resolve(answer.statusCode ?? 0)
        })
          .on('error', reject)
          .end()
      })
    await machine.serve({
      command: ['apache2', '-f', '/etc/httpd.conf', '-D', 'FOREGROUND'],
      ready: async () => {
        await status('wrong')
      },
    })
    expect(await status(ada.password)).toBe(200)
    expect(await status('wrong')).toBe(401)
  })
})

describe('FreeRADIUS', () => {
  let told = ''
  tellProgram('FreeRADIUS', () => told)

  beforeAll(async () => {
    told = await versionOf(world.machine, 'freeradius', '-v')
  })

  it('accepts over StartTLS, with start_tls = yes', async () => {
    const { machine, url } = world
    const port = await freePort()
    const tls = `tls {\n    start_tls = yes\n    ca_file = ${ca}\n    require_cert = "demand"\n  }\n`
    machine.folder('/run/freeradius', 'freerad')
    machine.folder('/var/log/freeradius', 'freerad')
    machine.write(
      '/etc/freeradius/3.0/example.conf',
      `libdir = /usr/lib/freeradius
run_dir = /run/freeradius
logdir = /var/log/freeradius
security {
  user = freerad
  group = freerad
  reject_delay = 0
}
client localhost {
  ipaddr = ${HOST}
  secret = "between us"
}
modules {
  ${shown('/etc/freeradius/3.0/mods-enabled/ldap', url).replace('{', `{\n  ${tls}`)}
}
server default {
  listen {
    type = auth
    ipaddr = ${HOST}
    port = ${port}
  }
  ${shown('/etc/freeradius/3.0/sites-enabled/default', url)}
}
`,
      0o644,
    )
    const ask = async (password: string) => {
      const input = `User-Name = "${ada.uid}"\nUser-Password = "${password}"\n`
      const args = ['-x', '-r', '1', '-t', '3', `${HOST}:${port}`, 'auth', 'between us']
      const { stdout, stderr } = await machine.run('radclient', args, { input })
      return stdout + stderr
    }
    await machine.serve({
      command: ['freeradius', '-f', '-l', 'stdout', '-n', 'example', '-d', '/etc/freeradius/3.0'],
      ready: async () => {
        if (!(await ask(ada.password)).includes('Received')) throw new Error('not yet')
      },
    })
    expect(await ask(ada.password)).toContain('Access-Accept')
    expect(await ask('wrong')).toContain('Access-Reject')
  })
})

describe('Dovecot', () => {
  let told = ''
  tellProgram('Dovecot', () => told)

  beforeAll(async () => {
    told = await versionOf(world.machine, 'dovecot', '--version')
  })

  it('accepts over StartTLS, with tls = yes', async () => {
    const { machine, url } = world
    const [auth, ldap] = ['/etc/dovecot/conf.d/auth-ldap.conf.ext', '/etc/dovecot/dovecot-ldap.conf.ext']
    const plain = `protocols =
base_dir = /run/dovecot
log_path = /dev/stderr
ssl = no
mail_location = maildir:~/Maildir
auth_mechanisms = plain login
auth_username_chars =
auth_failure_delay = 0
`
    const secure = `tls = yes\ntls_ca_cert_file = ${ca}\ntls_require_cert = demand\n`
    machine.write('/etc/dovecot/dovecot.conf', plain + shown(auth, url), 0o644)
    machine.write(ldap, `${shown(ldap, url)}\n${secure}`)
    const accepts = async (password: string) => {
      const { code, stdout, stderr } = await machine.run('doveadm', ['auth', 'test', ada.uid, password])
      if (code !== 0 && code !== 77) throw new Error(`status ${code}: ${stdout}${stderr}`)
      return code === 0
    }
    await machine.serve({
      command: ['dovecot', '-F'],
      ready: async () => {
        if (!(await accepts(ada.password))) throw new Error('not yet')
      },
    })
    expect(await accepts(ada.password)).toBe(true)
    expect(await accepts('wrong')).toBe(false)
  })
})
