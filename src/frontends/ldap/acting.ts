/**
 * Proxied authorization (RFC 4370): an operation is done as somebody else than who is bound, with the rights of that other
 * alone. Who may act as whom, the access rules say.
 */
import type { Directory } from '../../directory/directory.js'
import { VitrineError } from '../../model/errors.js'
import { ANONYMOUS, type Context, type Identity } from '../../model/request.js'
import type { Accounts } from './accounts.js'
import type { Session } from './request.js'

export interface ActingParts {
  readonly directory: Directory
  readonly accounts: Accounts
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
  { directory, accounts }: ActingParts,
  ctx: Context,
): Promise<Session> {
  if (own === undefined || own.principal.kind === 'anonymous')
    throw denied('only who has bound may act as others')
  if (/^(?:dn:)?$/i.test(authzId)) return NOBODY
  if (!/^(?:dn|u):/i.test(authzId)) throw denied('the authzId is neither a DN nor a user')
  const identity = await named(authzId, accounts, ctx)
  const principal = identity && (await directory.actAs(own.principal, identity, ctx))
  if (principal === undefined)
    throw denied('this may not be done on behalf of somebody else, or nobody is called so')
  return principal === own.principal ? own : accounts.sessionOf(principal)
}

/** Undefined for what is no name. */
async function named(authzId: string, accounts: Accounts, ctx: Context): Promise<Identity | undefined> {
  try {
    return await accounts.identityNamed(authzId, ctx)
  } catch (error) {
    if (error instanceof VitrineError && error.code === 'invalidDNSyntax') return undefined
    throw error
  }
}

const denied = (message: string) => new VitrineError('authorizationDenied', { message })
