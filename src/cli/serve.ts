/** `vitrine serve`: runs a gateway until it is told to stop. */
import type { GatewayConfig } from '../config/gateway-config.js'
import type { Overrides } from '../config/load.js'
import { type Addresses, createGateway, type Gateway, readConfig } from '../gateway.js'

export interface Ports {
  readonly ldapPort?: number
  readonly ldapsPort?: number
  readonly httpPort?: number
}

export interface ServeOptions extends Ports {
  readonly config: string
}

export async function serve(options: ServeOptions): Promise<number> {
  const { listen } = await readConfig(options.config, {})
  const gateway = await createGateway(options.config, { overrides: portOverrides(options, listen) })
  return runUntilStopped(gateway, (addresses) => {
    const opened = Object.entries(addresses).map(([protocol, at]) => `${protocol}://${at.host}:${at.port}`)
    if (opened.length === 0)
      throw new Error('nothing to do: the configuration opens no port. Add listen: { ldap: 1389 }.')
    process.stdout.write(`listening on ${opened.join(', ')}\n`)
  })
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

/** Opens the ports and resolves, with the exit code, once SIGINT or SIGTERM has closed everything in order. */
export async function runUntilStopped(
  gateway: Gateway,
  started: (addresses: Addresses) => void,
): Promise<number> {
  const stopped = new Promise<number>((resolve, reject) => {
    const stop = () => {
      process.removeListener('SIGINT', stop)
      process.removeListener('SIGTERM', stop)
      gateway.close().then(() => resolve(0), reject)
    }
    process.on('SIGINT', stop)
    process.on('SIGTERM', stop)
  })
  try {
    started(await gateway.listen())
  } catch (error) {
    await gateway.close()
    throw error
  }
  return stopped
}
