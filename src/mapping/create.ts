/** What a new row is given besides the attributes of its entry: constants, and where its key is a name, that name. */
import { literal } from './codecs/literal.js'
import type { Draft } from './draft.js'
import type { Creation } from './mapping.js'
import { dnText } from './operations/dn.js'
import { dnPattern } from './patterns.js'

export function compileCreate(d: Draft): Creation | undefined {
  const { spec, resolve, collection } = d
  const { table, key: own } = collection
  if (spec.create === undefined) return undefined
  let key: Creation['key']
  const constants = Object.entries(spec.create).flatMap(([name, given]) => {
    const path = ['create', name]
    const column = resolve.column(table, name, path)
    if (column === undefined) return []
    const literals = [given].flat()
    if (column.name === own.name) {
      if (table.key?.name === own.name) key = keyOf(d, literals, path)
      else resolve.problem(path, `${name} is the key, which each new row has another of`, 'Leave it out')
      return []
    }
    if (column.readOnly === true) {
      resolve.problem(path, `column ${name} is written by the source itself`, 'Leave it out')
    } else if (literals.length > 1 && column.values === undefined)
      resolve.problem(path, `column ${name} holds one value`, 'Give it one')
    resolve.possible(column, literals, path)
    const values = literals.flatMap((value) => literal(String(value), column) ?? [])
    return [{ column, values }]
  })
  return { constants, ...(key && { key }) }
}

function keyOf(d: Draft, literals: readonly unknown[], path: readonly string[]): Creation['key'] {
  const [dn, ...more] = literals
  if (typeof dn !== 'string' || more.length > 0)
    return d.resolve.problem(path, 'a name is one DN', 'Write it as uid={column},ou=people,dc=example,dc=com')
  const pattern = dnPattern(dn, path, d)
  return pattern && ((textOf) => dnText(pattern, textOf))
}
