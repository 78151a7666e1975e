/** Access rules as configured, made ready for the access layer: DNs found, attribute names as the schema spells them. */
import type { AccessRule } from './config/schema-access.js'
import type { Rule } from './directory/layers/access.js'
import { formOfDn } from './frontends/ldap/bind.js'
import { parseName } from './frontends/ldap/names.js'
import type { Namespace } from './frontends/ldap/namespace.js'
import type { Principal } from './model/request.js'

export interface RuleProblem {
  readonly path: readonly (string | number)[]
  readonly message: string
  readonly remedy: string
}

export function compileRules(
  rules: readonly AccessRule[],
  namespace: Namespace,
  problems: RuleProblem[],
): readonly Rule[] {
  const names = (list: readonly string[], path: readonly (string | number)[]) =>
    new Set(
      list.map((name, i) => {
        const type = namespace.schema.attribute(name)
        if (type === undefined) {
          problems.push({ path: [...path, i], message: `the schema knows no attribute ${name}`, remedy: 'Correct its name' })
        }
        return type?.name ?? name
      }),
    )
  return rules.flatMap((rule, i) => {
    const common = {
      allow: new Set(rule.allow),
      views: rule.views === '*' ? ('*' as const) : new Set(rule.views),
      attributes: rule.attributes === '*' ? ('*' as const) : names(rule.attributes, ['access', i, 'attributes']),
      except: names(rule.except, ['access', i, 'except']),
    }
    return rule.who.map((who) => ({ ...common, self: who === 'self', who: subject(who, namespace) }))
  })
}

function subject(who: string, namespace: Namespace): (principal: Principal) => boolean {
  if (who === 'anonymous') return () => true
  if (who === 'authenticated') return (principal) => principal.kind !== 'anonymous'
  if (who === 'self') return (principal) => principal.kind === 'entry'
  const form = formOfDn(who, namespace)
  const location = namespace.locate(parseName(who, namespace.schema))
  return (principal) => {
    if (principal.kind === 'service') return formOfDn(principal.name, namespace) === form
    if (principal.kind !== 'entry' || location.kind !== 'entry') return false
    return principal.view === location.view.name && formOfDn(namespace.dnOfRef(principal, location.view), namespace) === form
  }
}
