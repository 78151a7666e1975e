/** Access rules as configured, made ready for the access layer: subjects found, attributes as the schema spells them. */
import type { Context, Principal } from '../../../model/request.js'
import type { View } from '../../../model/view.js'
import type { Schema } from '../../../schema/schema.js'
import { networks } from '../network.js'
import type { Group, Right, RowFilter, Rule } from './rule.js'

/** `write` is all of `add`, `modify` and `delete`. */
export type RightSpec = Right | 'write'

/** `anonymous` (everybody), `authenticated`, `self`, or a DN; the members of a group; whom a certificate names. */
export type SubjectSpec =
  | string
  | { readonly group: string; readonly nested: boolean }
  | { readonly certificate: string }

export interface RuleSpec {
  readonly who: readonly SubjectSpec[]
  /** Networks (CIDR) from which it counts. */
  readonly from?: readonly string[] | undefined
  /** Does it count over encrypted connections only? */
  readonly secure?: boolean | undefined
  readonly allow: readonly RightSpec[]
  readonly views: '*' | readonly string[]
  /** Names, `@` and a class for all that it may have, `operational` for all that users do not write. */
  readonly attributes: '*' | readonly string[]
  readonly except: readonly string[]
  readonly filter?: string | undefined
}

export interface RuleProblem {
  readonly path: readonly (string | number)[]
  readonly message: string
  readonly remedy: string
}

/** What is wrong with something, and what to do. */
export type Complaint = Pick<RuleProblem, 'message' | 'remedy'>

/** What rules say in the words of a tree of names. */
export interface Words {
  /** Is this principal the one that the DN names? */
  named(dn: string): (principal: Principal) => boolean
  group(dn: string, nested: boolean): Group | Complaint
  certificate(pattern: string): (principal: Principal) => boolean
  filter(text: string, view: View): RowFilter | Complaint
}

export function compileRules(
  rules: readonly RuleSpec[],
  schema: Schema,
  views: ReadonlyMap<string, View>,
  words: Words,
  problems: RuleProblem[],
): readonly Rule[] {
  const spelled = (list: readonly string[], path: RuleProblem['path']) =>
    new Set(list.flatMap((name, i) => attributesNamed(name, schema, [...path, i], problems)))
  return rules.flatMap((rule, i) => {
    const path = ['access', i]
    const rows = rule.filter === undefined ? undefined : rowsOf(rule.filter, rule.views, views, words)
    if (rows !== undefined && 'message' in rows) problems.push({ path: [...path, 'filter'], ...rows })
    const when = condition(rule)
    const common = {
      allow: new Set(rule.allow.flatMap((r): Right[] => (r === 'write' ? ['add', 'modify', 'delete'] : [r]))),
      views: rule.views === '*' ? ('*' as const) : new Set(rule.views),
      attributes:
        rule.attributes === '*' ? ('*' as const) : spelled(rule.attributes, [...path, 'attributes']),
      except: spelled(rule.except, [...path, 'except']),
      ...(when && { when }),
      ...(rows !== undefined && { rows: 'message' in rows ? new Map<string, RowFilter>() : rows }),
    }
    return rule.who.flatMap((who, j): Rule[] => {
      const found = subject(who, words)
      if (!('message' in found)) return [{ ...common, self: who === 'self', ...found }]
      problems.push({ path: [...path, 'who', ...(rule.who.length > 1 ? [j] : []), 'group'], ...found })
      return []
    })
  })
}

function subject(who: SubjectSpec, words: Words): Pick<Rule, 'who' | 'group'> | Complaint {
  if (typeof who === 'object') {
    if ('certificate' in who) return { who: words.certificate(who.certificate) }
    const group = words.group(who.group, who.nested)
    return 'message' in group ? group : { who: (principal) => principal.kind !== 'anonymous', group }
  }
  switch (who) {
    case 'anonymous':
      return { who: () => true }
    case 'authenticated':
      return { who: (principal) => principal.kind !== 'anonymous' }
    case 'self':
      return { who: (principal) => principal.kind === 'entry' }
    default:
      return { who: words.named(who) }
  }
}

/** By view. Of those that a rule names, each must have what the filter asks about; of all that there are, one. */
function rowsOf(
  text: string,
  named: RuleSpec['views'],
  views: ReadonlyMap<string, View>,
  words: Words,
): ReadonlyMap<string, RowFilter> | Complaint {
  const rows = new Map<string, RowFilter>()
  let complaint: Complaint | undefined
  for (const name of named === '*' ? views.keys() : named) {
    const view = views.get(name)
    const found = view && words.filter(text, view)
    if (found === undefined) continue
    if (!('message' in found)) rows.set(name, found)
    else if (named !== '*') return found
    else complaint ??= found
  }
  return rows.size === 0 && complaint !== undefined ? complaint : rows
}

function condition({ from, secure }: RuleSpec): ((ctx: Context) => boolean) | undefined {
  if (from === undefined && secure !== true) return undefined
  const within = from && networks(from)
  return (ctx) => (secure !== true || ctx.secure === true) && within?.(ctx.address ?? '') !== false
}

/** A name is that of an attribute with all that are derived from it, and with any options. */
function attributesNamed(
  name: string,
  schema: Schema,
  path: RuleProblem['path'],
  problems: RuleProblem[],
): readonly string[] {
  if (name === 'operational')
    return schema.attributes.filter(({ operational }) => operational).map((type) => type.name)
  if (name.startsWith('@')) {
    const classes =
      schema.objectClass(name.slice(1)) === undefined ? [] : schema.withSuperclasses([name.slice(1)])
    if (classes.length === 0) {
      const message = `the schema knows no object class ${name.slice(1)}`
      problems.push({ path, message, remedy: 'Correct its name' })
    }
    return classes.flatMap((one) => {
      const { must = [], may = [] } = schema.objectClass(one) ?? {}
      return [...must, ...may].map((attr) => schema.attribute(attr)?.name ?? attr)
    })
  }
  const types = schema.describedBy(name) ?? []
  if (types.length === 0) {
    problems.push({ path, message: `the schema knows no attribute ${name}`, remedy: 'Correct its name' })
  }
  return types.map((type) => type.name)
}
