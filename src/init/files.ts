/** The files of a proposal: a gateway with one account of its own, a mapping for each view, and secrets apart. */
import { randomBytes } from 'node:crypto'
import type { GatewayInput } from '../config/schema.js'
import { Elsewhere, type Written, type WrittenFile, yamlOf } from '../config/written.js'
import type { Proposal, ProposedView, Reason } from './proposed.js'

/** How the source is reached. */
export interface Reached {
  /** As the gateway file has it, without the password. */
  readonly source: GatewayInput['sources'][string]
  /** The password of the source, if it has one. */
  readonly password?: string
}

export interface FilesFor {
  readonly suffix: string
  readonly reached: Reached
  /** What was looked at, for the heads of the files. */
  readonly origin: string
}

/** Where the secrets of a gateway are, relative to its file. */
export const SECRETS = {
  source: 'secrets/database',
  reader: 'secrets/reader',
  token: 'secrets/token',
} as const

/** The name of the account that may read everything. */
const readerOf = (suffix: string) => `cn=reader,${suffix}`

export const secretFile = (path: string, text: string): WrittenFile => ({ path, text, secret: true })

/** Random and printable; good for shells and headers alike. */
export const newSecret = () => randomBytes(18).toString('base64url')

/** What is said about SCIM: one client, that reads what the account may. */
const scimFor = (suffix: string) => ({
  tokens: [
    {
      name: 'reader',
      token: new Elsewhere(`file:${SECRETS.token}`, '{CLEARTEXT}'),
      as: readerOf(suffix),
      scopes: ['users.read', 'groups.read'],
    },
  ],
})

/** The gateway's file comes first. */
export function filesOf(
  { views, doubts }: Proposal,
  { suffix, reached, origin }: FilesFor,
  source: string,
): readonly WrittenFile[] {
  const reader = readerOf(suffix)
  const gateway: Written<Omit<GatewayInput, 'views'>> & { readonly views: string[] } = {
    suffix,
    listen: { ldap: '127.0.0.1:1389', http: '127.0.0.1:8080' },
    sources: {
      [source]: {
        ...reached.source,
        ...(reached.password !== undefined && { password: new Elsewhere(`file:${SECRETS.source}`) }),
      },
    },
    views: views.map(({ mapping }) => `${mapping.view}.yaml`),
    serviceAccounts: [{ dn: reader, password: new Elsewhere(`file:${SECRETS.reader}`, '{CLEARTEXT}') }],
    access: [
      { who: reader, views: '*' },
      ...(views.some(
        ({ mapping }) => mapping.attributes.userPassword !== undefined || mapping.authentication === 'source',
      )
        ? [{ who: 'self', views: 'people' }]
        : []),
    ],
    scim: scimFor(suffix),
  }
  const head = [
    `Proposed by vitrine init for ${oneLine(origin)}. Correct what it got wrong, and hold it against the source: vitrine check.`,
    ...(doubts.length === 0 ? [] : ['', 'To look at:', ...doubts.map((doubt) => `  ${oneLine(doubt)}`)]),
  ]
  const about = (path: readonly string[]) => GATEWAY_COMMENTS[path.join('.')]
  return [
    { path: 'gateway.yaml', text: yamlOf(gateway, head, about), secret: false },
    ...views.map((view) => mappingFile(view, origin)),
    ...(reached.password === undefined ? [] : [secretFile(SECRETS.source, reached.password)]),
    secretFile(SECRETS.reader, newSecret()),
    secretFile(SECRETS.token, newSecret()),
  ]
}

const GATEWAY_COMMENTS: Readonly<Record<string, string>> = {
  suffix: 'Below it everything is shown. Applications are told this name.',
  serviceAccounts: 'What applications bind with before they look for somebody.',
  access: 'Nothing else may be seen. People may read their own entry.',
  scim: 'Clients of SCIM send this token: Authorization: Bearer …',
}

function mappingFile({ mapping, reasons }: ProposedView, origin: string): WrittenFile {
  const comments = new Map<string, string[]>()
  for (const reason of reasons) {
    const lines = comments.get(reason.key) ?? []
    lines.push(oneLine(reasonText(reason)))
    comments.set(reason.key, lines)
  }
  const about = (path: readonly string[]) => {
    const [first = '', second] = path
    if (path.length > 2 || (path.length === 2 && first !== 'attributes')) return undefined
    return comments.get(second ?? first)?.join('\n')
  }
  const text = yamlOf(mapping, [`The ${mapping.view} of ${oneLine(origin)}, as proposed.`], about)
  return { path: `${mapping.view}.yaml`, text, secret: false }
}

/** One choice in a sentence. */
export function reasonText({ chosen, why, others }: Reason): string {
  return `${chosen}: ${why}${others.length === 0 ? '' : `; or ${others.join(', or ')}`}`
}

/** Names may hold anything; a comment is one line that a terminal does not obey. */
export function oneLine(text: string): string {
  return text.replaceAll(/\p{Cc}|[\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, '�')
}
