/** The database is killed while LDAP clients write: they are told, a change is there as a whole or not at all, and the next is done. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LdapClient } from '../../src/ldap/index.js'
import { codeOf, read, runSql, type Serving, serve } from '../protocol/serving.js'
import { admin, classes, crewDn, personDn, staffConfig, staffSql } from '../protocol/staff.js'
import { startMariadb } from '../servers/mariadb.js'
import { startPostgres } from '../servers/postgres.js'
import type { SqlServer } from '../servers/server.js'

const [BUSY, UNAVAILABLE] = [51, 52]
const TITLES = 'title'
const logins = ['ann', 'bob', 'cid', 'dee', 'eve']

describe.each([
  ['MariaDB', startMariadb],
  ['PostgreSQL', startPostgres],
])('%s', (_name, start) => {
  let server: SqlServer
  let serving: Serving

  beforeAll(async () => {
    server = await start()
    const url = await server.createDatabase('staff')
    await runSql(url, staffSql(url))
    const config = staffConfig(url)
    const hr = {
      type: 'sql' as const,
      url,
      statementTimeout: '3s',
      connectTimeout: '2s',
      pool: { acquireTimeout: '4s' },
    }
    serving = await serve({ ...config, sources: { ...config.sources, hr } })
  })
  afterAll(async () => {
    await serving?.close()
    await server?.stop()
  })

  /** One row and the rows of a child table, which tell if only a part of it was done. */
  const change = (client: LdapClient, login: string, n: number) =>
    codeOf(
      client.modify(personDn(login), [
        { operation: 'replace', type: TITLES, values: [`T${n}`] },
        { operation: 'replace', type: 'description', values: [`${n} a`, `${n} b`, `${n} c`] },
      ]),
    )
  const whatIs = async (client: LdapClient, login: string) => {
    const found = await read(client, personDn(login), [TITLES, 'description'])
    return { title: found?.title?.[0], description: found?.description }
  }
  const patiently = async <T>(ask: () => Promise<T>): Promise<T> => {
    for (const until = Date.now() + 20_000; ; await sleep(100)) {
      try {
        return await ask()
      } catch (error) {
        if (Date.now() > until) throw error
      }
    }
  }

  it('killed again and again while entries are changed: what was told is kept, and nothing is done by half', async () => {
    const clients = await Promise.all(logins.map(() => serving.connect(admin.dn, admin.password)))
    let isWorking = true
    const told = clients.map(async (client, i) => {
      const login = logins[i] ?? ''
      const codes = new Set<number>()
      let done = 0
      let tried = 0
      while (isWorking) {
        tried++
        const code = await change(client, login, tried)
        codes.add(code)
        if (code === 0) done = tried
      }
      return { login, codes, done, tried }
    })
    for (let times = 0; times < 3; times++) {
      await sleep(400)
      await server.kill()
      await sleep(200)
      await server.restart()
    }
    await sleep(500)
    isWorking = false
    for (const { login, codes, done, tried } of await Promise.all(told)) {
      expect([...codes].filter((code) => ![0, BUSY, UNAVAILABLE].includes(code))).toEqual([])
      expect(codes).toContain(UNAVAILABLE)
      expect(done).toBeGreaterThan(0)
      const client = clients[0] as LdapClient
      const { title = '', description } = await patiently(() => whatIs(client, login))
      const n = Number(title.slice(1))
      expect(n).toBeGreaterThanOrEqual(done)
      expect(n).toBeLessThanOrEqual(tried)
      expect(description).toEqual([`${n} a`, `${n} b`, `${n} c`])
      expect(await change(client, login, tried + 1)).toBe(0)
    }
  })

  it('killed while entries come and go: each is there with all that belongs to it, or with nothing of it', async () => {
    const client = await serving.connect(admin.dn, admin.password)
    const add = (login: string) =>
      codeOf(
        client.add(personDn(login), [
          { type: 'objectClass', values: classes },
          { type: 'uid', values: [login] },
          { type: 'cn', values: [`New ${login}`] },
          { type: 'sn', values: ['New'] },
          { type: 'uidNumber', values: ['2000'] },
          { type: 'gidNumber', values: ['100'] },
          { type: 'homeDirectory', values: ['/home/new'] },
          { type: 'mail', values: [`${login}@a.example`, `${login}@b.example`] },
        ]),
      )
    const outcomes = new Map<string, number>()
    const adding = (async () => {
      for (let i = 0; i < 300; i++) outcomes.set(`new${i}`, await add(`new${i}`))
    })()
    await sleep(150)
    await server.kill()
    await sleep(200)
    await server.restart()
    await adding
    expect([...outcomes.values()].filter((code) => ![0, BUSY, UNAVAILABLE].includes(code))).toEqual([])
    expect([...outcomes.values()]).toContain(UNAVAILABLE)
    for (const [login, code] of outcomes) {
      const found = await patiently(() => read(client, personDn(login), ['mail']))
      if (code === 0) expect(found).toBeDefined()
      if (found !== undefined) expect(found.mail).toEqual([`${login}@a.example`, `${login}@b.example`])
    }
    const left = [...outcomes].filter(([, code]) => code === 0).map(([login]) => login)
    expect(await codeOf(client.delete(personDn(left[0] ?? '')))).toBe(0)
    const member = { operation: 'add', type: 'member', values: [personDn(left[1] ?? '')] } as const
    expect(await codeOf(client.modify(crewDn('blue'), [member]))).toBe(0)
  })
})
