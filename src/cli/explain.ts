/** `vitrine explain`: what a filter becomes. */
import { fieldFilterText, filterText, residualText } from '../directory/explain.js'
import { FilterTranslator } from '../frontends/ldap/filter.js'
import { Namespace } from '../frontends/ldap/namespace.js'
import { assemble, compileAll, type GatewayParts, readConfig } from '../gateway/assembly.js'
import { FilterSyntaxError, parseFilter } from '../ldap/index.js'
import { filterAttributes } from '../model/filter.js'
import { ANONYMOUS } from '../model/request.js'

export interface ExplainOptions {
  readonly config: string
  readonly view: string
  readonly filter: string
}

export async function explain(options: ExplainOptions): Promise<number> {
  const parts = await assemble(await readConfig(options.config, {}))
  try {
    const { views } = parts.core
    const union = parts.config.unions.find((one) => one.union.view === options.view)?.union
    const names = union?.union.members ?? [options.view]
    if (!names.every((name) => views.has(name))) {
      const known = [...views.keys(), ...parts.config.unions.map((one) => one.union.view)]
      process.stderr.write(`there is no view ${options.view}; there are ${known.join(', ')}\n`)
      return 2
    }
    await compileAll(parts)
    const text: string[] = []
    for (const name of names) {
      if (union !== undefined) text.push(`${text.length > 0 ? '\n' : ''}member    ${name}`)
      text.push(...(await explained(parts, name, options.filter)))
    }
    process.stdout.write(`${text.join('\n')}\n`)
    return 0
  } catch (error) {
    if (!(error instanceof FilterSyntaxError)) throw error
    process.stderr.write(`${error.message}\n`)
    return 2
  } finally {
    await parts.close()
  }
}

/** What a filter becomes for one view that is mapped. */
async function explained(parts: GatewayParts, name: string, text: string): Promise<readonly string[]> {
  const { core, config, schema, mappings } = parts
  const view = core.views.get(name)
  if (view === undefined) return []
  // Members of unions may be at one place: the one that is asked about counts.
  const others = [...core.views.values()].filter((one) => one !== view)
  const namespace = new Namespace(config, [view, ...others], schema)
  const filter = new FilterTranslator(namespace).translate(parseFilter(text), view)
  const request = { view: name, filter, attributes: 'all' } as const
  const signal = AbortSignal.timeout(30_000)
  const { plan, query } = await core.prepare(request, { principal: ANONYMOUS, signal })
  const lines = [
    `filter    ${filterText(filter)}`,
    `pushed    ${fieldFilterText(plan.pushed, '          ').trimStart()}`,
    `residual  ${plan.residual === undefined ? 'nothing: the source’s answer is exact' : residualText(plan.residual)}`,
  ]
  const unmapped = [...filterAttributes(filter)].filter((attr) => !view.attributes.has(attr))
  if (unmapped.length > 0)
    lines.push(`note      no entry of ${view.name} has ${unmapped.join(' or ')}: not mapped`)
  for (const { text: statement, bindings } of mappings.get(name)?.source.explain(query) ?? []) {
    lines.push(
      '',
      statement,
      `          bindings ${JSON.stringify(bindings, (_key, v: unknown) => (typeof v === 'bigint' ? String(v) : v))}`,
    )
  }
  return lines
}
