/**
 * What the gateway is measured against: a Fastify handler written for these tables alone, which asks the same of the
 * database and puts the JSON together by hand. `bare.ts URL SHAPE` serves it.
 */
import type { AddressInfo } from 'node:net'
import { type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import { LIST_URN, type Shape, TOKEN, USER_URN } from './data.js'
import { type Cells, openDatabase } from './database.js'
import { idOf, keyOf } from './ids.js'

const [, , url = '', given] = process.argv
const shape: Shape = given === 'related' ? 'related' : 'plain'
const database = openDatabase(url)
const columns = `id, username, first_name, last_name, display_name, active, ${
  shape === 'plain' ? 'email' : 'created_at, updated_at'
}`
const sameName = {
  sqlite: 'username COLLATE NOCASE = ?',
  mysql: 'username = ?',
  postgres: 'lower(username) = lower(?)',
}[database.kind]
const byId = `SELECT ${columns} FROM users WHERE id = ? LIMIT 1`
const byName = `SELECT ${columns} FROM users WHERE ${sameName} ORDER BY id LIMIT ?`
const page = `SELECT ${columns} FROM users ORDER BY id LIMIT ? OFFSET ?`
const total = 'SELECT COUNT(*) FROM users'

interface Related {
  readonly emails: readonly object[]
  readonly groups: readonly object[]
}

/** By the text of the key. */
async function relatedTo(rows: readonly Cells[], base: string): Promise<ReadonlyMap<string, Related>> {
  const found = new Map<string, { emails: object[]; groups: object[] }>()
  if (shape === 'plain' || rows.length === 0) return found
  const keys = rows.map(([key]) => Number(key))
  const marks = keys.map(() => '?').join(', ')
  for (const key of keys) found.set(String(key), { emails: [], groups: [] })
  const [emails, groups] = await Promise.all([
    database.query(`SELECT user_id, value, type, is_primary FROM emails WHERE user_id IN (${marks})`, keys),
    database.query(
      `SELECT m.user_id, g.id, g.name FROM group_members m JOIN user_groups g ON g.id = m.group_id
        WHERE m.user_id IN (${marks})`,
      keys,
    ),
  ])
  for (const [key, value, type, primary] of emails)
    found.get(String(key))?.emails.push({ value, type, primary: Number(primary) === 1 })
  for (const [key, group, name] of groups) {
    const value = idOf.groups(group)
    const $ref = `${base}/Groups/${value}`
    found.get(String(key))?.groups.push({ value, $ref, display: name, type: 'direct' })
  }
  return found
}

function resource(row: Cells, base: string, related: ReadonlyMap<string, Related>): object {
  const [key, userName, givenName, familyName, displayName, active, last, changed] = row
  const id = idOf.people(key)
  const location = `${base}/Users/${id}`
  const user = {
    schemas: [USER_URN],
    id,
    meta: { resourceType: 'User', location },
    userName,
    name: { familyName, givenName },
    displayName,
    active: Number(active) === 1,
  }
  if (shape === 'plain') return { ...user, emails: [{ value: last, type: 'work', primary: true }] }
  const meta = { resourceType: 'User', created: timeOf(last), lastModified: timeOf(changed), location }
  return { ...user, meta, ...related.get(String(key)) }
}

function timeOf(cell: unknown): string {
  return new Date(`${String(cell).replace(' ', 'T')}Z`).toISOString()
}

async function resources(rows: readonly Cells[], base: string): Promise<readonly object[]> {
  const related = await relatedTo(rows, base)
  return rows.map((row) => resource(row, base, related))
}

function list(found: readonly object[], totalResults: number, startIndex: number): object {
  return { schemas: [LIST_URN], totalResults, startIndex, itemsPerPage: found.length, Resources: found }
}

const baseOf = ({ headers }: FastifyRequest) => `http://${headers.host}/scim/v2`

const send = (reply: FastifyReply, body: object) =>
  reply.header('content-type', 'application/scim+json; charset=utf-8').send(JSON.stringify(body))

const app = fastify()

app.addHook('onRequest', async ({ headers }, reply) => {
  if (headers.authorization !== `Bearer ${TOKEN}`) return reply.code(401).send()
})

app.get<{ Params: { id: string } }>('/scim/v2/Users/:id', async (request, reply) => {
  const [found] = await resources(await database.query(byId, [keyOf(request.params.id)]), baseOf(request))
  return found === undefined ? reply.code(404).send() : send(reply, found)
})

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
    const found = await resources(await database.query(byName, [name, Number(count)]), base)
    return send(reply, list(found, found.length, 1))
  }
  const first = Number(startIndex)
  const [rows, [counted]] = await Promise.all([
    database.query(page, [Number(count), first - 1]),
    database.query(total, []),
  ])
  return send(reply, list(await resources(rows, base), Number(counted?.[0]), first))
})

await app.listen({ host: '127.0.0.1', port: 0 })
const { port } = app.server.address() as AddressInfo
process.stdout.write(`listening on http://127.0.0.1:${port}\n`)
process.once('SIGTERM', () => process.exit(0))
