/** How a remote SCIM service is reached and what may be asked of it at a time. Times are milliseconds. */

/** How we say who we are. */
export type ScimCredentials =
  | { readonly kind: 'none' }
  /** A function is asked whenever a token is needed, and again when the service refuses the last one. */
  | { readonly kind: 'bearer'; readonly token: string | (() => string | Promise<string>) }
  | { readonly kind: 'basic'; readonly user: string; readonly password: string }
  /** The client credentials grant of OAuth 2.0 (RFC 6749 4.4). */
  | {
      readonly kind: 'oauth'
      readonly tokenUrl: string
      readonly clientId: string
      readonly clientSecret: string
      readonly scope?: string | undefined
      /** What some authorization servers want besides. */
      readonly audience?: string | undefined
      readonly resource?: string | undefined
      /** Where the secret stands: in the header, unless told. */
      readonly secretIn?: 'header' | 'body'
    }

export interface ConnectionSettings {
  /** Of an HTTP proxy, with user and password if it asks for them. */
  readonly proxy?: string
  /** Certificates (PEM) that are trusted instead of the public ones. */
  readonly ca?: string
  /** For servers that ask who connects (PEM). */
  readonly cert?: string
  readonly key?: string
  readonly connectTimeout: number
  /** For an answer to come, and for each pause within it. */
  readonly timeout: number
  /** Requests under way at a time; fewer while the service says that there are too many. */
  readonly concurrency: number
}

export interface RetrySettings {
  /** How often a request is made that fails for reasons that pass. */
  readonly attempts: number
  /** Before the second attempt; doubled before each further one, by chance up to half as much again. */
  readonly delay: number
  readonly maxDelay: number
  /** A service that asks to wait longer is left for the next cycle. */
  readonly maxRetryAfter: number
}

export interface RemoteSettings extends ConnectionSettings, RetrySettings {
  /** Of the service, e.g. `https://example.com/scim/v2`. */
  readonly url: string
  readonly credentials: ScimCredentials
}

export const CONNECTION: ConnectionSettings & RetrySettings = {
  connectTimeout: 10_000,
  timeout: 30_000,
  concurrency: 4,
  attempts: 6,
  delay: 500,
  maxDelay: 30_000,
  maxRetryAfter: 300_000,
}
