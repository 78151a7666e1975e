/**
 * The token endpoint for the client credentials grant (RFC 6749 4.4): client and secret in, a token of ours out. Takes
 * and gives plain data; the route is the plugin's.
 */
import type { PasswordVerifier } from '../../../directory/password/verifier.js'
import { errorKinds, VitrineError } from '../../../model/errors.js'
import type { Log } from '../../../model/log.js'
import { ALL_SCOPES } from '../../../model/scopes.js'
import type { Attempts } from './attempts.js'
import { type ClientCredentials, credentialsOf, formOf, TokenError } from './client-credentials.js'
import type { OwnTokens } from './own-tokens.js'
import { holds, type ScopeNames, scopesIn } from './scopes.js'
import type { TokenEndpointSettings } from './settings.js'
import type { Asking } from './subjects.js'

export interface TokenRequest extends Asking {
  /** The header. */
  readonly authorization?: string | undefined
  readonly contentType?: string | undefined
  /** As text, not parsed. */
  readonly body: string
}

export interface TokenResponse {
  /** HTTP status. */
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** To be sent as JSON (RFC 6749 5.1, 5.2). */
  readonly body: Readonly<Record<string, string | number>>
}

export interface TokenEndpoint {
  /** Absolute, e.g. `/oauth/token`. */
  readonly path: string
  /** Never throws: errors are answers, too. */
  answer(request: TokenRequest): Promise<TokenResponse>
}

export interface TokenEndpointParts {
  readonly tokens: OwnTokens
  readonly names: ScopeNames
  readonly attempts: Attempts
  readonly verifier: Pick<PasswordVerifier, 'verify' | 'waste'>
  readonly log: Log
}

/** Bytes of a request at most. */
const LONGEST = 16_384

const UNSTORED = { 'cache-control': 'no-store', pragma: 'no-cache' }

export function createTokenEndpoint(
  settings: TokenEndpointSettings,
  parts: TokenEndpointParts,
): TokenEndpoint {
  return {
    path: settings.path,
    answer: async (request) => {
      try {
        return { status: 200, headers: UNSTORED, body: await issue(request, parts) }
      } catch (error) {
        return refusal(error, request, parts.log)
      }
    },
  }
}

async function issue(request: TokenRequest, parts: TokenEndpointParts): Promise<TokenResponse['body']> {
  const { tokens, names, attempts } = parts
  if (Buffer.byteLength(request.body) > LONGEST) {
    throw new TokenError('invalid_request', 'the request is too long')
  }
  const form = formOf(request.contentType, request.body)
  const credentials = credentialsOf(request.authorization, form)
  const grantType = form.get('grant_type')
  if (grantType === undefined) throw new TokenError('invalid_request', 'the parameter grant_type is missing')
  const id = await attempts.check(`client ${credentials.id}`, request, () =>
    authenticated(credentials, parts, request.signal),
  )
  const client = id === undefined ? undefined : tokens.client(id)
  if (id === undefined || client === undefined) {
    throw new TokenError('invalid_client', 'client or secret is wrong')
  }
  if (grantType !== 'client_credentials') {
    throw new TokenError('unsupported_grant_type', 'only client_credentials is supported')
  }
  const scopes = scopesFor(form.get('scope'), client.scopes, names)
  return {
    access_token: await tokens.issue(id, scopes),
    token_type: 'Bearer',
    expires_in: Math.ceil(tokens.lifetime / 1000),
    scope: scopes.map((scope) => names.shown(scope)).join(' '),
  }
}

/** The client's id, or undefined if the secret is wrong; which takes as long if there is no such client. */
async function authenticated(
  { id, secrets }: ClientCredentials,
  { tokens, verifier }: TokenEndpointParts,
  signal: AbortSignal,
): Promise<string | undefined> {
  const stored = tokens.client(id)?.settings.secret
  let verified = false
  for (const secret of secrets) {
    const bytes = Buffer.from(secret, 'utf8')
    if (stored === undefined) await verifier.waste(bytes, { signal })
    else if (await verifier.verify(stored, bytes, { signal, cleartext: true })) verified = true
  }
  return verified ? id : undefined
}

/** By our names: what is asked for, or all that the client may (RFC 6749 3.3). */
function scopesFor(
  asked: string | undefined,
  may: ReadonlySet<string>,
  names: ScopeNames,
): readonly string[] {
  if (asked === undefined) return [...may]
  const scopes = new Set<string>()
  for (const name of scopesIn(asked)) {
    const meant = name === ALL_SCOPES ? [ALL_SCOPES] : [...names.granted([name])]
    if (meant.length === 0 || !meant.every((scope) => holds(may, scope))) {
      throw new TokenError('invalid_scope', 'a scope is unknown, or not granted to this client')
    }
    for (const scope of meant) scopes.add(scope)
  }
  return scopes.size === 0 ? [...may] : [...scopes]
}

function refusal(error: unknown, request: TokenRequest, log: Log): TokenResponse {
  if (error instanceof TokenError) {
    const { code, message } = error
    log.debug({ error: code, address: request.address }, `no SCIM token was issued: ${message}`)
    const unknown = code === 'invalid_client'
    const headers = unknown ? { ...UNSTORED, 'www-authenticate': 'Basic realm="SCIM"' } : UNSTORED
    return { status: unknown ? 401 : 400, headers, body: { error: code, error_description: message } }
  }
  const known = VitrineError.from(error)
  const status = errorKinds[known.code].http
  if (status >= 500) log.error({ err: error, address: request.address }, 'no SCIM token could be issued')
  const code = status === 429 || status === 503 ? 'temporarily_unavailable' : 'server_error'
  return { status, headers: UNSTORED, body: { error: code, error_description: known.safeMessage } }
}
