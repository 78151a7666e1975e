/** What `check` and failing commands tell: everything that is wrong, and what to do about it. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { check } from '../../../src/cli/check.js'
import { failureText } from '../../../src/cli/failure.js'
import { createSqliteFile } from '../../../src/sources/sql/drivers/sqlite-file.js'
import { Authority } from '../../servers/authority.js'

const view = (name: string, source: string, more: string) => `
  - view: ${name}
    source: ${source}
    from: users
    key: id
    ${more}`
const uid = 'attributes: { uid: login }\n    ldap: { base: ou=people, rdn: uid, objectClass: [account] }'
const userid =
  'attributes: { userid: login }\n    ldap: { base: OU=People, rdn: userid, objectClass: [account] }'
const misspelt =
  'attributes: { cn: nick }\n    ldap: { base: ou=other, rdn: cn, objectClass: [inetOrgPersonn] }'
const unknownColumn = 'attributes: { cn: nick }\n    ldap: { base: ou=third, rdn: cn, objectClass: [device] }'

let folder: string
let printed: string
const configOf = (...views: readonly string[]) => {
  const file = join(folder, 'gateway.yaml')
  writeFileSync(
    file,
    `suffix: dc=example,dc=com
sources:
  hr: { type: sql, url: "sqlite:hr.sqlite" }
  gone: { type: sql, url: "sqlite:gone.sqlite" }
views:${views.join('')}
`,
  )
  return { config: file }
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vitrine-check-'))
  createSqliteFile(join(folder, 'hr.sqlite'), ['CREATE TABLE users (id INTEGER PRIMARY KEY, login TEXT)'])
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

describe('while a source is away', () => {
  it('the others are checked, and what to do is told', async () => {
    expect(await check(configOf(view('here', 'hr', uid), view('there', 'gone', unknownColumn)))).toBe(1)
    expect(printed).toMatch(/^error: source gone cannot be asked: .*\n {4}.*sources\.gone\.url/m)
    expect(printed).toMatch(/uid.*CREATE INDEX|CREATE INDEX.*login/s)
  })

  it('what is joined to it waits for it, and a join with no source is told', async () => {
    const joined = (source: string) =>
      `join: { x: { source: ${source}, from: staff, on: { no: id } } }\n    ${uid}`
    expect(await check(configOf(view('here', 'hr', joined('gone'))))).toBe(1)
    expect(printed).toMatch(/^error: source gone cannot be asked: /m)
    await expect(check(configOf(view('here', 'hr', joined('lost'))))).rejects.toThrow(
      /join\.x\.source: "lost" is no source/,
    )
  })

  it('what is wrong with the configuration is told as well', async () => {
    const config = configOf(view('wrong', 'gone', misspelt), view('here', 'hr', unknownColumn))
    const text = await check(config).catch(failureText)
    expect(printed).toMatch(/source gone cannot be asked/)
    expect(text).toMatch(/Did you mean inetOrgPerson\?/)
    expect(text).toMatch(/no column nick/)
  })
})

it('two views that name their entries alike are a problem, however they spell it', async () => {
  const text = await check(configOf(view('a', 'hr', uid), view('b', 'hr', userid))).catch(failureText)
  expect(text).toMatch(/gateway\.yaml:\d+:\d+ .*view a has the same base and rdn.*another base or rdn/)
})

it('a port that may not be opened is told with what may be done', () => {
  const error = Object.assign(new Error('listen EACCES: permission denied 0.0.0.0:389'), {
    code: 'EACCES',
    syscall: 'listen',
  })
  expect(failureText(error)).toMatch(/0\.0\.0\.0:389.*CAP_NET_BIND_SERVICE.*--ldap-port/)
})

it('a certificate that has expired is told', async () => {
  const authority = await Authority.make()
  const { cert, key } = await authority.issue({ days: -1 })
  const { config } = configOf(view('here', 'hr', uid))
  writeFileSync(config, `${readFileSync(config, 'utf8')}\ntls: { certificate: ${cert}, key: ${key} }\n`)
  await check({ config })
  authority.remove()
  expect(printed).toMatch(
    /warning: the certificate of tls has expired: it was valid until .*\n {4}Renew it\n/,
  )
})

it('secrets that stand in the file itself are told, but not shown; hashes and references are none', async () => {
  const { config } = configOf(view('here', 'hr', uid))
  vi.stubEnv('HIDDEN', 'hidden-secret')
  const more = `
serviceAccounts:
  - { dn: "cn=a,dc=example,dc=com", password: "{CLEARTEXT}plain-secret" }
  - { dn: "cn=b,dc=example,dc=com", password: "{CLEARTEXT}\${HIDDEN}" }
  - { dn: "cn=c,dc=example,dc=com", password: "{SSHA}AOZXTSJjj8v7jkxca0p6V81mPb92aXRyaW5lIQ==" }
cookieSecret: sixteen-plain-letters
`
  const sources = `  far: { type: sql, url: "postgres://me:url-secret@127.0.0.1:9/x" }
  near: { type: sql, url: "postgres://me:\${HIDDEN}@127.0.0.1:9/x" }
  own: { type: sql, url: "postgres://me@127.0.0.1:9/x", password: other-secret }
`
  writeFileSync(config, readFileSync(config, 'utf8').replace('views:', `${sources}views:`) + more)
  await check({ config })
  vi.unstubAllEnvs()
  const told = [
    ...printed.matchAll(/gateway\.yaml:\d+:\d+ {2}(\S+): a secret stands in the file itself\n {4}Write /g),
  ]
  expect(told.map(([, path]) => path)).toEqual([
    'sources.far.url',
    'sources.own.password',
    'serviceAccounts[0].password',
    'cookieSecret',
  ])
  expect(printed).not.toMatch(/(plain|url|other|hidden)-secret|sixteen/)
})

it('rules that can never apply, or do not now, are told', async () => {
  const groups =
    'attributes: { cn: login, member: { ref: here, column: id } }\n    ldap: { base: ou=groups, rdn: cn, objectClass: [groupOfNames] }'
  const { config } = configOf(view('here', 'hr', uid), view('groups', 'hr', groups))
  const rule = (text: string) => `\n  - { ${text} }`
  const rules = [
    'who: authenticated, views: here',
    'who: { group: "cn=lost,ou=groups,dc=example,dc=com" }, views: here',
    'who: "uid=lost,ou=people,dc=example,dc=com", views: "*"',
    'who: self, views: here',
    'who: authenticated, views: here, allow: bind',
    'who: authenticated, views: "*", allow: write',
    'who: { certificate: "CN=*" }, views: here',
    'who: authenticated, views: here, secure: true',
    'who: authenticated, views: here, attributes: [uid, mail]',
    'who: anonymous, views: "*"',
  ]
  writeFileSync(config, `${readFileSync(config, 'utf8')}\naccess:${rules.map(rule).join('')}\n`)
  await check({ config })
  const told = printed.split('\n').filter((line) => line.startsWith('warning: access'))
  expect(told).toEqual([
    'warning: access[1].who: there is no group cn=lost,ou=groups,dc=example,dc=com now',
    'warning: access[2].who: there is no entry uid=lost,ou=people,dc=example,dc=com now',
    'warning: access[3].who: nobody can be an entry of here: there is no password to check',
    'warning: access[4].allow: nobody binds as an entry of here: there is no password to check',
    'warning: access[5].allow: nothing of here, groups can be written',
    'warning: access[6].who: clients are not asked for certificates',
    'warning: access[7].secure: no connection is encrypted',
    'warning: access[8].attributes: mail is not mapped by here',
  ])
})

describe('a copy of which changes are to be read', () => {
  it('is told to be read whole where they are not all told', async () => {
    createSqliteFile(join(folder, 'teams.sqlite'), [
      'CREATE TABLE teams (id INTEGER PRIMARY KEY, name TEXT, changed DATETIME)',
      'CREATE TABLE members (team INTEGER, person TEXT)',
    ])
    const told = async (more: string) => {
      const file = join(folder, 'gateway.yaml')
      writeFileSync(
        file,
        `suffix: dc=example,dc=com
sources: { hr: { type: sql, url: "sqlite:teams.sqlite" } }
views:
  - mapping:
      view: teams
      source: hr
      from: teams
      key: id
      attributes:
        cn: name
        modifyTimestamp: changed
        memberUid: { table: members, on: team, value: person }
      ldap: { base: ou=teams, rdn: cn, objectClass: [groupOfNames] }
    refreshMethod: copy
    copy: { changedBy: modifyTimestamp${more} }
`,
      )
      printed = ''
      await check({ config: file })
      return printed
    }
    expect(await told('')).toMatch(
      /warning: view teams is read whole .* tells nothing of changes of memberUid \(table members\)\n {4}.*changedWith/,
    )
    expect(await told(', changedWith: [memberUid]')).not.toContain('read whole')
    expect(await told(', sourceAttributes: [cn]')).not.toContain('read whole')
  })
})
