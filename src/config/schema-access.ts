/** The grammar of `serviceAccounts` and `access`: who may bind, and who may see what. */
import { isIPv4, isIPv6 } from 'node:net'
import { z } from 'zod'
import { looksLikeDn } from './dn-syntax.js'
import type { Frozen } from './freeze.js'
import { complain } from './scalar.js'

/** A DN by its looks; see `dn-syntax.ts`. */
export const dn = z.string().refine(
  looksLikeDn,
  complain({
    message: 'is not a DN',
    quote: true,
    remedy: 'Write attribute=value,…, e.g. dc=example,dc=com.',
  }),
)

const passwordForms = [
  /^\{CLEARTEXT\}./i,
  /^\{(?:S?SHA|S?SHA(?:224|256|384|512)|S?MD5|CRYPT|PBKDF2(?:-SHA(?:1|256|512))?|ARGON2|BCRYPT)\}./i,
  /^\$(?:1|2[abxy]?|5|6|argon2(?:i|d|id)|scrypt|pbkdf2(?:-sha(?:1|256|512))?)\$./,
]

/** A stored password in a form that the password verifier reads. */
export const passwordHash = z.string().refine(
  (text) => passwordForms.some((form) => form.test(text)),
  complain({
    message: 'neither a password hash nor marked as cleartext',
    remedy: 'Hash it with slappasswd, or write {CLEARTEXT} before it.',
  }),
)

export const serviceAccountsSchema = z
  .array(
    z.strictObject({
      dn: dn.describe('The name it binds with; need not be below the suffix'),
      password: passwordHash.describe('A hash, e.g. {SSHA}… or $2b$…, or {CLEARTEXT} and the password'),
    }),
  )
  .describe('Accounts of applications, known to this gateway alone')

const words = ['anonymous', 'authenticated', 'self'] as const

const subject = z.string().refine(
  (text) => words.some((word) => word === text) || looksLikeDn(text),
  complain({
    message: 'is neither anonymous, authenticated or self nor a DN',
    quote: true,
    candidates: words,
    remedy: 'Write one of the three words, or the DN of a service account or an entry.',
  }),
)

const group = z
  .strictObject({
    group: dn.describe('The DN of a group: an entry of a view that has members'),
    nested: z.boolean().prefault(false).describe('Are members of groups in the group members too?'),
  })
  .describe('The members of a group')

const certificate = z
  .strictObject({
    certificate: dn.describe('The subject of a client certificate; * stands for any text within a value'),
  })
  .describe('Those whom a client certificate names who are neither an entry nor a service account')

const operation = z.enum(['read', 'search', 'compare', 'write', 'add', 'modify', 'delete', 'bind', 'proxy'])

const network = z.string().refine(
  isNetwork,
  complain({
    message: 'is no network',
    quote: true,
    remedy: 'Write an address, or a network such as 10.0.0.0/8 or 2001:db8::/32.',
  }),
)
const name = z.string().min(1)

/** One thing, or a list of things. */
export function oneOrMore<S extends z.ZodType<string, string>>(item: S) {
  return z.union([item, z.array(item).min(1)]).transform((found) => (Array.isArray(found) ? found : [found]))
}

/** Who a rule is for: one subject, or a list of them. */
const subjects = z
  .union([subject, group, certificate, z.array(z.union([subject, group, certificate])).min(1)])
  .transform((found) => (Array.isArray(found) ? found : [found]))

function isNetwork(text: string): boolean {
  const [, address = '', length] = /^([^/]+)(?:\/([0-9]{1,3}))?$/.exec(text) ?? []
  const bits = isIPv4(address) ? 32 : isIPv6(address) ? 128 : -1
  return bits >= 0 && (length === undefined || Number(length) <= bits)
}

/** A name, a list of names, or `*` for all. */
const namesOrAll = z
  .union([name, z.array(name).min(1)])
  .transform((found): '*' | string[] =>
    found === '*' || found.includes('*') ? '*' : typeof found === 'string' ? [found] : found,
  )

export const accessSchema = z
  .array(
    z.strictObject({
      who: subjects.describe(
        'anonymous, authenticated, self, the DN of a service account or an entry, { group: … }, { certificate: … }, or a list of these',
      ),
      from: oneOrMore(network)
        .optional()
        .describe('Networks from which the rule counts, e.g. 10.0.0.0/8; unless given, from everywhere'),
      secure: z.boolean().optional().describe('Does the rule count over encrypted connections only?'),
      allow: oneOrMore(operation)
        .prefault(['read', 'search', 'compare'])
        .describe(
          'What is allowed: read, search, compare; write, or only add, modify or delete; bind; proxy',
        ),
      views: namesOrAll.describe('Names of views, or * for all'),
      attributes: namesOrAll
        .prefault('*')
        .describe(
          'Names of attributes; @ and an object class for all that it may have; operational; or * for all',
        ),
      except: z
        .array(name)
        .prefault([])
        .describe('Attributes that this rule does not cover, written like attributes'),
      filter: z
        .string()
        .min(1)
        .optional()
        .describe(
          'The entries that this rule is for: an LDAP filter, in which {principal.department} stands for what the own entry of whoever asks has there, {principal.dn} for its DN',
        ),
    }),
  )
  .describe('Who may see what. Without a rule nothing is allowed, and rules only add')

export type ServiceAccount = Frozen<z.output<typeof serviceAccountsSchema>[number]>
export type AccessRule = Frozen<z.output<typeof accessSchema>[number]>
