/** Runs client programs to their end and reads the LDIF they print. */
import { execFile } from 'node:child_process'
import { programPath, python } from '../servers/programs.js'

export interface Run {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

type Tool = 'ldapsearch' | 'ldapwhoami' | 'ldapcompare'

/** One of OpenLDAP's tools, with simple authentication; no configuration of this machine has a say. */
export function ldapTool(tool: Tool, url: string, ...args: readonly string[]): Promise<Run> {
  return run(programPath(tool), ['-x', '-H', url, ...args])
}

/** The same with nothing said of authentication, and what is told of TLS in the environment: `LDAPTLS_CACERT`. */
export function ldapToolOverTls(
  tool: Tool,
  environment: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<Run> {
  return run(programPath(tool), args, { HOME: '/nonexistent', ...environment })
}

export function pythonScript(path: string, ...args: readonly string[]): Promise<Run> {
  return run(python, [path, ...args])
}

function run(
  program: string,
  args: readonly string[],
  more: Readonly<Record<string, string>> = { LDAPNOINIT: '1' },
): Promise<Run> {
  return new Promise((resolve, reject) => {
    const env = { PATH: process.env.PATH, LC_ALL: 'C.UTF-8', ...more }
    const options = { env, timeout: 25_000, maxBuffer: 64 << 20 }
    execFile(program, args, options, (error, stdout, stderr) => {
      if (error === null) resolve({ code: 0, stdout, stderr })
      else if (typeof error.code === 'number') resolve({ code: error.code, stdout, stderr })
      else reject(error)
    })
  })
}

export interface LdifEntry {
  readonly dn: string
  readonly attributes: Readonly<Record<string, readonly string[]>>
}

/** The entries of `ldapsearch -LLL` (RFC 2849), base64 undone; `#` lines are no entries. */
export function parseLdif(ldif: string): readonly LdifEntry[] {
  const entries: LdifEntry[] = []
  for (const block of ldif.replaceAll('\n ', '').split(/\n{2,}/)) {
    const attributes: Record<string, string[]> = {}
    let dn: string | undefined
    for (const line of block.split('\n')) {
      const [, name = '', coded, value = ''] = /^([^#:][^:]*):(:?) ?(.*)$/.exec(line) ?? []
      const decoded = coded === ':' ? Buffer.from(value, 'base64').toString('utf8') : value
      if (name === 'dn') dn = decoded
      else if (name !== '') attributes[name] = [...(attributes[name] ?? []), decoded]
    }
    if (dn !== undefined) entries.push({ dn, attributes })
  }
  return entries
}
