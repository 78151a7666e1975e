/** The Authorization header for a remote service; tokens are fetched when they are needed and kept while they are good. */
import { VitrineError } from '../../../model/errors.js'
import type { Http, HttpAnswer } from './http.js'
import type { ScimCredentials } from './settings.js'

export interface Credentials {
  /** Undefined: none. Throws VitrineError `invalidCredentials` where there is no token to be had, and NoAnswer. */
  header(signal: AbortSignal): Promise<string | undefined>
  /** The service does not take this header. Can there be a better one? */
  refused(header: string | undefined): boolean
}

export function credentialsOf(
  settings: ScimCredentials,
  http: Http,
  now: () => number = Date.now,
): Credentials {
  switch (settings.kind) {
    case 'none':
      return constant(undefined)
    case 'basic':
      return constant(basic(settings.user, settings.password))
    case 'bearer': {
      const { token } = settings
      if (typeof token === 'string') return constant(`Bearer ${token}`)
      return new Fetched(async () => ({ token: await token(), until: Number.POSITIVE_INFINITY }), now)
    }
    case 'oauth':
      return new Fetched((signal) => clientCredentials(settings, http, signal, now), now)
  }
}

function constant(header: string | undefined): Credentials {
  return { header: async () => header, refused: () => false }
}

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}`
}

interface Token {
  readonly token: string
  /** Milliseconds since the epoch. */
  readonly until: number
}

class Fetched implements Credentials {
  readonly #fetch: (signal: AbortSignal) => Promise<Token>
  readonly #now: () => number
  #token: Token | undefined
  #fetching: Promise<Token> | undefined

  constructor(fetch: (signal: AbortSignal) => Promise<Token>, now: () => number) {
    this.#fetch = fetch
    this.#now = now
  }

  async header(signal: AbortSignal): Promise<string> {
    if (this.#token === undefined || this.#token.until <= this.#now()) {
      this.#fetching ??= this.#fetch(signal).finally(() => {
        this.#fetching = undefined
      })
      this.#token = await this.#fetching
    }
    return `Bearer ${this.#token.token}`
  }

  refused(header: string | undefined): boolean {
    if (this.#token !== undefined && header === `Bearer ${this.#token.token}`) this.#token = undefined
    return true
  }
}

type OAuth = Extract<ScimCredentials, { kind: 'oauth' }>

/** Seconds that a token is good for whose issuer does not say. */
const UNTOLD = 300
/** Of a token's time, this is used. */
const USED = 0.9

async function clientCredentials(
  settings: OAuth,
  http: Http,
  signal: AbortSignal,
  now: () => number,
): Promise<Token> {
  const { tokenUrl, clientId, clientSecret, scope, audience, resource, secretIn } = settings
  const inBody = secretIn === 'body'
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    ...(scope !== undefined && { scope }),
    ...(audience !== undefined && { audience }),
    ...(resource !== undefined && { resource }),
    ...(inBody && { client_id: clientId, client_secret: clientSecret }),
  })
  const asked = now()
  const answer = await http.ask(
    {
      method: 'POST',
      url: tokenUrl,
      headers: {
        accept: 'application/json',
        'content-type': 'application/x-www-form-urlencoded',
        ...(!inBody && { authorization: basic(formEncoded(clientId), formEncoded(clientSecret)) }),
      },
      body: form.toString(),
    },
    signal,
  )
  const { access_token: token, expires_in: seconds } = fieldsOf(answer)
  if (answer.status !== 200 || typeof token !== 'string' || token === '') throw refusal(tokenUrl, answer)
  const lasts = Number(seconds)
  return { token, until: asked + (lasts > 0 ? lasts : UNTOLD) * 1000 * USED }
}

function refusal(url: string, answer: HttpAnswer): VitrineError {
  const { error, error_description: description } = fieldsOf(answer)
  const why = [error, description].filter((part) => typeof part === 'string').join(': ')
  // RFC 6749 5.2: what is wrong with the client or its secret; all else passes.
  const isOurs = answer.status >= 400 && answer.status < 500 && answer.status !== 429
  return new VitrineError(isOurs ? 'invalidCredentials' : 'unavailable', {
    message: `no token from ${url}: it answers ${answer.status}${why === '' ? '' : `, ${why}`}`,
  })
}

function fieldsOf({ text }: HttpAnswer): Readonly<Record<string, unknown>> {
  try {
    const json: unknown = JSON.parse(text)
    return typeof json === 'object' && json !== null ? { ...json } : {}
  } catch {
    return {}
  }
}

/** As RFC 6749 2.3.1 has it before names and secrets go into the Basic scheme. */
function formEncoded(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1)
}
