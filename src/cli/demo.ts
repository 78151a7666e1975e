/** `vitrine demo`: serves a made-up company from an SQLite file that is made anew each time. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Addresses } from '../gateway.js'
import { createGateway } from '../gateway.js'
import { createSqliteFile } from '../sources/sql/drivers/sqlite.js'
import { type Ports, portOverrides, runUntilStopped } from './serve.js'

const folder = fileURLToPath(new URL('../../mappings/demo/', import.meta.url))

export async function demo(options: Ports): Promise<number> {
  const scratch = await mkdtemp(join(tmpdir(), 'vitrine-demo-'))
  try {
    const file = join(scratch, 'demo.sqlite')
    const scripts = ['schema.sql', 'data.sql'].map((name) => readFile(join(folder, name), 'utf8'))
    createSqliteFile(file, await Promise.all(scripts))
    const overrides = { ...portOverrides(options), sources: { hr: { url: `sqlite:${file}` } } }
    const gateway = await createGateway(join(folder, 'gateway.yaml'), { overrides })
    return await runUntilStopped(gateway, (addresses) => process.stdout.write(greeting(addresses, file)))
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

function greeting({ ldap }: Addresses, file: string): string {
  const url = `ldap://${ldap?.host}:${ldap?.port}`
  const bjensen = `-D uid=bjensen,ou=people,dc=example,dc=com -w hifalutin`
  const admin = `-D cn=admin,dc=example,dc=com -w secret`
  return `Vitrine shows the people in an SQLite database as an LDAP directory, live.

  LDAP      ${url}
  suffix    dc=example,dc=com
  database  ${file}

Log in as a person, and as the service account that may read everything but passwords:

  ldapwhoami -x -H ${url} ${bjensen}
  ldapwhoami -x -H ${url} ${admin}

Search:

  ldapsearch -x -LLL -H ${url} ${bjensen} -b dc=example,dc=com '(uid=bjensen)'
  ldapsearch -x -LLL -H ${url} ${admin} -b ou=people,dc=example,dc=com '(&(objectClass=inetOrgPerson)(!(mail=*)))' cn title memberOf
  ldapsearch -x -LLL -H ${url} ${admin} -b ou=groups,dc=example,dc=com '(member=uid=bjensen,ou=people,dc=example,dc=com)' cn
  ldapsearch -x -LLL -H ${url} ${admin} -b ou=groups,dc=example,dc=com '(member:1.2.840.113556.1.4.1941:=uid=bjensen,ou=people,dc=example,dc=com)' cn
  ldapsearch -x -LLL -E pr=100/noprompt -H ${url} ${admin} -b dc=example,dc=com '(objectClass=*)' dn

The database file is there to be changed while this runs; the next answer shows it. Stop with Ctrl-C.
`
}
