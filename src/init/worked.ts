/** The worked mappings of applications that many have: which may fit a database, and their files with its URL put in. */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type Document, parse, parseDocument } from 'yaml'
import type { WrittenFile } from '../config/written.js'
import type { Catalog } from '../sources/survey.js'
import { newSecret, type Reached, SECRETS, secretFile } from './files.js'

export interface Worked {
  /** Its folder in `mappings/`. */
  readonly folder: string
  /** For people. */
  readonly title: string
  /** What stands in its `gateway.yaml`. */
  readonly gateway: string
  /** Its mapping files by name. */
  readonly mappings: ReadonlyMap<string, string>
}

const databases: Readonly<Record<string, string>> = {
  demo: 'the made-up company of vitrine demo',
  wordpress: 'WordPress',
  django: 'Django',
  posix: 'accounts as in /etc/passwd',
}

const mappings = new URL('../../mappings/', import.meta.url)

async function readWorked(folder: string, title: string): Promise<Worked> {
  const read = (file: string) => readFile(fileURLToPath(new URL(`${folder}/${file}`, mappings)), 'utf8')
  const gateway = await read('gateway.yaml')
  const { views } = parse(gateway) as { readonly views: readonly string[] }
  const texts = await Promise.all(views.map(async (file) => [file, await read(file)] as const))
  return { folder, title, gateway, mappings: new Map(texts) }
}

/** Those whose tables are all there, whatever their columns are; under the prefix that the site gave them. */
export async function workedFor({ tables }: Catalog): Promise<readonly Worked[]> {
  const all = await Promise.all(Object.entries(databases).map(([folder, title]) => readWorked(folder, title)))
  return all
    .flatMap((worked) => (worked.folder === 'wordpress' ? sites(worked, tables.keys()) : [worked]))
    .filter((worked) =>
      [...worked.mappings.values()].every((text) => tables.has((parse(text) as { from: string }).from)),
    )
}

/** WordPress begins the names of its tables, and of some meta keys, with what its site chose. */
function sites(worked: Worked, tables: Iterable<string>): readonly Worked[] {
  return [...tables].flatMap((name): Worked[] => {
    const prefix = /^(\w*)usermeta$/.exec(name)?.[1]
    if (prefix === undefined) return []
    const named = [...worked.mappings].map(([file, text]) => [file, text.replaceAll('wp_', prefix)] as const)
    return [{ ...worked, mappings: new Map(named) }]
  })
}

export interface WorkedFor {
  readonly suffix: string
  readonly reached: Reached
  readonly origin: string
}

/** The gateway's file comes first. Its first account reads everything, and nobody writes anything. */
export function workedFiles(
  { title, folder, gateway, mappings: texts }: Worked,
  { suffix, reached, origin }: WorkedFor,
): readonly WrittenFile[] {
  const { suffix: written, sources } = parse(gateway) as {
    readonly suffix: string
    readonly sources: Readonly<Record<string, object>>
  }
  // Its head says which variables to set.
  const body = gateway.replace(/^(?:#.*\n)+/, '')
  const document = parseDocument(body.replaceAll(written, JSON.stringify(suffix).slice(1, -1)))
  const [source = ''] = Object.keys(sources)
  document.commentBefore = ` The worked mapping for ${title}, put in by vitrine init for\n ${origin}. See mappings/${folder}/README.md.`
  putSource(document, source, reached)
  document.deleteIn(['serviceAccounts', 0, 'password'])
  document.setIn(['serviceAccounts', 0, 'password'], `{CLEARTEXT}\${file:${SECRETS.reader}}`)
  document.deleteIn(['access', 0, 'allow'])
  const account = String(document.getIn(['serviceAccounts', 0, 'dn']))
  const isScim = [...texts.values()].some((text) => Object.hasOwn(parse(text) as object, 'scim'))
  if (isScim) putScim(document, account)
  return [
    { path: 'gateway.yaml', text: document.toString({ lineWidth: 0 }), secret: false },
    ...[...texts].map(([path, text]) => ({ path, text, secret: false })),
    ...(reached.password === undefined ? [] : [secretFile(SECRETS.source, reached.password)]),
    secretFile(SECRETS.reader, newSecret()),
    ...(isScim ? [secretFile(SECRETS.token, newSecret())] : []),
  ]
}

/** What is written of the source, whatever else the file says of it. */
function putSource(document: Document, name: string, { source, password }: Reached): void {
  for (const key of ['url', 'bindDn', 'password', 'ca', 'startTls']) document.deleteIn(['sources', name, key])
  for (const [key, value] of Object.entries(source)) document.setIn(['sources', name, key], value)
  if (password !== undefined) document.setIn(['sources', name, 'password'], `\${file:${SECRETS.source}}`)
}

function putScim(document: Document, account: string): void {
  document.setIn(['listen', 'http'], '127.0.0.1:8080')
  document.delete('scim')
  document.setIn(
    ['scim'],
    document.createNode({
      tokens: [
        {
          name: 'reader',
          token: `{CLEARTEXT}\${file:${SECRETS.token}}`,
          as: account,
          scopes: ['users.read', 'groups.read'],
        },
      ],
    }),
  )
}
