/** The LDAP frontend: the protocol's server, answering from the directory. */
import { controlType, createLdapServer, type LdapResult, PASSWORD_MODIFY } from '../../ldap/index.js'
import type { Context } from '../../model/request.js'
import type { View } from '../../model/view.js'
import type { Address, Frontend, FrontendParts } from '../frontend.js'
import { bind, extended } from './bind.js'
import { compare } from './compare.js'
import { Cookies } from './cookie.js'
import { FilterTranslator } from './filter.js'
import { Namespace, type TreeConfig } from './namespace.js'
import { ownEntry } from './own-entry.js'
import { Places } from './places.js'
import { formOfDn } from './principals.js'
import { Renderer } from './render.js'
import { type LdapOperation, resultOf, type Session, withContext } from './request.js'
import { rootDse, WHO_AM_I } from './root-dse.js'
import { Search, type SearchParts } from './search.js'
import { Selections } from './selection.js'
import { SUBSCHEMA_DN, subschemaEntry } from './subschema.js'
import { add } from './write/add.js'
import { remove } from './write/delete.js'
import { modify } from './write/modify.js'
import { modifyDn } from './write/modify-dn.js'
import { hasPasswords, modifyPassword } from './write/password-modify.js'
import { WriteParts } from './write/write-parts.js'

export interface LdapOptions {
  readonly listen: Address
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
  readonly inFlight: number
  readonly pduBytes: number
  readonly pduBytesBeforeBind: number
  /** Milliseconds. */
  readonly idle: number
}

const CONTROLS = [controlType.pagedResults, controlType.manageDsaIT]

export function createLdapFrontend(parts: FrontendParts, options: LdapOptions): Frontend {
  const { directory, log } = parts
  const namespace = new Namespace(options.tree, directory.views.values(), directory.schema)
  const translator = new FilterTranslator(namespace)
  const serviceAccounts = new Map(options.serviceAccounts.map((dn) => [formOfDn(dn, namespace), dn]))
  const searchParts: SearchParts = {
    directory,
    namespace,
    places: new Places(namespace),
    selections: new Selections(directory.schema),
    translator,
    renderer: new Renderer(namespace, directory.views),
    cookies: new Cookies(options.cookieSecret),
    rootDse: ownEntry(
      rootDse(
        namespace.suffixes.map(({ dn }) => dn),
        { controls: CONTROLS, extensions: extensionsOf(directory.views.values()) },
        parts.version,
      ),
      '',
      directory.schema,
    ),
    subschema: ownEntry(subschemaEntry(directory.schema), SUBSCHEMA_DN, directory.schema),
    sizeLimit: options.sizeLimit,
    pageLimit: options.pageLimit,
  }

  const writing = new WriteParts(directory, namespace, options.anonymousWrites)

  const answer = async (
    op: LdapOperation,
    limit: number,
    work: (ctx: Context) => Promise<LdapResult>,
    missing?: Set<string>,
  ) => {
    try {
      return await withContext(op, limit, work, missing)
    } catch (error) {
      return resultOf(error, op, log)
    }
  }

  const server = createLdapServer<Session>(
    {
      bind: (request, op) => {
        op.connection.state = undefined
        return answer(op, options.timeLimit, (ctx) =>
          bind({ directory, namespace, serviceAccounts }, request, op, ctx),
        )
      },
      search: (request, op, writer) =>
        answer(
          op,
          shorter(options.timeLimit, request.timeLimit * 1000),
          (ctx) => new Search(searchParts, request, ctx, writer).run(op),
          new Set(),
        ),
      compare: (request, op) => answer(op, options.timeLimit, (ctx) => compare(searchParts, request, ctx)),
      add: (request, op) => answer(op, options.timeLimit, (ctx) => add(writing, request, op, ctx)),
      modify: (request, op) => answer(op, options.timeLimit, (ctx) => modify(writing, request, op, ctx)),
      delete: (request, op) => answer(op, options.timeLimit, (ctx) => remove(writing, request, op, ctx)),
      modifyDn: (request, op) => answer(op, options.timeLimit, (ctx) => modifyDn(writing, request, op, ctx)),
      extended: (request, op) =>
        request.name === PASSWORD_MODIFY
          ? answer(op, options.timeLimit, (ctx) => modifyPassword(writing, request, ctx))
          : answer(op, 0, async () => extended(request, op)),
    },
    {
      supportedControls: CONTROLS,
      maxConnections: options.connections,
      maxInFlight: options.inFlight,
      maxPduBytes: options.pduBytes,
      maxPduBytesBeforeBind: options.pduBytesBeforeBind,
      idleTimeoutMs: options.idle,
      onError: (error) => log.error({ err: error }, 'the LDAP server failed'),
    },
  )
  return {
    listen: () => server.listen(options.listen.port, options.listen.host),
    close: (grace) => server.close({ graceMs: grace }),
  }
}

function extensionsOf(views: Iterable<View>): readonly string[] {
  return [WHO_AM_I, ...([...views].some(hasPasswords) ? [PASSWORD_MODIFY] : [])]
}

/** The shorter of two limits, of which 0 is none. */
function shorter(a: number, b: number): number {
  return a === 0 ? b : b === 0 ? a : Math.min(a, b)
}
