/** What is wrong with a cache as it is configured, and what `check` says of it. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { check } from '../../../src/cli/check.js'
import { createSqliteFile } from '../../../src/sources/sql/drivers/sqlite-file.js'

let folder: string
let printed: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vitrine-cache-'))
  createSqliteFile(join(folder, 'hr.sqlite'), [
    'CREATE TABLE users (id INTEGER PRIMARY KEY, login TEXT UNIQUE, changed TIMESTAMP, boss INTEGER)',
    'CREATE TABLE crews (id INTEGER PRIMARY KEY, name TEXT UNIQUE, lead INTEGER)',
  ])
  printed = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text)
    return true
  })
})

afterEach(async () => {
  vi.restoreAllMocks()
  await rm(folder, { recursive: true })
})

/** Of a gateway whose people and crews are kept as told. */
function configOf({ people = '', crews = '', more = '' }): { readonly config: string } {
  const config = join(folder, 'gateway.yaml')
  writeFileSync(
    config,
    `suffix: dc=example,dc=com
sources: { hr: { type: sql, url: "sqlite:hr.sqlite" } }
${more}
views:
  - mapping:
      view: people
      source: hr
      from: users
      key: id
      attributes: { uid: login, modifyTimestamp: changed }
      ldap: { base: ou=people, rdn: uid, objectClass: [account] }
    ${people}
  - mapping:
      view: crews
      source: hr
      from: crews
      key: id
      attributes: { cn: name, owner: { ref: people, column: lead } }
      ldap: { base: ou=crews, rdn: cn, objectClass: [groupOfNames, extensibleObject] }
    ${crews}
`,
  )
  return { config }
}

describe('a configuration is refused', () => {
  it.each([
    ['without a time to live', { people: 'cache: { maxAnswers: 5 }' }, /cache\.ttl/],
    [
      'where a copy would be kept a second time',
      { people: 'refreshMethod: copy\n    cache: { ttl: 1m }' },
      /cache: a copy is not kept a second time/,
    ],
    [
      'where nobody notifies',
      { people: 'cache: { ttl: 1m, listen: users }' },
      /:12:\d+ {2}views\[0\]\.cache\.listen: hr is no PostgreSQL database.*Write poll/s,
    ],
    [
      'where an attribute is no time',
      { people: 'cache: { ttl: 1m, poll: { changedBy: uid } }' },
      /cache\.poll\.changedBy: uid is no time/,
    ],
    [
      'where there is no such attribute',
      { people: 'cache: { ttl: 1m, poll: { changedBy: mail } }' },
      /view people has no attribute mail/,
    ],
    [
      'where replicas are to meet nowhere',
      { people: 'cache: { ttl: 1m }', more: 'cache: { replicas: { url: "http://redis:6379" } }' },
      /cache\.replicas\.url: is no URL of Redis or Valkey.*redis:\/\/host:port/s,
    ],
  ])('%s', async (_why, views, told) => {
    await expect(check(configOf(views))).rejects.toThrow(told)
  })
})

describe('check tells', () => {
  it('that looking for changes reads everything, and what shown names nobody tells of', async () => {
    const crews = 'cache: { ttl: 1h, maxBytes: 100GiB }'
    expect(
      await check(configOf({ people: 'cache: { ttl: 1h, poll: { changedBy: modifyTimestamp } }', crews })),
    ).toBe(0)
    expect(printed).toMatch(/warning: .*users.*changed.*\n {4}.*CREATE INDEX/)
    expect(printed).toMatch(/warning: caches may take \d+ MiB of a heap of/)
    expect(printed).not.toMatch(/names of people/)
  })

  it('what shown names nobody tells of', async () => {
    createSqliteFile(join(folder, 'hr.sqlite'), ['ALTER TABLE crews ADD COLUMN changed TIMESTAMP'])
    const { config } = configOf({ crews: 'cache: { ttl: 1h, poll: { changedBy: modifyTimestamp } }' })
    writeFileSync(config, readFileSync(config, 'utf8').replace('owner:', 'modifyTimestamp: changed, owner:'))
    expect(await check({ config })).toBe(0)
    expect(printed).toMatch(/warning: view crews: its cache hears of changes, but shows names of people/)
  })
})
