/** A server that speaks SCIM, under a load that is made here; every answer is checked. */
import { deepStrictEqual } from 'node:assert/strict'
import { LIST, type Target, type What } from '../cases.js'
import { measurementOf } from '../measurement.js'
import { userName } from '../people.js'
import { median } from '../summary.js'
import { watch } from '../usage.js'
import { TOKEN } from './data.js'
import { idOf } from './ids.js'
import { Connection } from './load.js'
import { LARGE_GROUP } from './peers/people.js'

type Request = Extract<What, { kind: 'scim' }>['request']

interface Service {
  readonly name: string
  readonly port: number
  /** Of the server, and of the database behind it if there is one. */
  readonly pids: readonly [number] | readonly [number, number]
  readonly takes: readonly Request[]
}

interface People {
  readonly users: number
  /** Of the large group. */
  readonly members: number
}

interface Question {
  readonly connections: number
  path(n: number): string
  /** Is this how the person with that number, or the list beginning there, is told? */
  isAnswer(body: string, n: number): boolean
}

export function service({ name, port, pids, takes }: Service, people: People): Target {
  return {
    name,
    warmUp: 3,
    load(what) {
      if (what.kind !== 'scim' || !takes.includes(what.request)) return undefined
      const question = questions(people)[what.request]
      return async (seconds, signal) => {
        const open = Array.from({ length: question.connections }, () => Connection.open(port, TOKEN))
        const connections = await Promise.all(open)
        const close = () => {
          for (const connection of connections) connection.close()
        }
        signal.addEventListener('abort', close)
        try {
          const used = watch(pids)
          const delays = await load(connections, question, people.users, seconds)
          return measurementOf(delays.length, median(delays), used())
        } finally {
          signal.removeEventListener('abort', close)
          close()
        }
      }
    },
  }
}

/** @returns the milliseconds that each request took */
async function load(
  connections: readonly Connection[],
  { path, isAnswer }: Question,
  users: number,
  seconds: number,
): Promise<readonly number[]> {
  const delays: number[] = []
  const end = performance.now() + seconds * 1000
  await Promise.all(
    connections.map(async (connection) => {
      for (let now = performance.now(); now < end; ) {
        const n = 1 + Math.floor(Math.random() * users)
        const { status, body } = await connection.get(path(n))
        if (status !== 200 || !isAnswer(body, n)) {
          throw new Error(`${path(n)} was answered ${status}: ${body.slice(0, 300)}`)
        }
        const then = performance.now()
        delays.push(then - now)
        now = then
      }
    }),
  )
  return delays
}

function questions({ users, members }: People): Readonly<Record<Request, Question>> {
  const startOf = (n: number) => 1 + (n % (users - LIST))
  const isUser = (body: string, n: number) => body.includes(`"userName":"${userName(n)}"`)
  return {
    get: {
      connections: 16,
      path: (n) => `/scim/v2/Users/${idOf.people(n)}`,
      isAnswer: isUser,
    },
    filter: {
      connections: 16,
      path: (n) => `/scim/v2/Users?filter=${encodeURIComponent(`userName eq "${userName(n)}"`)}`,
      isAnswer: (body, n) => isUser(body, n) && /"totalResults":1[,}]/.test(body),
    },
    list: {
      connections: 16,
      path: (n) => `/scim/v2/Users?count=${LIST}&startIndex=${startOf(n)}`,
      isAnswer: (body, n) => isUser(body, startOf(n)) && count(body, '"userName":') === LIST,
    },
    group: {
      connections: 4,
      path: () => `/scim/v2/Groups/${idOf.groups(LARGE_GROUP.id)}`,
      isAnswer: (body) => count(body, '"$ref":') === members,
    },
  }
}

function count(text: string, part: string): number {
  let found = 0
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) found++
  return found
}

/** Rejects where two services do not say the same, but for where they are and versions, which only the gateway tells. */
export async function compare(ports: readonly number[], people: People): Promise<void> {
  for (const { path } of Object.values(questions(people))) {
    const answers: unknown[] = []
    for (const port of ports) {
      const connection = await Connection.open(port, TOKEN)
      const { body } = await connection.get(path(77))
      connection.close()
      answers.push(
        JSON.parse(body.replaceAll(`127.0.0.1:${port}`, 'host'), (key, value) =>
          key === 'version' ? undefined : value,
        ),
      )
    }
    for (const answer of answers) deepStrictEqual(answer, answers[0], `${path(77)} is answered differently`)
  }
}
