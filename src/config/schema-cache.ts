/** The grammar of `cache`: what of a view's answers is kept, and for how long. */
import { z } from 'zod'
import { duration } from './duration.js'
import type { Frozen } from './freeze.js'
import { wholeNumber } from './scalar.js'
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
  })
  .describe('Answers are kept and given again; unless told, every request asks the source')

/** Times in milliseconds. */
export type ViewCacheConfig = Frozen<z.output<typeof viewCacheSchema>>
