/**
 * The tokens of our own endpoint: JWTs that any replica with the same secret verifies. The key depends on the client's
 * secret as well, and what a token is good for never exceeds what the client may now: a changed configuration counts.
 */
import { createHash, hkdfSync } from 'node:crypto'
import { ALL_SCOPES } from '../../../model/scopes.js'
import { invalidToken } from './bearer.js'
import { claim, type Grant, issuerOf, scopeSet } from './grant.js'
import { holds, scopesIn } from './scopes.js'
import type { ClientSettings, TokenEndpointSettings } from './settings.js'

const ISSUER = 'urn:vitrine:scim'
const ALGORITHM = 'HS256'
const TYPE = 'at+jwt'
/** Clocks of replicas may differ by so much, in seconds. */
const TOLERANCE = 5

interface Client {
  readonly settings: ClientSettings
  readonly scopes: ReadonlySet<string>
  readonly key: Uint8Array
}

export class OwnTokens {
  /** Milliseconds. */
  readonly lifetime: number
  readonly #clients: ReadonlyMap<string, Client>
  readonly #now: () => number

  constructor(
    settings: TokenEndpointSettings,
    { secret, now }: { readonly secret: string | Uint8Array; readonly now: () => number },
  ) {
    this.lifetime = settings.lifetime
    this.#now = now
    this.#clients = new Map(
      settings.clients.map((client) => {
        return [client.id, { settings: client, scopes: scopeSet(client.scopes), key: keyOf(client, secret) }]
      }),
    )
  }

  client(
    id: string,
  ): { readonly settings: ClientSettings; readonly scopes: ReadonlySet<string> } | undefined {
    return this.#clients.get(id)
  }

  /** @param id of a client @param scopes by our names */
  async issue(id: string, scopes: readonly string[]): Promise<string> {
    const client = this.#clients.get(id)
    if (client === undefined) throw invalidToken(`there is no client ${id}`)
    const { SignJWT } = await import('jose')
    const seconds = Math.floor(this.#now() / 1000)
    return new SignJWT({ client_id: id, scope: scopes.join(' ') })
      .setProtectedHeader({ alg: ALGORITHM, typ: TYPE })
      .setIssuer(ISSUER)
      .setAudience(ISSUER)
      .setSubject(id)
      .setIssuedAt(seconds)
      .setExpirationTime(seconds + Math.ceil(this.lifetime / 1000))
      .sign(client.key)
  }

  takes(token: string): boolean {
    return issuerOf(token) === ISSUER
  }

  /** @throws BearerError */
  async verify(token: string): Promise<Grant> {
    const { decodeJwt, jwtVerify } = await import('jose')
    const id = claim(decodeJwt(token), 'sub')
    const client = typeof id === 'string' ? this.#clients.get(id) : undefined
    if (client === undefined) throw invalidToken('there is no client that it would belong to')
    try {
      const { payload } = await jwtVerify(token, client.key, {
        issuer: ISSUER,
        audience: ISSUER,
        typ: TYPE,
        algorithms: [ALGORITHM],
        requiredClaims: ['exp'],
        clockTolerance: TOLERANCE,
        currentDate: new Date(this.#now()),
      })
      const asked = scopesIn(payload.scope)
      return {
        name: `client ${client.settings.id}`,
        subject: { dn: client.settings.as },
        scopes: asked.includes(ALL_SCOPES)
          ? client.scopes
          : new Set(asked.filter((scope) => holds(client.scopes, scope))),
        until: Number(payload.exp) * 1000,
      }
    } catch (error) {
      const { refusalOf } = await import('./jwt.js')
      throw refusalOf(error)
    }
  }
}

/** Of one use and one client (RFC 5869). */
function keyOf({ id, secret }: ClientSettings, shared: string | Uint8Array): Uint8Array {
  const use = createHash('sha256')
    .update(JSON.stringify(['SCIM access token', id, secret]))
    .digest()
  return new Uint8Array(hkdfSync('sha256', shared, new Uint8Array(), use, 32))
}
