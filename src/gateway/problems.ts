/** What is wrong between views and the rest of the configuration, told with the file and line where it stands. */
import type { ConfigProblem } from '../config/config-error.js'
import type { GatewayConfig } from '../config/gateway-config.js'
import type { RuleProblem } from '../directory/layers/access/rules.js'
import type { MappingProblem, Problems } from '../mapping/problem.js'
import { unionOf } from '../mapping/union.js'
import type { Identity } from '../model/request.js'
import type { View } from '../model/view.js'
import type { Schema } from '../schema/schema.js'

/** RFC 7644 3.2. */
const OWN_ENDPOINTS: ReadonlySet<string> = new Set([
  '/me',
  '/bulk',
  '/schemas',
  '/resourcetypes',
  '/serviceproviderconfig',
])

/** No two views may be one resource type, nor answer at one endpoint. */
export function checkResources(views: Iterable<View>, problems: Problems): void {
  const known = new Map<string, string>()
  for (const { name, resource } of views) {
    if (resource === undefined) continue
    if (OWN_ENDPOINTS.has(resource.endpoint.toLowerCase()))
      problems.add(
        name,
        ['scim', 'endpoint'],
        `${resource.endpoint} is an endpoint of SCIM itself`,
        'Name another',
      )
    for (const [key, word, path] of [
      [`type ${resource.type.toLowerCase()}`, `resource type ${resource.type}`, 'resource'],
      [`at ${resource.endpoint.toLowerCase()}`, `endpoint ${resource.endpoint}`, 'endpoint'],
    ] as const) {
      const other = known.get(key)
      if (other === undefined) known.set(key, name)
      else problems.add(name, ['scim', path], `view ${other} has the ${word} too`, 'Give one of them another')
    }
  }
}

/** DNs that SCIM's clients and the console act as and that can be nobody's. */
export function subjectProblems(
  { scim, console }: GatewayConfig,
  identityOf: (dn: string) => Identity | undefined,
): RuleProblem[] {
  const subjects = [
    ...scim.tokens.map(({ as }, i) => ({ as, path: ['scim', 'tokens', i, 'as'] })),
    ...scim.jwt.map(({ as }, i) => ({ as, path: ['scim', 'jwt', i, 'as'] })),
    { as: console?.as, path: ['console', 'as'] },
    { as: scim.introspection?.as, path: ['scim', 'introspection', 'as'] },
    ...(scim.tokenEndpoint?.clients ?? []).map(({ as }, i) => ({
      as,
      path: ['scim', 'tokenEndpoint', 'clients', i, 'as'],
    })),
  ]
  return subjects.flatMap(({ as, path }) =>
    as === undefined || identityOf(as) !== undefined
      ? []
      : [
          {
            path,
            message: `${as} is no service account, and no entry of a view can have this name`,
            remedy: 'Name a service account or an entry',
          },
        ],
  )
}

/** Views and attributes in which user names cannot be looked up. */
export function userNameProblems(
  { sasl }: GatewayConfig,
  views: ReadonlyMap<string, View>,
  schema: Schema,
): RuleProblem[] {
  return (sasl.users ?? []).flatMap(({ view, attribute }, i) => {
    const path = ['sasl', 'users', i]
    const found = views.get(view)
    const names = (list: Iterable<string>) => `Name one of: ${[...list].join(', ')}`
    if (found === undefined)
      return [{ path: [...path, 'view'], message: `${view} is no view`, remedy: names(views.keys()) }]
    if (!found.inTree || !found.bindable)
      return [
        {
          path: [...path, 'view'],
          message: `entries of ${view} cannot bind`,
          remedy: 'Map a password with verifyOnly: true, or name another view',
        },
      ]
    const known = schema.attribute(attribute)?.name ?? attribute
    if (found.attributes.has(known)) return []
    return [
      {
        path: [...path, 'attribute'],
        message: `${attribute} is no attribute of view ${view}`,
        remedy: names(found.attributes.keys()),
      },
    ]
  })
}

/** Problems of mappings with the file and line where they stand. */
export function located(
  config: GatewayConfig,
  problems: readonly MappingProblem[],
): readonly ConfigProblem[] {
  const unions = config.unions.map(({ union }) => union)
  const found = problems.map((problem) => {
    const { file, locate: placeOf } = writtenIn(config, problem, unions) ?? {}
    return locate(file, placeOf?.(problem.path), problem)
  })
  // What a union says for its members is told once.
  return [...new Map(found.map((one) => [JSON.stringify(one), one])).values()]
}

/** The mapping that says it: what a member does not say of its place, its union does. */
function writtenIn(
  { views, unions }: GatewayConfig,
  { view, path }: MappingProblem,
  specs: Parameters<typeof unionOf>[1],
): Pick<GatewayConfig['unions'][number], 'file' | 'locate'> | undefined {
  const own = views.find((v) => v.mapping.view === view)
  const isUnsaid = path[0] === 'ldap' && own !== undefined && own.mapping.ldap === undefined
  const name = isUnsaid ? unionOf(view, specs)?.view : view
  return own !== undefined && name === view ? own : unions.find(({ union }) => union.view === name)
}

export function locate(
  file: string | undefined,
  position: { line: number; column: number } | undefined,
  problem: RuleProblem,
): ConfigProblem {
  const { path, message, remedy } = problem
  const text = path.reduce<string>(
    (t, p) => (typeof p === 'number' ? `${t}[${p}]` : t === '' ? p : `${t}.${p}`),
    '',
  )
  return {
    ...(file !== undefined && { file }),
    ...position,
    path: text,
    message,
    remedy: /[.?]$/.test(remedy) ? remedy : `${remedy}.`,
  }
}
