/** The grammar of `copy`: where copies of views are kept, and what a view may say of its own. */
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { duration } from './duration.js'
import type { Frozen } from './freeze.js'
import { complain, flag, wholeNumber } from './scalar.js'
import { databaseUrl, passwordComplaint, resolveUrl } from './schema-sources.js'
import { resolveSchedule, resolveSync, scheduleKeys, syncKeys } from './schema-sync.js'
import { webUrl } from './schema-targets.js'

/** The SQLite file that a store is where none is named. */
const FILE = 'vitrine-copies.sqlite'

const hooksSchema = z
  .strictObject({
    module: z.string().min(1).describe('An ES module, relative to this file'),
    timeout: duration().prefault('5s').describe('How long one of its functions may take'),
  })
  .describe('A program that changes or refuses entries, gives credentials, and lets cycles begin')

/** Octets of the secret of a webhook. */
const FEWEST = 24

const webhookSecret = z.string().transform((text, ctx): Uint8Array => {
  const base64 = /^whsec_([A-Za-z0-9+/]+=*)$/.exec(text)?.[1]
  const secret = base64 === undefined ? Buffer.from(text, 'utf8') : Buffer.from(base64, 'base64')
  if (secret.length >= FEWEST) return secret
  const message = `a secret needs at least ${FEWEST} octets`
  const remedy = 'Write whsec_ and what this prints: openssl rand -base64 32.'
  ctx.addIssue({ code: 'custom', ...complain({ message, remedy }) })
  return z.NEVER
})

const webhookSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9_-]{0,60}$/, 'letters, digits, - and _, starting with a letter')
    .describe('What is still to be told is kept under it'),
  url: webUrl.describe('Where it is told'),
  secret: webhookSecret.describe('Signs what is told: whsec_ and base64, or text'),
  events: z
    .array(z.enum(['sync.changed', 'sync.unchanged', 'sync.held', 'sync.failed']))
    .min(1)
    .prefault(['sync.changed', 'sync.held', 'sync.failed'])
    .describe('What is told of'),
  timeout: duration().prefault('10s').describe('How long an answer may take'),
  ca: z.string().min(1).optional().describe('PEM file of whoever signs its certificate'),
  proxy: webUrl.optional().describe('An HTTP proxy'),
})

export const copySchema = z
  .strictObject({
    store: databaseUrl
      .optional()
      .describe(
        `Where copies are kept: sqlite:FILE relative to this file, or a database that replicas share, mysql://, mariadb://, postgres:// or postgresql://user:password@host:port/database; sqlite:${FILE}`,
      ),
    password: z
      .string()
      .min(1)
      .optional()
      .describe('The password, where the URL of the store holds none; taken as it is'),
    snapshotFolder: z
      .string()
      .min(1)
      .optional()
      .describe(`The folder of the file ${FILE}, where no store is named; that of this file`),
    snapshotMaxCount: wholeNumber(1, 10_000)
      .prefault(10)
      .describe('How many snapshots are kept to compare with and go back to'),
    pool: z
      .strictObject({
        max: wholeNumber(1, 10_000).prefault(10).describe('Connections for reading at most'),
        acquireTimeout: duration()
          .prefault('5s')
          .describe('How long a request waits for a free connection before it is told "busy"'),
      })
      .prefault({})
      .describe('Connections to the store'),
    statementTimeout: duration().prefault('10s').describe('How long one statement that reads may run'),
    connectTimeout: duration().prefault('5s').describe('How long connecting may take'),
    ...scheduleKeys,
    ...syncKeys,
    hooks: hooksSchema.optional(),
    webhooks: z.array(webhookSchema).prefault([]).describe('Who is told what became of synchronizations'),
  })
  .superRefine(({ store, password, snapshotFolder }, ctx) => {
    const wrong = password === undefined ? undefined : passwordComplaint(store ?? `sqlite:${FILE}`)
    if (wrong !== undefined) ctx.addIssue({ code: 'custom', path: ['password'], ...complain(wrong) })
    if (store !== undefined && snapshotFolder !== undefined) {
      const message = 'says the same as store'
      const remedy = 'Remove one of them.'
      ctx.addIssue({ code: 'custom', path: ['snapshotFolder'], ...complain({ message, remedy }) })
    }
    if (store === 'sqlite::memory:') {
      const message = 'a store is kept in a file'
      const remedy = 'Write sqlite:FILE, e.g. sqlite:data/copies.sqlite.'
      ctx.addIssue({ code: 'custom', path: ['store'], ...complain({ message, remedy }) })
    }
  })
  .describe('Where the entries of views with refreshMethod: copy are kept')

export const viewCopySchema = z
  .strictObject({
    copyPasswords: flag()
      .prefault(false)
      .describe(
        'Whether hashes of passwords are copied too, so that people can bind while the source is away; unless told, the source is asked',
      ),
    index: z
      .array(z.string().min(1))
      .prefault([])
      .describe('Attributes by which entries are looked up, besides those that usually are'),
    sourceAttributes: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe('The attributes that are copied; all of them'),
    keyAttributes: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe(
        'Attributes whose values together tell an entry from all others, wherever its source keeps it and whatever it is called there; what the source itself tells entries apart by',
      ),
    keyObjectClasses: z
      .array(z.string().regex(/^(?:[A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+)$/, 'the name of an object class'))
      .min(1)
      .optional()
      .describe(
        'Of a directory: the object classes that entries have to have there, all of them, to be copied',
      ),
    filter: z.string().min(1).optional().describe('An LDAP filter that chooses the entries that are copied'),
    changedBy: z
      .string()
      .min(1)
      .optional()
      .describe(
        'The attribute that tells when an entry changed last: with it, only what changed is read, and all from time to time',
      ),
    changedWith: z
      .array(z.string().min(1))
      .prefault([])
      .describe(
        'Attributes whose values are kept elsewhere, in child tables as it may be, and whose changes changedBy tells too, as where triggers see to it',
      ),
    ...syncKeys,
  })
  .describe('How the view is copied')

type GivenCopy = z.output<typeof copySchema>
type GivenViewCopy = z.output<typeof viewCopySchema>

/** Files by absolute path; times in milliseconds. */
export type CopyConfig = Frozen<ReturnType<typeof resolveCopy>>

export type ViewCopyConfig = Frozen<ReturnType<typeof resolveViewCopy>>

export function resolveCopy(copy: GivenCopy, baseDir: string) {
  const { store, password, snapshotFolder, snapshotMaxCount, pool, statementTimeout, connectTimeout } = copy
  const { hooks, webhooks } = copy
  const path = (file: string) => resolve(baseDir, file)
  const url =
    store === undefined
      ? `sqlite:${join(path(snapshotFolder ?? '.'), FILE)}`
      : resolveUrl(store, password, baseDir)
  return {
    store: { url, snapshotMaxCount, pool, statementTimeout, connectTimeout },
    schedule: resolveSchedule(copy),
    ...(hooks !== undefined && { hooks: { ...hooks, module: path(hooks.module) } }),
    webhooks: webhooks.map(({ ca, ...hook }) => ({ ...hook, ...(ca !== undefined && { ca: path(ca) }) })),
  }
}

/** What a view says of its own, and what all say. */
export function resolveViewCopy(
  {
    copyPasswords,
    index,
    sourceAttributes,
    keyAttributes,
    keyObjectClasses,
    filter,
    changedBy,
    changedWith,
    ...sync
  }: GivenViewCopy,
  copy: GivenCopy,
) {
  return {
    copyPasswords,
    index,
    ...(sourceAttributes !== undefined && { sourceAttributes }),
    ...(keyAttributes !== undefined && { keyAttributes }),
    ...(keyObjectClasses !== undefined && { keyObjectClasses }),
    ...(filter !== undefined && { filter }),
    ...(changedBy !== undefined && { changedBy }),
    changedWith,
    sync: resolveSync('mirror', copy, sync),
  }
}
