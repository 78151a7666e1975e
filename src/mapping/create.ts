/**
 * What a new row is given besides the attributes of its entry: constants, what templates make of its other columns where
 * nothing else is given, and where its key is a name, that name.
 */
import { literal } from './codecs/literal.js'
import type { Draft } from './draft.js'
import type { Creation } from './mapping.js'
import { dnText } from './operations/dn.js'
import { closeUp } from './operations/template.js'
import { dnPattern, templateColumns } from './patterns.js'

export function compileCreate(d: Draft): Creation | undefined {
  const { spec, resolve, collection } = d
  const { table, key: own } = collection
  if (spec.create === undefined) return undefined
  let key: Creation['key']
  const made: Creation['made'][number][] = []
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
      return []
    }
    const [template] = literals
    if (literals.length === 1 && typeof template === 'string' && /\{[^{}]+\}/.test(template)) {
      const textOf = column.kind === 'text' ? templateText(d, template, path) : undefined
      if (textOf !== undefined) made.push({ column, textOf })
      else if (column.kind !== 'text')
        resolve.problem(path, `column ${name} is not text, so no template can make it`, 'Give it a constant')
      return []
    }
    if (literals.length > 1 && column.values === undefined)
      resolve.problem(path, `column ${name} holds one value`, 'Give it one')
    resolve.possible(column, literals, path)
    const values = literals.flatMap((value) => literal(String(value), column) ?? [])
    return [{ column, values }]
  })
  return { constants, made, ...(key && { key }) }
}

/** A column that has no value counts as empty text; of nothing but such columns comes nothing. */
function templateText(d: Draft, template: string, path: readonly string[]): Creation['key'] {
  const parts = templateColumns(template, path, d)
  return (
    parts &&
    ((textOf) => {
      const texts = parts.map((part) => (typeof part === 'string' ? part : textOf(part)))
      const isMade = parts.some((part, i) => typeof part !== 'string' && texts[i] !== undefined)
      return isMade ? closeUp(texts.join('')) : undefined
    })
  )
}

function keyOf(d: Draft, literals: readonly unknown[], path: readonly string[]): Creation['key'] {
  const [dn, ...more] = literals
  if (typeof dn !== 'string' || more.length > 0)
    return d.resolve.problem(path, 'a name is one DN', 'Write it as uid={column},ou=people,dc=example,dc=com')
  const pattern = dnPattern(dn, path, d)
  return pattern && ((textOf) => dnText(pattern, textOf))
}
