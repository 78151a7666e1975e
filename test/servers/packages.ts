/**
 * The Debian packages of programs that the tests drive but that nothing may change this machine for: unpacked into a folder
 * of the checkout, none of their scripts run. What runs with them in view is `machine.ts`.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const packages = [
  ...[
    'ldap-utils',
    'python3-ldap',
    'python3-ldap3',
    'libnet-ldap-perl',
    'libio-socket-ssl-perl',
    'php8.2-cli',
    'php8.2-ldap',
  ],
  ...['apache2-bin', 'nslcd', 'libnss-ldapd', 'libpam-ldapd', 'pamtester'],
  ...['sssd-ldap', 'sssd-tools', 'libnss-sss', 'libpam-sss'],
  ...['freeradius', 'freeradius-ldap', 'freeradius-utils'],
  ...['postfix', 'postfix-ldap', 'dovecot-core', 'dovecot-ldap'],
]

const folder = fileURLToPath(new URL('../../.scratch/programs', import.meta.url))
const stamp = join(folder, 'packages')
const remedy =
  'run the tests as root on Debian 12, whose packages they unpack: apt-get, dpkg-deb and a mirror are needed'

/** Where they are unpacked, as if it were `/`. */
export const packageTree = join(folder, 'root')

/** Unpacks them, with those that they need and this machine lacks, unless that has been done. Throws where it cannot be. */
export function unpackPackages(): void {
  const wanted = `${packages.join('\n')}\n`
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  rmSync(folder, { recursive: true, force: true })
  const archives = join(folder, 'archives')
  mkdirSync(join(archives, 'partial'), { recursive: true })
  process.stderr.write('Unpacking the programs that the tests drive\n')
  const download = () =>
    run('apt-get', [
      ...['-qq', '-y', '-o', 'DPkg::Lock::Timeout=300', '-o', `Dir::Cache::archives=${archives}`],
      ...['install', '--download-only', '--reinstall', '--no-install-recommends', ...packages],
    ])
  if (download() !== undefined) {
    // The lists may be old, or not there yet.
    run('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=300', 'update'])
    const failure = download()
    if (failure !== undefined) throw new Error(`${failure}\n${remedy}`)
  }
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) {
    mkdirSync(join(packageTree, 'usr', name), { recursive: true })
    symlinkSync(`usr/${name}`, join(packageTree, name))
  }
  for (const name of ['etc', 'var']) mkdirSync(join(packageTree, name))
  for (const name of readdirSync(archives).filter((file) => file.endsWith('.deb'))) {
    const script = 'dpkg-deb --fsys-tarfile "$1" | tar -x --keep-directory-symlink -C "$2"'
    const failure = run('/bin/sh', ['-ec', script, 'sh', join(archives, name), packageTree])
    if (failure !== undefined) throw new Error(`${name}: ${failure}`)
  }
  rmSync(archives, { recursive: true })
  writeFileSync(stamp, wanted)
}

/** What went wrong, if anything did. */
function run(program: string, args: readonly string[]): string | undefined {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' }
  const { status, stdout, stderr, error } = spawnSync(program, args, { env, encoding: 'utf8' })
  if (status === 0) return undefined
  return `${program} failed: ${error?.message ?? `status ${status}`}\n${stdout ?? ''}${stderr ?? ''}`
}
