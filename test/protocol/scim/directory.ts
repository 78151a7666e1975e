/** slapd behind the gateway, with the mapping for OpenLDAP, served over SCIM and LDAP to somebody who may write. */
import { Attribute, Change, Client } from 'ldapts'
import type { GatewayInput } from '../../../src/index.js'
import { mappingFile } from '../../mappings/databases.js'
import { type Recorder, startRecorder } from '../../servers/recorder.js'
import { type SlapdOptions, startSlapd } from '../../servers/slapd.js'
import { copyAll, gatewayFor, refreshCopies } from '../copied.js'
import { admin, type Served, serveScim, TOKEN } from './serving.js'

/** The suffix of the directory behind. */
export const upstream = 'dc=example,dc=org'
export const staff = `ou=people,${upstream}`
export const teams = `ou=groups,${upstream}`

/** Accounts of the gateway there: one that may write, one that may only read. */
const writer = { dn: `cn=writer,${upstream}`, cn: 'writer', password: 'to write' }
export const reader = { dn: `cn=reader,${upstream}`, cn: 'reader', password: 'to read' }

const containers = `dn: ${upstream}
objectClass: domain
dc: example

${[writer, reader]
  .map(
    ({ dn, cn, password }) => `dn: ${dn}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: ${cn}
userPassword: ${password}
`,
  )
  .join('\n')}
dn: ${staff}
objectClass: organizationalUnit
ou: people

dn: ${teams}
objectClass: organizationalUnit
ou: groups
`

export interface Upstream {
  readonly recorder: Recorder
  /** A connection of the directory's administrator. */
  readonly client: Client
  /** A gateway before it, whose account there is the writer unless told otherwise. */
  serve(account?: typeof writer): Promise<Served>
  /** The attributes of an entry; undefined where there is none. */
  read(dn: string, ...attributes: readonly string[]): Promise<Readonly<Record<string, unknown>> | undefined>
  /** What somebody else does there; copies are made again then, unless a request is held up for it. */
  replace(dn: string, type: string, ...values: readonly string[]): Promise<void>
  /** What has been written since the recorder was cleared, in order, as LDIF says it (RFC 2849). */
  written(): readonly string[]
  /** Ends the directory's server, and nothing else. */
  kill(): Promise<void>
  close(): Promise<void>
}

interface DirectoryOptions extends Partial<Omit<SlapdOptions, 'suffix' | 'ldif' | 'strict' | 'access'>> {
  /** Do its gateways copy their views? */
  readonly copied?: boolean
}

/** What can stand behind a gateway whose writes come to a directory in the end: for `describe.each`. */
export const ways = [
  ['a directory', false],
  ['a directory, copied', true],
] as const

/** @param ldif added to the containers */
export async function startDirectory(
  ldif = '',
  { config = [], copied = false, ...options }: DirectoryOptions = {},
): Promise<Upstream> {
  const slapd = await startSlapd({
    ...options,
    suffix: upstream,
    strict: true,
    ldif: `${containers}\n${ldif}`,
    access: [
      `access to attrs=userPassword by dn.exact="${writer.dn}" =w by anonymous auth by * none`,
      `access to dn.subtree="${upstream}" by dn.exact="${writer.dn}" write by * break`,
    ],
    config: ['index entryUUID,uid,cn,sn,mail,member,manager eq', ...config],
  })
  const recorder = await startRecorder(slapd)
  const client = new Client({ url: slapd.url })
  await client.bind(slapd.rootDn, slapd.rootPassword)
  const served: Served[] = []
  const forget = copied ? copyAll(recorder.url) : () => undefined
  return {
    recorder,
    client,
    serve: async (account = writer) => {
      Object.assign(process.env, {
        LDAP_URL: recorder.url,
        LDAP_BIND_DN: account.dn,
        LDAP_BIND_PASSWORD: account.password,
        LDAP_BASE: upstream,
        BIND_PASSWORD: 'for the applications',
      })
      const sources = { directory: { url: recorder.url } }
      const gateway = await gatewayFor(mappingFile('openldap/gateway.yaml'), {
        overrides: { ...overrides, sources },
      })
      const one = await serveScim(gateway, TOKEN)
      served.push(one)
      return one
    },
    read: async (dn, ...attributes) => {
      const { searchEntries } = await client.search(upstream, {
        filter: `(entryDN=${dn.replaceAll('\\', '\\5c')})`,
        attributes: [...attributes],
      })
      if (searchEntries[0] === undefined) return undefined
      const { dn: _, ...rest } = searchEntries[0]
      return rest
    },
    replace: async (dn, type, ...values) => {
      await client.modify(
        dn,
        new Change({ operation: 'replace', modification: new Attribute({ type, values: [...values] }) }),
      )
      if (!recorder.isHolding) await refreshCopies(recorder.url)
    },
    kill: () => slapd.kill(),
    written: () => recorder.requests.flatMap(ldifOf),
    close: async () => {
      for (const one of served) await one.close()
      forget()
      await recorder.close()
      await client.unbind()
      await slapd.stop()
    },
  }
}

/** For a gateway file: ports of its own, and a token for somebody who may do everything. */
export const overrides: Partial<GatewayInput> = {
  listen: { ldap: '127.0.0.1:0', http: '127.0.0.1:0' },
  log: { level: 'silent' },
  serviceAccounts: [{ dn: admin.dn, password: `{CLEARTEXT}${admin.password}` }],
  scim: { tokens: [{ name: 'test', token: `{CLEARTEXT}${TOKEN}`, as: admin.dn, scopes: '*' }] },
  access: [{ who: admin.dn, allow: ['read', 'search', 'compare', 'write'], views: '*' }],
}

function ldifOf(request: Recorder['requests'][number]): readonly string[] {
  switch (request.op) {
    case 'addRequest':
      return [`add ${request.entry}`]
    case 'delRequest':
      return [`delete ${request.entry}`]
    case 'modifyDnRequest':
      return [`rename ${request.entry} to ${request.newRdn}`]
    case 'modifyRequest':
      return request.changes.map(
        ({ operation, attribute: { type, values } }) =>
          `${operation} ${type}: ${values.map(String).join(', ')}`,
      )
    case 'extendedRequest':
      return [`extended ${request.name}`]
    default:
      return []
  }
}
