/**
 * scimmy-routers on Express, with a handler that asks the database for exactly the one who is sought, which is the best that
 * it can be given. There are no lists: it does not tell its handlers where a page begins. `scimmy.ts URL` serves it.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import SCIMMYRouters, { SCIMMY } from 'scimmy-routers'
import { TOKEN } from '../data.js'
import { type Cells, openDatabase } from '../database.js'
import { keyOf } from '../ids.js'
import { type Person, user } from './people.js'

/** What the library hands to a handler, as far as it is looked at. */
interface Asked {
  readonly id?: string
  /** A list of alternatives, each an operator and a value by attribute. */
  readonly filter?: readonly Readonly<Record<string, readonly [string, string]>>[]
}

const [, , url = ''] = process.argv
const database = openDatabase(url)
const columns = 'SELECT id, username, first_name, last_name, email, department, phone, active FROM users'

const handlers = {
  egress: async ({ id, filter }: Asked) => {
    if (id !== undefined) {
      const [found] = await database.query(`${columns} WHERE id = ?`, [keyOf(id)])
      if (found === undefined) throw new SCIMMY.Types.Error(404, null as never, 'not found')
      return resource(found)
    }
    const [, name] = filter?.[0]?.userName ?? []
    if (name !== undefined)
      return (await database.query(`${columns} WHERE username = ?`, [name])).map(resource)
    throw new SCIMMY.Types.Error(501, null as never, 'only lookups are served')
  },
}

function resource(row: Cells): object {
  const [id, username, first, last, email, department, phone, active] = row.map(String)
  const person = { id: Number(id), username, first, last, email, department, phone, active: active === '1' }
  // The library makes the rest by itself.
  const { schemas: _, meta: __, ...attributes } = user(person as Person, '')
  return attributes
}

SCIMMY.Resources.declare(SCIMMY.Resources.User as never, handlers as never)
SCIMMY.Resources.User.extend(SCIMMY.Schemas.EnterpriseUser as never, false as never)
const app = express()
const options = {
  type: 'bearer',
  handler: (request: { header(name: string): string | undefined }) => {
    if (request.header('Authorization') !== `Bearer ${TOKEN}`) throw new Error('who are you?')
    return 'somebody'
  },
}
app.use('/scim/v2', new SCIMMYRouters(options as never) as never)
const server = createServer(app)
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  process.stdout.write(`listening on http://127.0.0.1:${port}\n`)
})
process.once('SIGTERM', () => process.exit(0))
