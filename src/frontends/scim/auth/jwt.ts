/** JWT access tokens of identity providers (RFC 7519, RFC 9068): signed with one of their public keys, never otherwise. */
import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { invalidToken } from './bearer.js'
import { type Claims, claim, type Grant, issuerOf, scopeSet, subjectOf, textOf } from './grant.js'
import { keySet } from './key-set.js'
import { orAborted } from './provider.js'
import { type ScopeNames, scopesIn } from './scopes.js'
import type { JwtSettings } from './settings.js'
import type { Asking } from './subjects.js'

/** Milliseconds for which a token is not verified again. */
const KEPT = 60 * 1000

/** Tried in this order where the configuration names none: the claims that providers put scopes into. */
const SCOPE_CLAIMS = ['scope', 'scp', 'roles']

export interface JwtParts {
  readonly names: ScopeNames
  readonly now: () => number
}

interface Provider {
  readonly settings: JwtSettings
  readonly key: JWTVerifyGetKey
}

export class JwtVerifier {
  readonly #providers = new Map<string, readonly Provider[]>()
  readonly #parts: JwtParts

  constructor(settings: readonly JwtSettings[], parts: JwtParts) {
    this.#parts = parts
    for (const one of settings) {
      const others = this.#providers.get(one.issuer) ?? []
      this.#providers.set(one.issuer, [...others, { settings: one, key: keySet(one.jwks, parts.now) }])
    }
  }

  /** Does it claim to be of one of the issuers? */
  takes(token: string): boolean {
    return this.#providers.has(issuerOf(token) ?? '')
  }

  /** @throws BearerError, VitrineError unavailable */
  async verify(token: string, { signal }: Asking): Promise<Grant> {
    let refusal: unknown
    for (const provider of this.#providers.get(issuerOf(token) ?? '') ?? []) {
      try {
        const claims = await orAborted(this.#claims(token, provider), signal)
        return this.#grant(provider.settings, claims)
      } catch (error) {
        if (!(error instanceof errors.JOSEError)) throw error
        // Of several audiences of one issuer, the one that fits tells best what is wrong.
        if (refusal === undefined || !isOfClaim(error, 'aud')) refusal = error
      }
    }
    throw refusalOf(refusal)
  }

  async #claims(token: string, { settings, key }: Provider): Promise<JWTPayload> {
    const { issuer, audience, algorithms, clockTolerance } = settings
    const options = {
      issuer,
      audience: [...audience],
      algorithms: [...algorithms],
      clockTolerance: clockTolerance / 1000,
      requiredClaims: ['exp'],
      currentDate: new Date(this.#parts.now()),
    }
    try {
      return (await jwtVerify(token, key, options)).payload
    } catch (error) {
      if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error
      // A token that does not say which of several keys has signed it.
      for await (const one of error) {
        try {
          return (await jwtVerify(token, one, options)).payload
        } catch (wrong) {
          if (!(wrong instanceof errors.JWSSignatureVerificationFailed)) throw wrong
        }
      }
      throw new errors.JWSSignatureVerificationFailed()
    }
  }

  #grant(settings: JwtSettings, claims: Claims): Grant {
    const { issuer, scopes, scopeClaim } = settings
    const subject = subjectOf(settings, claims)
    if (subject === undefined) {
      throw invalidToken(`issuer ${issuer}: the token lacks the claim ${settings.principal?.claim}`)
    }
    const names = scopeClaim === undefined ? SCOPE_CLAIMS : [scopeClaim]
    const found = names.map((name) => claim(claims, name)).find((value) => value !== undefined)
    return {
      name: `${issuer} ${textOf(claims, 'client_id') ?? textOf(claims, 'azp') ?? textOf(claims, 'sub') ?? ''}`.trim(),
      subject,
      scopes: scopes === undefined ? this.#parts.names.granted(scopesIn(found)) : scopeSet(scopes),
      until: Math.min(Number(claims.exp) * 1000, this.#parts.now() + KEPT),
    }
  }
}

function isOfClaim(error: unknown, name: string): boolean {
  return error instanceof errors.JWTClaimValidationFailed && error.claim === name
}

/** The refusal of a token by what its verification has thrown. */
export function refusalOf(error: unknown): Error {
  if (!(error instanceof errors.JOSEError)) return error instanceof Error ? error : new Error(String(error))
  // Only what has a good signature is told more.
  return error instanceof errors.JWTExpired
    ? invalidToken(error.message, 'the token has expired')
    : invalidToken(`${error.code}: ${error.message}`)
}
