/** Rules of `access` that can never apply, or do not now, for `check` to tell: most are slips. */
import { filterOfName } from '../directory/directory.js'
import type { GatewayParts } from '../gateway/parts.js'
import { ANONYMOUS, type Identity } from '../model/request.js'
import type { View } from '../model/view.js'
import type { Finding } from '../sources/source.js'

type Rule = GatewayParts['config']['access'][number]
type Said = Pick<Finding, 'message' | 'remedy'>

const CHANGING: readonly string[] = ['write', 'add', 'modify', 'delete']

/** @param isAway is the source of a view of no use now? */
export async function accessFindings(
  parts: GatewayParts,
  isAway: (view: View) => boolean,
): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  for (const [i, rule] of parts.config.access.entries()) {
    const views = [...parts.whole.views.values()].filter(
      ({ name }) => rule.views === '*' || rule.views.includes(name),
    )
    const said = [...unmet(rule, views, parts), ...(await nobodies(rule, parts, isAway))]
    findings.push(
      ...said.map(
        ({ message, ...remedy }): Finding => ({
          severity: 'warning',
          message: `access[${i}]${message}`,
          ...remedy,
        }),
      ),
    )
  }
  return findings
}

/** What no request can ever meet. */
function unmet(rule: Rule, views: readonly View[], { config, schema }: GatewayParts): readonly Said[] {
  const { who, secure, allow, attributes } = rule
  const { tls, listen, scim } = config
  const said: Said[] = []
  const add = (when: boolean, message: string, remedy: string) => {
    if (when) said.push({ message, remedy })
  }
  const names = views.map(({ name }) => name).join(', ')
  const canBind = views.some(({ bindable }) => bindable)
  const isVouchedFor =
    (tls?.identities.length ?? 0) > 0 ||
    scim.jwt.length > 0 ||
    [...scim.tokens, ...(scim.tokenEndpoint?.clients ?? [])].length > 0 ||
    scim.introspection !== undefined
  add(
    allow.includes('bind') && !canBind,
    `.allow: nobody binds as an entry of ${names}: there is no password to check`,
    'Give the view an attribute with verifyOnly, or authentication: source; or leave bind out',
  )
  add(
    who.length > 0 && who.every((one) => one === 'self') && !canBind && !isVouchedFor,
    `.who: nobody can be an entry of ${names}: there is no password to check`,
    'Give the view an attribute with verifyOnly, or authentication: source',
  )
  add(
    allow.every((right) => CHANGING.includes(right)) && !views.some(isWritable),
    `.allow: nothing of ${names} can be written`,
    'Say writable in the mapping; or leave the rule out',
  )
  add(
    who.every((one) => typeof one === 'object' && 'certificate' in one) &&
      (tls === undefined || tls.clientCertificates === 'none'),
    '.who: clients are not asked for certificates',
    'Say tls.clientCertificates',
  )
  add(
    secure === true && tls === undefined && listen.trustedProxies.length === 0,
    '.secure: no connection is encrypted',
    'Give a certificate under tls, or name trusted proxies before HTTP',
  )
  const held = new Set(views.flatMap((view) => [...view.attributes.keys()]))
  const missing =
    attributes === '*'
      ? []
      : attributes.filter((name) => {
          const known = schema.attribute(name)?.name
          return known !== undefined && !held.has(known)
        })
  add(
    missing.length > 0,
    `.attributes: ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not mapped by ${names}`,
    'Map them, or leave them out',
  )
  return said
}

const isWritable = ({ writes, attributes }: View) =>
  writes.add || writes.delete || [...attributes.values()].some((a) => a.writable)

/** Whom rules name and who is not there, as far as that can be asked. */
async function nobodies(
  { who }: Rule,
  { whole, schema, identityOf }: GatewayParts,
  isAway: (view: View) => boolean,
): Promise<readonly Said[]> {
  const said: Said[] = []
  for (const one of who) {
    const dn =
      typeof one === 'object' ? ('group' in one ? one.group : undefined) : one.includes('=') ? one : undefined
    const identity: Identity | undefined = dn === undefined ? undefined : identityOf(dn)
    if (identity === undefined || 'service' in identity) continue
    const view = whole.views.get(identity.view)
    if (view === undefined || isAway(view)) continue
    const filter = filterOfName(identity.names, view, schema)
    const request = {
      view: view.name,
      filter,
      attributes: new Set<string>(),
      limit: 1,
      unordered: true as const,
    }
    const ctx = { principal: ANONYMOUS, signal: AbortSignal.timeout(60_000) }
    let isThere = false
    for await (const entries of whole.search(request, ctx)) isThere ||= entries.length > 0
    if (!isThere)
      said.push({
        message: `.who: there is no ${typeof one === 'object' ? 'group' : 'entry'} ${dn} now`,
        remedy: 'See that it is spelled as it is in the directory; the rule counts from when it is there',
      })
  }
  return said
}
