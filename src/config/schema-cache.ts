/** The grammar of `cache`: what of a view's answers is kept, and for how long. */
import { z } from 'zod'
import { duration } from './duration.js'
import type { Frozen } from './freeze.js'
import { complain, wholeNumber } from './scalar.js'
import { size } from './size.js'

export const viewCacheSchema = z
  .strictObject({
    ttl: duration().describe('How long an answer is given again at most'),
    staleIfError: duration('zero')
      .prefault(0)
      .describe('How long after that it may stand in for a source that cannot be asked; not at all'),
    maxAnswers: wholeNumber(1, 10_000_000).prefault(10_000).describe('How many answers are kept at most'),
    maxBytes: size().prefault('64MiB').describe('How much memory they take at most, about'),
    maxEntries: wholeNumber(1, 1_000_000)
      .prefault(1000)
      .describe('An answer of more entries is not kept; nor is one that takes a tenth of that memory'),
    listen: z
      .string()
      .regex(/^[^\0]{1,63}$/, 'a name of at most 63 characters')
      .optional()
      .describe('The channel on which PostgreSQL notifies whoever listens that the view has changed'),
    poll: z
      .strictObject({
        interval: duration().prefault('1s').describe('How often the source is asked what has changed'),
        changedBy: z
          .string()
          .min(1)
          .describe('The attribute that tells when an entry changed last, e.g. modifyTimestamp'),
        overlap: duration()
          .prefault('1m')
          .describe('How long after its time a change may be committed and is still noticed'),
      })
      .optional()
      .describe('Where the source does not tell of changes: how they are looked for'),
  })
  .describe('Answers are kept and given again; unless told, every request asks the source')

const redisUrl = z.string().superRefine((url, ctx) => {
  const isValid = /^rediss?:\/\/./.test(url) && URL.canParse(url)
  if (isValid) return
  const remedy = 'Write redis://host:port, or rediss:// for TLS.'
  ctx.addIssue({ code: 'custom', ...complain({ message: 'is no URL of Redis or Valkey', remedy }) })
})

export const cacheSchema = z
  .strictObject({
    replicas: z
      .strictObject({
        url: redisUrl.describe('redis://user@host:port, or rediss:// for TLS'),
        password: z
          .string()
          .min(1)
          .optional()
          .describe('The password, where the URL holds none; taken as it is'),
        channel: z
          .string()
          .min(1)
          .prefault('vitrine')
          .describe('The channel that replicas of one configuration share, and nobody else'),
      })
      .optional()
      .describe('A Redis or Valkey server over which replicas tell each other what they have written'),
  })
  .describe('What all views have in common whose answers are kept')

export type ReplicasConfig = Frozen<NonNullable<z.output<typeof cacheSchema>['replicas']>>

/** Times in milliseconds. */
export type ViewCacheConfig = Frozen<z.output<typeof viewCacheSchema>>
