/** What `check` and `explain` tell of unions: the members one by one. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { check } from '../../../src/cli/check.js'
import { explain } from '../../../src/cli/explain.js'
import { createSqliteFile } from '../../../src/sources/sql/drivers/sqlite-file.js'

let folder: string
let printed: string

const configOf = (union: string) => {
  const file = join(folder, 'gateway.yaml')
  writeFileSync(
    file,
    `suffix: dc=example,dc=com
sources: { hr: { type: sql, url: "sqlite:hr.sqlite" } }
views:
  - { view: old, source: hr, from: old_staff, key: id, attributes: { uid: login, cn: login, sn: login, employeeNumber: badge } }
  - { view: new, source: hr, from: new_staff, key: id, attributes: { uid: name, cn: name, sn: name, employeeNumber: no } }
  - view: people
    union: ${union}
    ldap: { base: ou=people, rdn: uid, objectClass: [inetOrgPerson] }
`,
  )
  return file
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vitrine-union-'))
  createSqliteFile(join(folder, 'hr.sqlite'), [
    'CREATE TABLE old_staff (id INTEGER PRIMARY KEY, login TEXT UNIQUE, badge TEXT)',
    'CREATE TABLE new_staff (id INTEGER PRIMARY KEY, name TEXT UNIQUE, no TEXT)',
  ])
  printed = ''
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      printed += String(text)
      return true
    })
  }
})
afterEach(async () => {
  vi.restoreAllMocks()
  await rm(folder, { recursive: true })
})

describe('a union', () => {
  it('is checked with its members, which need an index for what makes entries the same', async () => {
    expect(await check({ config: configOf('{ members: [old, new], by: employeeNumber }') })).toBe(0)
    expect(printed).toMatch(/old_staff.*badge/)
    expect(printed).toMatch(/new_staff.*\bno\b/)
    expect(printed).toMatch(/^3 views: 0 errors/m)
  })

  it('is told what no member has, where it says it', async () => {
    const config = configOf('{ members: [old, new], by: mail }')
    await expect(check({ config })).rejects.toMatchObject({
      problems: [
        { line: 7, path: 'union.by', message: 'the member old has no attribute mail' },
        { line: 7, path: 'union.by', message: 'the member new has no attribute mail' },
      ],
    })
  })

  it('is explained member by member', async () => {
    const config = configOf('{ members: [old, new] }')
    expect(await explain({ config, view: 'people', filter: '(uid=ada)' })).toBe(0)
    expect(printed).toMatch(
      /^member {4}old\nfilter {4}\(uid=ada\)[\s\S]*old_staff[\s\S]*^member {4}new\n[\s\S]*new_staff/m,
    )
    printed = ''
    expect(await explain({ config, view: 'nobody', filter: '(uid=ada)' })).toBe(2)
    expect(printed).toBe('there is no view nobody; there are old, new, people\n')
  })
})
