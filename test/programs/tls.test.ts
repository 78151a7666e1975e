/** The programs over StartTLS, with a gateway that takes nothing in clear. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Authority } from '../servers/authority.js'
import { shown } from './page.js'
import { tellProgram, versionOf } from './told.js'
import { dnOf, persons, reader, startWorld, uidNumber, type World } from './world.js'

const { ada } = persons
const ca = '/etc/example-ca.pem'
let authority: Authority
let world: World

beforeAll(async () => {
  authority = await Authority.make()
  const { cert, key } = await authority.issue({ names: ['IP:127.0.0.1'] })
  world = await startWorld({ tls: { certificate: cert, key }, requireTls: true })
  world.machine.write(ca, readFileSync(authority.cert, 'utf8'), 0o644)
})

afterAll(async () => {
  await world?.close()
  authority?.remove()
})

/** Each gets URL, DN, password and the authority's file; prints who it is. */
const clients = [
  {
    name: 'ldap-utils',
    version: ['ldapsearch', '-VV'],
    command: [
      '/bin/sh',
      '-c',
      'unset LDAPNOINIT; LDAPTLS_CACERT=$4 ldapwhoami -x -ZZ -H $1 -D $2 -w "$3"',
      'sh',
    ],
  },
  {
    name: 'python-ldap',
    version: ['/usr/bin/python3', '-c', 'import ldap; print(ldap.__version__)'],
    command: [
      '/usr/bin/python3',
      '-c',
      `import ldap, sys
url, dn, password, ca = sys.argv[1:]
ldap.set_option(ldap.OPT_X_TLS_CACERTFILE, ca)
c = ldap.initialize(url)
c.start_tls_s()
c.simple_bind_s(dn, password)
print(c.whoami_s())`,
    ],
  },
  {
    name: 'ldap3',
    version: ['/usr/bin/python3', '-c', 'import ldap3; print(ldap3.__version__)'],
    command: [
      '/usr/bin/python3',
      '-c',
      `import ssl, sys
from ldap3 import AUTO_BIND_TLS_BEFORE_BIND, Connection, Server, Tls
url, dn, password, ca = sys.argv[1:]
server = Server(url, tls=Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=ca))
c = Connection(server, dn, password, auto_bind=AUTO_BIND_TLS_BEFORE_BIND)
print(c.extend.standard.who_am_i())`,
    ],
  },
  {
    name: 'Net::LDAP',
    version: ['/usr/bin/perl', '-MNet::LDAP', '-e', 'print Net::LDAP->VERSION'],
    command: [
      '/usr/bin/perl',
      '-e',
      `use Net::LDAP; use Net::LDAP::Extension::WhoAmI;
my ($url, $dn, $password, $ca) = @ARGV;
my $c = Net::LDAP->new($url) or die $@;
my $m = $c->start_tls(verify => 'require', cafile => $ca); die $m->error if $m->code;
$m = $c->bind($dn, password => $password); die $m->error if $m->code;
print $c->who_am_i->response;`,
    ],
  },
  {
    name: "PHP's ldap",
    version: ['/usr/bin/php8.2', '-v'],
    command: [
      ...['/usr/bin/php8.2', '-n', '-d', 'extension=ldap', '-r'],
      `[, $url, $dn, $password, $ca] = $argv;
ldap_set_option(null, LDAP_OPT_X_TLS_CACERTFILE, $ca);
$c = ldap_connect($url);
ldap_set_option($c, LDAP_OPT_PROTOCOL_VERSION, 3);
if (!ldap_start_tls($c) || !ldap_bind($c, $dn, $password)) exit(1);
echo ldap_exop_whoami($c);`,
    ],
  },
] as const

describe.each(clients)('$name', ({ name, version: [program, ...rest], command: [command, ...args] }) => {
  let told = ''
  tellProgram(name, () => told)

  beforeAll(async () => {
    told = await versionOf(world.machine, program, ...rest)
  })

  const whoAmI = (trusted: string) =>
    world.machine.run(command, [...args, world.url, dnOf('ada'), ada.password, trusted])

  it('binds over StartTLS, and not with a gateway that nobody vouches for', async () => {
    expect(await whoAmI(ca)).toMatchObject({ code: 0, stdout: expect.stringContaining(dnOf('ada')) })
    expect((await whoAmI('/etc/ssl/certs/ca-certificates.crt')).code).not.toBe(0)
  })
})

describe('Postfix', () => {
  let told = ''
  tellProgram('Postfix', () => told)

  beforeAll(async () => {
    told = await versionOf(world.machine, 'postconf', '-d', 'mail_version')
  })

  it('looks up over StartTLS, with start_tls = yes', async () => {
    const { machine, url } = world
    const secure = `start_tls = yes\ntls_ca_cert_file = ${ca}\ntls_require_cert = yes\n`
    machine.write('/etc/postfix/main.cf', 'compatibility_level = 3.6\n', 0o644)
    machine.write('/etc/postfix/dynamicmaps.cf', 'ldap postfix-ldap.so dict_ldap_open\n', 0o644)
    machine.write('/etc/postfix/senders.cf', shown('/etc/postfix/senders.cf', url) + secure)
    const run = await machine.run('postmap', ['-q', ada.mail, 'ldap:/etc/postfix/senders.cf'])
    expect(run).toMatchObject({ code: 0, stdout: 'ada\n' })
  })
})

const pam = (type: string, module: string) => `${type} required ${module}\n`

describe.each([
  {
    name: 'nslcd',
    service: 'ldap',
    module: 'pam_ldap.so',
    version: ['nslcd', '--version'],
    file: '/etc/nslcd.conf',
    secure: `ssl start_tls\ntls_reqcert demand\ntls_cacertfile ${ca}\n`,
    server: ['nslcd', '--nofork'],
  },
  {
    name: 'SSSD',
    service: 'sss',
    module: 'pam_sss.so',
    version: ['sssd', '--version'],
    file: '/etc/sssd/sssd.conf',
    secure: `ldap_id_use_start_tls = true\nldap_tls_reqcert = demand\nldap_tls_cacert = ${ca}\n`,
    server: ['sssd', '-i'],
  },
] as const)('$name', ({ name, service, module, version: [program, option], file, secure, server }) => {
  let told = ''
  tellProgram(name, () => told)

  beforeAll(async () => {
    told = await versionOf(world.machine, program, option)
  })

  it('looks up and logs in over StartTLS', async () => {
    const { machine, url } = world
    machine.folder('/run/nslcd', 'nslcd')
    machine.write(file, shown(file, url) + secure)
    machine.write(`/etc/pam.d/${service}`, pam('auth', module) + pam('account', module), 0o644)
    const find = () => machine.run('getent', ['-s', service, 'passwd', 'ada'])
    await machine.serve({
      command: server,
      ready: async () => {
        if ((await find()).code !== 0) throw new Error('not yet')
      },
    })
    expect((await find()).stdout).toContain(`:${uidNumber('ada')}:`)
    const login = (password: string) =>
      machine.run('pamtester', [service, 'ada', 'authenticate'], { input: `${password}\n` })
    // pam_sss and pam_ldap look the account up by the name service.
    machine.write('/etc/nsswitch.conf', `passwd: files ${service}\ngroup: files ${service}\n`, 0o644)
    expect((await login(ada.password)).code).toBe(0)
    expect((await login('wrong')).code).toBe(1)
  })
})

describe('ldap-utils in clear', () => {
  it('get nothing', async () => {
    const args = ['-x', '-H', world.url, '-D', reader.dn, '-w', reader.password]
    expect((await world.machine.run('ldapwhoami', args)).code).toBe(13)
  })
})
