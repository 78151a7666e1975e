/** Searches of the tables, all answers checked, and what they cost the gateway and the database. */
import { LdapClient } from 'vitrine/ldap'
import { median } from '../summary.js'
import { type Used, watch } from '../usage.js'
import { attributes, groupName, peopleOf, SUFFIX, userName } from './tables.js'

export interface Asked {
  readonly port: number
  /** Of the gateway, and of the database if it is a server. */
  readonly pids: readonly number[]
}

export interface Step {
  /** With one operation in flight each. */
  readonly connections: number
  readonly operation: Operation
  /** Operations that a figure has to be made of. */
  readonly least: number
}

export interface Run {
  readonly operations: number
  /** Milliseconds, the median. */
  readonly p50: number
  readonly used: Used
}

type Operation = (client: LdapClient) => Promise<void>

/** For so many seconds, or until there were as many operations as it takes. Rejects where an answer is wrong. */
export async function load(asked: Asked, step: Step, seconds: number): Promise<Run> {
  const { connections, operation, least } = step
  const clients = await connect(asked.port, connections)
  try {
    const delays: number[] = []
    const used = watch(asked.pids)
    const end = performance.now() + seconds * 1000
    await Promise.all(
      clients.map(async (client) => {
        for (let now = performance.now(); now < end || delays.length < least; ) {
          await operation(client)
          const then = performance.now()
          delays.push(then - now)
          now = then
        }
      }),
    )
    return { operations: delays.length, p50: median(delays), used: used() }
  } finally {
    for (const client of clients) client.close()
  }
}

/** Not all at once, which no queue of a listening socket is made for; each has been used. */
async function connect(port: number, connections: number): Promise<readonly LdapClient[]> {
  const clients: LdapClient[] = []
  while (clients.length < connections) {
    const some = Array.from({ length: Math.min(50, connections - clients.length) }, async () => {
      const client = await LdapClient.connect({ port })
      clients.push(client)
      await client.searchAll('', { scope: 'baseObject', attributes: ['1.1'] })
    })
    await Promise.all(some)
  }
  return clients
}

/** Of anybody among so many. */
export const person =
  (rows: number): Operation =>
  async (client) => {
    const name = userName(1 + Math.floor(Math.random() * rows))
    const { entries } = await client.searchAll(`ou=${peopleOf(rows)},${SUFFIX}`, { filter: `(uid=${name})` })
    expect(entries.length, 1)
  }

/** With so many of its attributes. */
export const wide =
  (count: number, rows = 1000): Operation =>
  async (client) => {
    const name = userName(1 + Math.floor(Math.random() * rows))
    const options = { filter: `(uid=${name})`, attributes: attributes(count) }
    const { entries } = await client.searchAll(`ou=wide,${SUFFIX}`, options)
    expect(entries[0]?.attributes.length, count)
  }

export const group =
  (members: number): Operation =>
  async (client) => {
    const options = { filter: `(cn=${groupName(members)})`, attributes: ['member'] }
    const { entries } = await client.searchAll(`ou=groups,${SUFFIX}`, options)
    expect(entries[0]?.attributes[0]?.values.length, members)
  }

/** All of a table, in one answer. */
export const everybody =
  (rows: number): Operation =>
  async (client) => {
    let found = 0
    for await (const _ of client.search(`ou=${peopleOf(rows)},${SUFFIX}`, { scope: 'singleLevel' })) found++
    expect(found, rows)
  }

function expect(found: number | undefined, wanted: number): void {
  if (found !== wanted) throw new Error(`${found} in place of ${wanted}`)
}
