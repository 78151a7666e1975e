/**
 * The public keys of an identity provider (RFC 7517): fetched when first needed, again when a token names a key that is
 * not among them, and kept for a while. Tells a key that does not exist from keys that cannot be had.
 */
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  errors,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
} from 'jose'
import { ask, providerAway, TIMEOUT } from './provider.js'
import type { JwtSettings } from './settings.js'

/** Milliseconds after which keys are fetched anew. */
const KEPT = 10 * 60 * 1000
/** Milliseconds within which keys are not fetched again for the sake of one that is not among them. */
const COOLDOWN = 30 * 1000
/** Milliseconds for which a provider that failed is not asked again. */
const PAUSE = 2000

/** What is wrong with the token, and not with the keys. */
const faultsOfToken = [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported]

/** Finds the key for a token's header; what it throws is a JOSEError about the token, or VitrineError unavailable. */
export function keySet(jwks: JwtSettings['jwks'], now: () => number): JWTVerifyGetKey {
  const find =
    typeof jwks === 'string' ? remote(jwks, now) : createLocalJWKSet(structuredClone(jwks) as JSONWebKeySet)
  const source = typeof jwks === 'string' ? jwks : 'the configured keys'
  return async (header, token) => {
    try {
      return await find(header, token)
    } catch (error) {
      if (faultsOfToken.some((kind) => error instanceof kind)) throw error
      throw providerAway(`${source}: ${error instanceof Error ? error.message : String(error)}`, error)
    }
  }
}

function remote(url: string, now: () => number): JWTVerifyGetKey {
  let failed: { readonly at: number; readonly error: unknown } | undefined
  return createRemoteJWKSet(new URL(url), {
    timeoutDuration: TIMEOUT,
    cooldownDuration: COOLDOWN,
    cacheMaxAge: KEPT,
    [customFetch]: async (href, { headers, signal }) => {
      if (failed !== undefined && now() - failed.at < PAUSE) throw failed.error
      try {
        const { status, text } = await ask(href, { headers, signal })
        if (status !== 200) throw new Error(`its answer has the status ${status}`)
        JSON.parse(text)
        failed = undefined
        return new Response(text, { status })
      } catch (error) {
        failed = { at: now(), error }
        throw error
      }
    },
  })
}
