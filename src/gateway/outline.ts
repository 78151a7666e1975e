/** What a configuration shows, to whom and where, as far as the files tell: no source has been asked yet. */
import type { ConfigProblem } from '../config/config-error.js'
import type { GatewayConfig } from '../config/gateway-config.js'
import type { Rule } from '../directory/layers/access/rule.js'
import { compileRules, type RuleProblem } from '../directory/layers/access/rules.js'
import type { UnionOptions } from '../directory/union/directory.js'
import { accessWords } from '../frontends/ldap/access-words.js'
import { Namespace } from '../frontends/ldap/namespace.js'
import { identityNamed } from '../frontends/ldap/principals.js'
import { extendSchema } from '../mapping/custom-schema.js'
import { Problems } from '../mapping/problem.js'
import type { MappingSpec } from '../mapping/schema.js'
import { sameBy, shownViews, withUnions } from '../mapping/union.js'
import { viewOf } from '../mapping/view.js'
import type { Identity } from '../model/request.js'
import type { View } from '../model/view.js'
import type { Schema } from '../schema/schema.js'
import { standardSchema } from '../schema/schema.js'
import { isDirectory } from '../sources/registry.js'
import { planCopies } from './copies.js'
import { hearingProblems } from './hearing.js'
import { checkNames } from './names.js'
import { checkResources, locate, located, subjectProblems, userNameProblems } from './problems.js'
import type { SynchronizedView } from './sync.js'
import { readTargets, type TargetFiles } from './targets.js'
import { problemsOfTree } from './tree.js'

export interface Outline {
  readonly schema: Schema
  readonly specs: readonly MappingSpec[]
  /** All that are mapped, members of unions too, and all that are shown. */
  readonly mapped: ReadonlyMap<string, View>
  readonly views: ReadonlyMap<string, View>
  readonly unions: readonly UnionOptions[]
  readonly namespace: Namespace
  readonly rules: readonly Rule[]
  readonly copied: readonly SynchronizedView[]
  /** Of the targets. */
  readonly files: readonly TargetFiles[]
  readonly problems: readonly ConfigProblem[]
  identityOf(dn: string): Identity | undefined
}

export async function outlineOf(config: GatewayConfig): Promise<Outline> {
  const problems = new Problems()
  const written = config.views.map((v) => v.mapping)
  const unions = config.unions.map(({ union }) => union)
  const specs = withUnions(written, unions)
  const schema = extendSchema(standardSchema(), specs, problems)
  const directories = new Set(
    Object.entries(config.sources).flatMap(([name, options]) => (isDirectory(options) ? [name] : [])),
  )
  const mapped = new Map(
    specs.map((spec): [string, View] => [spec.view, viewOf(spec, schema, problems, specs, directories)]),
  )
  const views = shownViews(mapped, written, unions, schema, problems)
  const shown = unions.flatMap((spec): UnionOptions[] => {
    const { members, duplicates, onFailure, create } = spec.union
    const view = views.get(spec.view)
    const by = sameBy(spec, mapped, schema, problems)
    const partial = onFailure === 'partial'
    return view === undefined ? [] : [{ view, members, by, duplicates, partial, ...(create && { create }) }]
  })

  const inTree = [...views.values()].filter((view) => view.inTree)
  const namespace = new Namespace(config, inTree, schema)
  checkNames(inTree, namespace, problems)
  const treeProblems = problemsOfTree(config, schema)
  const words = accessWords(namespace, views)
  const { copied, wrong } = planCopies({
    config,
    specs,
    views: mapped,
    schema,
    directories,
    problems,
    filter: (text, view) => words.filter(text, view),
  })
  checkResources(views.values(), problems)
  const { problems: targetProblems, files } = await readTargets(config, mapped, views)
  const identityOf = (dn: string) => identityNamed(dn, namespace, config.serviceAccounts)
  const ruleProblems: RuleProblem[] = subjectProblems(config, identityOf)
  const rules = compileRules(config.access, schema, views, words, ruleProblems)
  const found = [
    ...located(config, problems.list),
    ...[
      ...treeProblems,
      ...wrong,
      ...targetProblems,
      ...ruleProblems,
      ...userNameProblems(config, views, schema),
      ...hearingProblems(config, views, schema),
    ].map((p) => locate(config.file, config.locate(p.path), p)),
  ]
  return {
    schema,
    specs,
    mapped,
    views,
    unions: shown,
    namespace,
    rules,
    copied,
    files,
    problems: found,
    identityOf,
  }
}
