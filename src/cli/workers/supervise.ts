/**
 * The first of several processes that serve the same behind the same ports: it starts the others, hands on what they tell
 * each other, starts anew what ends unasked, has them read their configuration again, and stops them in order. It serves nothing itself.
 */
import cluster, { type Worker } from 'node:cluster'
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Addresses } from '../../frontends/frontend.js'
import type { FromWorker, ToWorker } from './messages.js'
import { Inquiries } from './questions.js'

/** Milliseconds before what has ended is started anew: doubled each time, and back to the first once it has served. */
const FIRST_PAUSE = 100
const LONGEST_PAUSE = 10_000

export interface Supervision {
  /** How many processes serve. */
  readonly workers: number
  /** All of them serve. */
  readonly started: (addresses: Addresses) => void
  /** One has ended unasked, with this exit code or by this signal. */
  readonly lost: (how: number | string, pause: number) => void
}

/** Resolves with the exit code once SIGINT or SIGTERM has stopped all of them, or the first one could not begin. */
export async function supervise({ workers, started, lost }: Supervision): Promise<number> {
  const cookieSecret = randomBytes(32).toString('base64')
  const stopping = new AbortController()
  const stop = () => {
    process.removeListener('SIGINT', stop)
    process.removeListener('SIGTERM', stop)
    stopping.abort()
    for (const worker of running()) say(worker, { kind: 'stop' })
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  process.on('SIGHUP', () => {
    for (const worker of running()) say(worker, { kind: 'reload' })
  })
  const inquiries = new Inquiries(say)
  const serving = new Set<number>()
  cluster.on('message', (worker, message: FromWorker) => {
    if (message.kind === 'started') {
      say(worker, { kind: 'serve', cookieSecret })
      if (stopping.signal.aborted) say(worker, { kind: 'stop' })
    } else if (message.kind === 'tell') {
      const { topic, message: text } = message
      for (const other of running()) {
        if (other !== worker) say(other, { kind: 'heard', topic, message: text })
      }
    } else if (message.kind === 'ask') {
      const others = running().filter((other) => other !== worker && serving.has(other.id))
      inquiries.ask(worker, message.id, others)
    } else if (message.kind === 'answer') inquiries.answered(message)
    else if (message.kind === 'listening') serving.add(worker.id)
  })

  // What is wrong with the configuration is told once, by the first.
  const first = begin()
  const addresses = await first.serving
  if (addresses === undefined) return first.ended.then((how) => (typeof how === 'number' ? how : 1))
  const keep = async (worker: Started): Promise<void> => {
    let current = worker
    for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
      if ((await current.serving) !== undefined) pause = FIRST_PAUSE
      const how = await current.ended
      if (stopping.signal.aborted) return
      lost(how, pause)
      await sleep(pause, undefined, { signal: stopping.signal }).catch(() => undefined)
      if (stopping.signal.aborted) return
      current = begin()
    }
  }
  const all = [first, ...Array.from({ length: workers - 1 }, begin)]
  const kept = all.map(keep)
  await Promise.all(all.map(({ serving }) => serving))
  if (!stopping.signal.aborted) started(addresses)
  await Promise.all(kept)
  return 0
}

interface Started {
  /** Where it listens; undefined if it has ended before. */
  readonly serving: Promise<Addresses | undefined>
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>
}

function begin(): Started {
  const worker = cluster.fork()
  // One that has just ended may still be told something; that it has ended is heard of by itself.
  worker.on('error', () => undefined)
  const ended = new Promise<number | string>((resolve) => {
    worker.once('exit', (code, signal) => resolve(signal ?? code))
  })
  const serving = new Promise<Addresses | undefined>((resolve) => {
    worker.on('message', (message: FromWorker) => {
      if (message.kind === 'listening') resolve(message.addresses)
    })
    worker.once('exit', () => resolve(undefined))
  })
  return { serving, ended }
}

function running(): readonly Worker[] {
  return Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined)
}

function say(worker: Worker, message: ToWorker): void {
  if (worker.isConnected()) worker.send(message)
}
