/** `vitrine explain`: what a filter becomes. */
import { FilterTranslator } from '../frontends/ldap/filter.js'
import { Namespace } from '../frontends/ldap/namespace.js'
import { assemble } from '../gateway/assembly.js'
import { compileAll } from '../gateway/compiling.js'
import { bindingsText, explainSearch } from '../gateway/explain.js'
import type { GatewayParts } from '../gateway/parts.js'
import { readConfig } from '../gateway/reading.js'
import { FilterSyntaxError, parseFilter } from '../ldap/index.js'
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
  const { core, config, schema } = parts
  const view = core.views.get(name)
  if (view === undefined) return []
  // Members of unions may be at one place: the one that is asked about counts.
  const others = [...core.views.values()].filter((one) => one !== view)
  const namespace = new Namespace(config, [view, ...others], schema)
  const filter = new FilterTranslator(namespace).translate(parseFilter(text), view)
  const ctx = { principal: ANONYMOUS, signal: AbortSignal.timeout(30_000) }
  const found = await explainSearch(parts, { view: name, filter, attributes: 'all' }, ctx)
  const lines = [
    `filter    ${found.filter}`,
    `pushed    ${found.pushed.replaceAll('\n', '\n          ')}`,
    `residual  ${found.residual ?? 'nothing: the source’s answer is exact'}`,
  ]
  if (found.unmapped.length > 0)
    lines.push(`note      no entry of ${view.name} has ${found.unmapped.join(' or ')}: not mapped`)
  for (const { text: statement, bindings } of found.statements)
    lines.push('', statement, `          bindings ${bindingsText(bindings)}`)
  return lines
}
