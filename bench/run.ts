/** `npm run bench`: measures the gateway beside native and SQL-backed directories, the same load on the same data. */
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command, InvalidArgumentError } from 'commander'
import type { Target } from './cases.js'
import { startGateway, startProxy } from './gateway.js'
import { type Peers, ports, startPeers } from './peers.js'
import { type Listening, startNode } from './process.js'
import { type Effort, measureAll, textOf } from './rounds.js'
import { markdown, references } from './table.js'

interface Options {
  readonly quick?: boolean
  readonly users?: number
  readonly work?: string
  readonly out: string
}

const full: Effort = { rounds: 5, seconds: 3, settle: 5 }
const quick: Effort = { rounds: 3, seconds: 1, settle: 3 }

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
    const targets = await startTargets(peers, scratch, undo)
    const effort = options.quick ? quick : full
    const { results, failures } = await measureAll(targets, peers, effort, signal)
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

async function startTargets(
  { pids }: Peers,
  scratch: string,
  undo: (() => Promise<void>)[],
): Promise<readonly Target[]> {
  const node = async (name: string, scope: Target['scope'], start: () => Promise<Listening>) => {
    const server = await start()
    undo.push(() => server.stop())
    return { name, port: server.port, scope, warmUp: 6, pids: [server.pid] } as const
  }
  const constant = (url: string) => () =>
    startNode(['--import', import.meta.resolve('tsx'), fileURLToPath(url)])
  const onMaria = await node('vitrine on MariaDB', 'all', () => startGateway('maria', scratch))
  const onPostgres = await node('vitrine on PostgreSQL', 'all', () => startGateway('postgres', scratch))
  const onDirectory = await node('vitrine on slapd mdb', 'all', () => startProxy(scratch))
  const twice = await node('vitrine on slapd mdb, 2 workers', 'equality', () =>
    startProxy(scratch, '--workers', '2'),
  )
  const [mdb, backSql, backLdap] = references
  return [
    { name: mdb, port: ports.mdb, pids: [pids.mdb], scope: 'all', warmUp: 1 },
    { name: backSql, port: ports.backSql, pids: [pids.backSql, pids.maria], scope: 'short', warmUp: 1 },
    { name: backLdap, port: ports.backLdap, pids: [pids.backLdap, pids.mdb], scope: 'unpaged', warmUp: 1 },
    { ...onMaria, pids: [...onMaria.pids, pids.maria] },
    { ...onPostgres, pids: [...onPostgres.pids, pids.postgres] },
    { ...onDirectory, pids: [...onDirectory.pids, pids.mdb] },
    { ...twice, pids: [...twice.pids, pids.mdb] },
    await node(
      'vitrine/ldap, constant answer',
      'equality',
      constant(import.meta.resolve('./constant/vitrine-ldap.ts')),
    ),
    await node('ldapjs, constant answer', 'equality', constant(import.meta.resolve('./constant/ldapjs.ts'))),
  ]
}

function people(text: string): number {
  const users = Number(text)
  if (!Number.isInteger(users) || users < 1000 || users > 900_000 || users % 100 !== 0) {
    throw new InvalidArgumentError('From 1,000 to 900,000, in hundreds.')
  }
  return users
}
