/** `vitrine demo`: serves a made-up company from an SQLite file that is made anew each time, or just makes the file. */
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Addresses } from '../gateway/gateway.js'
import { createGateway } from '../gateway/gateway.js'
import { createSqliteFile } from '../sources/sql/drivers/sqlite-file.js'
import { selfSigned } from './self-signed.js'
import { type Ports, portOverrides, runUntil, signalled } from './serve.js'

const folder = fileURLToPath(new URL('../../mappings/demo/', import.meta.url))

export interface DemoOptions extends Ports {
  /** Only make this file, in place of what is there. */
  readonly write?: string
}

export async function demo({ write, ...options }: DemoOptions): Promise<number> {
  if (write !== undefined) {
    // Whoever reads it meanwhile has the one or the other.
    const file = `${write}.${process.pid}`
    try {
      await makeCompany(file)
      await rename(file, write)
    } finally {
      await rm(file, { force: true })
    }
    process.stdout.write(`wrote ${write}\n`)
    return 0
  }
  const scratch = await mkdtemp(join(tmpdir(), 'vitrine-demo-'))
  try {
    const file = join(scratch, 'demo.sqlite')
    await makeCompany(file)
    // OpenLDAP's tools take localhost for the name of the machine.
    const { certificate, key } = selfSigned(['localhost', '127.0.0.1', '::1', hostname()], 30)
    const paths = { certificate: join(scratch, 'demo.pem'), key: join(scratch, 'demo.key') }
    await writeFile(paths.certificate, certificate)
    await writeFile(paths.key, key, { mode: 0o600 })
    const overrides = {
      ...portOverrides(options),
      sources: { hr: { url: `sqlite:${file}` } },
      tls: paths,
    }
    const gateway = await createGateway(join(folder, 'gateway.yaml'), { overrides })
    return await runUntil(signalled(), gateway, (addresses) =>
      process.stdout.write(greeting(addresses, file, paths.certificate)),
    )
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

async function makeCompany(file: string): Promise<void> {
  const scripts = ['schema.sql', 'data.sql'].map((name) => readFile(join(folder, name), 'utf8'))
  createSqliteFile(file, await Promise.all(scripts))
}

function greeting({ ldap, http }: Addresses, file: string, certificate: string): string {
  const url = `ldap://${ldap?.host}:${ldap?.port}`
  const bjensen = `-D uid=bjensen,ou=people,dc=example,dc=com -w hifalutin`
  const admin = `-D cn=admin,dc=example,dc=com -w secret`
  const scim = `http://${http?.host}:${http?.port}/scim/v2`
  const curl = `curl -s -H 'Authorization: Bearer vitrine-demo'`
  const send = `${curl} -H 'Content-Type: application/scim+json'`
  return `Vitrine shows the people in an SQLite database as an LDAP directory and over SCIM, live.

  LDAP      ${url}
  suffix    dc=example,dc=com
  SCIM      ${scim}
  token     vitrine-demo
  database  ${file}
  TLS       StartTLS; its certificate is made anew each time: ${certificate}

Log in as a person, and as the service account that may read everything but passwords:

  ldapwhoami -x -H ${url} ${bjensen}
  ldapwhoami -x -H ${url} ${admin}

Search:

  ldapsearch -x -LLL -H ${url} ${bjensen} -b dc=example,dc=com '(uid=bjensen)'
  ldapsearch -x -LLL -H ${url} ${admin} -b ou=people,dc=example,dc=com '(&(objectClass=inetOrgPerson)(!(mail=*)))' cn title memberOf
  ldapsearch -x -LLL -H ${url} ${admin} -b ou=groups,dc=example,dc=com '(member=uid=bjensen,ou=people,dc=example,dc=com)' cn
  ldapsearch -x -LLL -H ${url} ${admin} -b ou=groups,dc=example,dc=com '(member:1.2.840.113556.1.4.1941:=uid=bjensen,ou=people,dc=example,dc=com)' cn
  ldapsearch -x -LLL -E pr=100/noprompt -H ${url} ${admin} -b dc=example,dc=com '(objectClass=*)' dn

Encrypted, by StartTLS:

  LDAPTLS_CACERT=${certificate} ldapsearch -x -ZZ -LLL -H ${url} ${bjensen} -b dc=example,dc=com '(uid=bjensen)' cn

The same over SCIM, which also writes. Create a person, then put the id of the answer in place of ID:

  ${curl} '${scim}/Users?count=3&attributes=userName,emails'
  ${curl} -G ${scim}/Users --data-urlencode 'filter=emails[type eq "work" and value sw "barbara."]'
  ${curl} -G ${scim}/Groups --data-urlencode 'filter=displayName eq "C++ Guild"'
  ${send} ${scim}/Users -d '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada","name":{"givenName":"Ada","familyName":"Lovelace"},"password":"Notes of 1843"}'
  ${send} -X PATCH ${scim}/Users/ID -d '{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"add","path":"title","value":"Analyst"},{"op":"add","path":"emails","value":[{"value":"ada@example.com","type":"work"}]}]}'
  ${send} ${scim}/Groups -d '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Analysts","members":[{"value":"ID"}]}'
  ldapsearch -x -LLL -H ${url} -D uid=ada,ou=people,dc=example,dc=com -w 'Notes of 1843' -b dc=example,dc=com '(uid=ada)' mail memberOf

The database file is there to be changed while this runs; the next answer shows it. Stop with Ctrl-C.
`
}
