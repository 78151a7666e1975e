/** A private OpenLDAP server for tests, on a free port, with the data it is given: the native directory to compare with. */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from 'ldapts'
import { Daemon } from './daemon.js'
import { runAs } from './prepare.js'
import { programPath } from './programs.js'
import { makeScratch, removeScratch, serverAccount } from './scratch.js'
import { HOST, type Server, serverOf } from './server.js'

export interface SlapdOptions {
  readonly suffix: string
  /** Loaded as it is, below and with the suffix; syntaxes are enforced on it. */
  readonly ldif: string
  /** Enforces the rules of object classes too, without which slapd changes no entry that was loaded. */
  readonly strict?: boolean
  /** Besides core, cosine, inetorgperson and nis: names of files in OpenLDAP's schema folder. */
  readonly schemas?: readonly string[]
  /** Definitions of one's own, as lines of slapd.conf(5). */
  readonly definitions?: readonly string[]
  /** Lines of slapd.conf(5) before any database, e.g. `sortvals member`. */
  readonly globals?: readonly string[]
  /** Modules loaded besides the database's, e.g. `memberof`. */
  readonly modules?: readonly string[]
  /** Lines of slapd.conf(5) that come before those that let anyone read, e.g. `access to * by dn.exact="…" write by * break`. */
  readonly access?: readonly string[]
  /** Lines of slapd.conf(5) for the database, e.g. `overlay memberof`. */
  readonly config?: readonly string[]
}

export interface Slapd extends Server {
  readonly suffix: string
  /** DN and password of an administrator whom no access rule holds back. */
  readonly rootDn: string
  readonly rootPassword: string
}

const rootPassword = 'secret'

/** Anyone may read all but userPassword, which serves to bind. Nothing limits a search. */
export async function startSlapd(options: SlapdOptions): Promise<Slapd> {
  const account = serverAccount()
  const scratch = makeScratch(account)
  try {
    const rootDn = `cn=admin,${options.suffix}`
    const config = join(scratch, 'slapd.conf')
    const ldif = join(scratch, 'data.ldif')
    const socket = join(scratch, 'sock')
    const data = join(scratch, 'data')
    writeFileSync(config, slapdConf(options, scratch, data, rootDn), { mode: 0o644 })
    writeFileSync(ldif, options.ldif, { mode: 0o644 })
    await runAs(account, '/bin/mkdir', [data])
    await runAs(account, programPath('slapadd'), [
      '-q',
      ...(options.strict === true ? [] : ['-s']),
      ...['-f', config, '-l', ldif],
    ])
    const daemon = await Daemon.start({
      name: 'slapd',
      account,
      log: join(scratch, 'log'),
      // -d keeps it in the foreground.
      command: (port) => [
        programPath('slapd'),
        '-d',
        '0',
        '-f',
        config,
        '-h',
        `ldap://${HOST}:${port} ldapi://${encodeURIComponent(socket)}`,
      ],
      ready: async (port) => {
        const client = new Client({ url: `ldap://${HOST}:${port}`, connectTimeout: 5000 })
        try {
          await client.search('', { scope: 'base', attributes: ['1.1'] })
        } finally {
          await client.unbind()
        }
      },
      endSignal: 'SIGKILL',
      shutdownSignal: 'SIGTERM',
    })
    const server = serverOf(daemon, `ldap://${HOST}:${daemon.port}`, socket, scratch)
    return Object.assign(server, { suffix: options.suffix, rootDn, rootPassword })
  } catch (thrown) {
    removeScratch(scratch)
    throw thrown
  }
}

function slapdConf(options: SlapdOptions, scratch: string, data: string, rootDn: string): string {
  const schemaFolder = firstExisting([
    '/etc/ldap/schema',
    '/etc/openldap/schema',
    '/usr/local/etc/openldap/schema',
  ])
  if (schemaFolder === undefined) throw new Error("OpenLDAP's schema folder is missing")
  const moduleFolder = firstExisting(['/usr/lib/ldap', '/usr/lib64/openldap', '/usr/lib/openldap'])
  const schemas = ['core', 'cosine', 'inetorgperson', 'nis', ...(options.schemas ?? [])]
  const modules = ['back_mdb', ...(options.modules ?? [])]
  return [
    ...schemas.map((name) => `include ${schemaFolder}/${name}.schema`),
    ...(options.definitions ?? []),
    `pidfile ${scratch}/pid`,
    `argsfile ${scratch}/args`,
    ...(moduleFolder === undefined ? [] : [`modulepath ${moduleFolder}`]),
    // A module that is built in has no file.
    ...modules
      .filter((name) => existsSync(`${moduleFolder}/${name}.la`))
      .map((name) => `moduleload ${name}.la`),
    'sizelimit unlimited',
    'timelimit unlimited',
    ...(options.globals ?? []),
    'database mdb',
    'maxsize 268435456',
    'dbnosync',
    `suffix "${options.suffix}"`,
    `rootdn "${rootDn}"`,
    `rootpw ${rootPassword}`,
    `directory ${data}`,
    'index objectClass eq',
    ...(options.access ?? []),
    'access to attrs=userPassword by anonymous auth by * none',
    'access to * by * read',
    ...(options.config ?? []),
    '',
  ].join('\n')
}

function firstExisting(paths: readonly string[]): string | undefined {
  return paths.find((path) => existsSync(path))
}
