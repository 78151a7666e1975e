/** What is committed in the database is what the next request sees, on connections that are already open. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LdapClient } from '../../src/ldap/index.js'
import { companyConfig, companySql, idOf, people, personDn, ssha, suffix, teamDn, teamId } from './company.js'
import {
  codeOf,
  type Database,
  find,
  outcome,
  read,
  runSql,
  type Serving,
  serve,
  sources,
} from './serving.js'

describe.each(sources)('changes in %s', (_name, create) => {
  let database: Database
  let serving: Serving
  let client: LdapClient

  beforeAll(async () => {
    database = await create()
    await runSql(database.url, companySql())
    serving = await serve(companyConfig(database.url))
    client = await serving.connect()
  })

  afterAll(async () => {
    await serving?.close()
    await database?.remove()
  })

  const sql = (...statements: string[]) => runSql(database.url, ...statements)
  const binds = async (login: string, password: string) => {
    const client = await serving.connect()
    const code = await codeOf(client.bind(personDn(login), password))
    client.close()
    return code
  }

  it('an updated row is found by its new values and no longer by its old ones', async () => {
    for (const name of ['Jensen-Smith', 'Smith', 'Jensen']) {
      await sql(`update accounts set last_name = '${name}' where login = 'bjensen'`)
      expect(await read(client, personDn('bjensen'), ['sn', 'cn'])).toEqual({
        sn: [name],
        cn: [`Barbara ${name}`],
      })
      expect(await find(client, people, `(&(uid=bjensen)(cn=barbara ${name}))`)).toEqual([
        personDn('bjensen'),
      ])
      expect(await find(client, people, `(&(uid=bjensen)(!(sn=${name})))`)).toEqual([])
    }
  })

  it('a value that appears, and one that goes', async () => {
    expect(await find(client, people, '(&(uid=kvaughan)(telephoneNumber=*))')).toEqual([])
    await sql("update accounts set phone = '+1 555 0199' where login = 'kvaughan'")
    expect(await find(client, people, '(telephoneNumber=+15550199)')).toEqual([personDn('kvaughan')])
    await sql("update accounts set phone = '' where login = 'kvaughan'")
    expect(await find(client, people, '(&(uid=kvaughan)(telephoneNumber=*))')).toEqual([])
    expect(await read(client, personDn('kvaughan'), ['telephoneNumber'])).toEqual({})
  })

  it('an inserted row is there and can bind; a deleted one is gone and cannot', async () => {
    const id = 500
    expect(await outcome(client, personDn('fresh'))).toMatchObject({ code: 32 })
    await sql(
      `insert into accounts (id, login, last_name, password_hash, status) values (${id}, 'fresh', 'Fresh', '${ssha('first day')}', 'A')`,
    )
    expect(await outcome(client, personDn('fresh'), { scope: 'baseObject' })).toMatchObject({
      code: 0,
      dns: [personDn('fresh')],
    })
    expect(await find(client, suffix, '(sn=fresh)')).toEqual([personDn('fresh')])
    expect(await binds('fresh', 'first day')).toBe(0)
    await sql(`delete from accounts where id = ${id}`)
    expect(await outcome(client, personDn('fresh'), { scope: 'baseObject' })).toMatchObject({
      code: 32,
      dns: [],
    })
    expect(await find(client, suffix, '(sn=fresh)')).toEqual([])
    expect(await binds('fresh', 'first day')).toBe(49)
  })

  it('a locked account cannot bind a moment later, though it could before, and can again when it is unlocked', async () => {
    for (let round = 0; round < 3; round++) {
      expect(await binds('bjensen', 'hifalutin')).toBe(0)
      await sql("update accounts set status = 'L' where login = 'bjensen'")
      expect(await binds('bjensen', 'hifalutin')).toBe(49)
      // It is shown like any other.
      expect(await read(client, personDn('bjensen'), ['uid'])).toEqual({ uid: ['bjensen'] })
      await sql("update accounts set status = 'A' where login = 'bjensen'")
    }
  })

  it('a new password counts at once, and the old one no more', async () => {
    expect(await binds('kvaughan', 'bribery')).toBe(0)
    await sql(`update accounts set password_hash = '${ssha('new words')}' where login = 'kvaughan'`)
    expect(await binds('kvaughan', 'bribery')).toBe(49)
    expect(await binds('kvaughan', 'new words')).toBe(0)
    await sql("update accounts set password_hash = null where login = 'kvaughan'")
    expect(await binds('kvaughan', 'new words')).toBe(49)
    await sql(`update accounts set password_hash = '${ssha('bribery')}' where login = 'kvaughan'`)
    expect(await binds('kvaughan', 'bribery')).toBe(0)
  })

  it('a row that `where` hides is gone for search, bind and compare', async () => {
    await sql("update accounts set deleted_at = 'now' where login = 'jürgen'")
    expect(await outcome(client, personDn('jürgen'))).toMatchObject({ code: 32 })
    expect(await binds('jürgen', 'schlüssel')).toBe(49)
    expect(await codeOf(client.compare(personDn('jürgen'), 'sn', 'Müller'))).toBe(32)
    await sql("update accounts set deleted_at = null where login = 'jürgen'")
    expect(await binds('jürgen', 'schlüssel')).toBe(0)
  })

  it('a renamed entry has a new DN, everywhere, and the same entryUUID', async () => {
    const before = await read(client, personDn('kvaughan'), ['entryUUID'])
    expect(before?.entryUUID).toHaveLength(1)
    await sql("update accounts set login = 'kirsten' where login = 'kvaughan'")
    try {
      expect(await outcome(client, personDn('kvaughan'))).toMatchObject({ code: 32 })
      expect(await read(client, personDn('kirsten'), ['entryUUID'])).toEqual(before)
      expect(await read(client, personDn('scarter'), ['manager'])).toEqual({ manager: [personDn('kirsten')] })
      expect(await read(client, teamDn('Optics'), ['member'])).toMatchObject({
        member: [teamDn('Lenses, Mirrors'), personDn('kirsten')],
      })
      expect(await find(client, people, `(manager=${personDn('kirsten')})`)).toEqual([personDn('scarter')])
      expect(await find(client, people, `(manager=${personDn('kvaughan')})`)).toEqual([])
      expect(await binds('kirsten', 'bribery')).toBe(0)
      expect(await binds('kvaughan', 'bribery')).toBe(49)
    } finally {
      await sql("update accounts set login = 'kvaughan' where login = 'kirsten'")
    }
  })

  it('joining and leaving a team shows on both sides', async () => {
    const link = `${teamId('Empty')}, ${idOf('bjensen')}`
    await sql(`insert into team_members (team_id, account_id) values (${link})`)
    expect(await read(client, teamDn('Empty'), ['member'])).toEqual({ member: [personDn('bjensen')] })
    expect(await find(client, people, `(memberOf=${teamDn('Empty')})`)).toEqual([personDn('bjensen')])
    await sql(`delete from team_members where team_id = ${teamId('Empty')}`)
    expect(await read(client, teamDn('Empty'), ['member'])).toEqual({})
    expect(await find(client, people, `(memberOf=${teamDn('Empty')})`)).toEqual([])
  })

  it('an open connection keeps its name when the account is locked, and cannot bind again', async () => {
    const own = await serving.connect(personDn('bjensen'), 'hifalutin')
    await sql("update accounts set status = 'L' where login = 'bjensen'")
    expect(await own.whoAmI()).toBe(`dn:${personDn('bjensen')}`)
    expect(await codeOf(own.bind(personDn('bjensen'), 'hifalutin'))).toBe(49)
    expect(await own.whoAmI()).toBe('')
    await sql("update accounts set status = 'A' where login = 'bjensen'")
  })

  it('many changes, each seen by the very next search', async () => {
    for (let i = 0; i < 40; i++) {
      await sql(`update accounts set badge = 'B-${i}' where login = 'staff5'`)
      expect(await find(client, people, `(employeeNumber=b-${i})`)).toEqual([personDn('staff5')])
    }
  })
})
