/**
 * `ldap.dn`: a DN with attributes in braces, which says at once how entries are named, by which of their values they
 * hang where, and below what.
 */
import { formatDn } from '../ldap/dn.js'
import { parseDn } from '../schema/dn-value.js'

/** What a template says, in the words of a mapping that says it one by one. */
export interface Placement {
  readonly base: string
  readonly rdn: string[]
  /** From the top down. */
  readonly levels: readonly { readonly type: string; readonly attr: string }[]
}

/** @returns what is wrong, where that is so */
export function placementOf(
  template: string,
): Placement | { readonly message: string; readonly remedy: string } {
  const remedy = 'Write it as uid={uid},ou={department},ou=people'
  const rdns = parseDn(template.replace(/[{}]/g, (brace) => `\\${brace === '{' ? '7B' : '7D'}`))
  const [leaf, ...above] = rdns ?? []
  if (leaf === undefined) return { message: 'is no DN', remedy }
  const rdn: string[] = []
  for (const { type, value } of leaf) {
    const attr = attributeIn(value)
    if (attr === undefined) return { message: `${type}=${value} names no attribute`, remedy }
    if (attr.toLowerCase() !== type.toLowerCase())
      return {
        message: `${type}={${attr}}: entries are named by an attribute of theirs`,
        remedy: `Write ${attr}={${attr}}`,
      }
    rdn.push(attr)
  }
  const fixed = above.findIndex((one) => !one.some(({ value }) => /[{}]/.test(value)))
  const dynamic = fixed < 0 ? above : above.slice(0, fixed)
  const rest = fixed < 0 ? [] : above.slice(fixed)
  const late = rest.flat().find(({ value }) => /[{}]/.test(value))
  if (late !== undefined)
    return {
      message: `${late.type}=${late.value} stands above what has no braces`,
      remedy: 'Put it right behind the others',
    }
  const levels: Placement['levels'][number][] = []
  for (const [only, ...others] of dynamic) {
    const attr = only === undefined || others.length > 0 ? undefined : attributeIn(only.value)
    if (only === undefined || attr === undefined) {
      const text = (others.length > 0 ? [only, ...others] : [only])
        .map((a) => `${a?.type}=${a?.value}`)
        .join('+')
      return { message: `${text} is no type with one attribute in braces`, remedy }
    }
    levels.unshift({ type: only.type, attr })
  }
  return { base: formatDn(rest), rdn, levels }
}

const attributeIn = (value: string) => /^\{([A-Za-z][A-Za-z0-9-]*)\}$/.exec(value)?.[1]
