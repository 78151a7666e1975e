/** What the configuration says about who may use SCIM, as this folder takes it: complete and in milliseconds. */

/** `*`, or our names of scopes. */
export type GrantedScopes = '*' | readonly string[]

export interface StaticTokenSettings {
  readonly name: string
  /** SHA-256 of the token, in lower-case hexadecimal digits. */
  readonly sha256: string
  /** DN of a service account or an entry. */
  readonly as: string
  readonly scopes: GrantedScopes
  /** From this time on it is refused; milliseconds since 1970. */
  readonly expires?: number | undefined
}

/** Exactly one of the two: the same principal for all tokens, or the entry that a claim names. */
export interface SubjectSettings {
  readonly as?: string | undefined
  readonly principal?:
    | { readonly claim: string; readonly view: string; readonly attribute: string }
    | undefined
}

export interface JwtSettings extends SubjectSettings {
  readonly issuer: string
  /** The token must be for one of these. */
  readonly audience: readonly string[]
  /** Where the provider publishes its public keys, or the keys themselves (RFC 7517 5). */
  readonly jwks: string | { readonly keys: readonly Readonly<Record<string, unknown>>[] }
  readonly algorithms: readonly string[]
  /** Where absent, the first of `scope`, `scp` and `roles` that the token has. */
  readonly scopeClaim?: string | undefined
  /** Granted by every token, whatever its claims say. */
  readonly scopes?: GrantedScopes | undefined
  readonly clockTolerance: number
}

export interface IntrospectionSettings extends SubjectSettings {
  readonly url: string
  readonly clientId: string
  readonly clientSecret: string
  readonly audience?: readonly string[] | undefined
  readonly scopes?: GrantedScopes | undefined
  /** How long a positive answer may be repeated; 0: never. */
  readonly cache: number
}

export interface ClientSettings {
  readonly id: string
  /** In a form that the password verifier reads. */
  readonly secret: string
  readonly as: string
  readonly scopes: GrantedScopes
}

export interface TokenEndpointSettings {
  readonly path: string
  readonly clients: readonly ClientSettings[]
  readonly lifetime: number
}

export interface AuthSettings {
  readonly tokens: readonly StaticTokenSettings[]
  readonly jwt: readonly JwtSettings[]
  readonly introspection?: IntrospectionSettings | undefined
  readonly tokenEndpoint?: TokenEndpointSettings | undefined
  /** By our name, the names that mean it in tokens instead. */
  readonly scopes: Readonly<Record<string, readonly string[]>>
  /** When guesses are refused without a look: failed ones within the window. */
  readonly failures: { readonly perName: number; readonly perAddress: number; readonly window: number }
}
