/** The grammar of webhooks: whom to tell of synchronizations, and how. */
import { z } from 'zod'
import { duration } from './duration.js'
import { complain } from './scalar.js'
import { oneOrMore } from './schema-access.js'

const EVENTS = ['sync.changed', 'sync.unchanged', 'sync.held', 'sync.failed'] as const

const httpUrl = z
  .string()
  .refine(
    (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol),
    complain({ message: 'is no URL', remedy: 'Start it with https://.' }),
  )

const LEAST = 24

/** Octets in base64 behind `whsec_`, or the octets of a text. */
const signingSecret = z.string().transform((text, ctx): Uint8Array => {
  const isEncoded = text.startsWith('whsec_')
  const secret = isEncoded ? Buffer.from(text.slice('whsec_'.length), 'base64') : Buffer.from(text)
  if (secret.length >= LEAST) return secret
  const remedy = 'Make one with: echo "whsec_$(openssl rand -base64 32)".'
  ctx.addIssue({ code: 'custom', ...complain({ message: `has fewer than ${LEAST} octets`, remedy }) })
  return z.NEVER
})

const webhookSchema = z.strictObject({
  url: httpUrl.describe('Where events are sent, by POST'),
  name: z.string().min(1).max(100).optional().describe('What the log calls it; its URL'),
  secret: signingSecret.describe(
    'Signs what is sent: whsec_ and octets in base64, or a text of 24 octets at least',
  ),
  events: oneOrMore(z.enum(EVENTS))
    .prefault(['sync.changed', 'sync.held', 'sync.failed'])
    .describe('What it is told of'),
  timeout: duration().prefault('10s').describe('How long an answer may take'),
  ca: z
    .string()
    .min(1)
    .optional()
    .describe("PEM file of whoever signs the server's certificate; unless given, whom Node.js trusts"),
  proxy: httpUrl.optional().describe('The URL of an HTTP proxy'),
})

export const webhooksSchema = z
  .array(webhookSchema)
  .superRefine((webhooks, ctx) => {
    const names = webhooks.map(({ name, url }) => name ?? url)
    for (const [i, name] of names.entries()) {
      if (names.indexOf(name) === i) continue
      const path = [i, webhooks[i]?.name === undefined ? 'url' : 'name']
      const complaint = { message: 'is the name of another webhook', remedy: 'Give each a name of its own.' }
      ctx.addIssue({ code: 'custom', path, ...complain(complaint) })
    }
  })
  .describe('Who is told of synchronizations')
