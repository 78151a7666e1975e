/** The grammar of `copy`: where copies of views are kept, and what a view may say of its own. */
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { duration } from './duration.js'
import type { Frozen } from './freeze.js'
import { complain, flag, wholeNumber } from './scalar.js'
import { databaseUrl, passwordComplaint, resolveUrl } from './schema-sources.js'

/** The SQLite file that a store is where none is named. */
const FILE = 'vitrine-copies.sqlite'

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
  })
  .describe('How the view is copied')

/** A file by absolute path; times in milliseconds. */
export type CopyConfig = Frozen<
  Omit<z.output<typeof copySchema>, 'store' | 'password' | 'snapshotFolder'> & { url: string }
>

export type ViewCopyConfig = Frozen<z.output<typeof viewCopySchema>>

export function resolveCopy(copy: z.output<typeof copySchema>, baseDir: string): CopyConfig {
  const { store, password, snapshotFolder, ...rest } = copy
  const url =
    store === undefined
      ? `sqlite:${join(resolve(baseDir, snapshotFolder ?? '.'), FILE)}`
      : resolveUrl(store, password, baseDir)
  return { ...rest, url }
}
