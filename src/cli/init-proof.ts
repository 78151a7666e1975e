/** Shows that files that were just written work: the gateway is made of them, checked, and asked over both its protocols. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createGateway } from '../gateway/gateway.js'
import { SECRETS } from '../init/files.js'
import { LdapClient } from '../ldap/index.js'
import { check } from './check.js'
import { failureText } from './failure.js'

export interface Proof {
  /** What `vitrine check` says. */
  readonly check: string
  /** By view: how the search went. */
  readonly searches: readonly Found[]
  /** The name of the account that asked. */
  readonly reader?: string
  /** Why there is no proof. */
  readonly failure?: string
}

interface Found {
  readonly view: string
  /** The name of an entry; absent where there is none yet. */
  readonly dn?: string
  readonly attributes?: readonly (readonly [name: string, values: readonly string[]])[]
}

/** Values of an attribute that are shown. */
const MOST_VALUES = 4
/** Entries that are looked at: the fullest is shown. */
const LOOKED_AT = 20

/** Ports are any that are free, on this machine alone. */
export async function prove(out: string): Promise<Proof> {
  const file = join(out, 'gateway.yaml')
  let told = ''
  try {
    await check({ config: file }, { write: (text) => (told += text) })
    return { check: told, ...(await searches(file, out)) }
  } catch (error) {
    return { check: told, searches: [], failure: failureText(error) }
  }
}

async function searches(file: string, out: string): Promise<Pick<Proof, 'searches' | 'reader'>> {
  const gateway = await createGateway(file, {
    overrides: { listen: { ldap: '127.0.0.1:0', http: '127.0.0.1:0' }, log: { level: 'silent' } },
  })
  try {
    const { ldap } = await gateway.listen()
    const [suffix = ''] = gateway.config.suffix
    const [reader] = gateway.config.serviceAccounts
    const client = await LdapClient.connect({ ...ldap, timeoutMs: 30_000 })
    try {
      await client.bind(reader?.dn ?? '', await readFile(join(out, SECRETS.reader), 'utf8'))
      const found: Found[] = []
      for (const { mapping } of gateway.config.views) {
        if (mapping.ldap === undefined) continue
        const base = mapping.ldap.base === '' ? suffix : `${mapping.ldap.base},${suffix}`
        const named = [mapping.ldap.rdn].flat()[0] ?? 'objectClass'
        const { entries } = await client.searchAnswer(base, {
          filter: `(${named}=*)`,
          attributes: ['*', 'memberOf'],
          maxEntries: LOOKED_AT,
        })
        const [fullest] = [...entries].sort((a, b) => b.attributes.length - a.attributes.length)
        found.push({
          view: mapping.view,
          ...(fullest !== undefined && {
            dn: fullest.dn,
            attributes: fullest.attributes.map(({ type, values }) => [type, values.map(shownValue)] as const),
          }),
        })
      }
      return { searches: found, reader: reader?.dn ?? '' }
    } finally {
      client.close()
    }
  } finally {
    await gateway.close()
  }
}

function shownValue(value: Uint8Array): string {
  const text = Buffer.from(value).toString('utf8')
  return text.includes('\uFFFD') ? `(${value.length} octets)` : text
}

/** An entry in lines, as LDAP's tools show it. */
export function entryLines({ dn, attributes = [] }: Found): readonly string[] {
  return [
    `dn: ${dn ?? ''}`,
    ...attributes.flatMap(([name, values]) => [
      ...values.slice(0, MOST_VALUES).map((value) => `${name}: ${value}`),
      ...(values.length > MOST_VALUES ? [`${name}: … ${values.length - MOST_VALUES} more`] : []),
    ]),
  ]
}
