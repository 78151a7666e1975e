/**
 * `${NAME}`, `${NAME:-default}` and `${file:PATH}` in text values; `$${` stands for `${`. Works on parsed data,
 * so that what is put in can never change its structure. Where values come from is the caller's.
 */
import type { Path } from './origin.js'
import type { TextFile } from './text-file.js'

export interface Lookups {
  readonly variable: (name: string) => string | undefined
  readonly file: (path: string) => Promise<TextFile>
}

export interface Interpolated {
  readonly data: unknown
  /** Values that could not be made; they stand in `data` as written. */
  readonly failures: readonly InterpolationFailure[]
}

interface InterpolationFailure {
  readonly path: Path
  readonly message: string
  readonly remedy: string
}

/** Keys stay as they are. */
export async function interpolate(data: unknown, lookups: Lookups): Promise<Interpolated> {
  const failures: InterpolationFailure[] = []
  return { data: await replaceIn(data, [], lookups, failures), failures }
}

async function replaceIn(
  value: unknown,
  path: Path,
  lookups: Lookups,
  failures: InterpolationFailure[],
): Promise<unknown> {
  if (typeof value === 'string') {
    const { text, problems } = await expand(value, lookups)
    failures.push(...problems.map((problem) => ({ path, ...problem })))
    return problems.length === 0 ? text : value
  }
  if (Array.isArray(value)) {
    const items: unknown[] = []
    for (const [index, item] of value.entries()) {
      items.push(await replaceIn(item, [...path, index], lookups, failures))
    }
    return items
  }
  if (typeof value === 'object' && value !== null) {
    const entries: [string, unknown][] = []
    for (const [key, inner] of Object.entries(value)) {
      entries.push([key, await replaceIn(inner, [...path, key], lookups, failures)])
    }
    return Object.fromEntries(entries)
  }
  return value
}

type Problem = Omit<InterpolationFailure, 'path'>

async function expand(text: string, lookups: Lookups): Promise<{ text: string; problems: Problem[] }> {
  const problems: Problem[] = []
  let expanded = ''
  let end = 0
  for (const found of text.matchAll(/\$\$\{|\$\{([^}]*)\}|\$\{/g)) {
    expanded += text.slice(end, found.index)
    end = found.index + found[0].length
    if (found[0] === `$\${`) {
      expanded += `\${`
      continue
    }
    const value = await lookUp(found[1], lookups)
    if (typeof value === 'string') expanded += value
    else problems.push(value)
  }
  return { text: expanded + text.slice(end), problems }
}

async function lookUp(reference: string | undefined, lookups: Lookups): Promise<string | Problem> {
  if (reference?.startsWith('file:') && reference.length > 'file:'.length) {
    const { text, reason } = await lookups.file(reference.slice('file:'.length))
    if (text !== undefined) return text.replace(/\r?\n$/, '')
    const message = `\${${reference}} cannot be read: ${reason}`
    return { message, remedy: 'Create the file, or correct its path.' }
  }
  const variable = /^([A-Za-z_]\w*)(?::-(.*))?$/s.exec(reference ?? '')
  if (variable === null) {
    return {
      message: `\${${reference === undefined ? '' : `${reference}}`} is no reference`,
      remedy: `Write \${NAME}, \${NAME:-default} or \${file:PATH}, or $\${ for a plain \${.`,
    }
  }
  const [, name = '', fallback] = variable
  const value = lookups.variable(name)
  // As in a shell, the default also stands in for an empty value.
  if (value !== undefined && (value !== '' || fallback === undefined)) return value
  if (fallback !== undefined) return fallback
  return {
    message: `environment variable ${name} is not set`,
    remedy: `Set it, or write \${${name}:-default}.`,
  }
}
