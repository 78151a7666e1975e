/**
 * Who may use SCIM, and for what: the one thing that routes ask. Tries the kinds of tokens that the configuration
 * knows, each in a file of its own; what the caller may see of the data is the access rules' affair.
 */
import type { PasswordVerifier } from '../../../directory/password/verifier.js'
import type { Log } from '../../../model/log.js'
import type { Principal } from '../../../model/request.js'
import { ALONE, type Siblings } from '../../../model/siblings.js'
import { Attempts } from './attempts.js'
import { insufficientScope, invalidToken, tokenIn } from './bearer.js'
import type { Grant } from './grant.js'
import { Introspection } from './introspection.js'
import type { JwtParts, JwtVerifier } from './jwt.js'
import { OwnTokens } from './own-tokens.js'
import { fingerprint, Remembered } from './remembered.js'
import { holds, ScopeNames } from './scopes.js'
import type { AuthSettings } from './settings.js'
import { StaticTokens } from './static-tokens.js'
import type { Asking, Subjects } from './subjects.js'
import { createTokenEndpoint, type TokenEndpoint } from './token-endpoint.js'

export { BearerError } from './bearer.js'
export { required } from './scopes.js'

/** Who a request comes from. */
export interface Caller {
  /** The access rules are applied to it. */
  readonly principal: Principal
  /** By our names; `*` for all. */
  readonly scopes: ReadonlySet<string>
  may(scope: string): boolean
  /** For the log: the token's or the client's name. */
  readonly name: string
}

export interface Auth {
  /**
   * Whose token an `Authorization` header holds.
   * @throws BearerError 401 where there is none, or it is not valid or no longer; its `challenge` goes into the header
   * `WWW-Authenticate`. VitrineError `unavailable` where the identity provider or the source cannot be asked, `busy`
   * after too many failures from the caller's address
   */
  authenticate(authorization: string | undefined, ctx: Asking): Promise<Caller>
  /** @throws BearerError 403 where the caller lacks the scope, which `required` names */
  demand(caller: Caller, scope: string): void
  /** What clients call a scope. */
  scopeName(scope: string): string
  /** Where the configuration has clients: to be served at its `path`. */
  readonly tokenEndpoint?: TokenEndpoint
}

export interface AuthParts {
  readonly subjects: Subjects
  /** Checks the secrets of the token endpoint's clients. */
  readonly verifier: Pick<PasswordVerifier, 'verify' | 'waste'>
  /** The keys of our own tokens are made from it: the same on all replicas. */
  readonly secret: string | Uint8Array
  readonly log: Log
  readonly siblings?: Siblings
  /** Milliseconds since 1970. */
  readonly now?: () => number
}

/** @throws BearerError where there is nobody on whose behalf it acts */
function granted({ scopes, name }: Grant, principal: Principal | undefined): Caller {
  if (principal === undefined) throw invalidToken(`${name}: its subject does not exist, or is disabled`)
  return { principal, scopes, name, may: (scope) => holds(scopes, scope) }
}

/** Tokens that have been verified, at most; the oldest are verified again. */
const REMEMBERED = 10_000

export function createAuth(parts: AuthParts, settings: AuthSettings): Auth {
  const { subjects, log, siblings = ALONE, now = Date.now } = parts
  const names = new ScopeNames(settings.scopes)
  const attempts = new Attempts(settings.failures, now, siblings)
  const remembered = new Remembered<Grant>(REMEMBERED, now)
  const fixed = new StaticTokens(settings.tokens, now)
  const own = settings.tokenEndpoint && new OwnTokens(settings.tokenEndpoint, { secret: parts.secret, now })
  /** What verifies JWTs takes room, and is loaded where there is anybody whose they could be. */
  const providers = settings.jwt.length === 0 ? undefined : jwtVerifier(settings.jwt, { names, now })
  const introspection =
    settings.introspection && new Introspection(settings.introspection, { names, attempts, log, now })

  const grantOf = (token: string, ctx: Asking): Grant | Promise<Grant> => {
    const print = fingerprint(token)
    return fixed.find(print) ?? remembered.get(print) ?? verified(token, print, ctx)
  }
  const verified = async (token: string, print: string, ctx: Asking): Promise<Grant> => {
    const verifier = [own, await providers, introspection].find((one) => one?.takes(token))
    if (verifier === undefined) throw invalidToken('no kind of token that is configured')
    const grant = await verifier.verify(token, ctx)
    remembered.set(print, grant)
    return grant
  }

  const callerOf = (grant: Grant, ctx: Asking): Caller | Promise<Caller> => {
    const principal = subjects.principalOf(grant.subject, ctx)
    return principal instanceof Promise
      ? principal.then((found) => granted(grant, found))
      : granted(grant, principal)
  }

  return {
    authenticate(authorization, ctx) {
      const tell = (error: unknown): never => {
        log.debug({ err: error, address: ctx.address }, 'a SCIM request was not authenticated')
        throw error
      }
      // Most tokens are known already, and need no more promises than this one.
      try {
        const grant = grantOf(tokenIn(authorization), ctx)
        const caller =
          grant instanceof Promise ? grant.then((known) => callerOf(known, ctx)) : callerOf(grant, ctx)
        return caller instanceof Promise ? caller.catch(tell) : Promise.resolve(caller)
      } catch (error) {
        return Promise.reject(error).catch(tell)
      }
    },
    demand(caller, scope) {
      if (!caller.may(scope)) throw insufficientScope(names.shown(scope))
    },
    scopeName: (scope) => names.shown(scope),
    ...(own !== undefined &&
      settings.tokenEndpoint !== undefined && {
        tokenEndpoint: createTokenEndpoint(settings.tokenEndpoint, {
          tokens: own,
          names,
          attempts,
          verifier: parts.verifier,
          log,
        }),
      }),
  }
}

function jwtVerifier(settings: AuthSettings['jwt'], parts: JwtParts): Promise<JwtVerifier> {
  const made = import('./jwt.js').then(({ JwtVerifier }) => new JwtVerifier(settings, parts))
  // Whoever brings a token is told.
  made.catch(() => undefined)
  return made
}
