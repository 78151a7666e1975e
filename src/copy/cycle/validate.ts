/** Sees to it that entries are as the configuration wants them: defaults for what they lack, and a reason where that is not enough. Pure. */
import type { Value } from '../../model/value.js'
import { scalarOf } from '../../model/value.js'
import type { SourceEntry, ValidationSettings } from './plan.js'
import type { Reason } from './problems.js'

export function validated(given: SourceEntry, settings: ValidationSettings): SourceEntry | Reason {
  const { required, defaults, strict } = settings
  const { attributes } = given.entry
  const added = new Map<string, readonly Value[]>()
  for (const [attr, template] of Object.entries(defaults)) {
    if (has(attributes, attr)) continue
    if (strict) return missing(attr, 'defaults are not used where validation is strict')
    const text = filled(template, attributes)
    if (text !== undefined) added.set(attr, [text])
  }
  const lacking = required.find((attr) => !has(attributes, attr) && !added.has(attr))
  if (lacking !== undefined) return missing(lacking)
  if (added.size === 0) return given
  return { ...given, entry: { ...given.entry, attributes: new Map([...attributes, ...added]) } }
}

function has(attributes: ReadonlyMap<string, readonly Value[]>, attr: string): boolean {
  return (attributes.get(attr)?.length ?? 0) > 0
}

function missing(attr: string, why?: string): Reason {
  return { code: 'missing', message: why === undefined ? `it has no ${attr}` : `it has no ${attr}; ${why}` }
}

/** Undefined where it is made of an attribute that has no value. */
function filled(template: string, attributes: ReadonlyMap<string, readonly Value[]>): string | undefined {
  let isWhole = true
  const text = template.replaceAll(/\{([^{}]+)\}/g, (_all, attr: string) => {
    const [first] = attributes.get(attr) ?? []
    const scalar = first === undefined ? undefined : scalarOf(first)
    if (scalar === undefined) isWhole = false
    return String(scalar)
  })
  return isWhole && text !== '' ? text : undefined
}
