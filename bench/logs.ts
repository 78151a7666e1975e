/**
 * `npm run bench:logs`: what it costs to be told of operations. The gateway of the budgets four times, each with something else
 * that hears of them, asked in turn; the CPU of its process per search and per bind and, where there is `perf`, its instructions, the
 * median of the rounds. Modules that are named after it, `npm run bench:logs -- otel.mjs`, are SDKs for traces: once more for each, started
 * with it.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { LdapClient } from 'vitrine/ldap'
import { BASE, fillDatabase, PEOPLE, passwordOf, startGateway, userName } from './budget/people.js'
import { instructionsOf } from './instructions.js'
import { cpuOf, type Listening, startNode } from './process.js'
import { median, round } from './summary.js'

interface Heard {
  readonly gateway: Listening
  readonly clients: readonly LdapClient[]
  readonly searches: Cost[]
  readonly binds: Cost[]
}

/** Of one operation: microseconds of CPU, and thousands of instructions where somebody counts them. */
interface Cost {
  readonly cpu: number
  readonly instructions: number | undefined
}

const CONNECTIONS = 16
const SEARCHES = 6000
const BINDS = 2000
const WARM_UP = 2
const ROUNDS = 9

const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))
const folder = await mkdtemp(join(tmpdir(), 'vitrine-logs-'))
const heard = new Map<string, Heard>()
try {
  await fillDatabase(folder)
  // It makes the configuration that the others are variants of.
  await (await startGateway(folder)).stop()
  const config = JSON.parse(await readFile(join(folder, 'gateway.yaml'), 'utf8')) as { log: object }
  const log = (own: object) => ({ log: { ...config.log, ...own } })
  await start('nothing', config)
  await start('access log', { ...config, ...log({ access: join(folder, 'access.log') }) })
  await start('audit log', { ...config, ...log({ audit: join(folder, 'audit.log') }) })
  await start('metrics', { ...config, listen: { ldap: 0, ops: 0 } })
  for (const sdk of process.argv.slice(2))
    await start(basename(sdk), config, ['--import', pathToFileURL(resolve(sdk)).href])
  for (let turn = -WARM_UP; turn < ROUNDS; turn++) {
    for (const { gateway, clients, searches, binds } of heard.values()) {
      const searched = await costOf(gateway.pid, SEARCHES, () => spread(clients, SEARCHES, search))
      const bound = await costOf(gateway.pid, BINDS, () => spread(clients, BINDS, bind))
      for (const client of clients) await client.bind('', '')
      if (turn >= 0) {
        searches.push(searched)
        binds.push(bound)
      }
    }
  }
  for (const [name, { searches, binds }] of heard)
    process.stdout.write(`${name}: ${text(searches)} a search, ${text(binds)} a bind\n`)
} finally {
  for (const { gateway, clients } of heard.values()) {
    for (const client of clients) client.close()
    await gateway.stop()
  }
  await rm(folder, { recursive: true })
}

async function start(name: string, config: object, options: readonly string[] = []): Promise<void> {
  const file = join(folder, `${name}.yaml`)
  await writeFile(file, JSON.stringify(config))
  const gateway = await startNode([...options, main, 'serve', '--config', file])
  const clients = await Promise.all(
    Array.from({ length: CONNECTIONS }, () => LdapClient.connect({ port: gateway.port })),
  )
  // Whoever has asked something may be silent for long.
  for (const client of clients) await client.bind('', '')
  heard.set(name, { gateway, clients, searches: [], binds: [] })
}

async function costOf(pid: number, count: number, run: () => Promise<void>): Promise<Cost> {
  let cpu = 0
  const instructions = await instructionsOf(pid, async () => {
    const before = cpuOf(pid)
    await run()
    cpu = (cpuOf(pid) - before) / count
  })
  return { cpu, instructions: instructions && instructions / count / 1000 }
}

function text(costs: readonly Cost[]): string {
  const counted = costs.flatMap(({ instructions }) => instructions ?? [])
  const further = counted.length === 0 ? '' : ` and ${Math.round(median(counted))},000 instructions`
  return `${round(median(costs.map(({ cpu }) => cpu)))} µs${further}`
}

/** So many operations, one on each connection at a time. */
async function spread(
  clients: readonly LdapClient[],
  count: number,
  operation: (client: LdapClient, someone: number) => Promise<unknown>,
): Promise<void> {
  let next = 0
  await Promise.all(
    clients.map(async (client) => {
      while (next < count) await operation(client, (next++ * 7919) % PEOPLE)
    }),
  )
}

function search(client: LdapClient, someone: number) {
  return client.searchAll(BASE, { filter: `(uid=${userName(someone)})` })
}

function bind(client: LdapClient, someone: number) {
  return client.bind(`uid=${userName(someone)},${BASE}`, passwordOf(someone))
}
