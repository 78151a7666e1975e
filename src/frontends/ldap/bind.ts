/** Bind (RFC 4511 4.2, RFC 4513 5.1) and WhoAmI (RFC 4532). */

import type { Directory } from '../../directory/directory.js'
import type { BindRequest, ExtendedRequest, ExtendedResult, LdapResult } from '../../ldap/index.js'
import { VitrineError } from '../../model/errors.js'
import type { Context, Identity } from '../../model/request.js'
import { formatName, keyOf, parseName } from './names.js'
import type { Namespace } from './namespace.js'
import type { LdapContext, LdapOperation } from './request.js'
import { WHO_AM_I } from './root-dse.js'

const SUCCESS: LdapResult = { code: 0 }

export interface BindParts {
  readonly directory: Directory
  readonly namespace: Namespace
  /** Names of service accounts by the normal form of their DNs. */
  readonly serviceAccounts: ReadonlyMap<string, string>
}

export async function bind(
  parts: BindParts,
  request: BindRequest,
  op: LdapOperation,
  ctx: Context,
): Promise<LdapResult> {
  const { directory, namespace, serviceAccounts } = parts
  if (request.version !== 3)
    throw new VitrineError('protocolError', { message: 'only LDAP version 3 is spoken here' })
  const { authentication, name } = request
  if (authentication.mechanism !== 'simple') throw new VitrineError('authMethodNotSupported')
  const { password } = authentication
  if (name === '' && password.length === 0) return SUCCESS
  if (name === '') throw new VitrineError('invalidCredentials')
  if (password.length === 0) {
    throw new VitrineError('unwillingToPerform', {
      message: 'unauthenticated bind (DN with no password) disallowed',
    })
  }
  const dn = parseName(name, namespace.schema)
  const service = serviceAccounts.get(keyOf(dn.forms))
  const location = service === undefined ? namespace.find(dn) : namespace.locate(dn)
  const identity: Identity =
    service !== undefined
      ? { service }
      : location.kind === 'entry' && location.view.bindable
        ? { view: location.view.name, names: location.names }
        : { service: formatName(dn) }
  const principal = await directory.authenticate(identity, password, ctx)
  if (principal === undefined) throw new VitrineError('invalidCredentials')
  op.connection.state = {
    principal,
    dn:
      location.kind === 'entry' && principal.kind === 'entry'
        ? namespace.dnOfRef(principal, location.view)
        : (service ?? ''),
  }
  return SUCCESS
}

export function extended(request: ExtendedRequest, { dn }: LdapContext): ExtendedResult {
  if (request.name !== WHO_AM_I)
    throw new VitrineError('protocolError', { message: 'unsupported extended operation' })
  return { code: 0, value: Buffer.from(dn === '' ? '' : `dn:${dn}`, 'utf8') }
}
