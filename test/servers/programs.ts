/**
 * Where the server and client programs that the tests run are on this machine. Installing them is in
 * `install.ts`; running them is each server's file.
 */
import { spawnSync } from 'node:child_process'
import { accessSync, constants, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'

interface Program {
  /** Any of these names will do, the first found is taken. */
  readonly names: readonly string[]
  /** Where Debian and others keep it outside PATH; `*` stands for one folder name, the highest version wins. */
  readonly folders: readonly string[]
  /** The Debian package that has it. */
  readonly debian: string
}

const sbin = ['/usr/sbin', '/usr/local/sbin', '/usr/libexec', '/usr/lib/openldap']
const postgresFolders = ['/usr/lib/postgresql/*/bin', '/usr/pgsql-*/bin', '/usr/libexec/postgresql*']

const programs = {
  mariadbd: { names: ['mariadbd', 'mysqld'], folders: sbin, debian: 'mariadb-server-core' },
  mariadbInstallDb: {
    names: ['mariadb-install-db', 'mysql_install_db'],
    folders: ['/usr/bin', '/usr/share/mysql/scripts'],
    debian: 'mariadb-server-core',
  },
  // mariadb-install-db calls it.
  myPrintDefaults: { names: ['my_print_defaults'], folders: ['/usr/bin'], debian: 'mariadb-client-core' },
  mariadb: { names: ['mariadb', 'mysql'], folders: ['/usr/bin'], debian: 'mariadb-client-core' },
  postgres: { names: ['postgres'], folders: postgresFolders, debian: 'postgresql' },
  initdb: { names: ['initdb'], folders: postgresFolders, debian: 'postgresql' },
  psql: { names: ['psql'], folders: postgresFolders, debian: 'postgresql' },
  redis: { names: ['redis-server', 'valkey-server'], folders: sbin, debian: 'redis-server' },
  haproxy: { names: ['haproxy'], folders: sbin, debian: 'haproxy' },
  slapd: { names: ['slapd'], folders: sbin, debian: 'slapd' },
  slapadd: { names: ['slapadd'], folders: sbin, debian: 'slapd' },
  systemdAnalyze: { names: ['systemd-analyze'], folders: ['/usr/bin'], debian: 'systemd' },
  openssl: { names: ['openssl'], folders: ['/usr/bin'], debian: 'openssl' },
  samba: { names: ['samba'], folders: sbin, debian: 'samba' },
  ldapsearch: { names: ['ldapsearch'], folders: ['/usr/bin'], debian: 'ldap-utils' },
  ldapwhoami: { names: ['ldapwhoami'], folders: ['/usr/bin'], debian: 'ldap-utils' },
  ldapcompare: { names: ['ldapcompare'], folders: ['/usr/bin'], debian: 'ldap-utils' },
  ldapmodify: { names: ['ldapmodify'], folders: ['/usr/bin'], debian: 'ldap-utils' },
  ldapadd: { names: ['ldapadd'], folders: ['/usr/bin'], debian: 'ldap-utils' },
  ldapdelete: { names: ['ldapdelete'], folders: ['/usr/bin'], debian: 'ldap-utils' },
  ldapmodrdn: { names: ['ldapmodrdn'], folders: ['/usr/bin'], debian: 'ldap-utils' },
  ldappasswd: { names: ['ldappasswd'], folders: ['/usr/bin'], debian: 'ldap-utils' },
  setpriv: { names: ['setpriv'], folders: ['/usr/bin', '/bin'], debian: 'util-linux' },
} as const satisfies Record<string, Program>

/** Of tests that other tests do not wait for. */
const browsers = {
  chromium: { names: ['chromium', 'chromium-browser'], folders: ['/usr/bin'], debian: 'chromium' },
} as const satisfies Record<string, Program>

const known = { ...programs, ...browsers }

export type ProgramName = keyof typeof known

/** The python that Debian's python3-ldap belongs to, whatever `python3` in PATH is. */
export const python = '/usr/bin/python3'

/** What python must be able to do, as a script that fails where it cannot. */
const pythonParts = [
  { name: 'python-ldap', debian: 'python3-ldap', probe: 'import ldap' },
  { name: 'ldap3', debian: 'python3-ldap3', probe: 'import ldap3' },
  { name: "Samba's modules", debian: 'python3-samba', probe: 'import samba.provision' },
  {
    name: "Samba's directory database",
    debian: 'samba-dsdb-modules',
    probe: 'import os, samba.param; os.stat(samba.param.modules_dir() + "/ldb/samba_dsdb.so")',
  },
  {
    name: "the schema of Samba's directory",
    debian: 'samba-ad-provision',
    probe: 'import os, samba.param; os.stat(samba.param.setup_dir() + "/provision.ldif")',
  },
]

/** The program's absolute path. Throws if the machine has none. */
export function programPath(name: ProgramName): string {
  const path = find(known[name])
  if (path === undefined) throw new Error(`${name} is not installed: run npx tsx test/servers/install.ts`)
  return path
}

/** A program that is not on this machine, and the Debian package that brings it. */
export interface Missing {
  readonly name: string
  readonly debian: string
}

export function missingPrograms(): readonly Missing[] {
  const missing = missingOf(programs)
  for (const { name, debian, probe } of pythonParts) {
    if (spawnSync(python, ['-c', probe], { stdio: 'ignore' }).status !== 0)
      missing.push({ name: `${name} (for ${python})`, debian })
  }
  return missing
}

export function missingBrowsers(): readonly Missing[] {
  return missingOf(browsers)
}

function missingOf(wanted: Readonly<Record<string, Program>>): Missing[] {
  return Object.values(wanted)
    .filter((program) => find(program) === undefined)
    .map(({ names: [name = ''], debian }) => ({ name, debian }))
}

function find(program: Program): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...program.folders.flatMap(expand)]
  for (const name of program.names) {
    for (const folder of folders) {
      const path = join(folder, name)
      if (folder !== '' && isExecutable(path)) return path
    }
  }
  return undefined
}

/** The folders that a pattern with one `*` stands for, highest version first. */
function expand(pattern: string): string[] {
  const parts = pattern.split('/')
  const at = parts.findIndex((part) => part.includes('*'))
  if (at < 0) return [pattern]
  const parent = parts.slice(0, at).join('/')
  const [before = '', after = ''] = (parts[at] ?? '').split('*')
  return foldersIn(parent)
    .filter((name) => name.startsWith(before) && name.endsWith(after))
    .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
    .map((name) => [parent, name, ...parts.slice(at + 1)].join('/'))
}

function foldersIn(path: string): string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
