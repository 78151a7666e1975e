/** Bind (RFC 4511 4.2, RFC 4513 section 5) and WhoAmI (RFC 4532). */

import type { BindRequest, BindResult, ExtendedRequest, ExtendedResult } from '../../ldap/index.js'
import { VitrineError } from '../../model/errors.js'
import type { Context } from '../../model/request.js'
import type { LdapContext, LdapOperation } from './request.js'
import { WHO_AM_I } from './root-dse.js'
import { type SaslParts, saslBind } from './sasl.js'

const SUCCESS: BindResult = { code: 0 }

export async function bind(
  parts: SaslParts,
  request: BindRequest,
  op: LdapOperation,
  ctx: Context,
): Promise<BindResult> {
  const { directory, accounts } = parts
  if (request.version !== 3)
    throw new VitrineError('protocolError', { message: 'only LDAP version 3 is spoken here' })
  const { authentication, name } = request
  if (authentication.mechanism !== 'simple') {
    const bound = await saslBind(parts, authentication, op.connection, ctx)
    if ('code' in bound) return bound
    op.connection.state = bound
    return SUCCESS
  }
  const { password } = authentication
  if (name === '' && password.length === 0) return SUCCESS
  if (name === '') throw new VitrineError('invalidCredentials')
  const identity = accounts.identityAt(name)
  if (password.length === 0) {
    throw new VitrineError('unwillingToPerform', {
      message: 'unauthenticated bind (DN with no password) disallowed',
    })
  }
  const principal = await directory.authenticate(identity, password, ctx)
  if (principal === undefined) throw new VitrineError('invalidCredentials')
  op.connection.state = accounts.sessionOf(principal)
  return SUCCESS
}

export function extended(request: ExtendedRequest, { dn }: LdapContext): ExtendedResult {
  if (request.name !== WHO_AM_I)
    throw new VitrineError('protocolError', { message: 'unsupported extended operation' })
  if (request.value !== undefined) throw new VitrineError('protocolError')
  return { code: 0, value: Buffer.from(dn === '' ? '' : `dn:${dn}`, 'utf8') }
}
