/**
 * A private Samba as the domain controller of an Active Directory of its own, which serves LDAP and nothing else. Its data
 * is in a scratch folder; it needs neither root nor extended attributes, but ports 389, 636 and 3268 of an address of its own.
 */
import { randomInt } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Client } from 'ldapts'
import { Authority, type Certificate } from './authority.js'
import { Daemon } from './daemon.js'
import { runAs } from './prepare.js'
import { programPath, python } from './programs.js'
import { makeScratch, removeScratch, serverAccount } from './scratch.js'
import { type Server, serverOf } from './server.js'

export interface SambaOptions {
  /** Added to the new domain, below `suffix`; `unicodePwd` holds passwords as Active Directory takes them. */
  readonly ldif: string
}

/** How a domain is reached. */
export interface Domain {
  /** `ldap://` */
  readonly url: string
  /** `ldaps://`: simple binds are refused on connections in clear. */
  readonly secureUrl: string
  /** PEM: who has signed its certificate, which is for its address and `dc1.ad.example.net`. */
  readonly ca: string
  readonly suffix: string
  readonly rootDn: string
  readonly rootPassword: string
}

export interface Samba extends Server {
  readonly domain: Domain
}

/** DNS name, NetBIOS name and suffix of the domain. */
const names = { realm: 'ad.example.net', netbios: 'ADEX', suffix: 'DC=ad,DC=example,DC=net' } as const

const host = 'dc1'
const rootPassword = 'Passw0rd of tests'
const ldapPort = 389
const provision = fileURLToPath(new URL('samba-provision.py', import.meta.url))

/** Takes about seven seconds, most of them for the schema. Passwords must have three kinds of characters. */
export async function startSamba(options: SambaOptions): Promise<Samba> {
  const account = serverAccount()
  if (account === undefined) requirePort()
  const scratch = makeScratch(account)
  const authority = await Authority.make()
  try {
    // Samba's port is no option, so each has an address to itself.
    const address = `127.77.${randomInt(1, 255)}.${randomInt(1, 255)}`
    const ldif = join(scratch, 'data.ldif')
    const config = join(scratch, 'smb.conf')
    writeFileSync(ldif, options.ldif, { mode: 0o644 })
    const fqdn = `${host}.${names.realm}`
    const [certificate] = await Promise.all([
      authority.issue({ names: [`DNS:${fqdn}`, `IP:${address}`], ...(account && { owner: account }) }),
      runAs(account, python, [
        ...[provision, scratch, host, address, names.realm, names.netbios, rootPassword, ldif],
      ]),
    ])
    writeFileSync(config, smbConf(scratch, address, authority.cert, certificate), { mode: 0o644 })
    const daemon = await Daemon.start({
      name: 'Samba',
      account,
      capability: 'net_bind_service',
      log: join(scratch, 'log'),
      command: () => [
        programPath('samba'),
        ...['--interactive', '--model=single', '--debug-stdout', `--configfile=${config}`],
      ],
      ready: async () => {
        const client = new Client({ url: `ldap://${address}:${ldapPort}`, connectTimeout: 5000 })
        try {
          await client.search('', { scope: 'base', attributes: ['1.1'] })
        } finally {
          await client.unbind()
        }
      },
      endSignal: 'SIGKILL',
      shutdownSignal: 'SIGTERM',
    })
    const url = `ldap://${address}:${ldapPort}`
    const server = serverOf(daemon, url, join(scratch, 'private', 'ldapi'), scratch)
    const domain: Domain = {
      url,
      secureUrl: `ldaps://${address}:636`,
      ca: readFileSync(authority.cert, 'utf8'),
      suffix: names.suffix,
      rootDn: `CN=Administrator,CN=Users,${names.suffix}`,
      rootPassword,
    }
    return Object.assign(server, { host: address, port: ldapPort, domain })
  } catch (thrown) {
    removeScratch(scratch)
    authority.remove()
    throw thrown
  }
}

function smbConf(scratch: string, address: string, ca: string, { cert, key }: Certificate): string {
  return `[global]
netbios name = ${host.toUpperCase()}
realm = ${names.realm.toUpperCase()}
workgroup = ${names.netbios}
server role = active directory domain controller
server services = ldap
interfaces = ${address}/8
bind interfaces only = yes
private dir = ${scratch}/private
lock directory = ${scratch}
state directory = ${scratch}/state
cache directory = ${scratch}/cache
pid directory = ${scratch}
ncalrpc dir = ${scratch}/ncalrpc
ntp signd socket directory = ${scratch}/ntp
tls cafile = ${ca}
tls certfile = ${cert}
tls keyfile = ${key}
log level = 1
idmap_ldb:use rfc2307 = yes
`
}

/** Throws unless an ordinary account may listen on LDAP's port. */
function requirePort(): void {
  const first = Number(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8'))
  if (first > ldapPort)
    throw new Error(
      `Samba listens on port ${ldapPort} only, which is root's here. ` +
        `Run the tests as root, or once: sudo sysctl net.ipv4.ip_unprivileged_port_start=${ldapPort}`,
    )
}
