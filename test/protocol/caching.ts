/** The small company served with what is kept of its answers, over LDAP and SCIM, and somebody who changes it unseen. */
import { createHash } from 'node:crypto'
import { createGateway, type GatewayInput } from '../../src/index.js'
import { type Served, serveScim } from './scim/serving.js'
import { runSql } from './serving.js'
import { admin, people, staffConfig, staffSql } from './staff.js'

const TOKEN = 'token-of-the-tests'

export type ViewCache = NonNullable<Extract<GatewayInput['views'][number], { cache?: unknown }>['cache']>

export const binding = { login: 'eve', dn: `uid=eve,${people}`, password: 'old password' }

export function ssha(password: string): string {
  const salt = Buffer.from('salt')
  const digest = createHash('sha1').update(password).update(salt).digest()
  return `{SSHA}${Buffer.concat([digest, salt]).toString('base64')}`
}

/** A company in which people see their own titles, and bind. */
export async function fillStaff(url: string): Promise<void> {
  await runSql(
    url,
    staffSql(url),
    `update staff set password = '${ssha(binding.password)}' where login = 'eve'`,
  )
}

export function cachedStaff(
  url: string,
  cache: ViewCache | undefined,
  overrides: Partial<GatewayInput> = {},
): GatewayInput {
  const config = staffConfig(url)
  const views = config.views.map((view) => {
    const mapping = view as Extract<typeof view, { view: string; source: string }>
    const scim = { resource: mapping.view === 'people' ? 'User' : 'Group' }
    return { mapping: { ...mapping, scim }, ...(cache !== undefined && { cache }) }
  })
  return {
    ...config,
    views,
    listen: { ldap: 0, http: 0 },
    scim: { tokens: [{ name: 'tests', token: `{CLEARTEXT}${TOKEN}`, as: admin.dn, scopes: '*' }] },
    access: [
      {
        who: 'anonymous',
        views: ['people'],
        allow: ['read', 'search'],
        attributes: ['uid', 'cn', 'manager'],
      },
      { who: 'anonymous', views: ['crews'], allow: ['read', 'search', 'compare'] },
      { who: 'self', views: ['people'], allow: ['read', 'search'], attributes: ['title', 'mail'] },
      { who: admin.dn, views: '*', allow: ['read', 'search', 'compare', 'write'] },
    ],
    ...overrides,
  }
}

export async function serveCached(config: GatewayInput): Promise<Served> {
  return serveScim(await createGateway(config), TOKEN)
}
