/** `vitrine explain`: what a filter becomes. */
import { fieldFilterText, filterText, residualText } from '../directory/explain.js'
import { FilterTranslator } from '../frontends/ldap/filter.js'
import { Namespace } from '../frontends/ldap/namespace.js'
import { assemble, compileAll, readConfig } from '../gateway.js'
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
    const view = parts.core.views.get(options.view)
    const mappings = parts.mappings.get(options.view)
    if (view === undefined || mappings === undefined) {
      process.stderr.write(
        `there is no view ${options.view}; there are ${[...parts.core.views.keys()].join(', ')}\n`,
      )
      return 2
    }
    await compileAll(parts)
    const namespace = new Namespace(parts.config.suffix, parts.core.views.values(), parts.schema)
    const filter = new FilterTranslator(namespace).translate(parseFilter(options.filter), view)
    const request = { view: view.name, filter, attributes: 'all' } as const
    const { plan, query } = await parts.core.prepare(request, {
      principal: ANONYMOUS,
      signal: AbortSignal.timeout(30_000),
    })
    const lines = [
      `filter    ${filterText(filter)}`,
      `pushed    ${fieldFilterText(plan.pushed, '          ').trimStart()}`,
      `residual  ${plan.residual === undefined ? 'nothing: the source’s answer is exact' : residualText(plan.residual)}`,
    ]
    const unmapped = [...filterAttributes(filter)].filter((attr) => !view.attributes.has(attr))
    if (unmapped.length > 0)
      lines.push(`note      no entry of ${view.name} has ${unmapped.join(' or ')}: not mapped`)
    for (const { text, bindings } of mappings.source.explain(query)) {
      lines.push(
        '',
        text,
        `          bindings ${JSON.stringify(bindings, (_key, v: unknown) => (typeof v === 'bigint' ? String(v) : v))}`,
      )
    }
    process.stdout.write(`${lines.join('\n')}\n`)
    return 0
  } catch (error) {
    if (!(error instanceof FilterSyntaxError)) throw error
    process.stderr.write(`${error.message}\n`)
    return 2
  } finally {
    await parts.close()
  }
}
