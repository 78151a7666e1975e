/** Who asks for a token and with which secret, as RFC 6749 2.3.1 lets clients say it. Secrets are checked elsewhere. */

export interface ClientCredentials {
  readonly id: string
  /** One, or two where the header may or may not be form-encoded. */
  readonly secrets: readonly string[]
}

/** An error of RFC 6749 5.2. */
export class TokenError extends Error {
  readonly code: string

  constructor(code: string, description: string) {
    super(description)
    this.code = code
  }
}

/** The parameters of a form; each at most once, and without those that are empty (RFC 6749 3.2). */
export function formOf(contentType: string | undefined, body: string): ReadonlyMap<string, string> {
  if (!/^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(contentType ?? '')) {
    throw new TokenError('invalid_request', 'the request must be application/x-www-form-urlencoded')
  }
  const form = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(body)) {
    if (value === '') continue
    if (form.has(name)) throw new TokenError('invalid_request', 'a parameter is given twice')
    form.set(name, value)
  }
  return form
}

/** @throws TokenError where there are none, or more than one way is used */
export function credentialsOf(
  authorization: string | undefined,
  form: ReadonlyMap<string, string>,
): ClientCredentials {
  const secret = form.get('client_secret')
  const id = form.get('client_id')
  if (authorization === undefined) {
    if (id === undefined || secret === undefined) {
      throw new TokenError('invalid_client', 'the client must authenticate')
    }
    return { id, secrets: [secret] }
  }
  const basic = basicOf(authorization)
  if (basic === undefined) throw new TokenError('invalid_client', 'the client must authenticate with Basic')
  if (secret !== undefined || (id !== undefined && id !== basic.id)) {
    throw new TokenError('invalid_request', 'the client authenticates in more than one way')
  }
  return basic
}

function basicOf(authorization: string): ClientCredentials | undefined {
  const encoded = /^basic +([A-Za-z0-9+/]+=*) *$/i.exec(authorization)?.[1]
  if (encoded === undefined) return undefined
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  if (colon <= 0) return undefined
  const id = formDecoded(text.slice(0, colon))
  const written = text.slice(colon + 1)
  // Many clients leave out the form-encoding that the RFC asks for.
  const decoded = formDecoded(written)
  const secrets = [...new Set([decoded, written])].filter((secret) => secret !== undefined)
  return id === undefined ? undefined : { id, secrets }
}

/** Undefined where what follows a percent sign is no UTF-8 character. */
function formDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}
