/**
 * A private slapd as a directory that stands behind the gateway, under a suffix and with a schema of its own. Its content is
 * given whole, time and again, and arrives over LDAP as what has changed.
 */
import { Attribute, Change, Client } from 'ldapts'
import { upstreamSchema } from '../data/upstream/schema.js'
import {
  type UpstreamAttributes,
  type UpstreamEntries,
  upstreamAccount,
  upstreamSuffix,
} from '../data/upstream/tree.js'
import type { Server } from './server.js'
import { startSlapd } from './slapd.js'

export interface Upstream extends Server {
  /** Makes these the entries of people and groups; resolves when all searches see them. */
  publish(entries: UpstreamEntries): Promise<void>
}

const containers = `dn: ${upstreamSuffix}
objectClass: organization
o: acme

dn: ${upstreamAccount.dn}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: gateway
userPassword: ${upstreamAccount.password}

dn: ou=staff,${upstreamSuffix}
objectClass: organizationalUnit
ou: staff

dn: ou=units,${upstreamSuffix}
objectClass: organizationalUnit
ou: units
`

/** Requests in flight when it is filled. */
const ABREAST = 50

export async function startUpstream(): Promise<Upstream> {
  const slapd = await startSlapd({
    suffix: upstreamSuffix,
    ldif: containers,
    definitions: upstreamSchema,
    config: ['index acmeLogin,acmeName,acmeMail,acmeMember,acmeBoss eq', 'index entryUUID eq'],
    // Large groups are searched and changed member by member.
    globals: ['sortvals acmeMember'],
  })
  const client = new Client({ url: slapd.url })
  await client.bind(slapd.rootDn, slapd.rootPassword)
  const end = slapd.stop
  let published: UpstreamEntries = new Map()
  return Object.assign(slapd, {
    async publish(entries: UpstreamEntries): Promise<void> {
      const gone = [...published.keys()].filter((dn) => !entries.has(dn))
      const come = [...entries].filter(([dn]) => !published.has(dn))
      const kept = [...entries].flatMap(([dn, now]) => {
        const before = published.get(dn)
        const changes = before === undefined ? [] : changesOf(before, now)
        return changes.length === 0 ? [] : [{ dn, changes }]
      })
      await abreast(gone, (dn) => client.del(dn))
      await abreast(come, ([dn, attributes]) => client.add(dn, Object.entries(attributes).map(attributeOf)))
      await abreast(kept, ({ dn, changes }) => client.modify(dn, changes))
      published = entries
    },
    async stop(): Promise<void> {
      await client.unbind()
      await end()
    },
  })
}

async function abreast<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  for (let at = 0; at < items.length; at += ABREAST)
    await Promise.all(items.slice(at, at + ABREAST).map(work))
}

function attributeOf([type, values]: readonly [string, readonly (string | Uint8Array)[]]): Attribute {
  return new Attribute({ type, values: values.map((value) => Buffer.from(value)) })
}

function changesOf(before: UpstreamAttributes, now: UpstreamAttributes): Change[] {
  return [...new Set([...Object.keys(before), ...Object.keys(now)])]
    .filter((type) => JSON.stringify(before[type] ?? []) !== JSON.stringify(now[type] ?? []))
    .map((type) => new Change({ operation: 'replace', modification: attributeOf([type, now[type] ?? []]) }))
}
