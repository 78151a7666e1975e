/**
 * What zod found, said for people: each issue as findings with a path, a phrase and a remedy. Of a union only the
 * alternative that was meant is reported (`branch.ts`). Places in files are `report.ts`'s.
 */
import type { z } from 'zod'
import { nearest } from '../mapping/nearest.js'
import { bestBranch } from './branch.js'
import { type Finding, kindFinding, kindName, orList } from './finding.js'
import { isRecord, type Path, valueAt } from './origin.js'
import { alternatives, description, keysAt, type Schema, schemasAt } from './shape.js'

type Issue = z.core.$ZodIssue

/** @param data what was judged; paths are relative to it */
export function findings(issues: readonly Issue[], schema: Schema, data: unknown): Finding[] {
  return withoutTypos(
    issues.flatMap((issue) => explain(issue, schema, data)),
    schema,
    data,
  )
}

function explain(issue: Issue, schema: Schema, data: unknown): Finding[] {
  const path = issue.path.map((key) => (typeof key === 'number' ? key : String(key)))
  if (issue.code !== 'custom' && isMissing(data, path)) return [missing(path, schema)]
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey([...path, key], schema, data))
    case 'invalid_type': {
      const value = valueAt(data, path)
      if (issue.expected === 'string' && isBareTemplate(value, keysAt(schema, path)))
        return [unquoted(path, value)]
      return [kindFinding(path, [kindName(issue.expected)], value)]
    }
    case 'invalid_union': {
      if (issue.errors.length === 0) return [notOneOf(path, discriminators(issue))]
      const value = valueAt(data, path)
      if (isBareTemplate(value, keysAt(schema, path))) return [unquoted(path, value)]
      const options = unionAt(schema, path, issue.errors.length)
      const branches = issue.errors.map((errors, index) => findings(errors, options[index] ?? schema, value))
      return bestBranch(branches, value).map((found) => ({ ...found, path: [...path, ...found.path] }))
    }
    case 'invalid_value':
      return [notOneOf(path, issue.values.map(String))]
    case 'invalid_key':
      return issue.issues.map((inner) => ({ path, about: 'key', message: phrase(inner) }))
    case 'custom':
      return [{ ...issue.params, path, about: 'value', message: issue.message }]
    default:
      return [{ path, about: 'value', message: phrase(issue) }]
  }
}

/** A misspelt key is one mistake, not two: what it was meant as is not missing. */
function withoutTypos(found: readonly Finding[], schema: Schema, data: unknown): Finding[] {
  const meant = found
    .filter(({ about }) => about === 'unknown')
    .map(({ path }) => JSON.stringify([...path.slice(0, -1), meantKey(path, schema, data)]))
  return found.filter(({ about, path }) => about !== 'missing' || !meant.includes(JSON.stringify(path)))
}

/** The known key, not yet taken, that an unknown one was probably meant as. */
function meantKey(path: Path, schema: Schema, data: unknown): string | undefined {
  const parent = path.slice(0, -1)
  const there = valueAt(data, parent)
  const free = [...keysAt(schema, parent).keys()].filter(
    (key) => !isRecord(there) || !Object.hasOwn(there, key),
  )
  return nearest(String(path.at(-1)), free)
}

function isMissing(data: unknown, path: Path): boolean {
  const parent = valueAt(data, path.slice(0, -1))
  const key = path.at(-1)
  return key !== undefined && isRecord(parent) && !Object.hasOwn(parent, key)
}

function missing(path: Path, schema: Schema): Finding {
  const about = schemasAt(schema, path)
    .map(description)
    .find((text) => text !== undefined)
  const remedy = `Add "${path.at(-1)}"${about === undefined ? '' : `: ${about}`}.`
  return { path, about: 'missing', message: 'missing', remedy }
}

function unknownKey(path: Path, schema: Schema, data: unknown): Finding {
  const meant = meantKey(path, schema, data)
  const parent = path.slice(0, -1)
  const known = [...keysAt(schema, parent).keys()].join(', ')
  let remedy: string | undefined
  if (meant !== undefined) remedy = `Did you mean "${meant}"?`
  else if (known !== '') remedy = `Known keys: ${known}.`
  return { path, about: 'unknown', message: 'unknown key', ...(remedy === undefined ? {} : { remedy }) }
}

/** `cn: {name}` without quotes is a map with a key and nothing under it. */
function isBareTemplate(value: unknown, known: ReadonlyMap<string, Schema>): boolean {
  const entries = isRecord(value) ? Object.entries(value) : []
  return entries.length > 0 && entries.every(([key, inner]) => inner === null && !known.has(key))
}

function unquoted(path: Path, value: unknown): Finding {
  return { ...kindFinding(path, ['text'], value), remedy: 'Put text that starts with { in quotes.' }
}

function notOneOf(path: Path, words: readonly string[]): Finding {
  const message = `is not ${orList(words.map((word) => `"${word}"`))}`
  return { path, about: 'value', message, quote: true, candidates: words }
}

function discriminators(issue: Issue): readonly string[] {
  const { options } = issue as { readonly options?: unknown }
  return Array.isArray(options) ? options.map(String) : []
}

/** The alternatives of the union at a path, in the order in which its errors are listed. */
function unionAt(schema: Schema, path: Path, count: number): readonly Schema[] {
  const unions = schemasAt(schema, path).map(alternatives)
  return unions.find((options) => options.length === count) ?? []
}

function phrase(issue: Issue): string {
  if (issue.code === 'too_small' && Number(issue.minimum) === 1 && issue.origin !== 'number')
    return 'must not be empty'
  if (issue.code === 'too_small') return `must be at least ${issue.minimum}`
  if (issue.code === 'too_big') return `must be at most ${issue.maximum}`
  return issue.message
}
