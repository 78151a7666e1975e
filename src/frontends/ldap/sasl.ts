/** Binds by SASL (RFC 4513 5.2): EXTERNAL, by the client's certificate, and PLAIN (RFC 4616), by a password over TLS. */
import type { Directory } from '../../directory/directory.js'
import {
  type BindResult,
  type Connection,
  certificateSubject,
  formatDn,
  parsePlainCredentials,
  resultCode,
  type SaslAuthentication,
} from '../../ldap/index.js'
import { VitrineError } from '../../model/errors.js'
import type { Context, Principal } from '../../model/request.js'
import type { Accounts } from './accounts.js'
import type { CertificateNames } from './certificate-names.js'
import { keyOf, parseName } from './names.js'
import type { Session } from './request.js'

export interface SaslParts {
  readonly directory: Directory
  readonly accounts: Accounts
  readonly certificateNames: CertificateNames
  /** May passwords of SASL be sent in clear? Where there is no TLS to be had, and it is not required. */
  readonly plainInClear: boolean
}

/** The client is to send what it has to say (RFC 4422 section 3): it has named the mechanism only. */
const GO_ON: BindResult = { code: resultCode.saslBindInProgress, serverSaslCreds: Buffer.alloc(0) }

/** The mechanisms that a connection can use, for the root DSE; `plain`: whether passwords may be sent on it. */
export function mechanismsFor(plain: boolean, certificate: boolean): readonly string[] {
  return [...(certificate ? ['EXTERNAL'] : []), ...(plain ? ['PLAIN'] : [])]
}

/**
 * Who is bound then, or that more is to be said.
 * @throws VitrineError
 */
export async function saslBind(
  parts: SaslParts,
  { sasl, credentials }: SaslAuthentication,
  connection: Connection,
  ctx: Context,
): Promise<Session | BindResult> {
  const { certificate, secure } = connection
  switch (sasl.toUpperCase()) {
    case 'EXTERNAL': {
      if (certificate === undefined)
        throw new VitrineError('authMethodNotSupported', {
          message: 'EXTERNAL needs a certificate of the client that is accepted',
        })
      if (credentials === undefined) return GO_ON
      const session = parts.accounts.sessionOf(await byCertificate(parts, certificate, ctx))
      return authorized(parts, session, credentials.toString('utf8'), ctx)
    }
    case 'PLAIN': {
      if (!secure && !parts.plainInClear)
        throw new VitrineError('confidentialityRequired', { message: 'PLAIN needs TLS' })
      if (credentials === undefined) return GO_ON
      const { authenticationId, authorizationId, password } = parsePlainCredentials(credentials)
      if (password.length === 0 || authenticationId === '') throw new VitrineError('invalidCredentials')
      const identity = await parts.accounts.identityNamed(authenticationId, ctx)
      const principal = await parts.directory.authenticate(identity, password, ctx)
      if (principal === undefined) throw new VitrineError('invalidCredentials')
      const isSame = authorizationId === authenticationId
      return authorized(parts, parts.accounts.sessionOf(principal), isSame ? '' : authorizationId, ctx)
    }
    default:
      throw new VitrineError('authMethodNotSupported')
  }
}

/** Whom a verified certificate stands for: itself, where no pattern fits its subject. */
export async function byCertificate(
  { accounts, directory, certificateNames }: SaslParts,
  certificate: NonNullable<Connection['certificate']>,
  ctx: Context,
): Promise<Principal> {
  const subject = certificateSubject(certificate)
  const dn = certificateNames.nameOf(subject)
  if (dn === undefined) return { kind: 'certificate', subject: formatDn(subject) }
  const principal = await directory.vouchFor(accounts.identityAt(dn), ctx)
  if (principal === undefined)
    throw new VitrineError('invalidCredentials', {
      detail: `the certificate stands for ${dn}, who may not bind`,
    })
  return principal
}

/** The session as whom the client asks to act; whoever asks for another than itself needs the right to. */
async function authorized(
  { accounts, directory }: SaslParts,
  session: Session,
  authzId: string,
  ctx: Context,
): Promise<Session> {
  if (authzId === '' || isOwn(authzId, session, directory)) return session
  const refused = new VitrineError('insufficientAccessRights', {
    message: 'not authorized to act as this identity',
  })
  try {
    const identity = await accounts.identityNamed(authzId, ctx)
    const principal = await directory.actAs(session.principal, identity, ctx)
    if (principal !== undefined) return accounts.sessionOf(principal)
  } catch (error) {
    if (!(error instanceof VitrineError && error.code === 'invalidDNSyntax')) throw error
  }
  throw refused
}

function isOwn(authzId: string, { dn }: Session, { schema }: Directory): boolean {
  if (!/^dn:/i.test(authzId)) return false
  try {
    const forms = (text: string) => keyOf(parseName(text, schema).forms)
    return forms(authzId.slice('dn:'.length)) === forms(dn)
  } catch {
    return false
  }
}
