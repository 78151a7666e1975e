/** Long answers share the event loop: what all connections together write in one turn of it, and who waits for whom. */
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import { createLdapServer, type LdapServer, type SearchWriter } from '../../../src/ldap/index.js'
import { search, Wire } from './wire.js'

const CLIENTS = 20
/** Octets of an entry, roughly. */
const ENTRY = 1000
const VALUE = 'x'.repeat(ENTRY)
const success = { code: 0 }

let server: LdapServer | undefined
let wires: Wire[] = []
let isWatching = false

afterEach(async () => {
  isWatching = false
  for (const wire of wires) wire.destroy()
  wires = []
  await server?.close({ graceMs: 0 })
})

/** Writes entries until nobody wants them; tells of each. */
async function all(writer: SearchWriter, written: () => void): Promise<void> {
  for (;;) {
    const sent = writer.entry('uid=x', [{ type: 'description', values: [VALUE] }])
    written()
    if (sent !== undefined) await sent
  }
}

interface Served {
  /** Octets that were written to each client, by its port. */
  readonly octets: ReadonlyMap<number, number>
  /** Turns of the loop that there were. */
  readonly turns: () => number
  /** Most octets that were written in one of them. */
  readonly most: () => number
  connect(): Promise<Wire>
}

/** A server whose searches for `(uid=*)` never end, and whose other searches are answered with one entry of a kilobyte. */
async function serve(): Promise<Served> {
  const octets = new Map<number, number>()
  let turns = 0
  let most = 0
  let now = 0
  server = createLdapServer({
    async search(request, op, writer) {
      const { remotePort } = op.connection
      if (request.filter.tag === 'present')
        await all(writer, () => {
          octets.set(remotePort, (octets.get(remotePort) ?? 0) + ENTRY)
          now += ENTRY
        })
      await writer.entry('uid=x', [{ type: 'description', values: [VALUE] }])
      return success
    },
  })
  const { port } = await server.listen(0)
  isWatching = true
  const watch = (): void => {
    turns++
    most = Math.max(most, now)
    now = 0
    if (isWatching) setImmediate(watch)
  }
  watch()
  const connect = async (): Promise<Wire> => {
    const wire = await Wire.connect(port)
    wires.push(wire)
    return wire
  }
  return { octets, turns: () => turns, most: () => most, connect }
}

/** Clients that have asked for everything and take whatever comes, without looking at it. */
async function dumping(served: Served, times = 1): Promise<void> {
  for (let n = 0; n < CLIENTS; n++) {
    const wire = await served.connect()
    wire.socket.removeAllListeners('data')
    wire.socket.resume()
    for (let id = 1; id <= times; id++) wire.send(search(id, '(uid=*)'))
  }
  while (served.octets.size < CLIENTS) await turn()
}

it.each([1, 30])('bounds what is written in one turn for clients with %i searches each', async (times) => {
  const served = await serve()
  await dumping(served, times)
  const until = served.turns() + 200
  while (served.turns() < until) await turn()
  expect(served.most()).toBeLessThan(1024 * 1024)
})

it('lets each connection write about as much as the others', async () => {
  const served = await serve()
  await dumping(served)
  const before = new Map(served.octets)
  const until = served.turns() + 400
  while (served.turns() < until) await turn()
  const written = [...served.octets].map(([port, octets]) => octets - (before.get(port) ?? 0))
  expect(Math.min(...written)).toBeGreaterThan(0)
  expect(Math.max(...written)).toBeLessThan(3 * Math.min(...written))
})

it('makes no short answer wait, however many there are', async () => {
  const served = await serve()
  await dumping(served)
  const neighbour = await served.connect()
  for (let round = 0; round < 10; round++) {
    const asked = served.turns()
    const ids = Array.from({ length: 100 }, (_, i) => 100 * round + i + 1)
    neighbour.send(...ids.map((id) => search(id, '(uid=x)')))
    await neighbour.messages(200 * (round + 1))
    // They are read in a turn, answered at its end, and received in the next.
    expect(served.turns() - asked).toBeLessThanOrEqual(4)
  }
})
