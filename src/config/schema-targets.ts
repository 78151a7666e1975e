/** The grammar of `targets`: services of others that entries are pushed to. */
import { resolve } from 'node:path'
import { z } from 'zod'
import { duration } from './duration.js'
import type { Frozen } from './freeze.js'
import { complain, flag, wholeNumber } from './scalar.js'
import { resolveSchedule, resolveSync, scheduleKeys, syncKeys } from './schema-sync.js'

/** URLs of HTTP services. */
export const webUrl = z
  .string()
  .refine(
    (text) => /^https?:\/\//i.test(text) && URL.canParse(text),
    complain({ message: 'is not the URL of an HTTP service', remedy: 'Write https://HOST/PATH.' }),
  )

const text = z.string().min(1)

const targetSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z][A-Za-z0-9_-]{0,60}$/, 'letters, digits, - and _, starting with a letter')
      .describe('What people and records call it'),
    type: z.literal('scim').describe('A SCIM 2.0 service'),
    url: webUrl.describe('Of the service, e.g. https://example.com/scim/v2'),
    token: text.optional().describe('A bearer token'),
    user: text.optional().describe('In place of a token: a name for basic authentication'),
    password: text.optional().describe('Its password'),
    oauth: z
      .strictObject({
        tokenUrl: webUrl.describe('Where tokens are issued'),
        clientId: text.describe('Who we are there'),
        clientSecret: text.describe('What we prove it with'),
        scope: text.optional().describe('What the token is to be good for'),
        audience: text.optional().describe('For whom the token is to be, where the service asks for that'),
        resource: text.optional().describe('The same in the words of RFC 8707'),
        secretIn: z.enum(['header', 'body']).prefault('header').describe('Where the secret stands'),
      })
      .optional()
      .describe('In place of a token: how one is obtained, by client credentials (RFC 6749)'),
    views: z.array(text).min(1).describe('The views whose entries are pushed'),
    proxy: webUrl.optional().describe('An HTTP proxy, with user and password if it asks for them'),
    ca: text.optional().describe("PEM file of whoever signs the service's certificate"),
    cert: text.optional().describe("PEM file of the gateway's own certificate"),
    key: text.optional().describe('PEM file of its key'),
    connectTimeout: duration().prefault('10s').describe('How long connecting may take'),
    timeout: duration().prefault('30s').describe('How long an answer may take'),
    concurrency: wholeNumber(1, 100).prefault(4).describe('Requests under way at a time'),
    attempts: wholeNumber(1, 100).prefault(6).describe('How often a request is made that fails'),
    patch: flag().optional().describe('Whether single changes can be asked for, whatever the service says'),
    bulk: flag().optional().describe('Whether requests can be put together, whatever the service says'),
    filter: flag().optional().describe('Whether resources can be asked for, whatever the service says'),
    ...scheduleKeys,
    ...syncKeys,
  })
  .superRefine((target, ctx) => {
    const given = (['token', 'user', 'oauth'] as const).filter((key) => target[key] !== undefined)
    const wrong = (path: string, message: string, remedy: string) =>
      ctx.addIssue({ code: 'custom', path: [path], ...complain({ message, remedy }) })
    const [, second] = given
    if (second !== undefined) wrong(second, `says who we are, as ${given[0]} does`, 'Keep one of them.')
    if ((target.user === undefined) !== (target.password === undefined))
      wrong('password', 'user and password go together', 'Give both.')
    if ((target.cert === undefined) !== (target.key === undefined))
      wrong('key', 'cert and key go together', 'Give both.')
  })
  .describe('A service that entries are pushed to')

export const targetsSchema = z
  .array(targetSchema)
  .superRefine((targets, ctx) => {
    for (const [i, { name }] of targets.entries()) {
      if (targets.findIndex((one) => one.name === name) === i) continue
      const complaint = complain({ message: 'is the name of another target already', quote: true })
      ctx.addIssue({ code: 'custom', path: [i, 'name'], ...complaint })
    }
  })
  .describe('Services that entries are pushed to')

export type TargetConfig = Frozen<ReturnType<typeof resolveTarget>>

/** Files by absolute path. */
export function resolveTarget(target: z.output<typeof targetSchema>, baseDir: string) {
  const { name, url, token, user, password, oauth, views, proxy, ca, cert, key } = target
  const { connectTimeout, timeout, concurrency, attempts, patch, bulk, filter } = target
  const credentials =
    token !== undefined
      ? ({ kind: 'bearer', token } as const)
      : oauth !== undefined
        ? ({ kind: 'oauth', ...oauth } as const)
        : user !== undefined
          ? ({ kind: 'basic', user, password: password ?? '' } as const)
          : ({ kind: 'none' } as const)
  const path = (file: string) => resolve(baseDir, file)
  return {
    name,
    url,
    credentials,
    views,
    connection: { connectTimeout, timeout, concurrency, attempts, ...(proxy !== undefined && { proxy }) },
    files: {
      ...(ca !== undefined && { ca: path(ca) }),
      ...(cert !== undefined && { cert: path(cert) }),
      ...(key !== undefined && { key: path(key) }),
    },
    provider: {
      ...(patch !== undefined && { patch }),
      ...(bulk !== undefined && { bulk }),
      ...(filter !== undefined && { filter }),
    },
    schedule: resolveSchedule(target),
    // What somebody else keeps at a service is left alone unless told.
    sync: resolveSync('add_only', { noUpdateProviderMismatch: true, keepExternalPerson: true }, target),
  }
}
