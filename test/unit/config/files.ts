/** Configuration files in a folder of their own, for tests that read them as a user's. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { ConfigError } from '../../../src/config/config-error.js'
import type { GatewayConfig } from '../../../src/config/gateway-config.js'
import { loadGateway, type Overrides } from '../../../src/config/load.js'

export const people = `view: people
source: hr
from: users
key: id
attributes:
  uid: username
  sn: last_name
  mail: [ email, { table: extra_emails, on: user_id, value: address } ]
ldap: { base: ou=people, rdn: uid, objectClass: [inetOrgPerson] }
`

export const groups = `view: groups
source: hr
from: teams
key: id
attributes:
  cn: name
  member: { ref: people, table: team_members, on: team_id, value: user_id }
ldap: { base: ou=groups, rdn: cn, objectClass: [groupOfNames] }
`

/** Of people and staff, which stands in `staff`. */
export const union = `view: everybody
union: { members: [ people, staff ], by: mail }
ldap: { base: ou=people, rdn: uid, objectClass: [inetOrgPerson] }
`

/** A member that says nothing of where it is shown. */
export const staff = people.replace('view: people', 'view: staff').replace(/^ldap.*\n/m, '')

export const gateway = `suffix: dc=example,dc=com
sources:
  hr: { type: sql, url: sqlite:people.db }
views: [ people.yaml ]
`

/** Writes files into a new folder, which the end of the test removes; gives its path. */
export function folderWith(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-config-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

/** Reads `gateway.yaml` out of a folder with these files. */
export function load(
  files: Readonly<Record<string, string | Uint8Array>>,
  overrides?: Overrides,
): Promise<GatewayConfig> {
  return loadGateway(join(folderWith({ 'people.yaml': people, ...files }), 'gateway.yaml'), overrides)
}

/** The lines of the error that reading these files ends in, without the folder's name. */
export async function problems(
  files: Readonly<Record<string, string | Uint8Array>>,
  overrides?: Overrides,
): Promise<readonly string[]> {
  const folder = folderWith({ 'people.yaml': people, 'gateway.yaml': gateway, ...files })
  return linesOf(loadGateway(join(folder, 'gateway.yaml'), overrides), folder)
}

export async function linesOf(reading: Promise<GatewayConfig>, folder: string): Promise<readonly string[]> {
  const thrown: unknown = await reading.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!(thrown instanceof ConfigError)) throw new Error('no ConfigError was thrown', { cause: thrown })
  return thrown.message.replaceAll(`${folder}/`, '').split('\n')
}
