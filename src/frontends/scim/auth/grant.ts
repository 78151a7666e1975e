/** What a good token says: on whose behalf it acts, what it is good for, and until when. */
import type { GrantedScopes, SubjectSettings } from './settings.js'
import type { Subject } from './subjects.js'

export interface Grant {
  /** For the log. */
  readonly name: string
  readonly subject: Subject
  readonly scopes: ReadonlySet<string>
  /** Until when it holds without another look at the token; milliseconds since 1970. */
  readonly until: number
}

/** What a token asserts; own properties only count. */
export type Claims = Readonly<Record<string, unknown>>

/** Longer values of claims name nobody. */
const LONGEST = 1024

export function claim(claims: Claims, name: string): unknown {
  return Object.hasOwn(claims, name) ? claims[name] : undefined
}

/** Undefined where the claim that should name the subject is missing or no text. */
export function subjectOf({ as, principal }: SubjectSettings, claims: Claims): Subject | undefined {
  if (principal === undefined) return as === undefined ? undefined : { dn: as }
  const value = claim(claims, principal.claim)
  if (typeof value !== 'string' || value === '' || value.length > LONGEST) return undefined
  return { view: principal.view, attribute: principal.attribute, value }
}

export function scopeSet(scopes: GrantedScopes): ReadonlySet<string> {
  return new Set(scopes === '*' ? ['*'] : scopes)
}

/** Is one of those that are meant among the audience of a token (RFC 7519 4.1.3)? */
export function isFor(audience: unknown, meant: readonly string[]): boolean {
  const given = Array.isArray(audience) ? audience : [audience]
  return given.some((one) => typeof one === 'string' && meant.includes(one))
}

/** A claim that is text. */
export function textOf(claims: Claims, name: string): string | undefined {
  const value = claim(claims, name)
  return typeof value === 'string' ? value : undefined
}

/** As the token itself says, which proves nothing; undefined if it is no JWT. */
export function issuerOf(token: string): string | undefined {
  const [, payload, ...rest] = token.split('.', 4)
  if (payload === undefined || rest.length !== 1) return undefined
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString())
    return typeof claims === 'object' && claims !== null ? textOf(claims as Claims, 'iss') : undefined
  } catch {
    return undefined
  }
}
