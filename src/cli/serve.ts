/** `vitrine serve`: runs a gateway until it is told to stop. */
import { type Addresses, createGateway, type Gateway } from '../gateway.js'

export interface ServeOptions {
  readonly config: string
  readonly ldapPort?: number
}

export async function serve(options: ServeOptions): Promise<number> {
  const gateway = await createGateway(options.config, { overrides: portOverrides(options) })
  return runUntilStopped(gateway, (addresses) => {
    const opened = Object.entries(addresses).map(([protocol, at]) => `${protocol}://${at.host}:${at.port}`)
    if (opened.length === 0)
      throw new Error('nothing to do: the configuration opens no port. Add listen: { ldap: 1389 }.')
    process.stdout.write(`listening on ${opened.join(', ')}\n`)
  })
}

export function portOverrides({ ldapPort }: { readonly ldapPort?: number }) {
  return ldapPort === undefined ? {} : { listen: { ldap: ldapPort } }
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
