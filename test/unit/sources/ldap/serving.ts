/** LDAP servers in this process for the tests, and the options of a source that asks them. */
import {
  controlType,
  createLdapServer,
  type LdapHandlers,
  type LdapServer,
} from '../../../../src/ldap/index.js'
import type { LdapServerOptions, LdapSourceOptions } from '../../../../src/sources/ldap/options.js'
import { Upstream } from '../../../../src/sources/ldap/upstream.js'

export interface Serving {
  readonly server: LdapServer
  readonly port: number
}

/** What has been started, to be ended after each test. */
export class Started {
  readonly #steps: (() => unknown)[] = []

  add(step: () => unknown): void {
    this.#steps.push(step)
  }

  async end(): Promise<void> {
    for (const step of this.#steps.splice(0).reverse()) await step()
  }

  async server(handlers: LdapHandlers, port = 0): Promise<Serving> {
    const server = createLdapServer(handlers, { supportedControls: Object.values(controlType) })
    this.add(() => server.close({ graceMs: 0 }))
    const address = await server.listen(port)
    return { server, port: address.port }
  }

  upstream(ports: readonly number[], more: Partial<LdapSourceOptions> = {}): Upstream {
    const made = new Upstream({ ...options, servers: ports.map(server), ...more })
    this.add(() => made.close())
    return made
  }
}

function server(port: number, priority: number): LdapServerOptions {
  return { host: '127.0.0.1', port, security: 'none', priority, weight: 1 }
}

const options: Omit<LdapSourceOptions, 'servers'> = {
  tls: { minVersion: 'TLSv1.2', verify: true },
  bind: { mechanism: 'simple', dn: 'cn=gateway', password: 'secret' },
  referrals: 'report',
  referralServers: [],
  pageSize: 500,
  connections: 2,
  streams: 4,
  binds: 4,
  sessions: 10,
  connectTimeout: 1000,
  operationTimeout: 1000,
  healthInterval: 30_000,
  idleTimeout: 60_000,
}
