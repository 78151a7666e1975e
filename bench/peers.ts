/** The reference servers: brought up by the `peers.sh` of a folder, or used as they are where they already run. */
import { spawn } from 'node:child_process'
import { createReadStream, existsSync, openSync, readFileSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isAlive } from './process.js'

/** What `peers.sh` opens; all on 127.0.0.1. */
export const ports = {
  maria: 13306,
  postgres: 15432,
  mdb: 1389,
  backSqlMaria: 1390,
  backLdap: 1391,
  backSqlPostgres: 1393,
} as const

/** Where each server writes its process id, in the folder of the servers. */
const pidFiles = {
  maria: 'maria/my.pid',
  postgres: 'pg/data/postmaster.pid',
  mdb: 'slapd/a.pid',
  backSqlMaria: 'slapd/b.pid',
  backLdap: 'slapd/c.pid',
  backSqlPostgres: 'slapd/bp.pid',
} as const

export type Peer = keyof typeof pidFiles

export interface Peers {
  readonly pids: Readonly<Record<Peer, number>>
  /** How many people their data hold. */
  readonly users: number
  /** The load generator. */
  readonly lgen: string
  /** Stops what `startPeers` started, and nothing else. */
  stop(): Promise<void>
}

/**
 * @param home holds `peers.sh`
 * @param work the folder of the servers
 * @param users how many people to make; undefined: as many as there are, else 100,000
 */
export async function startPeers(home: string, work: string, users: number | undefined): Promise<Peers> {
  if (!existsSync(join(home, 'peers.sh'))) throw new Error(`${home} holds no peers.sh`)
  const names = Object.keys(pidFiles) as Peer[]
  const running = names.filter((name) => pidOf(work, name) !== undefined)
  const reused = running.length === names.length
  if (!reused && running.length > 0) {
    throw new Error(`of the servers in ${work} only ${running.join(', ')} are running: stop these first`)
  }
  if (!reused) await start(home, work, users ?? 100_000)
  const there = await people(work)
  if (users !== undefined && users !== there) {
    throw new Error(`${work} holds ${there} people, not ${users}: take another --work`)
  }
  const pids = Object.fromEntries(names.map((name) => [name, requirePid(work, name)])) as Record<Peer, number>
  return {
    pids,
    users: there,
    lgen: join(work, 'lgen'),
    stop: () => (reused ? Promise.resolve() : stop(home, work, Object.values(pids))),
  }
}

async function start(home: string, work: string, users: number): Promise<void> {
  const left = ['maria', 'pg'].filter((folder) => existsSync(join(work, folder)))
  if (left.length > 0) {
    throw new Error(`${work} holds databases that do not run (${left.join(', ')}): remove them`)
  }
  await mkdir(work, { recursive: true })
  try {
    if (!existsSync(join(work, 'lgen'))) await peersScript(home, work, 'install')
    const made = join(work, 'data', 'users.tsv')
    if (!existsSync(made)) await peersScript(home, work, 'data', String(users), String(users / 100))
    await peersScript(home, work, 'db')
    await peersScript(home, work, 'slapd')
  } catch (error) {
    const pids = (Object.keys(pidFiles) as Peer[]).flatMap((name) => pidOf(work, name) ?? [])
    await stop(home, work, pids)
    for (const folder of ['data', 'slapd']) await rm(join(work, folder), { recursive: true, force: true })
    throw error
  }
}

/** Ends the servers and removes the databases, which cannot be started a second time; data and directory stay. */
async function stop(home: string, work: string, pids: readonly number[]): Promise<void> {
  await peersScript(home, work, 'stop')
  for (const deadline = Date.now() + 60_000; pids.some(isAlive); ) {
    if (Date.now() > deadline) throw new Error(`some of the processes ${pids.join(', ')} do not end`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  for (const folder of ['maria', 'pg']) await rm(join(work, folder), { recursive: true, force: true })
}

/** What it says goes to `peers.log`: servers that it leaves behind would keep a pipe open. */
async function peersScript(home: string, work: string, ...args: readonly string[]): Promise<void> {
  process.stderr.write(`peers: ${args.join(' ')}\n`)
  const log = join(work, 'peers.log')
  const out = openSync(log, 'a')
  const child = spawn('bash', [join(home, 'peers.sh'), work, ...args], { stdio: ['ignore', out, out] })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', resolve)
  })
  if (code !== 0) {
    const last = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-5).join('\n')
    throw new Error(`peers.sh ${args[0]} failed; the end of ${log}:\n${last}`)
  }
}

function pidOf(work: string, name: Peer): number | undefined {
  const file = join(work, pidFiles[name])
  const pid = existsSync(file) ? Number.parseInt(readFileSync(file, 'utf8'), 10) : Number.NaN
  return Number.isInteger(pid) && isAlive(pid) ? pid : undefined
}

function requirePid(work: string, name: Peer): number {
  const pid = pidOf(work, name)
  if (pid === undefined) throw new Error(`${name} in ${work} does not run`)
  return pid
}

async function people(work: string): Promise<number> {
  let lines = 0
  for await (const chunk of createReadStream(join(work, 'data', 'users.tsv')) as AsyncIterable<Buffer>) {
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines++
  }
  return lines
}
