/** Public keys of token issuers, RFC 7517: where they are published, or as the configuration holds them. */
import { z } from 'zod'
import { complain } from './scalar.js'

export interface Keys {
  readonly keys: readonly Readonly<Record<string, unknown>>[]
}

/** What is wrong with a set of keys; undefined if nothing is. */
function keysComplaint({ keys }: Keys): string | undefined {
  if (keys.some(({ kty }) => !['RSA', 'EC', 'OKP'].includes(String(kty))))
    return 'holds what is no public key'
  return keys.some((key) => 'd' in key) ? 'holds a private key' : undefined
}

function keysIn(text: string): Keys | undefined {
  try {
    const data: unknown = JSON.parse(text)
    const read = z.object({ keys: z.array(z.record(z.string(), z.unknown())).min(1) }).safeParse(data)
    return read.data
  } catch {
    return undefined
  }
}

/** The URL of a set of keys, or the keys themselves: as data, or as JSON text. */
export const jwks = z
  .union([
    z.string().min(1),
    z.object({
      keys: z
        .array(z.record(z.string(), z.unknown()))
        .min(1)
        .describe('Public keys, each a JSON Web Key (RFC 7517)'),
    }),
  ])
  .transform((input, ctx): string | Keys => {
    const text = typeof input === 'string' ? input.trim() : ''
    if (/^https?:\/\//i.test(text) && URL.canParse(text)) return text
    const keys = typeof input === 'string' ? keysIn(text) : input
    const message = keys === undefined ? 'is neither a URL nor a set of keys' : keysComplaint(keys)
    if (message === undefined && keys !== undefined) return keys
    const remedy = `Write the URL of the keys, or public keys as JSON, e.g. \${file:jwks.json}.`
    ctx.addIssue({ code: 'custom', ...complain({ message: message ?? '', remedy }) })
    return z.NEVER
  })
