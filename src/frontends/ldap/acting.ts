/**
 * Proxied authorization (RFC 4370): an operation is done as somebody else than who is bound, with the rights of that other
 * alone. Who may act as whom, the access rules say.
 */
import type { Directory } from '../../directory/directory.js'
import { VitrineError } from '../../model/errors.js'
import { ANONYMOUS, type Context, type Identity, type Principal } from '../../model/request.js'
import { keyOf, type Name, parseName } from './names.js'
import type { Namespace } from './namespace.js'
import type { Session } from './request.js'

export interface ActingParts {
  readonly directory: Directory
  readonly namespace: Namespace
  /** Names of service accounts by the normal form of their DNs. */
  readonly serviceAccounts: ReadonlyMap<string, string>
}

const NOBODY: Session = { principal: ANONYMOUS, dn: '' }

/**
 * Whoever is meant by the authzId (RFC 4513 5.2.1.8): `dn:` and a DN, `u:` and a name, or nothing for anonymous.
 * @param own who is bound
 * @throws VitrineError authorizationDenied, whatever the reason
 */
export async function actingAs(
  authzId: string,
  own: Session | undefined,
  parts: ActingParts,
  ctx: Context,
): Promise<Session> {
  if (own === undefined || own.principal.kind === 'anonymous')
    throw denied('only who has bound may act as others')
  const [, kind = '', name = ''] = /^(?:(dn|u):)?(.*)$/is.exec(authzId) ?? []
  if (name === '' && kind.toLowerCase() !== 'u') return NOBODY
  for (const identity of identitiesOf(kind.toLowerCase(), name, parts)) {
    const principal = await parts.directory.actAs(own.principal, identity, ctx)
    if (principal !== undefined)
      return principal === own.principal ? own : { principal, dn: dnOf(principal, parts) }
  }
  throw denied('this may not be done on behalf of somebody else, or nobody is called so')
}

function identitiesOf(kind: string, name: string, parts: ActingParts): readonly Identity[] {
  const { namespace, directory, serviceAccounts } = parts
  if (kind === 'u') {
    const views = [...directory.views.values()].filter((view) => view.bindable && view.rdn.length === 1)
    return views.map((view) => ({ view: view.name, names: [name] }))
  }
  const dn = kind === 'dn' ? nameOf(name, parts) : undefined
  if (dn === undefined) throw denied('the authzId is neither a DN nor a user')
  const service = serviceAccounts.get(keyOf(dn.forms))
  if (service !== undefined) return [{ service }]
  const location = namespace.locate(dn)
  return location.kind === 'entry' ? [{ view: location.view.name, names: location.names }] : []
}

function nameOf(dn: string, { namespace }: ActingParts): Name | undefined {
  try {
    return parseName(dn, namespace.schema)
  } catch (error) {
    if (error instanceof VitrineError) return undefined
    throw error
  }
}

function dnOf(principal: Principal, { directory, namespace }: ActingParts): string {
  switch (principal.kind) {
    case 'entry': {
      const view = directory.views.get(principal.view)
      return view === undefined ? '' : namespace.dnOfRef(principal, view)
    }
    case 'service':
      return principal.name
    case 'certificate':
      return principal.subject
    case 'anonymous':
      return ''
  }
}

const denied = (message: string) => new VitrineError('authorizationDenied', { message })
