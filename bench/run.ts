/** `npm run bench`: measures the gateway beside native and SQL-backed directories, the same load on the same data. */
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command, InvalidArgumentError } from 'commander'
import { MEMBERS } from './cases.js'
import { startGateway } from './gateway.js'
import { goals, onDatabase } from './goals.js'
import { facts } from './machine.js'
import { type Memory, measureMemory } from './memory.js'
import { type Peers, startPeers } from './peers.js'
import { type Effort, measureAll, textOf } from './rounds.js'
import { countStatements } from './scim/statements.js'
import { startServers } from './servers.js'
import { markdown, type Results } from './table.js'

interface Options {
  readonly quick?: boolean
  readonly users?: number
  readonly work?: string
  readonly out: string
}

const full: Effort = { rounds: 5, seconds: 1.8, settle: 1, settleRuns: 8, warmUp: 1, enough: 20 }
const quick: Effort = { rounds: 3, seconds: 0.5, settle: 0.3, settleRuns: 10, warmUp: 0.4, enough: 2 }

const program = new Command('bench')
  .argument('<path>', 'the folder that holds peers.sh')
  .option('--quick', 'fewer and shorter rounds')
  .option('--users <n>', 'how many people', people)
  .option('--work <dir>', 'folder of the reference servers; they are left alone if they run already')
  .option('--out <dir>', 'where the results go', fileURLToPath(new URL('results', import.meta.url)))
  .action(async (path: string, options: Options) => {
    const stopping = new AbortController()
    const interrupt = () => stopping.abort(new Error('interrupted'))
    process.on('SIGINT', interrupt).on('SIGTERM', interrupt)
    const failures = await bench(resolve(path), options, stopping.signal).catch((error) => [textOf(error)])
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
    for (const failure of failures) process.stderr.write(`failed: ${failure}\n`)
    if (failures.length > 0) process.exitCode = 1
  })

await program.parseAsync()

/** Results go to files only if there is no failure, which are returned. */
async function bench(path: string, options: Options, signal: AbortSignal): Promise<readonly string[]> {
  const scratch = await mkdtemp(join(tmpdir(), 'vitrine-bench-'))
  const undo: (() => Promise<void>)[] = [() => rm(scratch, { recursive: true, force: true })]
  try {
    // PostgreSQL runs as a user of its own, and has to get there.
    await chmod(scratch, 0o755)
    const work = options.work === undefined ? join(scratch, 'peers') : resolve(options.work)
    const peers = await startPeers(path, work, options.users)
    undo.push(() => peers.stop())
    signal.throwIfAborted()
    const members = Math.min(MEMBERS, peers.users)
    const { targets, scimPort } = await startServers(peers, work, scratch, members, undo)
    const effort = options.quick ? quick : full
    const { cases, foreign, failures } = await measureAll(targets, effort, signal)
    const statements = await countStatements(scimPort)
    const memory = await measureAllMemory(peers, scratch, signal)
    const results: Results = {
      date: new Date().toISOString().slice(0, 10),
      machine: await facts(),
      users: peers.users,
      rounds: effort.rounds,
      seconds: effort.seconds,
      foreign,
      goals: goals({ cases, memory, statements }),
      cases,
      memory,
    }
    const text = markdown(results)
    process.stdout.write(`${text}\n`)
    if (failures.length === 0) {
      await mkdir(options.out, { recursive: true })
      await writeFile(join(options.out, 'last.md'), text)
      await writeFile(join(options.out, 'last.json'), `${JSON.stringify(results, null, 2)}\n`)
    }
    return failures
  } finally {
    for (const step of undo.reverse()) {
      await step().catch((error) => process.stderr.write(`cannot tidy up: ${textOf(error)}\n`))
    }
  }
}

/** Of gateways that have done nothing yet. */
async function measureAllMemory(
  peers: Peers,
  scratch: string,
  signal: AbortSignal,
): Promise<readonly Memory[]> {
  process.stderr.write('Memory\n')
  const measured: Memory[] = []
  for (const database of ['maria', 'postgres'] as const) {
    const gateway = await startGateway(database, scratch)
    const { gateway: name } = onDatabase[database === 'maria' ? 0 : 1]
    try {
      measured.push(await measureMemory(name, gateway, peers, signal))
    } finally {
      await gateway.stop()
    }
  }
  return measured
}

function people(text: string): number {
  const users = Number(text)
  if (!Number.isInteger(users) || users < 1000 || users > 900_000 || users % 100 !== 0) {
    throw new InvalidArgumentError('From 1,000 to 900,000, in hundreds.')
  }
  return users
}
