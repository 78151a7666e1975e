/**
 * Who is bound, after another configuration has taken the place of that by which they did: the same, as far as it knows
 * them. Their passwords are not asked for again.
 */
import { isDeepStrictEqual } from 'node:util'
import { OperationAborted, resultCode } from '../../ldap/index.js'
import { VitrineError } from '../../model/errors.js'
import type { Context, Principal } from '../../model/request.js'
import type { LdapOperation, Session } from './request.js'
import { byCertificate, type SaslParts } from './sasl.js'

/**
 * The session as it is now, which the connection has from then on.
 * @throws OperationAborted where whoever was bound is there no more, or may not bind; the connection is ended
 */
export async function renewed(
  before: Session,
  { connection, signal }: LdapOperation,
  parts: SaslParts,
  ctx: Context,
): Promise<Session> {
  const principal = await found(before.principal, connection, parts, ctx)
  // Whoever has bound since is not to be taken for those before.
  signal.throwIfAborted()
  if (principal === undefined) {
    connection.disconnect(resultCode.strongerAuthRequired, 'the configuration has changed: bind again')
    throw new OperationAborted('disconnect')
  }
  const session = parts.accounts.sessionOf(principal)
  connection.state = session
  return session
}

async function found(
  before: Principal,
  { certificate }: LdapOperation['connection'],
  parts: SaslParts,
  ctx: Context,
): Promise<Principal | undefined> {
  const { accounts, directory } = parts
  switch (before.kind) {
    case 'anonymous':
      return before
    case 'service':
      return directory.vouchFor(accounts.identityAt(before.name), ctx)
    case 'entry': {
      const { view, names, id } = before
      const named = directory.views.has(view) ? await directory.vouchFor({ view, names }, ctx) : undefined
      // Another entry may have got the name.
      return named?.kind === 'entry' && isDeepStrictEqual(named.id, id) ? named : undefined
    }
    case 'certificate':
      try {
        return certificate && (await byCertificate(parts, certificate, ctx))
      } catch (error) {
        if (error instanceof VitrineError && error.code === 'invalidCredentials') return undefined
        throw error
      }
  }
}
