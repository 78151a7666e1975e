/** `vitrine serve`: runs a gateway until it is told to stop, in one process or in several. */
import cluster from 'node:cluster'
import type { GatewayConfig } from '../config/gateway-config.js'
import type { Overrides } from '../config/load.js'
import type { Addresses, Gateway } from '../gateway/gateway.js'
import { supervise } from './workers/supervise.js'
import { employed } from './workers/worker.js'

export interface Ports {
  readonly ldapPort?: number
  readonly ldapsPort?: number
  readonly httpPort?: number
}

export interface ServeOptions extends Ports {
  readonly config: string
  /** How many processes serve; one, this one, if left out. */
  readonly workers?: number
  /** Is the configuration read anew when its files change, whatever it says itself? */
  readonly watch?: boolean
}

export async function serve(options: ServeOptions): Promise<number> {
  // What it asks for while nothing is served yet is done anyway.
  process.on('SIGHUP', () => undefined)
  if (cluster.isWorker) return serveAsWorker(options)
  const { workers = 1 } = options
  // The first of several serves nothing, and reads neither the configuration nor what gateways are made of.
  if (workers > 1) return supervise({ workers, started, lost })
  const { createGateway, overrides } = await prepared(options)
  const gateway = await createGateway(options.config, { overrides })
  process.on('SIGHUP', () => reload(gateway))
  return runUntil(signalled(), gateway, started)
}

async function prepared(options: ServeOptions) {
  const [{ createGateway }, { readConfig }] = await Promise.all([
    import('../gateway/gateway.js'),
    import('../gateway/reading.js'),
  ])
  const { listen } = await readConfig(options.config, {})
  const overrides: Overrides = {
    ...portOverrides(options, listen),
    ...(options.watch === true && { watch: true }),
  }
  return { createGateway, overrides }
}

/** With others, behind the same ports. */
async function serveAsWorker(options: ServeOptions): Promise<number> {
  try {
    const { createGateway, overrides } = await prepared(options)
    const { siblings, cookieSecret, stopped, listening, reloaded } = await employed()
    const gateway = await createGateway(options.config, { overrides, cookieSecret, siblings })
    reloaded(() => reload(gateway))
    return await runUntil(stopped, gateway, (addresses) => {
      addressesText(addresses)
      listening(addresses)
    })
  } finally {
    // Else it would be waited for what there is to hear.
    process.disconnect()
  }
}

/** What is wrong is told in the log. */
function reload(gateway: Gateway): void {
  gateway.reload().catch(() => undefined)
}

function started(addresses: Addresses): void {
  process.stdout.write(`listening on ${addressesText(addresses)}\n`)
}

/** @throws Error where nothing is listened on */
function addressesText(addresses: Addresses): string {
  const opened = Object.entries(addresses).map(([protocol, { host, port }]) =>
    protocol === 'ops' ? `http://${host}:${port} (operations)` : `${protocol}://${host}:${port}`,
  )
  if (opened.length === 0)
    throw new Error('nothing to do: the configuration opens no port. Add listen: { ldap: 1389 }.')
  return opened.join(', ')
}

function lost(how: number | string, pause: number): void {
  const ended = typeof how === 'number' ? `with exit code ${how}` : `by ${how}`
  process.stderr.write(`a worker has ended ${ended}; another one is started in ${pause / 1000} s\n`)
}

/** Ports of the command line stand above those of the configuration, on the same hosts. */
export function portOverrides(
  { ldapPort, ldapsPort, httpPort }: Ports,
  listen: Partial<GatewayConfig['listen']> = {},
): Overrides {
  const at = (port: number, host = '127.0.0.1') => `${host.includes(':') ? `[${host}]` : host}:${port}`
  return {
    listen: {
      ...(ldapPort !== undefined && { ldap: at(ldapPort, listen.ldap?.host) }),
      ...(ldapsPort !== undefined && { ldaps: at(ldapsPort, listen.ldaps?.host) }),
      ...(httpPort !== undefined && { http: at(httpPort, listen.http?.host) }),
    },
  }
}

/** Resolves when this process is told to end. Told once more, it ends at once. */
export function signalled(): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      process.removeListener('SIGINT', stop)
      process.removeListener('SIGTERM', stop)
      resolve()
    }
    process.on('SIGINT', stop)
    process.on('SIGTERM', stop)
  })
}

/** Opens the ports and resolves, with the exit code, once it was told to stop and everything is closed in order. */
export async function runUntil(
  stopped: Promise<void>,
  gateway: Gateway,
  started: (addresses: Addresses) => void,
): Promise<number> {
  try {
    started(await gateway.listen())
    await stopped
  } finally {
    await gateway.close()
  }
  return 0
}
