/** The measurement: the same requests to servers that take turns, and the CPU that each used for them. */
import { deepStrictEqual } from 'node:assert/strict'
import { cpuOf, type Listening } from '../process.js'
import { median, round } from '../summary.js'
import { type Shape, TOKEN, USERS, userName } from './data.js'
import { Connection, load } from './load.js'

export interface Target extends Listening {
  readonly name: string
}

export interface Case {
  readonly title: string
  /** Requests of a round, and of each round if it is to be quick. */
  readonly requests: number
  readonly quick: number
  /** @param id of the resource with a number */
  path(n: number, id: (n: number) => string): string
}

export interface Figures {
  readonly title: string
  /** Microseconds of CPU per request, by case and target. */
  readonly rows: readonly { readonly title: string; readonly cpu: ReadonlyMap<string, number> }[]
}

const IN_FLIGHT = 16
/** Rounds before those that count. */
const WARM_UP = 4
const ROUNDS = { full: 9, quick: 5 }

export function cases(shape: Shape): readonly Case[] {
  const lists = shape === 'plain' ? { requests: 1000, quick: 500 } : { requests: 500, quick: 250 }
  const singles = { requests: 4000, quick: 2000 }
  return [
    { title: 'GET by id', ...singles, path: (n, id) => `/Users/${id(n)}` },
    { title: 'list of 100', ...lists, path: () => '/Users?count=100' },
    { title: 'list of 100 from 1001', ...lists, path: () => '/Users?count=100&startIndex=1001' },
    {
      title: 'userName eq',
      ...singles,
      path: (n) => `/Users?filter=${encodeURIComponent(`userName eq "${userName(n)}"`)}`,
    },
  ]
}

/** Fails if the targets do not answer alike. */
export async function measureAll(
  targets: readonly Target[],
  all: readonly Case[],
  isQuick: boolean,
): Promise<Figures['rows']> {
  const connections = new Map<Target, readonly Connection[]>()
  try {
    for (const target of targets) connections.set(target, await open(target.port))
    const id = await idsOf(connections)
    for (const one of all) await compare(connections, one, id)
    const rows: { title: string; cpu: Map<string, number> }[] = []
    for (const one of all) {
      const runs = new Map<Target, number[]>(targets.map((target) => [target, []]))
      const count = isQuick ? one.quick : one.requests
      for (let turn = -WARM_UP; turn < (isQuick ? ROUNDS.quick : ROUNDS.full); turn++) {
        const order = targets.toSpliced(0, 0, ...targets).slice((turn + WARM_UP) % targets.length)
        for (const target of order.slice(0, targets.length)) {
          const path = (n: number) => `/scim/v2${one.path(numberOf(turn * count + n), id)}`
          const before = cpuOf(target.pid)
          await load(connections.get(target) ?? [], count, path)
          if (turn >= 0) runs.get(target)?.push((cpuOf(target.pid) - before) / count)
        }
      }
      const cpu = new Map([...runs].map(([{ name }, used]) => [name, round(median(used))]))
      process.stderr.write(`  ${one.title}: ${[...cpu].map(([name, us]) => `${name} ${us}`).join(', ')}\n`)
      rows.push({ title: one.title, cpu })
    }
    return rows
  } finally {
    for (const some of connections.values()) for (const connection of some) connection.close()
  }
}

function open(port: number): Promise<readonly Connection[]> {
  return Promise.all(Array.from({ length: IN_FLIGHT }, () => Connection.open(port, TOKEN)))
}

/** Numbers in no order that a database or a memory could profit from. */
function numberOf(n: number): number {
  return ((((n * 7919) % USERS) + USERS) % USERS) + 1
}

type Connections = ReadonlyMap<Target, readonly Connection[]>

/** The ids differ in the number at their end only. */
async function idsOf(connections: Connections): Promise<(n: number) => string> {
  const [some] = connections.values()
  const answered = await some?.[0]?.get('/scim/v2/Users?count=1')
  const head = /"id":"([^"]*-)[0-9a-f]{12}"/.exec(answered?.body ?? '')?.[1]
  if (head === undefined) throw new Error(`no id in ${answered?.body}`)
  return (n) => head + n.toString(16).padStart(12, '0')
}

/** All say the same but for where they are, the order of related rows, and versions, which only the gateway tells. */
async function compare(connections: Connections, one: Case, id: (n: number) => string): Promise<void> {
  let first: unknown
  for (const [{ name, port }, [connection]] of connections) {
    const path = `/scim/v2${one.path(77, id)}`
    const { body = '' } = (await connection?.get(path)) ?? {}
    const said = JSON.parse(body.replaceAll(`127.0.0.1:${port}`, 'host'), (key, value) => {
      if (key === 'version') return undefined
      return key === 'emails' || key === 'groups' ? (value as { value: string }[]).sort(byValue) : value
    })
    first ??= said
    deepStrictEqual(said, first, `${name} answers ${path} in another way`)
  }
}

const byValue = (a: { value: string }, b: { value: string }) => (a.value < b.value ? -1 : 1)
