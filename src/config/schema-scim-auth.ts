/** The grammar of what lets clients into SCIM: tokens, their issuers, and the names of scopes. */
import { z } from 'zod'
import { duration } from './duration.js'
import { jwks } from './key-set.js'
import { complain, flag } from './scalar.js'
import { dn, oneOrMore } from './schema-access.js'
import { clientSecret, tokenForm } from './token-hash.js'

/** A path on this server, without a slash at its end. */
export const urlPath = z.string().refine(
  (text) => /^(?:\/[\w.~-]+)+$/.test(text),
  complain({
    message: 'is no path',
    quote: true,
    remedy: 'Write /names between slashes, without one at the end.',
  }),
)

const time = z.string().transform((text, ctx): number => {
  const written = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?$/.test(
    text.trim(),
  )
  const milliseconds = written ? Date.parse(text.trim()) : Number.NaN
  if (!Number.isNaN(milliseconds)) return milliseconds
  const remedy = 'Write a day, e.g. 2030-12-31, or a time with its zone, e.g. 2030-12-31T18:00:00Z.'
  ctx.addIssue({ code: 'custom', ...complain({ message: 'is no time', quote: true, remedy }) })
  return z.NEVER
})

const name = z.string().min(1)

/** Our names of scopes; which there are depends on the views. */
const grantedScopes = z
  .union([name, z.array(name).min(1)])
  .transform((found): '*' | string[] =>
    found === '*' || found.includes('*') ? '*' : typeof found === 'string' ? [found] : found,
  )

const actsAs = dn.describe('Acts as this service account or entry, to which the access rules are applied')

export const tokensSchema = z
  .array(
    z.strictObject({
      name: name.describe('What the log calls it'),
      token: tokenForm.describe('{SHA256} and the SHA-256 of the token, or {CLEARTEXT} and the token'),
      as: actsAs,
      scopes: grantedScopes.describe('What it is good for, e.g. users.read; * for all'),
      expires: time.optional().describe('From this time on it is refused, e.g. 2030-12-31T18:00:00Z'),
    }),
  )
  .describe('Bearer tokens, known to this gateway alone')

const loopback = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/

const providerUrl = z
  .string()
  .refine(
    (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol),
    complain({ message: 'is no URL', remedy: 'Start it with https://.' }),
  )

const allowHttp = flag()
  .prefault(false)
  .describe('Ask it over http:// as well, where whoever is in between can forge its answers')

/** Answers of providers decide who gets in: they come over TLS, or from this machine. */
function complainOfHttp(
  url: string,
  { allowHttp: allowed }: { allowHttp: boolean },
  path: string,
  ctx: z.RefinementCtx,
): void {
  if (allowed || !URL.canParse(url)) return
  const { protocol, hostname } = new URL(url)
  if (protocol !== 'http:' || loopback.test(hostname)) return
  const message = 'asks over http:// who may get in'
  const remedy = 'Write https://, or allowHttp: true if nobody else can reach the network in between.'
  ctx.addIssue({ code: 'custom', path: [path], ...complain({ message, remedy }) })
}

const principal = z
  .strictObject({
    claim: name.prefault('sub').describe('The claim that names the entry'),
    view: name.describe('The view that the entry is in'),
    attribute: name.describe('The attribute that has the value of the claim'),
  })
  .describe('Acts as the one entry whose attribute has the value of a claim')

function complainOfSubject(
  { as, principal: found }: { as?: unknown; principal?: unknown },
  ctx: z.RefinementCtx,
): void {
  if ((as === undefined) !== (found === undefined)) return
  const message =
    as === undefined ? 'needs one of the keys as or principal' : 'as and principal exclude each other'
  const remedy = 'Say as whom its tokens act.'
  ctx.addIssue({ code: 'custom', ...complain({ message, remedy }) })
}

const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const

export const jwtSchema = z
  .array(
    z
      .strictObject({
        issuer: name.describe('The claim iss of its tokens, to the letter'),
        audience: oneOrMore(name).describe('What its tokens are for: one of these is in their claim aud'),
        jwks: jwks.describe(
          `Where its public keys are published, or the keys themselves as JSON, e.g. \${file:jwks.json}`,
        ),
        allowHttp,
        algorithms: z
          .array(z.enum(algorithms))
          .min(1)
          .prefault([...algorithms])
          .describe('How its tokens may be signed'),
        as: actsAs.optional(),
        principal: principal.optional(),
        scopeClaim: name
          .optional()
          .describe('The claim that holds the scopes; the first of scope, scp and roles unless given'),
        scopes: grantedScopes
          .optional()
          .describe('What all of its tokens are good for, whatever their claims say; * for all'),
        clockTolerance: duration('zero')
          .prefault('30s')
          .describe('By how much its clock may differ from ours'),
      })
      .superRefine((issuer, ctx) => {
        if (typeof issuer.jwks === 'string') complainOfHttp(issuer.jwks, issuer, 'jwks', ctx)
        complainOfSubject(issuer, ctx)
        if (issuer.scopes !== undefined && issuer.scopeClaim !== undefined) {
          ctx.addIssue({
            code: 'custom',
            ...complain({ message: 'scopes and scopeClaim exclude each other' }),
          })
        }
      }),
  )
  .describe('Identity providers whose JWT access tokens are taken')

export const introspectionSchema = z
  .strictObject({
    url: providerUrl.describe('The introspection endpoint (RFC 7662)'),
    allowHttp,
    clientId: name.describe('As whom the gateway asks it'),
    clientSecret: name.describe('And its secret, as it is'),
    audience: oneOrMore(name).optional().describe('Only tokens for one of these are taken'),
    as: actsAs.optional(),
    principal: principal.optional(),
    scopes: grantedScopes
      .optional()
      .describe('What all of its tokens are good for, whatever it says; * for all'),
    cache: duration('zero').prefault('30s').describe('How long a positive answer is repeated; 0: never'),
  })
  .superRefine((server, ctx) => {
    complainOfHttp(server.url, server, 'url', ctx)
    complainOfSubject(server, ctx)
  })
  .describe('The authorization server that explains all other tokens')

export const tokenEndpointSchema = z
  .strictObject({
    path: urlPath.prefault('/oauth/token').describe('Where it is served'),
    lifetime: duration()
      .refine(
        (milliseconds) => milliseconds <= 86_400_000,
        complain({ message: 'is longer than a day', quote: true, remedy: 'Clients get a new one in time.' }),
      )
      .prefault('5m')
      .describe('How long a token is good'),
    clients: z
      .array(
        z.strictObject({
          id: z
            .string()
            .refine(
              (text) => /^[!-~]+$/.test(text) && !/[:%+]/.test(text),
              complain({ message: 'holds other characters than visible ASCII without : % +', quote: true }),
            )
            .describe('Its client_id'),
          secret: clientSecret.describe(
            'A hash of its client_secret, as of a service account, or {CLEARTEXT} and the secret',
          ),
          as: actsAs,
          scopes: grantedScopes.describe('What it may ask for, e.g. users.read; * for all'),
        }),
      )
      .min(1)
      .describe('Who gets tokens'),
  })
  .describe('A token endpoint for client credentials (RFC 6749 4.4)')

/** RFC 6749 3.3. */
const scopeToken = z.string().refine(
  (text) => /^[!#-[\]-~]+$/.test(text),
  complain({
    message: 'is no scope',
    quote: true,
    remedy: 'A scope is one word of visible ASCII without " and \\.',
  }),
)

export const scopeNamesSchema = z
  .record(name, oneOrMore(scopeToken))
  .describe('What tokens call scopes where not as this gateway does, by their names here')
