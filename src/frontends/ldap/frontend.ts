/** The LDAP frontend: the protocol's server, answering from the directory. */
import { networkOf } from '../../directory/layers/network.js'
import {
  controlType,
  createLdapServer,
  findControl,
  type LdapResult,
  parseProxiedAuthorization,
  type ServerTlsOptions,
  sessionOperation,
} from '../../ldap/index.js'
import type { Address, Frontend, FrontendParts } from '../frontend.js'
import { actingAs } from './acting.js'
import { bind, extended } from './bind.js'
import { compare } from './compare.js'
import { CONTROLS, type OperationKind, refusedControls } from './controls.js'
import { Cookies } from './cookie.js'
import { FilterTranslator } from './filter.js'
import { Namespace, type TreeConfig } from './namespace.js'
import { KeptLists } from './ordered-list.js'
import { ownEntry } from './own-entry.js'
import { Places } from './places.js'
import { formOfDn } from './principals.js'
import { Renderer } from './render.js'
import { type LdapContext, type LdapOperation, resultOf, type Session, withContext } from './request.js'
import { rootDse, WHO_AM_I } from './root-dse.js'
import { Search, type SearchParts } from './search.js'
import { Selections } from './selection.js'
import { SUBSCHEMA_DN, subschemaEntry } from './subschema.js'
import { add } from './write/add.js'
import { remove } from './write/delete.js'
import { modify } from './write/modify.js'
import { modifyDn } from './write/modify-dn.js'
import { WriteParts } from './write/write-parts.js'

export interface LdapOptions {
  readonly listen: {
    readonly ldap?: Address
    readonly ldaps?: Address
    /** Networks of proxies that speak the PROXY protocol. */
    readonly proxyProtocol: readonly string[]
  }
  /** For `listen.ldap`. */
  readonly requireTls: boolean
  readonly tls?: TlsSupply
  readonly tree: TreeConfig
  /** DNs of the accounts that the configuration declares. */
  readonly serviceAccounts: readonly string[]
  /** Does any access rule let those write who have not bound? */
  readonly anonymousWrites: boolean
  /** Signs the cookies of paged results. */
  readonly cookieSecret: string | Uint8Array
  /** Milliseconds that one operation may take; 0: no limit. */
  readonly timeLimit: number
  readonly sizeLimit: number
  readonly pageLimit: number
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

/** The certificate of the server, and those that replace it. */
export interface TlsSupply {
  readonly current: ServerTlsOptions
  onChange(listener: (tls: ServerTlsOptions) => void): void
}

export function createLdapFrontend(parts: FrontendParts, options: LdapOptions): Frontend {
  const { directory, log } = parts
  const namespace = new Namespace(options.tree, directory.views.values(), directory.schema)
  const translator = new FilterTranslator(namespace)
  const serviceAccounts = new Map(options.serviceAccounts.map((dn) => [formOfDn(dn, namespace), dn]))
  const { cancel, startTls } = sessionOperation
  const extensions = [WHO_AM_I, cancel, ...(options.tls === undefined ? [] : [startTls])]
  const searchParts: SearchParts = {
    directory,
    namespace,
    places: new Places(namespace),
    selections: new Selections(directory.schema),
    translator,
    renderer: new Renderer(namespace, directory.views),
    cookies: new Cookies(options.cookieSecret),
    lists: new KeptLists(),
    rootDse: ownEntry(
      rootDse({
        suffixes: namespace.suffixes.map(({ dn }) => dn),
        controls: CONTROLS,
        extensions,
        version: parts.version,
      }),
      '',
      directory.schema,
    ),
    subschema: ownEntry(subschemaEntry(directory.schema), SUBSCHEMA_DN, directory.schema),
    sizeLimit: options.sizeLimit,
    pageLimit: options.pageLimit,
  }

  const writing = new WriteParts(directory, namespace, options.anonymousWrites)

  const acting = { directory, namespace, serviceAccounts }

  const answer = async (
    op: LdapOperation,
    kind: OperationKind,
    limit: number,
    work: (ctx: LdapContext) => Promise<LdapResult>,
    missing?: Set<string>,
  ) => {
    try {
      if (op.controls.length === 0) return await withContext(op, limit, work, missing)
      const refused = refusedControls(op.controls, kind)
      if (refused !== undefined) return refused
      const proxied = findControl(op.controls, controlType.proxiedAuthorization)
      if (proxied === undefined || kind === 'bind') return await withContext(op, limit, work, missing)
      const authzId = parseProxiedAuthorization(proxied)
      const asOther = async (ctx: LdapContext) =>
        work(ctx.as(await actingAs(authzId, op.connection.state, acting, ctx)))
      return await withContext(op, limit, asOther, missing)
    } catch (error) {
      return resultOf(error, op, log)
    }
  }

  const server = createLdapServer<Session>(
    {
      bind: (request, op) => {
        op.connection.state = undefined
        return answer(op, 'bind', options.timeLimit, (ctx) =>
          bind({ directory, namespace, serviceAccounts }, request, op, ctx),
        )
      },
      search: (request, op, writer) =>
        answer(
          op,
          'search',
          shorter(options.timeLimit, request.timeLimit * 1000),
          (ctx) => new Search(searchParts, request, ctx, writer).run(op),
          new Set(),
        ),
      compare: (request, op) =>
        answer(op, 'compare', options.timeLimit, (ctx) => compare(searchParts, request, op, ctx)),
      add: (request, op) => answer(op, 'add', options.timeLimit, (ctx) => add(writing, request, op, ctx)),
      modify: (request, op) =>
        answer(op, 'modify', options.timeLimit, (ctx) => modify(writing, request, op, ctx)),
      delete: (request, op) =>
        answer(op, 'delete', options.timeLimit, (ctx) => remove(writing, request, op, ctx)),
      modifyDn: (request, op) =>
        answer(op, 'modifyDn', options.timeLimit, (ctx) => modifyDn(writing, request, op, ctx)),
      extended: (request, op) => answer(op, 'extended', 0, async (ctx) => extended(request, ctx)),
    },
    {
      supportedControls: CONTROLS,
      maxConnections: options.connections,
      maxInFlight: options.inFlight,
      maxPduBytes: options.pduBytes,
      maxPduBytesBeforeBind: options.pduBytesBeforeBind,
      idleTimeoutMs: options.idle,
      maxConnectionsPerAddress: options.connectionsPerAddress,
      addressGroup: networkOf,
      handshakeTimeoutMs: options.handshake,
      messageTimeoutMs: options.message,
      proxies: options.listen.proxyProtocol,
      ...(options.tls && { tls: options.tls.current }),
      onClientError: ({ message: reason }, { remoteAddress: address }) =>
        log.info({ reason, address }, 'no connection with a client came about'),
      onError: (error) => log.error({ err: error }, 'the LDAP server failed'),
    },
  )
  options.tls?.onChange((tls) => server.replaceTls(tls))
  return {
    listen: async () => {
      const { ldap, ldaps } = options.listen
      const { requireTls } = options
      return {
        ...(ldap && { ldap: await server.listen(ldap.port, ldap.host, { requireTls }) }),
        ...(ldaps && { ldaps: await server.listen(ldaps.port, ldaps.host, { secure: true }) }),
      }
    },
    close: (grace) => server.close({ graceMs: grace }),
  }
}

/** The shorter of two limits, of which 0 is none. */
function shorter(a: number, b: number): number {
  return a === 0 ? b : b === 0 ? a : Math.min(a, b)
}
