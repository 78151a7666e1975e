/** The grammar of `sources`: databases and directories by name. A further kind is a further member of the union. */
import { resolve } from 'node:path'
import { z } from 'zod'
import { duration } from './duration.js'
import type { Frozen } from './freeze.js'
import { type Complaint, complain, flag, wholeNumber } from './scalar.js'
import { type LdapSourceConfig, ldapSourceSchema, resolveLdapSource } from './schema-ldap-source.js'

const schemes = ['mysql', 'mariadb', 'postgres', 'postgresql'] as const

/** What is wrong with a database URL, in words that hold nothing of it; undefined if nothing is. */
function urlComplaint(url: string): { message: string; remedy: string } | undefined {
  if (url.startsWith('sqlite:')) {
    const file = url.slice('sqlite:'.length)
    if (file !== '' && !/^\/\/(?!\/)/.test(file)) return undefined
    return { message: 'names no SQLite file', remedy: 'Write sqlite:FILE, e.g. sqlite:data/people.db.' }
  }
  if (!schemes.some((scheme) => url.startsWith(`${scheme}://`))) {
    return {
      message: 'is not the URL of a known database',
      remedy: `Start it with ${schemes.map((scheme) => `${scheme}://`).join(', ')} or sqlite:.`,
    }
  }
  if (URL.canParse(url)) return undefined
  return {
    message: 'is not a valid URL',
    remedy:
      'Percent-encode special characters in user name and password, or give the password under `password`.',
  }
}

export const databaseUrl = z.string().superRefine((url, ctx) => {
  const complaint = urlComplaint(url)
  if (complaint !== undefined) ctx.addIssue({ code: 'custom', ...complain(complaint) })
})

/** What is wrong with giving the password of a database beside its URL; undefined if nothing is. */
export function passwordComplaint(url: string): Complaint | undefined {
  if (urlComplaint(url) !== undefined) return undefined
  if (url.startsWith('sqlite:') || new URL(url).username === '')
    return { message: 'a password needs a URL with a user name' }
  return new URL(url).password === ''
    ? undefined
    : { message: 'the URL holds a password already', remedy: 'Remove one of them.' }
}

const sqlSourceSchema = z
  .strictObject({
    type: z.literal('sql').describe('An SQL database'),
    url: databaseUrl.describe(
      'mysql://, mariadb://, postgres:// or postgresql://user:password@host:port/database, or sqlite:FILE relative to this file',
    ),
    password: z
      .string()
      .min(1)
      .optional()
      .describe('The password, where the URL holds none; taken as it is, without percent-encoding'),
    pool: z
      .strictObject({
        max: wholeNumber(1, 10_000).prefault(10).describe('Connections to the database at most'),
        acquireTimeout: duration()
          .prefault('5s')
          .describe('How long a request waits for a free connection before it is told "busy"'),
      })
      .prefault({})
      .describe('Connections to this database'),
    statementTimeout: duration().prefault('10s').describe('How long one statement may run'),
    connectTimeout: duration().prefault('5s').describe('How long connecting may take'),
    traceComments: flag()
      .prefault(false)
      .describe('Whether statements of traced operations end with a comment that names the trace'),
  })
  .superRefine(({ url, password }, ctx) => {
    const wrong = password === undefined ? undefined : passwordComplaint(url)
    if (wrong !== undefined) ctx.addIssue({ code: 'custom', path: ['password'], ...complain(wrong) })
  })
  .describe('An SQL database')

export const sourceSchema = z.discriminatedUnion('type', [sqlSourceSchema, ldapSourceSchema])

export const sourcesSchema = z
  .record(z.string().min(1), sourceSchema)
  .describe('The databases and directories, by the names that mappings call them')

/** A database: its URL holds the password, percent-encoded, and an SQLite file by absolute path. Times in ms. */
export type SqlSourceConfig = Frozen<Omit<z.output<typeof sqlSourceSchema>, 'password'>>

export type SourceConfig = SqlSourceConfig | LdapSourceConfig

/** A source as it is used: files found from `baseDir`, the password of a database in its URL. */
export function resolveSource(source: z.output<typeof sourceSchema>, baseDir: string): SourceConfig {
  if (source.type === 'ldap') return resolveLdapSource(source, baseDir)
  const { password, ...rest } = source
  return { ...rest, url: resolveUrl(rest.url, password, baseDir) }
}

/** A database's URL with its password, an SQLite file by absolute path. */
export function resolveUrl(url: string, password: string | undefined, baseDir: string): string {
  if (url.startsWith('sqlite:')) {
    const file = url.slice('sqlite:'.length)
    return file === ':memory:' ? url : `sqlite:${resolve(baseDir, file)}`
  }
  if (password === undefined) return url
  const complete = new URL(url)
  complete.password = encodeURIComponent(password)
  return complete.href
}
