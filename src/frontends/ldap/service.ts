/** What answers LDAP's operations: one directory with its names, limits and rules. Connections are the server's. */
import {
  controlType,
  findControl,
  type LdapHandlers,
  type LdapResult,
  PASSWORD_MODIFY,
  parseProxiedAuthorization,
  sessionOperation,
} from '../../ldap/index.js'
import { errorKinds } from '../../model/errors.js'
import type { Tally } from '../../model/observe.js'
import { Provenance } from '../../model/provenance.js'
import { ANONYMOUS } from '../../model/request.js'
import type { FrontendParts } from '../frontend.js'
import { Accounts, type UserNames } from './accounts.js'
import { actingAs } from './acting.js'
import { bind, extended } from './bind.js'
import { CertificateNames, type CertificatePattern } from './certificate-names.js'
import { compare } from './compare.js'
import { type OperationKind, refusedControls, supportedControls } from './controls.js'
import { Cookies } from './cookie.js'
import { FilterTranslator } from './filter.js'
import { Namespace, type TreeConfig } from './namespace.js'
import { type AskedRequest, observed, recalled } from './observed.js'
import { KeptLists } from './ordered-list.js'
import { ownEntry } from './own-entry.js'
import { Places } from './places.js'
import { formOfDn } from './principals.js'
import { Recollection } from './recollection.js'
import { Renderer } from './render.js'
import { renewed } from './renewal.js'
import {
  type LdapContext,
  type LdapOperation,
  type Reading,
  resultOf,
  type Session,
  withContext,
} from './request.js'
import { rootDse, WHO_AM_I } from './root-dse.js'
import { mechanismsFor, type SaslParts } from './sasl.js'
import { partly, Search, type SearchParts } from './search.js'
import { Selections } from './selection.js'
import { SUBSCHEMA_DN, subschemaEntry } from './subschema.js'
import { add } from './write/add.js'
import { remove } from './write/delete.js'
import { hasTrees } from './write/delete-tree.js'
import { modify } from './write/modify.js'
import { modifyDn } from './write/modify-dn.js'
import { hasPasswords, modifyPassword } from './write/password-modify.js'
import { WriteParts } from './write/write-parts.js'

const TOO_MANY: LdapResult = { code: errorKinds.busy.ldap, message: 'too many operations; try again later' }

export interface LdapServiceOptions {
  /** Is there TLS to be had? */
  readonly hasTls: boolean
  readonly requireTls: boolean
  /** Whom certificates of clients stand for. */
  readonly identities: readonly CertificatePattern[]
  /** Where user names are looked up; unless given, by what names entries. */
  readonly users?: readonly UserNames[]
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
}

/** A handler for every operation, and the controls that they know. */
export interface LdapService
  extends Readonly<Required<Omit<LdapHandlers<Session>, 'recall' | 'onConnection' | 'onClose'>>>,
    Readonly<Pick<LdapHandlers<Session>, 'recall'>> {
  readonly controls: readonly string[]
}

export function createLdapService(parts: FrontendParts, options: LdapServiceOptions): LdapService {
  const { directory, log, rates, keeping } = parts
  const namespace = new Namespace(options.tree, directory.views.values(), directory.schema)
  const translator = new FilterTranslator(namespace)
  const serviceAccounts = new Map(options.serviceAccounts.map((dn) => [formOfDn(dn, namespace), dn]))
  const { cancel, startTls } = sessionOperation
  const plainInClear = !options.hasTls && !options.requireTls
  const binding: SaslParts = {
    directory,
    accounts: new Accounts(namespace, directory.views, parts.finding, serviceAccounts, options.users),
    certificateNames: new CertificateNames(options.identities, directory.schema),
    plainInClear,
  }
  const extensions = [WHO_AM_I, cancel]
  if (options.hasTls) extensions.push(startTls)
  if ([...directory.views.values()].some(hasPasswords)) extensions.push(PASSWORD_MODIFY)
  const controls = supportedControls({ trees: hasTrees(directory.views.values()) })
  const shared: Omit<SearchParts, 'rootDse'> = {
    directory,
    namespace,
    places: new Places(namespace),
    selections: new Selections(directory.schema),
    translator,
    renderer: new Renderer(namespace, directory.views),
    cookies: new Cookies(options.cookieSecret),
    lists: new KeptLists(),
    subschema: ownEntry(subschemaEntry(directory.schema, new Date()), SUBSCHEMA_DN, directory.schema),
    sizeLimit: options.sizeLimit,
    pageLimit: options.pageLimit,
  }

  const partsWith = (mechanisms: readonly string[]): SearchParts => {
    const suffixes = namespace.suffixes.map(({ dn }) => dn)
    const root = rootDse({ suffixes, controls, extensions, mechanisms, version: parts.version })
    return { ...shared, rootDse: ownEntry(root, '', directory.schema) }
  }
  const inClear = partsWith(mechanismsFor(plainInClear, false))
  const encrypted = partsWith(mechanismsFor(true, false))
  const certified = partsWith(mechanismsFor(true, true))
  /** The root DSE tells what a connection can do. */
  const partsFor = ({ connection: { secure, certificate } }: LdapOperation) =>
    certificate !== undefined ? certified : secure ? encrypted : inClear

  const writing = new WriteParts(shared, options.anonymousWrites)

  const done = async (
    op: LdapOperation,
    kind: OperationKind,
    limit: number,
    task: (ctx: LdapContext) => Promise<LdapResult>,
    reading?: Reading,
    tally?: Tally,
  ) => {
    const { state } = op.connection
    const work =
      state === undefined || state.among === binding.accounts
        ? task
        : async (ctx: LdapContext) => task(ctx.as(await renewed(state, op, binding, ctx)))
    if (rates?.admitAddress(op.connection.remoteAddress) === false) return TOO_MANY
    if (state !== undefined && rates?.admitIdentity(state.principal) === false) return TOO_MANY
    try {
      if (op.controls.length === 0) return await withContext(op, limit, work, reading, tally)
      const refused = refusedControls(op.controls, kind, controls)
      if (refused !== undefined) return refused
      if (kind === 'bind') return await withContext(op, limit, work, reading, tally)
      const proxied = findControl(op.controls, controlType.proxiedAuthorization)
      const authzId = proxied && parseProxiedAuthorization(proxied)
      const rehearses = findControl(op.controls, controlType.noOp) !== undefined
      const controlled = async (ctx: LdapContext) => {
        const own = op.connection.state
        const acted = authzId === undefined ? ctx : ctx.as(await actingAs(authzId, own, binding, ctx))
        return work(rehearses ? acted.rehearsing() : acted)
      }
      return await withContext(op, limit, controlled, reading, tally)
    } catch (error) {
      return resultOf(error, op, log)
    }
  }

  const { observe, tracing } = parts
  const listeners =
    observe === undefined && tracing === undefined
      ? undefined
      : { ...(observe && { observe }), ...(tracing && { tracing }) }
  const answer = (
    request: AskedRequest,
    op: LdapOperation,
    kind: OperationKind,
    limit: number,
    task: (ctx: LdapContext) => Promise<LdapResult>,
    reading?: Reading,
  ): Promise<LdapResult> =>
    listeners === undefined
      ? done(op, kind, limit, task, reading)
      : observed(request, op, kind, listeners, (tally) => done(op, kind, limit, task, reading, tally))

  // Whoever follows operations is to see what is done for each.
  const recollection = keeping && tracing === undefined ? new Recollection(keeping) : undefined
  const recall: LdapService['recall'] =
    recollection &&
    ((encoded, connection, messageId) => {
      const { state, remoteAddress } = connection
      if (state !== undefined && state.among !== binding.accounts) return undefined
      const begun = performance.now()
      const found = recollection.of(encoded, state?.principal ?? ANONYMOUS)
      if (found === undefined) return undefined
      const isAdmitted =
        rates?.admitAddress(remoteAddress) !== false &&
        (state === undefined || rates?.admitIdentity(state.principal) !== false)
      const answer = isAdmitted ? found : { entries: [], result: TOO_MANY }
      observe?.(recalled(found.request, connection, messageId, answer, begun))
      return answer
    })

  return {
    controls,
    ...(recall && { recall }),
    bind: (request, op) => {
      op.connection.state = undefined
      return answer(request, op, 'bind', options.timeLimit, (ctx) => bind(binding, request, op, ctx))
    },
    search: (request, op, writer) => {
      const kept = keeping && new Provenance()
      const { state } = op.connection
      const isRecorded = request.encoded !== undefined && op.controls.length === 0
      const recorder =
        kept && isRecorded && (state === undefined || state.among === binding.accounts)
          ? recollection?.recorder(request, state?.principal ?? ANONYMOUS, writer, kept)
          : undefined
      return answer(
        request,
        op,
        'search',
        shorter(options.timeLimit, request.timeLimit * 1000),
        async (ctx) => {
          const search = new Search(partsFor(op), request, ctx, recorder ?? writer)
          const result = partly(await search.run(op), ctx.missing)
          return recorder?.end(result) ?? result
        },
        { missing: new Set(), ...(kept && { kept }) },
      )
    },
    compare: (request, op) =>
      answer(request, op, 'compare', options.timeLimit, (ctx) => compare(partsFor(op), request, op, ctx)),
    add: (request, op) =>
      answer(request, op, 'add', options.timeLimit, (ctx) => add(writing, request, op, ctx)),
    modify: (request, op) =>
      answer(request, op, 'modify', options.timeLimit, (ctx) => modify(writing, request, op, ctx)),
    delete: (request, op) =>
      answer(request, op, 'delete', options.timeLimit, (ctx) => remove(writing, request, op, ctx)),
    modifyDn: (request, op) =>
      answer(request, op, 'modifyDn', options.timeLimit, (ctx) => modifyDn(writing, request, op, ctx)),
    extended: (request, op) =>
      request.name === PASSWORD_MODIFY
        ? answer(request, op, 'extended', options.timeLimit, (ctx) => modifyPassword(writing, request, ctx))
        : answer(request, op, 'extended', 0, async (ctx) => extended(request, ctx)),
  }
}

/** The shorter of two limits, of which 0 is none. */
function shorter(a: number, b: number): number {
  return a === 0 ? b : b === 0 ? a : Math.min(a, b)
}
