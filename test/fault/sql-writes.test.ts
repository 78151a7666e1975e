/** A database that dies, freezes, locks or refuses while it is written: all of a change or nothing, and no hang. */
import { chmodSync, copyFileSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { createServer, connect as dial, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { VitrineError } from '../../src/model/errors.js'
import { ANONYMOUS, type Context } from '../../src/model/request.js'
import { createSource } from '../../src/sources/registry.js'
import type { Collection, Relation, Row, RowChange, Source, Table } from '../../src/sources/source.js'
import { startMariadb } from '../servers/mariadb.js'
import { startPostgres } from '../servers/postgres.js'
import type { SqlServer } from '../servers/server.js'
import { administer, tell } from './staff.js'

const asking = (signal: AbortSignal = AbortSignal.timeout(25_000)): Context => ({
  principal: ANONYMOUS,
  signal,
})

/** Opens sources for the tests of a `describe`, and closes them after each. */
function opener() {
  const sources: Source[] = []
  afterEach(async () => {
    for (const source of sources.splice(0)) await source.close()
  })
  return (url: string, { max = 4, statementTimeout = 2000 } = {}): Source => {
    const source = createSource({
      type: 'sql',
      url,
      pool: { max, acquireTimeout: 4000 },
      statementTimeout,
      connectTimeout: 2000,
    })
    sources.push(source)
    return source
  }
}

const tables = [
  'create table teams (id integer not null primary key, size integer not null)',
  'create table mates (team_id integer not null, n integer not null, primary key (team_id, n))',
]

/** A team says how many mates it has; a change that is done by half is one that lies. */
class Teams {
  readonly #source: Source
  readonly #teams: Table
  readonly #mates: Table

  static async of(source: Source): Promise<Teams> {
    const [teams, mates] = [await source.describe('teams'), await source.describe('mates')]
    if (teams === undefined || mates === undefined) throw new Error('there are no tables')
    return new Teams(source, teams, mates)
  }

  constructor(source: Source, teams: Table, mates: Table) {
    this.#source = source
    this.#teams = teams
    this.#mates = mates
  }

  get #all(): Collection {
    return { table: this.#teams, key: this.#column(this.#teams, 'id'), where: [] }
  }

  #column(table: Table, name: string) {
    const column = table.columns.get(name)
    if (column === undefined) throw new Error(`no column ${name}`)
    return column
  }

  get #write() {
    const { write } = this.#source
    if (write === undefined) throw new Error('the source cannot be written')
    return write
  }

  change(size: number): RowChange {
    const relation: Relation = {
      table: this.#mates,
      on: [{ child: this.#column(this.#mates, 'team_id'), parent: this.#column(this.#teams, 'id') }],
      where: [],
    }
    const tuples = Array.from({ length: size }, (_, n) => [n])
    return {
      cells: [{ column: this.#column(this.#teams, 'size'), value: size }],
      sets: [{ relation, columns: [this.#column(this.#mates, 'n')], identity: 1, op: 'replace', tuples }],
      exist: [],
    }
  }

  async add(id: number): Promise<void> {
    const { cells } = this.change(0)
    const own = { column: this.#column(this.#teams, 'id'), value: id }
    await this.#write.insert(this.#all, { cells: [own, ...cells], sets: [], exist: [] }, asking())
  }

  resize(id: number, size: number, ctx = asking(), onDecide = () => {}): Promise<boolean> {
    const decide = () => {
      onDecide()
      return this.change(size)
    }
    return this.#write.update(this.#all, id, [], decide, ctx)
  }

  /** What a team says, and what it has. */
  async seen(id: number): Promise<{ size: number; mates: number }> {
    const [relation] = this.change(0).sets.map((set) => set.relation)
    if (relation === undefined) throw new Error('no relation')
    const rows: Row[] = []
    const query = {
      ...this.#all,
      filter: {
        op: 'test',
        on: this.#all.key,
        test: { test: 'compare', op: 'eq', value: id },
        negated: false,
      },
      fields: [
        { kind: 'column', column: this.#column(this.#teams, 'size') },
        { kind: 'set', relation, columns: [this.#column(this.#mates, 'n')] },
      ],
    } as const
    for await (const batch of this.#source.search(query, asking())) rows.push(...batch)
    const [size = null, mates = []] = rows[0] ?? []
    return { size: Number(size), mates: Array.isArray(mates) ? mates.length : -1 }
  }
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'done',
    (error: unknown) => (error instanceof VitrineError ? error.code : String(error)),
  )
}

// Both at once, each with its tests in their order: most of the time they wait.
const it = test.sequential

describe.concurrent.each([
  ['MariaDB', startMariadb],
  ['PostgreSQL', startPostgres],
])('%s', (_name, start) => {
  const open = opener()
  let server: SqlServer
  let url: string
  const proxies: { close(): void }[] = []

  beforeAll(async () => {
    server = await start()
    url = await server.createDatabase('teams')
    await tell(url, ...tables)
  })

  afterAll(async () => {
    await server?.stop()
  })

  beforeEach(async () => {
    await tell(url, 'delete from mates', 'delete from teams')
  })

  afterEach(() => {
    for (const proxy of proxies.splice(0)) proxy.close()
  })

  /** The database by a way that is cut when `COMMIT` is sent over it: before it arrives, or before its answer does. */
  async function fragile(cut: 'before' | 'behind'): Promise<{ url: string; mend(): void; cuts(): number }> {
    const sockets = new Set<Socket>()
    let whole = true
    let cuts = 0
    const proxy = createServer((client) => {
      const database = dial(server.port, server.host)
      for (const socket of [client, database]) {
        sockets.add(socket)
        socket.on('error', () => undefined)
        socket.on('close', () => {
          client.destroy()
          database.destroy()
        })
      }
      let isCut = false
      client.on('data', (data) => {
        const isCommit = whole && /COMMIT(?!TED)/.test(data.toString('latin1'))
        if (isCommit) {
          cuts++
          isCut = true
          if (cut === 'before') {
            client.destroy()
            return
          }
        }
        database.write(data)
      })
      database.on('data', (data) => {
        if (isCut) client.destroy()
        else client.write(data)
      })
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    proxies.push({
      close: () => {
        for (const socket of sockets) socket.destroy()
        proxy.close()
      },
    })
    const address = proxy.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    return {
      url: url.replace(`:${server.port}/`, `:${port}/`),
      mend: () => {
        whole = false
      },
      cuts: () => cuts,
    }
  }

  it('killed in mid-transaction, again and again: all or nothing, and what was told is kept', async () => {
    const teams = await Teams.of(open(url))
    const ids = [1, 2, 3]
    for (const id of ids) await teams.add(id)
    const told = new Map(ids.map((id) => [id, 0]))
    const tried = new Map(ids.map((id) => [id, 0]))
    const codes: string[] = []
    let working = true
    const load = ids.map(async (id) => {
      for (let size = 1; working; size++) {
        tried.set(id, size)
        const code = await codeOf(teams.resize(id, size))
        codes.push(code)
        if (code === 'done') told.set(id, size)
        else await sleep(20)
      }
    })
    for (let round = 0; round < 3; round++) {
      await sleep(300)
      await server.kill()
      await server.restart()
    }
    await sleep(200)
    working = false
    await Promise.all(load)
    for (const id of ids) {
      const { size, mates } = await teams.seen(id)
      expect(mates).toBe(size)
      expect(size).toBeGreaterThanOrEqual(told.get(id) ?? 0)
      expect(size).toBeLessThanOrEqual(tried.get(id) ?? 0)
    }
    expect([...new Set(codes)].sort()).toEqual(['done', 'unavailable'])
  })

  it('frozen in mid-transaction: `unavailable` in time, and all or nothing afterwards', async () => {
    const teams = await Teams.of(open(url, { statementTimeout: 500 }))
    await teams.add(1)
    await teams.resize(1, 5)
    for (let round = 0; round < 3; round++) {
      const began = Date.now()
      const outcome = codeOf(teams.resize(1, 6 + round, asking(), () => server.pause()))
      expect(await outcome).toBe('unavailable')
      expect(Date.now() - began).toBeLessThan(6000)
      server.resume()
      const { size, mates } = await teams.seen(1)
      expect([size, mates]).toEqual([5, 5])
    }
    expect(await teams.resize(1, 9)).toBe(true)
    expect(await teams.seen(1)).toEqual({ size: 9, mates: 9 })
  })

  it('lost before it committed: nothing has happened, and nothing is tried again', async () => {
    const way = await fragile('before')
    const teams = await Teams.of(open(way.url))
    const calm = await Teams.of(open(url))
    await calm.add(1)
    let decided = 0
    const outcome = codeOf(
      teams.resize(1, 4, asking(), () => {
        decided++
      }),
    )
    expect(await outcome).toBe('unavailable')
    expect([decided, way.cuts()]).toEqual([1, 1])
    expect(await calm.seen(1)).toEqual({ size: 0, mates: 0 })
    way.mend()
    expect(await teams.resize(1, 3)).toBe(true)
  })

  it('lost while it committed: told as not known, and nothing is done twice', async () => {
    const way = await fragile('behind')
    const teams = await Teams.of(open(way.url))
    const calm = await Teams.of(open(url))
    await calm.add(1)
    let decided = 0
    const failed = await teams
      .resize(1, 4, asking(), () => {
        decided++
      })
      .catch((error: unknown) => error)
    expect(failed).toMatchObject({ code: 'unavailable', message: expect.stringContaining('not known') })
    expect([decided, way.cuts()]).toEqual([1, 1])
    expect(await calm.seen(1)).toEqual({ size: 4, mates: 4 })
    way.mend()
    expect(await teams.seen(1)).toEqual({ size: 4, mates: 4 })
  })

  it('with the row locked by others: the request ends when it is to, and its connection is good again', async () => {
    const teams = await Teams.of(open(url, { max: 1 }))
    await teams.add(1)
    const other = await administer(url)
    await other.query(other.kind === 'mariadb' ? 'start transaction' : 'begin')
    await other.query('update teams set size = 0 where id = 1')
    const ending = new AbortController()
    const reason = new VitrineError('canceled')
    setTimeout(() => ending.abort(reason), 200)
    const began = Date.now()
    await expect(teams.resize(1, 4, asking(ending.signal))).rejects.toBe(reason)
    expect(Date.now() - began).toBeLessThan(1000)
    expect(await teams.seen(1)).toEqual({ size: 0, mates: 0 })
    // One that waits too long is told.
    expect(['timeLimitExceeded', 'busy']).toContain(await codeOf(teams.resize(1, 4)))
    const waiting = teams.resize(1, 4)
    await sleep(200)
    await other.query('commit')
    await other.close()
    expect(await waiting).toBe(true)
    expect(await teams.seen(1)).toEqual({ size: 4, mates: 4 })
  })

  it('met by another transaction in opposite order: comes through', async () => {
    const teams = await Teams.of(open(url))
    await teams.add(1)
    await teams.resize(1, 2)
    const other = await administer(url)
    for (let round = 0; round < 3; round++) {
      await other.query(other.kind === 'mariadb' ? 'start transaction' : 'begin')
      await other.query('update mates set n = 0 where team_id = 1 and n = 0')
      let decided = 0
      const waiting = teams.resize(1, 0, asking(), () => {
        decided++
      })
      await sleep(100)
      // Now each has what the other wants; the database ends one of them.
      const lost = await other.query('update teams set size = 7 where id = 1').then(
        () => false,
        () => true,
      )
      await other.query(lost ? 'rollback' : 'commit')
      expect(await waiting).toBe(true)
      expect(decided).toBe(lost ? 1 : 2)
      expect(await teams.seen(1)).toEqual({ size: 0, mates: 0 })
      await teams.resize(1, 2)
    }
    await other.close()
  })

  it('that grants reading only: a refusal that says nothing of its inside', async () => {
    const calm = await Teams.of(open(url))
    await calm.add(1)
    const isMariadb = url.startsWith('mysql:')
    await tell(
      url,
      ...(isMariadb
        ? ["create user if not exists reader@'%' identified by 'x'", 'grant select on teams.* to reader']
        : ["create role reader login password 'x'", 'grant select on teams, mates to reader']),
    )
    const teams = await Teams.of(open(url.replace('vitrine:vitrine', 'reader:x')))
    expect(await teams.seen(1)).toEqual({ size: 0, mates: 0 })
    for (const work of [() => teams.resize(1, 4), () => teams.add(2)]) {
      const error: unknown = await work().catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({
        code: 'insufficientAccessRights',
        safeMessage: expect.not.stringMatching(/team|reader/),
        message: expect.stringMatching(/teams/),
      })
    }
    expect(await calm.seen(1)).toEqual({ size: 0, mates: 0 })
  })
})

describe('an SQLite file', () => {
  const open = opener()
  let folder: string
  let url: string
  let file: string

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'vitrine-writes-'))
    file = join(folder, 'teams.sqlite')
    url = `sqlite:${file}`
    await tell(url, ...tables)
  })

  afterEach(() => {
    chmodSync(folder, 0o700)
    rmSync(folder, { recursive: true, force: true })
  })

  it('that others lock for a while is written afterwards, and the loop goes on meanwhile', async () => {
    const teams = await Teams.of(open(url))
    await teams.add(1)
    const other = await administer(url)
    await other.query('begin exclusive')
    let ticks = 0
    const timer = setInterval(() => ticks++, 10)
    const waiting = [teams.resize(1, 4), teams.resize(1, 5)]
    const reading = teams.seen(1)
    await sleep(500)
    expect(ticks).toBeGreaterThan(20)
    await other.query('commit')
    expect(await Promise.all(waiting)).toEqual([true, true])
    await reading
    clearInterval(timer)
    await other.close()
    expect(await teams.seen(1)).toEqual({ size: 5, mates: 5 })
  })

  it('that others lock for long is `busy`, ends with its request, and hinders nobody afterwards', async () => {
    const teams = await Teams.of(open(url))
    await teams.add(1)
    const other = await administer(url)
    await other.query('begin exclusive')
    const ending = new AbortController()
    const reason = new VitrineError('canceled')
    setTimeout(() => ending.abort(reason), 100)
    await expect(teams.resize(1, 4, asking(ending.signal))).rejects.toBe(reason)
    expect(await Promise.all([codeOf(teams.resize(1, 4)), codeOf(teams.seen(1))])).toEqual(['busy', 'busy'])
    await other.query('commit')
    expect(await teams.seen(1)).toEqual({ size: 0, mates: 0 })
    await other.query('insert into teams values (2, 0)')
    await other.query('delete from teams where id = 2')
    expect(await teams.resize(1, 4)).toBe(true)
    await other.query('insert into teams values (2, 0)')
    await other.close()
    expect(await teams.seen(1)).toEqual({ size: 4, mates: 4 })
  })

  it('that others read is written as soon as they have read', async () => {
    const teams = await Teams.of(open(url))
    await teams.add(1)
    const other = await administer(url)
    await other.query('begin')
    await other.query('select * from teams')
    const waiting = teams.resize(1, 4)
    await sleep(300)
    // Who comes later waits for the writer, who would never come to his turn.
    const reading = teams.seen(1)
    await sleep(100)
    await other.query('commit')
    expect(await waiting).toBe(true)
    await reading
    await other.close()
    expect(await teams.seen(1)).toEqual({ size: 4, mates: 4 })
  })

  it('is read as it was while much is written to it', async () => {
    const teams = await Teams.of(open(url))
    await teams.add(1)
    const writing = teams.resize(1, 40_000)
    let isWritten = false
    const written = writing.then(() => {
      isWritten = true
    })
    while (!isWritten) {
      const { size, mates } = await teams.seen(1)
      expect([0, 40_000]).toContain(size)
      if (size === 0) expect(mates).toBe(0)
      await sleep(1)
    }
    await written
    expect(await teams.seen(1)).toEqual({ size: 40_000, mates: 40_000 })
  })

  it('that is away is `unavailable` and not made; one in its place is written', async () => {
    const teams = await Teams.of(open(url))
    await teams.add(1)
    renameSync(file, `${file}.away`)
    expect(await codeOf(teams.add(2))).toBe('unavailable')
    expect(await codeOf(teams.resize(1, 4))).toBe('unavailable')
    await tell(url, ...tables)
    expect(await teams.resize(1, 4)).toBe(false)
    await teams.add(1)
    expect(await teams.resize(1, 4)).toBe(true)
    expect(await teams.seen(1)).toEqual({ size: 4, mates: 4 })
  })

  it('that is replaced right after it was looked at refuses one write at most', async () => {
    const teams = await Teams.of(open(url))
    await teams.add(1)
    renameSync(file, `${file}.away`)
    copyFileSync(`${file}.away`, file)
    // Whether the loop went on since the last look is a matter of milliseconds.
    const first = await teams.resize(1, 3).catch((error: unknown) => error)
    if (first !== true) expect(first).toMatchObject({ code: 'unavailable' })
    expect(await teams.resize(1, 4)).toBe(true)
    expect(await teams.seen(1)).toEqual({ size: 4, mates: 4 })
  })
})
