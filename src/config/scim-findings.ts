/** What is allowed in a configuration of SCIM but is hardly meant, for `check` to tell. */
import type { GatewayConfig } from './gateway-config.js'

export interface ScimFinding {
  readonly severity: 'warning'
  readonly message: string
  readonly remedy: string
}

/** @param now milliseconds since 1970 */
export function scimFindings(config: GatewayConfig, now: number): readonly ScimFinding[] {
  const { scim, listen, cookieSecret, views } = config
  const isServed = listen.http !== undefined || listen.https !== undefined
  const found: ScimFinding[] = []
  const add = (message: string, remedy: string) => found.push({ severity: 'warning', message, remedy })
  const ways = [
    ...scim.tokens,
    ...scim.jwt,
    ...[scim.introspection, scim.tokenEndpoint].filter((one) => one !== undefined),
  ]
  const shown = views.some(({ mapping }) => mapping.scim !== undefined)
  if (shown && isServed && ways.length === 0) {
    add(
      'SCIM is served, but nobody can get in: every request is answered 401',
      'Add scim.tokens, scim.jwt, scim.introspection or scim.tokenEndpoint',
    )
  }
  if (ways.length > 0 && !isServed) {
    add('scim says who may use SCIM, but it is not served', 'Add listen.http or listen.https')
  }
  if (ways.length > 0 && !shown) {
    add('scim says who may use SCIM, but no view is a resource', 'Add scim: { resource: User } to a mapping')
  }
  for (const { name, expires } of scim.tokens) {
    if (expires === undefined || expires > now) continue
    add(`the SCIM token ${name} has expired on ${new Date(expires).toISOString()}`, 'Replace or remove it')
  }
  if (scim.tokenEndpoint !== undefined && cookieSecret === undefined) {
    add(
      'without cookieSecret, tokens of scim.tokenEndpoint are good at this process alone, and until it ends',
      'Give all replicas the same cookieSecret',
    )
  }
  return found
}
