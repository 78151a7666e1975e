/** All that take part, started, in the order of the tables. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Target } from './cases.js'
import { urls } from './databases.js'
import { directory, type Part } from './directory.js'
import { startDriver } from './drivers/driver.js'
import { prepare, startCached, startGateway, startProxy } from './gateway.js'
import { names, onDatabase } from './goals.js'
import { type Peers, ports } from './peers.js'
import { type Listening, startNode } from './process.js'
import { compare, service } from './scim/service.js'

export interface Servers {
  readonly targets: readonly Target[]
  /** The port on which the gateway on MariaDB speaks SCIM. */
  readonly scimPort: number
}

const WARM_UP = 6
/** Of whom the answers are kept, which is well below what is kept at most. */
const CACHED = 5000
const [maria, postgres] = onDatabase

/**
 * Readies the databases too.
 * @param members of the large group
 * @param undo is told how to stop what was started
 */
export async function startServers(
  peers: Peers,
  work: string,
  scratch: string,
  members: number,
  undo: (() => Promise<void>)[],
): Promise<Servers> {
  const { pids, users } = peers
  const start = async <T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> => {
    const started = await starting
    undo.push(() => started.stop())
    return started
  }
  const program = (url: string, ...args: readonly string[]) =>
    ['--import', import.meta.resolve('tsx'), fileURLToPath(url), ...args] as const
  const node = (server: Listening, name: string, part: Part, behind?: number, sought?: number) =>
    directory(
      {
        name,
        part,
        port: server.port,
        warmUp: WARM_UP,
        pids: behind === undefined ? [server.pid] : [server.pid, behind],
        ...(sought !== undefined && { sought }),
      },
      peers,
    )
  const slapd = (name: string, part: Part, port: number, ...of: [number] | [number, number]) =>
    directory({ name, part, port, warmUp: 1, pids: of }, peers)

  await Promise.all([prepare('maria', scratch), prepare('postgres', scratch)])
  const onMaria = await start(startGateway('maria', scratch))
  const onPostgres = await start(startGateway('postgres', scratch))
  const onDirectory = await start(startProxy(scratch))
  const twice = await start(startProxy(scratch, '--workers', '2'))
  const cached = await start(startCached(scratch))
  const wire = await start(startNode(program(import.meta.resolve('./constant/vitrine-ldap.ts'))))
  const ldapjs = await start(startNode(program(import.meta.resolve('./constant/ldapjs.ts'))))
  const tsv = join(work, 'data', 'users.tsv')
  const bare = await start(
    startNode(program(import.meta.resolve('./scim/peers/fastify.ts'), tsv, String(members)), 'http'),
  )
  const scimmy = await start(
    startNode(program(import.meta.resolve('./scim/peers/scimmy.ts'), urls.maria), 'http'),
  )
  const people = { users, members }
  const scimPort = onMaria.ports.get('http') ?? 0
  await compare([bare.port, scimPort, onPostgres.ports.get('http') ?? 0], people)
  const all = ['get', 'filter', 'list', 'group'] as const
  return {
    scimPort,
    targets: [
      slapd(names.mdb, 'all', ports.mdb, pids.mdb),
      slapd(maria.backSql, 'short', ports.backSqlMaria, pids.backSqlMaria, pids.maria),
      slapd(postgres.backSql, 'short', ports.backSqlPostgres, pids.backSqlPostgres, pids.postgres),
      slapd(names.backLdap, 'unpaged', ports.backLdap, pids.backLdap, pids.mdb),
      node(onMaria, maria.gateway, 'all', pids.maria),
      node(onPostgres, postgres.gateway, 'all', pids.postgres),
      node(cached, names.cached, 'many', pids.maria, CACHED),
      node(onDirectory, names.proxy, 'all', pids.mdb),
      node(twice, `${names.proxy}, 2 workers`, 'many', pids.mdb),
      await start(startDriver(maria.driver, urls.maria, pids.maria, users)),
      await start(startDriver(postgres.driver, urls.postgres, pids.postgres, users)),
      node(wire, 'vitrine/ldap, constant answer', 'lookups'),
      node(ldapjs, 'ldapjs, constant answer', 'lookups'),
      service({ name: names.fastify, port: bare.port, pids: [bare.pid], takes: all }, people),
      service(
        {
          name: names.scimmy,
          port: scimmy.port,
          pids: [scimmy.pid, pids.maria],
          takes: ['get', 'filter'],
        },
        people,
      ),
      service({ name: maria.gateway, port: scimPort, pids: [onMaria.pid, pids.maria], takes: all }, people),
      service(
        {
          name: postgres.gateway,
          port: onPostgres.ports.get('http') ?? 0,
          pids: [onPostgres.pid, pids.postgres],
          takes: all,
        },
        people,
      ),
    ],
  }
}
