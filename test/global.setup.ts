/**
 * Before any test: installs the servers that are missing. During the run: starts the shared servers when first asked
 * (`servers/shared.ts` asks), creates databases on those of SQL, and says how the domain controller is reached.
 * Afterwards: ends them.
 */
import { createServer } from 'node:http'
import type { TestProject } from 'vitest/node'
import { adLdif } from './data/active-directory.js'
import { installServers } from './servers/install.js'
import { startMariadb } from './servers/mariadb.js'
import { startPostgres } from './servers/postgres.js'
import { startSamba } from './servers/samba.js'
import { HOST, type Server, type SqlServer } from './servers/server.js'

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  installServers()
  const running: Promise<Server>[] = []
  /** The server of the run, once it is asked for. */
  const shared = <Shared extends Server>(start: () => Promise<Shared>): (() => Promise<Shared>) => {
    let server: Promise<Shared> | undefined
    return () => {
      if (server !== undefined) return server
      server = start()
      running.push(server)
      return server
    }
  }
  let databases = 0
  const databaseOn = (server: () => Promise<SqlServer>) => async () =>
    (await server()).createDatabase(`test_${++databases}_${Date.now()}`)
  const samba = shared(() => startSamba({ ldif: adLdif() }))
  const answers: Readonly<Record<string, () => Promise<string>>> = {
    '/mariadb': databaseOn(shared(startMariadb)),
    '/postgres': databaseOn(shared(startPostgres)),
    '/samba': async () => JSON.stringify((await samba()).domain),
  }

  const desk = createServer((request, response) => {
    // A connection that is kept might be closed just when the next test asks over it.
    const answer = (status: number, text: string) =>
      response.writeHead(status, { connection: 'close' }).end(text)
    const path = request.url ?? ''
    const make = answers[path]
    if (request.method !== 'POST' || make === undefined) {
      answer(404, `no such server: ${path}`)
      return
    }
    make().then(
      (text) => answer(200, text),
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
    const outcomes = await Promise.allSettled(running)
    await Promise.all(
      outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value.stop() : undefined)),
    )
  }
}
