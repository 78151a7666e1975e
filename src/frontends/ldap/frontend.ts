/**
 * The LDAP frontend: the protocol's server and its ports, answering from the service that is current. What operations mean
 * is the service's affair.
 */
import { networkOf } from '../../directory/layers/network.js'
import { createLdapServer, type LdapServerOptions, type ServerTlsOptions } from '../../ldap/index.js'
import type { Log } from '../../model/log.js'
import { Current } from '../current.js'
import type { Address, Frontend } from '../frontend.js'
import { Ports } from '../ports.js'
import type { Session } from './request.js'
import type { LdapService } from './service.js'

/** The service, and what the server around it is told. */
export interface LdapFace {
  readonly service: LdapService
  readonly listen: {
    readonly ldap?: Address
    readonly ldaps?: Address
    /** Networks of proxies that speak the PROXY protocol. */
    readonly proxyProtocol: readonly string[]
  }
  /** For `listen.ldap`. */
  readonly requireTls: boolean
  readonly tls?: TlsSupply
  readonly limits: {
    readonly connections: number
    readonly connectionsPerAddress: number
    readonly inFlight: number
    readonly pduBytes: number
    readonly pduBytesBeforeBind: number
    /** Milliseconds. */
    readonly idle: number
    /** Milliseconds until a connection is made, encrypted, and first used. */
    readonly handshake: number
    /** Milliseconds from the first to the last octet of a message. */
    readonly message: number
  }
  readonly log: Log
}

/** The certificate of the server, and those that replace it. */
export interface TlsSupply {
  readonly current: ServerTlsOptions
  onChange(listener: (tls: ServerTlsOptions) => void): void
}

export function createLdapFrontend(first: LdapFace): Frontend<LdapFace> {
  const current = new Current(first)
  /** Runs one operation on the service that is current as it begins. */
  const on = <T>(work: (service: LdapService) => T | Promise<T>): T | Promise<T> => {
    const use = current.begin()
    const end = () => use.end()
    const answered = work(use.value.service)
    Promise.resolve(answered).then(end, end)
    return answered
  }
  const server = createLdapServer<Session>(
    {
      get recall() {
        return current.value.service.recall
      },
      bind: (request, op) => on((service) => service.bind(request, op)),
      search: (request, op, writer) => on((service) => service.search(request, op, writer)),
      compare: (request, op) => on((service) => service.compare(request, op)),
      add: (request, op) => on((service) => service.add(request, op)),
      modify: (request, op) => on((service) => service.modify(request, op)),
      delete: (request, op) => on((service) => service.delete(request, op)),
      modifyDn: (request, op) => on((service) => service.modifyDn(request, op)),
      extended: (request, op) => on((service) => service.extended(request, op)),
    },
    optionsOf(first),
  )
  const ports = new Ports(async (protocol, { host, port }) => {
    const address = await server.listen(port, host, {
      secure: protocol === 'ldaps',
      // Whoever connects later is told by what is current then.
      get requireTls() {
        return protocol === 'ldap' && current.value.requireTls
      },
    })
    return { address, close: () => server.unlisten(address) }
  })
  const follow = (face: LdapFace) =>
    face.tls?.onChange((tls) => {
      if (current.value === face) server.replaceTls(tls)
    })
  follow(first)
  let isListening = false
  return {
    listen: async () => {
      isListening = true
      await (await ports.change(wanted(current.value))).commit()
      return ports.addresses
    },
    prepare: async (next) => {
      // A port for TLS cannot be opened without.
      if (next.tls !== undefined && current.value.tls === undefined) server.replaceTls(next.tls.current)
      const change = await ports.change(isListening ? wanted(next) : {})
      return {
        cancel: () => change.cancel(),
        commit: async () => {
          server.reconfigure(optionsOf(next))
          const ended = current.replace(next)
          follow(next)
          await Promise.all([ended, change.commit()])
        },
      }
    },
    get connections() {
      return server.connections
    },
    close: (grace) => server.close({ graceMs: grace }),
  }
}

function wanted({ listen: { ldap, ldaps } }: LdapFace) {
  return { ...(ldap && { ldap }), ...(ldaps && { ldaps }) }
}

function optionsOf({ service, limits, listen, tls, log }: LdapFace): LdapServerOptions {
  return {
    supportedControls: service.controls,
    maxConnections: limits.connections,
    maxInFlight: limits.inFlight,
    maxPduBytes: limits.pduBytes,
    maxPduBytesBeforeBind: limits.pduBytesBeforeBind,
    idleTimeoutMs: limits.idle,
    maxConnectionsPerAddress: limits.connectionsPerAddress,
    addressGroup: networkOf,
    handshakeTimeoutMs: limits.handshake,
    messageTimeoutMs: limits.message,
    proxies: listen.proxyProtocol,
    ...(tls && { tls: tls.current }),
    onClientError: ({ message: reason }, { remoteAddress: address }) =>
      log.info({ reason, address }, 'no connection with a client came about'),
    onError: (error) => log.error({ err: error }, 'the LDAP server failed'),
  }
}
