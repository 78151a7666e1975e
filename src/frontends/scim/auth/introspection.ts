/** Opaque tokens, explained by the authorization server that has issued them (RFC 7662). */
import type { Log } from '../../../model/log.js'
import type { Attempts } from './attempts.js'
import { invalidToken } from './bearer.js'
import { type Claims, claim, type Grant, isFor, scopeSet, subjectOf } from './grant.js'
import { ask, orAborted, providerAway } from './provider.js'
import { fingerprint } from './remembered.js'
import { type ScopeNames, scopesIn } from './scopes.js'
import type { IntrospectionSettings } from './settings.js'
import type { Asking } from './subjects.js'

export interface IntrospectionParts {
  readonly names: ScopeNames
  readonly attempts: Attempts
  readonly log: Log
  readonly now: () => number
}

export class Introspection {
  readonly #settings: IntrospectionSettings
  readonly #parts: IntrospectionParts
  readonly #authorization: string
  /** Questions under way: who asks the same meanwhile waits for the same answer. */
  readonly #asked = new Map<string, Promise<Grant | undefined>>()

  constructor(settings: IntrospectionSettings, parts: IntrospectionParts) {
    this.#settings = settings
    this.#parts = parts
    const credentials = `${formEncoded(settings.clientId)}:${formEncoded(settings.clientSecret)}`
    this.#authorization = `Basic ${Buffer.from(credentials, 'utf8').toString('base64')}`
  }

  takes(_token: string): boolean {
    return true
  }

  /** @throws BearerError; VitrineError unavailable, and busy after too many tokens from one address that were none */
  async verify(token: string, ctx: Asking): Promise<Grant> {
    const { attempts } = this.#parts
    attempts.demandToken(ctx)
    const grant = await orAborted(this.#ask(token), ctx.signal)
    if (grant !== undefined) return grant
    attempts.failedToken(ctx)
    throw invalidToken('the authorization server does not know it as valid')
  }

  #ask(token: string): Promise<Grant | undefined> {
    const print = fingerprint(token)
    const asked = this.#asked.get(print)
    if (asked !== undefined) return asked
    const answer = this.#answer(token).finally(() => this.#asked.delete(print))
    this.#asked.set(print, answer)
    return answer
  }

  async #answer(token: string): Promise<Grant | undefined> {
    const { url } = this.#settings
    const { status, text } = await ask(url, {
      method: 'POST',
      headers: {
        authorization: this.#authorization,
        accept: 'application/json',
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams({ token, token_type_hint: 'access_token' }).toString(),
    })
    const claims = status === 200 ? objectIn(text) : undefined
    if (claims === undefined) {
      this.#parts.log.error({ url, status }, 'the introspection endpoint did not answer as RFC 7662 says')
      throw providerAway(`${url}: its answer has the status ${status}`)
    }
    return this.#grant(claims)
  }

  /** Undefined if the token is not valid here and now. */
  #grant(claims: Claims): Grant | undefined {
    const { audience, scopes, cache } = this.#settings
    const now = this.#parts.now()
    const exp = claim(claims, 'exp')
    const nbf = claim(claims, 'nbf')
    if (claim(claims, 'active') !== true) return undefined
    if (exp !== undefined && !(typeof exp === 'number' && exp * 1000 > now)) return undefined
    if (nbf !== undefined && !(typeof nbf === 'number' && nbf * 1000 <= now)) return undefined
    if (audience !== undefined && !isFor(claim(claims, 'aud'), audience)) return undefined
    const subject = subjectOf(this.#settings, claims)
    if (subject === undefined) return undefined
    const client = claim(claims, 'client_id')
    return {
      name: typeof client === 'string' ? `client ${client}` : 'introspected token',
      subject,
      scopes:
        scopes === undefined ? this.#parts.names.granted(scopesIn(claim(claims, 'scope'))) : scopeSet(scopes),
      until: Math.min(exp === undefined ? Number.POSITIVE_INFINITY : exp * 1000, now + cache),
    }
  }
}

function objectIn(text: string): Claims | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch {
    return undefined
  }
}

/** As RFC 6749 2.3.1 has it before names and secrets go into the Basic scheme. */
function formEncoded(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1)
}
