/**
 * `npm run bench:budget`: what operations cost in CPU, as multiples of what a constant answer over the same wire costs in the
 * same round, held against `budget.json`. Clocks say little on a shared machine, and these multiples say more. Fails where one
 * is exceeded; `--write` makes the file from what was measured, with some room.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LdapClient } from 'vitrine/ldap'
import { cpuOf } from '../process.js'
import { Connection, load } from '../scim/load.js'
import { median, round } from '../summary.js'
import {
  BASE,
  DEPARTMENT,
  departmentOf,
  fillDatabase,
  PEOPLE,
  passwordOf,
  startGateway,
  startYardstick,
  TOKEN,
  userName,
} from './people.js'

/** Multiples of the yardstick, by case. */
type Budget = Readonly<Record<string, number>>

interface Case {
  readonly title: string
  /** Operations of a round. */
  readonly count: number
  /** What an operation is counted as. */
  readonly each: number
  run(count: number): Promise<void>
}

const CONNECTIONS = 16
/** Constant answers of a round: enough for Linux, which counts CPU in hundredths of a second. */
const YARDSTICK = 12_000
const WARM_UP = 3
const ROUNDS = 7
/** A budget that is made leaves so much room: two runs on one machine differ by less. */
const ROOM = 1.4

const file = new URL('budget.json', import.meta.url)
const folder = await mkdtemp(join(tmpdir(), 'vitrine-budget-'))
const yardstick = await startYardstick()
await fillDatabase(folder)
const gateway = await startGateway(folder)
const keeping = await startGateway(folder, { ttl: '1h' })
try {
  const wire = await ldapConnections(yardstick.port)
  const ldap = await ldapConnections(gateway.port)
  const http = await Promise.all(
    Array.from({ length: CONNECTIONS }, () => Connection.open(gateway.ports.get('http') ?? 0, TOKEN)),
  )
  const kept = await ldapConnections(keeping.port)
  // All of them are asked for once.
  await searches(kept, PEOPLE)
  const measured = await measure(
    [
      ...casesOf(ldap, http).map((one) => ({ ...one, pid: gateway.pid })),
      {
        title: 'search for one person, kept',
        count: YARDSTICK,
        each: 1,
        run: (count) => searches(kept, count),
        pid: keeping.pid,
      },
    ],
    (count) => searches(wire, count),
  )
  for (const connection of [...wire, ...ldap, ...kept, ...http]) connection.close()
  if (process.argv.includes('--write')) await write(measured)
  else if (!report(measured, JSON.parse(await readFile(file, 'utf8')) as Budget)) process.exitCode = 1
} finally {
  await Promise.all([yardstick.stop(), gateway.stop(), keeping.stop()])
  await rm(folder, { recursive: true })
}

function casesOf(ldap: readonly LdapClient[], http: readonly Connection[]): readonly Case[] {
  const [alone] = ldap.slice(0, 1)
  const ids: string[] = []
  return [
    { title: 'search for one person', count: 4000, each: 1, run: (count) => searches(ldap, count) },
    {
      title: 'search for one person, one at a time',
      count: 1000,
      each: 1,
      run: (count) => searches(alone === undefined ? [] : [alone], count),
    },
    { title: 'bind', count: 2000, each: 1, run: (count) => binds(ldap, count) },
    {
      title: 'entry of a department',
      count: 100,
      each: DEPARTMENT,
      run: (count) => departments(ldap, count),
    },
    { title: 'entry of all people, in pages', count: 5, each: PEOPLE, run: (count) => pages(alone, count) },
    {
      title: 'SCIM resource by id',
      count: 2000,
      each: 1,
      run: async (count) => {
        if (ids.length === 0) ids.push(...(await idsOf(http)))
        await load(http, count, (n) => `/scim/v2/Users/${ids[n % ids.length]}`)
      },
    },
    {
      title: 'SCIM resource of a list of 100',
      count: 100,
      each: 100,
      run: (count) => load(http, count, (n) => `/scim/v2/Users?count=100&startIndex=${(n % 50) * 100 + 1}`),
    },
  ]
}

/** Medians of what each case cost in a round, in what a constant answer cost right before. */
async function measure(
  cases: readonly (Case & { readonly pid: number })[],
  constant: (count: number) => Promise<void>,
): Promise<Budget> {
  const multiples = new Map<string, number[]>(cases.map(({ title }) => [title, []]))
  for (let turn = -WARM_UP; turn < ROUNDS; turn++) {
    for (const { title, count, each, run, pid } of cases) {
      const unit = await costOf(yardstick.pid, YARDSTICK, constant)
      const cost = (await costOf(pid, count, run)) / each
      if (turn >= 0) multiples.get(title)?.push(cost / unit)
    }
  }
  return Object.fromEntries([...multiples].map(([title, all]) => [title, round(median(all))]))
}

/** Microseconds of CPU per operation. */
async function costOf(pid: number, count: number, run: (count: number) => Promise<void>): Promise<number> {
  const before = cpuOf(pid)
  await run(count)
  return (cpuOf(pid) - before) / count
}

function report(measured: Budget, budget: Budget): boolean {
  let isKept = true
  for (const [title, multiple] of Object.entries(measured)) {
    const most = budget[title] ?? 0
    const isWithin = multiple <= most
    isKept &&= isWithin
    process.stdout.write(`${isWithin ? 'ok      ' : 'EXCEEDED'} ${title}: ${multiple} of ${most}\n`)
  }
  if (!isKept)
    process.stdout.write('An operation costs more than its budget: profile it, or say why it has to.\n')
  return isKept
}

async function write(measured: Budget): Promise<void> {
  const budget = Object.fromEntries(Object.entries(measured).map(([title, m]) => [title, round(m * ROOM)]))
  await writeFile(file, `${JSON.stringify(budget, null, 2)}\n`)
  process.stdout.write(`measured ${JSON.stringify(measured)}\n`)
}

function ldapConnections(port: number): Promise<readonly LdapClient[]> {
  return Promise.all(Array.from({ length: CONNECTIONS }, () => LdapClient.connect({ port })))
}

/** So many operations, one on each connection at a time. */
async function spread(
  clients: readonly LdapClient[],
  count: number,
  operation: (client: LdapClient, n: number) => Promise<void>,
): Promise<void> {
  let next = 0
  await Promise.all(
    clients.map(async (client) => {
      while (next < count) await operation(client, next++)
    }),
  )
}

function someone(n: number): number {
  return (n * 7919) % PEOPLE
}

function searches(clients: readonly LdapClient[], count: number): Promise<void> {
  return spread(clients, count, async (client, n) => {
    const { entries } = await client.searchAll(BASE, { filter: `(uid=${userName(someone(n))})` })
    if (entries.length !== 1) throw new Error(`${entries.length} entries in place of one`)
  })
}

function binds(clients: readonly LdapClient[], count: number): Promise<void> {
  return spread(clients, count, async (client, n) => {
    const one = someone(n)
    await client.bind(`uid=${userName(one)},${BASE}`, passwordOf(one))
    if (n >= count - clients.length) await client.bind('', '')
  })
}

function departments(clients: readonly LdapClient[], count: number): Promise<void> {
  return spread(clients, count, async (client, n) => {
    const { entries } = await client.searchAll(BASE, {
      filter: `(departmentNumber=${departmentOf(someone(n))})`,
    })
    if (entries.length !== DEPARTMENT) throw new Error(`${entries.length} entries in a department`)
  })
}

async function pages(client: LdapClient | undefined, count: number): Promise<void> {
  let found = 0
  const options = { filter: '(objectClass=*)', pageSize: 1000 }
  for (let n = 0; n < count; n++) {
    for await (const _ of client?.searchPaged(BASE, options) ?? []) found++
  }
  if (found <= PEOPLE * count) throw new Error(`${found} entries in place of all`)
}

async function idsOf([connection]: readonly Connection[]): Promise<readonly string[]> {
  const answered = await connection?.get('/scim/v2/Users?count=200&attributes=userName')
  const { Resources } = JSON.parse(answered?.body ?? '{}') as { Resources: readonly { id: string }[] }
  return Resources.map(({ id }) => id)
}
