/**
 * Before any test: installs the servers that are missing. During the run: starts the shared SQL servers when
 * first asked (`servers/shared.ts` asks) and creates databases on them. Afterwards: ends them.
 */
import { createServer } from 'node:http'
import type { TestProject } from 'vitest/node'
import { installServers } from './servers/install.js'
import { startMariadb } from './servers/mariadb.js'
import { startPostgres } from './servers/postgres.js'
import { HOST, type SqlServer } from './servers/server.js'

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  installServers()
  const starts: Readonly<Record<string, () => Promise<SqlServer>>> = {
    '/mariadb': startMariadb,
    '/postgres': startPostgres,
  }
  const running = new Map<string, Promise<SqlServer>>()
  let databases = 0

  const desk = createServer((request, response) => {
    // A connection that is kept might be closed just when the next test asks over it.
    const answer = (status: number, text: string) =>
      response.writeHead(status, { connection: 'close' }).end(text)
    const path = request.url ?? ''
    const start = starts[path]
    if (request.method !== 'POST' || start === undefined) {
      answer(404, `no such server: ${path}`)
      return
    }
    const server = running.get(path) ?? start()
    running.set(path, server)
    const name = `test_${++databases}_${Date.now()}`
    server
      .then((started) => started.createDatabase(name))
      .then(
        (url) => answer(200, url),
        (thrown: unknown) => answer(500, thrown instanceof Error ? thrown.message : String(thrown)),
      )
  })
  const port = await new Promise<number>((resolve, reject) => {
    desk.once('error', reject)
    desk.listen(0, HOST, () => {
      const address = desk.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
  project.provide('databases', `http://${HOST}:${port}/`)

  return async () => {
    desk.close()
    desk.closeAllConnections()
    const outcomes = await Promise.allSettled(running.values())
    await Promise.all(
      outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value.stop() : undefined)),
    )
  }
}
