/** Access rules as configured, made ready for the access layer: subjects found, attributes as the schema spells them. */
import type { Principal } from '../../model/request.js'
import type { Schema } from '../../schema/schema.js'
import type { Right, Rule } from './access.js'

export interface RuleSpec {
  /** `anonymous` (everybody), `authenticated`, `self`, or a DN. */
  readonly who: readonly string[]
  readonly allow: readonly Right[]
  readonly views: '*' | readonly string[]
  readonly attributes: '*' | readonly string[]
  readonly except: readonly string[]
}

export interface RuleProblem {
  readonly path: readonly (string | number)[]
  readonly message: string
  readonly remedy: string
}

/** Is this principal the one that the DN names? */
export type Named = (dn: string) => (principal: Principal) => boolean

export function compileRules(
  rules: readonly RuleSpec[],
  schema: Schema,
  named: Named,
  problems: RuleProblem[],
): readonly Rule[] {
  const spelled = (list: readonly string[], path: readonly (string | number)[]) =>
    new Set(
      list.map((name, i) => {
        const type = schema.attribute(name)
        if (type === undefined) {
          problems.push({
            path: [...path, i],
            message: `the schema knows no attribute ${name}`,
            remedy: 'Correct its name',
          })
        }
        return type?.name ?? name
      }),
    )
  return rules.flatMap((rule, i) => {
    const common = {
      allow: new Set(rule.allow),
      views: rule.views === '*' ? ('*' as const) : new Set(rule.views),
      attributes:
        rule.attributes === '*' ? ('*' as const) : spelled(rule.attributes, ['access', i, 'attributes']),
      except: spelled(rule.except, ['access', i, 'except']),
    }
    return rule.who.map((who) => ({ ...common, self: who === 'self', who: subject(who, named) }))
  })
}

function subject(who: string, named: Named): (principal: Principal) => boolean {
  switch (who) {
    case 'anonymous':
      return () => true
    case 'authenticated':
      return (principal) => principal.kind !== 'anonymous'
    case 'self':
      return (principal) => principal.kind === 'entry'
    default:
      return named(who)
  }
}
