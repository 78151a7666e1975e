/**
 * Renders the templates of a Helm chart, as far as ours go: values, `if` and `with`, and the functions below. Whatever else a
 * template may say is an error here, so that none of ours says more than this understands.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, parseDocument, stringify } from 'yaml'

type Scope = Readonly<Record<string, unknown>>

const functions: Readonly<Record<string, (value: unknown, ...args: readonly string[]) => unknown>> = {
  toYaml: (value) => stringify(value, { lineWidth: 0 }).trimEnd(),
  nindent: (value, by) => `\n${String(value).replaceAll(/^(?=.)/gm, ' '.repeat(Number(by)))}`,
  sha256sum: (value) => createHash('sha256').update(String(value)).digest('hex'),
}

/** The objects that the chart makes. @param values stand above those of the chart, key by key */
export function render(
  chart: string,
  release: string,
  values: Scope = {},
): readonly Record<string, unknown>[] {
  const { version, appVersion } = parse(readFileSync(join(chart, 'Chart.yaml'), 'utf8'))
  const own = parse(readFileSync(join(chart, 'values.yaml'), 'utf8'))
  const scope = {
    Values: { ...own, ...values },
    Release: { Name: release },
    Chart: { Version: version, AppVersion: appVersion },
  }
  const templates = join(chart, 'templates')
  return readdirSync(templates).flatMap((name) => {
    const text = rendered(readFileSync(join(templates, name), 'utf8'), scope)
    if (text.trim() === '') return []
    const document = parseDocument(text)
    if (document.errors.length > 0) throw new Error(`${name}: ${document.errors[0]?.message}\n${text}`)
    return [document.toJS() as Record<string, unknown>]
  })
}

function rendered(template: string, root: Scope): string {
  const trimmed = template.replaceAll(/\s*\{\{-/g, '{{').replaceAll(/-\}\}\s*/g, '}}')
  const pieces = trimmed.split(/\{\{\s*(.*?)\s*\}\}/)
  let text = ''
  /** What `.` is within each block that is open; undefined: the block is left out. */
  const dots: unknown[] = [root]
  for (const [i, piece] of pieces.entries()) {
    const isShown = !dots.includes(undefined)
    const [word = '', rest = ''] = piece.split(/ (.*)/)
    if (i % 2 === 0) text += isShown ? piece : ''
    else if (word === 'end') dots.pop()
    else if (word === 'if' || word === 'with') {
      const value = isShown ? evaluate(rest, dots.at(-1), root) : undefined
      dots.push(isEmpty(value) ? undefined : word === 'with' ? value : dots.at(-1))
    } else if (isShown) text += String(evaluate(piece, dots.at(-1), root))
  }
  return text
}

function evaluate(pipeline: string, dot: unknown, root: Scope): unknown {
  const [first = '', ...rest] = pipeline.split(/\s*\|\s*/)
  const [name = '', argument] = first.split(' ')
  const start = argument === undefined ? lookUp(name, dot, root) : call(name, lookUp(argument, dot, root), [])
  return rest.reduce<unknown>((value, step) => {
    const [called = '', ...args] = step.split(' ')
    if (called === 'default') return isEmpty(value) ? lookUp(args[0] ?? '', dot, root) : value
    return call(called, value, args)
  }, start)
}

function call(name: string, value: unknown, args: readonly string[]): unknown {
  const made = functions[name]
  if (made === undefined) throw new Error(`no function ${name}`)
  return made(value, ...args)
}

function lookUp(path: string, dot: unknown, root: Scope): unknown {
  if (path === '.') return dot
  if (!/^(\.\w+)+$/.test(path)) throw new Error(`${path} is no value`)
  let value: unknown = root
  for (const key of path.slice(1).split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key))
      throw new Error(`no ${path}`)
    value = (value as Scope)[key]
  }
  return value
}

function isEmpty(value: unknown): boolean {
  return (
    value === undefined ||
    value === false ||
    value === '' ||
    value === 0 ||
    (Object.keys(value ?? {}).length === 0 && typeof value === 'object')
  )
}
