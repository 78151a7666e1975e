/** Tables and mappings of a test's own, served over SCIM to accounts of which one may do everything. */
import { afterEach } from 'vitest'
import { createGateway, type Gateway, type GatewayInput } from '../../../src/index.js'
import { runSql, sqliteDatabase } from '../../mappings/databases.js'
import type { Database } from '../serving.js'
import { type Scim, scim } from './serving.js'

type View = GatewayInput['views'][number]
export type Rules = GatewayInput['access']

const end = 'dc=example,dc=com'
const accounts = ['admin', 'writer', 'reader']
export const dnOf = (name: string) => `cn=${name},${end}`
const everything: NonNullable<Rules>[number] = {
  who: dnOf('admin'),
  allow: ['read', 'search', 'compare', 'write'],
  views: '*',
}

export interface Serving {
  readonly gateway: Gateway
  readonly as: (account: string) => Scim
  readonly sql: (...statements: readonly string[]) => Promise<void>
}

export interface ServingOptions {
  readonly access?: Rules
  /** Keys of the section `scim` besides tokens. */
  readonly scim?: Partial<NonNullable<GatewayInput['scim']>>
  /** SQLite, unless given. */
  readonly create?: () => Promise<Database>
}

/** What serves such tables; all are closed after each test. */
export function serving() {
  let closing: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const close of closing) await close()
    closing = []
  })
  return async (
    statements: readonly string[],
    views: readonly unknown[],
    given: Rules | ServingOptions = [],
  ): Promise<Serving> => {
    const options: ServingOptions = Array.isArray(given)
      ? { access: given as Rules }
      : (given as ServingOptions)
    const database = await (options.create ?? (async () => sqliteDatabase()))()
    closing.push(() => database.remove())
    await runSql(database.url, ...statements)
    const gateway = await createGateway({
      suffix: end,
      listen: { http: '127.0.0.1:0' },
      log: { level: 'silent' },
      sources: { db: { type: 'sql', url: database.url } },
      views: views as View[],
      serviceAccounts: accounts.map((name) => ({ dn: dnOf(name), password: '{CLEARTEXT}secret' })),
      scim: {
        tokens: accounts.map((name) => ({
          name,
          token: `{CLEARTEXT}token-of-${name}`,
          as: dnOf(name),
          scopes: '*',
        })),
        ...options.scim,
      },
      access: [everything, ...(options.access ?? [])],
    } as GatewayInput)
    closing.unshift(() => gateway.close())
    const { http } = await gateway.listen()
    const base = `http://${http?.host}:${http?.port}/scim/v2`
    return {
      gateway,
      as: (account) => scim(base, `Bearer token-of-${account}`),
      sql: (...more) => runSql(database.url, ...more),
    }
  }
}

export const users = {
  view: 'users',
  source: 'db',
  from: 'users',
  writable: true,
  key: 'id',
  attributes: { uid: 'login' },
  scim: { resource: 'User' },
}

export const withAttributes = (attributes: object, more: object = {}) => ({
  ...users,
  ...more,
  attributes: { ...users.attributes, ...attributes },
})
