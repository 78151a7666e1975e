/** Remote SCIM services to push to: this gateway's own over an empty database, and one of another make. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import SCIMMYRouters, { SCIMMY } from 'scimmy-routers'
import { createGateway } from '../../../src/index.js'
import { mappingFile, mappingText, runSql, sqliteDatabase } from '../../mappings/databases.js'
import { type Body, type Scim, SEARCH, scim, TOKEN } from '../scim/serving.js'

export interface RemoteService {
  readonly url: string
  readonly token: string
  /** To look at it and to change it behind the target's back. */
  readonly client: Scim
  sql?(...statements: readonly string[]): Promise<void>
  close(): Promise<void>
}

export async function gatewayService(): Promise<RemoteService> {
  const database = sqliteDatabase()
  await runSql(database.url, mappingText('demo/schema.sql'))
  const gateway = await createGateway(mappingFile('demo/gateway.yaml'), {
    overrides: {
      listen: { ldap: '127.0.0.1:0', http: '127.0.0.1:0' },
      log: { level: 'silent' },
      sources: { hr: { url: database.url } },
    },
  })
  const { http } = await gateway.listen()
  const url = `http://127.0.0.1:${http?.port}/scim/v2`
  return {
    url,
    token: TOKEN,
    client: scim(url, `Bearer ${TOKEN}`),
    sql: (...statements) => runSql(database.url, ...statements),
    close: async () => {
      await gateway.close()
      await database.remove()
    },
  }
}

type Kept = Record<string, unknown> & { id: string }

/** Resources in memory. There is one for a process, since the library keeps its types so. */
export async function scimmyService(): Promise<RemoteService> {
  let next = 1
  const keep = (
    type: typeof SCIMMY.Resources.User | typeof SCIMMY.Resources.Group,
    unique: string | undefined,
  ) => {
    const all = new Map<string, Kept>()
    const find = (id: string): Kept => {
      const found = all.get(id)
      if (found === undefined) throw new SCIMMY.Types.Error(404, null as never, `Resource ${id} not found`)
      return found
    }
    SCIMMY.Resources.declare(type as never, {} as never)
    const handlers = type as unknown as {
      ingress(f: (resource: { id?: string }, data: Record<string, unknown>) => unknown): typeof handlers
      egress(
        f: (resource: { id?: string; filter?: { match(all: Kept[]): Kept[] } }) => unknown,
      ): typeof handlers
      degress(f: (resource: { id: string }) => unknown): typeof handlers
    }
    handlers
      .ingress(({ id }, data) => {
        if (id !== undefined) find(id)
        const name = unique === undefined ? undefined : String(data[unique]).toLowerCase()
        for (const other of all.values()) {
          if (unique === undefined || other.id === id || String(other[unique]).toLowerCase() !== name)
            continue
          throw new SCIMMY.Types.Error(409, 'uniqueness', `${unique} is taken`)
        }
        const kept = { ...JSON.parse(JSON.stringify(data)), id: id ?? `r${next++}` } as Kept
        all.set(kept.id, kept)
        return kept
      })
      .egress(({ id, filter }) => {
        if (id !== undefined) return find(id)
        const found = [...all.values()]
        return filter === undefined ? found : filter.match(found)
      })
      .degress(({ id }) => {
        find(id)
        all.delete(id)
      })
  }
  keep(SCIMMY.Resources.User, 'userName')
  keep(SCIMMY.Resources.Group, undefined)
  const app = express()
  const options = {
    type: 'bearer',
    docUri: 'https://example.com/',
    handler: (request: { header(name: string): string | undefined }) => {
      if (request.header('Authorization') !== `Bearer ${TOKEN}`) throw new Error('who are you?')
      return 'somebody'
    },
  }
  app.use('/scim', new SCIMMYRouters(options as never) as never)
  const server = createServer(app)
  await listening(server)
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/scim`
  return {
    url,
    token: TOKEN,
    client: scim(url, `Bearer ${TOKEN}`),
    close: () => closed(server),
  }
}

/** All resources of a type, however few come at a time. */
export async function allOf(
  { client }: Pick<RemoteService, 'client'>,
  path: string,
): Promise<readonly Body[]> {
  const all: Body[] = []
  for (;;) {
    const asked = { schemas: [SEARCH], startIndex: all.length + 1, count: 100 }
    const { body } = await client.post(`${path}/.search`, asked)
    const some = body.Resources ?? []
    all.push(...some)
    if (some.length === 0 || all.length >= (body.totalResults ?? 0)) return all
  }
}

export function listening(server: Server): Promise<void> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
}

export function closed(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(() => resolve()))
}
