/**
 * A Fastify handler that has all people in memory, asks no database and knows no filters, rights or versions: what
 * HTTP and JSON cost. `fastify.ts USERS.TSV MEMBERS` serves it.
 */
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import { LIST_URN, TOKEN } from '../data.js'
import { keyOf } from '../ids.js'
import { largeGroup, type Person, user } from './people.js'

const [, , file = '', members = '0'] = process.argv
const people = readFileSync(file, 'utf8').trimEnd().split('\n').map(person)
const byName = new Map(people.map((one) => [one.username, one]))

function person(line: string): Person {
  const [id, username = '', first = '', last = '', email = '', department = '', phone = '', , active] =
    line.split('\t')
  return { id: Number(id), username, first, last, email, department, phone, active: active === '1' }
}

const baseOf = ({ headers }: FastifyRequest) => `http://${headers.host}/scim/v2`

const send = (reply: FastifyReply, body: object) =>
  reply.header('content-type', 'application/scim+json; charset=utf-8').send(JSON.stringify(body))

const list = (found: readonly object[], totalResults: number, startIndex: number): object => ({
  schemas: [LIST_URN],
  totalResults,
  startIndex,
  itemsPerPage: found.length,
  Resources: found,
})

const app = fastify()

app.addHook('onRequest', async ({ headers }, reply) => {
  if (headers.authorization !== `Bearer ${TOKEN}`) return reply.code(401).send()
})

app.get<{ Params: { id: string } }>('/scim/v2/Users/:id', async (request, reply) => {
  const found = people[keyOf(request.params.id) - 1]
  return found === undefined ? reply.code(404).send() : send(reply, user(found, baseOf(request)))
})

app.get<{ Params: { id: string } }>('/scim/v2/Groups/:id', async (request, reply) =>
  send(reply, largeGroup(people.slice(0, Number(members)), baseOf(request))),
)

interface Query {
  readonly filter?: string
  readonly startIndex?: string
  readonly count?: string
}

app.get<{ Querystring: Query }>('/scim/v2/Users', async (request, reply) => {
  const { filter, startIndex = 1, count = 100 } = request.query
  const base = baseOf(request)
  if (filter !== undefined) {
    const [, name = ''] = /^userName eq "([^"]*)"$/.exec(filter) ?? []
    const one = byName.get(name)
    const found = one === undefined ? [] : [user(one, base)]
    return send(reply, list(found, found.length, 1))
  }
  const first = Number(startIndex)
  const page = people.slice(first - 1, first - 1 + Number(count))
  const found = page.map((one) => user(one, base))
  return send(reply, list(found, people.length, first))
})

await app.listen({ host: '127.0.0.1', port: 0 })
const { port } = app.server.address() as AddressInfo
process.stdout.write(`listening on http://127.0.0.1:${port}\n`)
process.once('SIGTERM', () => process.exit(0))
