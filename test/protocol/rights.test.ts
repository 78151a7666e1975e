/** `vitrine check` tells where an account of a database could do more than the views need. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { check } from '../../src/cli/check.js'
import { runSql } from '../mappings/databases.js'
import { makeScratch, removeScratch } from '../servers/scratch.js'
import { mariadbDatabase, postgresDatabase } from '../servers/shared.js'

async function told(url: string, more = ''): Promise<string> {
  const scratch = makeScratch(undefined)
  const printed: string[] = []
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text)) > 0)
  const view = `{ view: people, source: hr, from: users, key: id, attributes: { uid: login }, ${more}
    ldap: { base: ou=people, rdn: uid, objectClass: [account] } }`
  const config = `suffix: dc=example,dc=com\nsources: { hr: { type: sql, url: "${url}" } }\nviews:\n  - ${view}\n`
  writeFileSync(join(scratch, 'gateway.yaml'), config)
  try {
    await check({ config: join(scratch, 'gateway.yaml') })
  } finally {
    write.mockRestore()
    removeScratch(scratch)
  }
  return printed.filter((text) => text.includes('its account')).join('')
}

/** An account of its own, with these rights. */
async function account(url: string, create: (name: string) => string): Promise<string> {
  const own = new URL(url)
  own.username = `rights_${own.pathname.slice(1)}`
  own.password = 'password'
  await runSql(url, create(own.username))
  return own.href
}

it.each([
  ['MariaDB', mariadbDatabase, (name: string) => `CREATE USER ${name} IDENTIFIED BY 'password'`],
  ['PostgreSQL', postgresDatabase, (name: string) => `CREATE ROLE ${name} LOGIN PASSWORD 'password'`],
])('%s', async (_, database, create) => {
  const url = await database()
  await runSql(
    url,
    'CREATE TABLE users (id INTEGER PRIMARY KEY, login VARCHAR(20) NOT NULL UNIQUE); CREATE TABLE other (id INTEGER)',
  )
  const reader = await account(url, (name) => `${create(name)}; GRANT SELECT ON users TO ${name}`)
  const { username } = new URL(reader)
  expect(await told(reader)).toBe('')
  await runSql(url, `GRANT INSERT, DELETE ON other TO ${username}`)
  expect(await told(reader)).toMatch(
    /^warning: source hr: its account may do more than read: DELETE, INSERT on \S*other\n {4}No view writes to it: /,
  )
  await runSql(url, `GRANT UPDATE (login) ON users TO ${username}`)
  expect(await told(reader)).toMatch(/DELETE, INSERT on \S*other; UPDATE on \S*users\n/)
  expect(await told(reader, 'writable: true,')).toBe('')
  expect(await told(url)).toMatch(/may do more than read: (ALTER, .* on \*\.\*|everything, as a superuser)/)
})
