/** What is wrong with the tree that a configuration describes: its suffixes, and the entries that it declares. */
import type { GatewayConfig } from '../config/gateway-config.js'
import type { RuleProblem } from '../directory/layers/access/rules.js'
import { declarationProblems } from '../frontends/ldap/containers.js'
import { depthBelow, keyOf, type Name, parseName } from '../frontends/ldap/names.js'
import { placedName } from '../frontends/ldap/namespace.js'
import type { Schema } from '../schema/schema.js'

export function problemsOfTree(config: GatewayConfig, schema: Schema): readonly RuleProblem[] {
  return [...suffixProblems(config, schema), ...containerProblems(config, schema)]
}

/** One naming context cannot be a part of another. */
function suffixProblems({ suffix }: GatewayConfig, schema: Schema): readonly RuleProblem[] {
  const names = suffix.map((dn) => parseName(dn, schema))
  return names.flatMap((name, i): RuleProblem[] => {
    const superior = names.findIndex(
      (other, j) => i !== j && (depthBelow(name, other) ?? -1) >= (j < i ? 0 : 1),
    )
    if (superior < 0) return []
    const isSame = depthBelow(name, names[superior] as Name) === 0
    const where = isSame ? 'is written twice' : `is below ${suffix[superior]}, which is a suffix itself`
    const remedy = isSame
      ? 'Write it once'
      : `Leave it out; what hangs there takes its whole DN, or one relative to ${suffix[0]}, as its base`
    return [{ path: ['suffix', i], message: `${suffix[i]} ${where}`, remedy }]
  })
}

function containerProblems(config: GatewayConfig, schema: Schema): readonly RuleProblem[] {
  const tops = config.suffix.map((dn) => parseName(dn, schema))
  const known = new Set<string>()
  return config.containers.flatMap((declared, i): RuleProblem[] => {
    const name = placedName(declared.dn, config, schema)
    const key = keyOf(name.forms)
    const path = ['containers', i]
    if (known.has(key)) {
      const message = `${declared.dn === '' ? 'the suffix' : declared.dn} is declared already`
      return [{ path: [...path, 'dn'], message, remedy: 'Declare it once' }]
    }
    known.add(key)
    const isSuffix = tops.some((top) => depthBelow(name, top) === 0)
    return declarationProblems(name, isSuffix, schema, declared).map(({ attribute, message, remedy }) => ({
      path: attribute === undefined ? path : [...path, attribute],
      message,
      remedy,
    }))
  })
}
