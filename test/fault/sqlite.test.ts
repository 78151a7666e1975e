/** An SQLite file that is missing, comes, is replaced, locked or broken while the gateway runs. */
import { mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { codeOf, outcomeOf, type Reachable, runGateway } from './running.js'
import { administer, loadStaff, password, people, staffConfig, tell } from './staff.js'

const UNAVAILABLE = 52
const user = `uid=user.1,${people}`

let folder: string
let file: string
let gateway: Reachable | undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vitrine-sqlite-'))
  file = join(folder, 'staff.sqlite')
})

afterEach(async () => {
  await gateway?.close()
  gateway = undefined
  rmSync(folder, { recursive: true, force: true })
})

async function connect() {
  gateway = await runGateway(staffConfig(`sqlite:${file}`))
  return gateway.connect()
}

/** Puts another file in its place at once, as a nightly export does. */
async function replace(count: number): Promise<void> {
  const next = join(folder, 'next.sqlite')
  await loadStaff(`sqlite:${next}`, count)
  renameSync(next, file)
}

describe('an SQLite file', () => {
  it('that is missing at the start is `unavailable`, is not created, and is served when it comes', async () => {
    const client = await connect()
    expect(await outcomeOf(client, people)).toMatchObject({ code: UNAVAILABLE, entries: 0 })
    expect(await codeOf(client.bind(user, password))).toBe(UNAVAILABLE)
    await replace(10)
    expect(await outcomeOf(client, people)).toMatchObject({ code: 0, entries: 10 })
    expect(await codeOf(client.bind(user, password))).toBe(0)
  })

  it('that is replaced is seen by the next request', async () => {
    await replace(10)
    const client = await connect()
    expect(await outcomeOf(client, people)).toMatchObject({ code: 0, entries: 10 })
    await replace(20)
    expect(await outcomeOf(client, people)).toMatchObject({ code: 0, entries: 20 })
    expect(await codeOf(client.bind(`uid=user.20,${people}`, password))).toBe(0)
  })

  it('that is taken away is `unavailable` until it is back', async () => {
    await replace(10)
    const client = await connect()
    expect(await outcomeOf(client, people)).toMatchObject({ code: 0, entries: 10 })
    const away = join(folder, 'away.sqlite')
    renameSync(file, away)
    expect(await outcomeOf(client, people)).toMatchObject({ code: UNAVAILABLE, entries: 0 })
    expect(await codeOf(client.bind(user, password))).toBe(UNAVAILABLE)
    renameSync(away, file)
    expect(await outcomeOf(client, people)).toMatchObject({ code: 0, entries: 10 })
  })

  it('that is no database, or is cut off, is an error and never nothing', async () => {
    writeFileSync(file, 'This is no database. '.repeat(1000))
    const client = await connect()
    expect(await outcomeOf(client, people)).toMatchObject({ code: UNAVAILABLE, entries: 0 })
    await replace(2000)
    expect(await outcomeOf(client, people)).toMatchObject({ code: 0, entries: 2000 })
    truncateSync(file, 20_000)
    const cut = await outcomeOf(client, people)
    expect(cut.code).not.toBe(0)
    expect(cut.message).not.toMatch(/sqlite|malformed|disk/i)
    truncateSync(file, 0)
    expect((await outcomeOf(client, people)).code).not.toBe(0)
    expect(await codeOf(client.bind(user, password))).not.toBe(49)
  })

  it('that another process locks is `busy`, and served again afterwards', async () => {
    await replace(10)
    const client = await connect()
    expect(await outcomeOf(client, people)).toMatchObject({ code: 0 })
    const admin = await administer(`sqlite:${file}`)
    await admin.query('begin exclusive')
    expect((await outcomeOf(client, people)).code).toBe(51)
    await admin.query('rollback')
    await admin.close()
    expect(await outcomeOf(client, people)).toMatchObject({ code: 0, entries: 10 })
  })

  it('that loses its table is an error; a committed change is seen at once', async () => {
    await replace(10)
    const client = await connect()
    expect(await outcomeOf(client, people)).toMatchObject({ code: 0 })
    await tell(`sqlite:${file}`, 'alter table staff rename to elsewhere')
    const outcome = await outcomeOf(client, people)
    expect(outcome.code).not.toBe(0)
    expect(outcome.message).not.toMatch(/staff|table/i)
    await tell(`sqlite:${file}`, 'alter table elsewhere rename to staff', 'delete from staff where id = 1')
    expect(await outcomeOf(client, people)).toMatchObject({ code: 0, entries: 9 })
  })

  it('is only read', async () => {
    await replace(10)
    const client = await connect()
    for (const filter of ["(uid=x'; delete from staff; --)", '(cn=*"; drop table staff; --*)'])
      expect(await outcomeOf(client, people, { filter })).toMatchObject({ code: 0, entries: 0 })
    expect(await outcomeOf(client, people)).toMatchObject({ code: 0, entries: 10 })
  })
})
