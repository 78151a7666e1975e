/** YAML 1.2 text to data, with the place of every key and value; says what is wrong with the text itself. */
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type YAMLError,
} from 'yaml'
import type { ConfigProblem } from './config-error.js'
import { type Origin, type Path, type Place, showPath, valueAt } from './origin.js'

export interface YamlSource {
  readonly data: unknown
  readonly origin: Origin
  readonly problems: readonly ConfigProblem[]
  /** False if the text is so broken that its data means nothing. */
  readonly usable: boolean
}

/** @param file as problems shall name it */
export function parseYaml(text: string, file: string): YamlSource {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' })
  const placeOf = (offset: number, path: Path): Place => {
    const { line, col } = lines.linePos(offset)
    return { file, line: Math.max(line, 1), column: Math.max(col, 1), path: showPath(path) }
  }

  const problems: ConfigProblem[] = []
  const broken = document.errors.find((error) => error.code !== 'DUPLICATE_KEY')
  for (const error of document.errors) {
    if (error.code !== 'DUPLICATE_KEY') continue
    const path = pathTo(document.contents, error.pos[0]) ?? []
    problems.push({
      ...placeOf(error.pos[0], path),
      message: 'duplicate key',
      remedy: 'Remove one of the two.',
    })
  }
  for (const warning of document.warnings) {
    problems.push({ ...placeOf(warning.pos[0], []), message: lowerFirst(warning.message) })
  }
  if (broken !== undefined) problems.push({ ...placeOf(broken.pos[0], []), ...syntaxProblem(broken, text) })
  else problems.push(...aliasProblems(document, placeOf))

  const usable = broken === undefined && problems.every((problem) => !problem.message.startsWith('alias'))
  const data: unknown = usable ? document.toJS() : undefined
  const origin: Origin = {
    place: (path, spot) => {
      const found = find(document, path)
      const node = spot === 'key' ? (found.key ?? found.value) : (found.value ?? found.key)
      return placeOf(node?.range?.[0] ?? 0, path)
    },
    written: (path) => valueAt(data, path),
  }
  return { data, origin, problems, usable }
}

function syntaxProblem(error: YAMLError, text: string): Pick<ConfigProblem, 'message' | 'remedy'> {
  if (error.code === 'MULTIPLE_DOCS') {
    return { message: 'more than one document', remedy: 'Keep one document per file.' }
  }
  const start = text.lastIndexOf('\n', error.pos[0] - 1) + 1
  const line = text.slice(start).split('\n', 1)[0] ?? ''
  const message = `YAML: ${lowerFirst(error.message)}`
  // Templates and hashes begin with a brace, which YAML takes for a map.
  return /[:-]\s+\{[^{}]*\}\s*[^\s,#}\]]/.test(line)
    ? { message, remedy: 'Put text that starts with { in quotes.' }
    : { message }
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}

/** Aliases that lead nowhere, or to what they stand in. */
function aliasProblems(document: Document, placeOf: (offset: number, path: Path) => Place): ConfigProblem[] {
  const problems: ConfigProblem[] = []
  visit(document, {
    Alias(_, alias, ancestors) {
      const target = alias.resolve(document)
      const place = placeOf(alias.range?.[0] ?? 0, [])
      if (target === undefined) {
        problems.push({
          ...place,
          message: `alias *${alias.source} has no anchor &${alias.source} before it`,
        })
      } else if (ancestors.includes(target)) {
        problems.push({ ...place, message: `alias *${alias.source} stands within what it refers to` })
      }
    },
  })
  return problems
}

interface Found {
  readonly key?: Node
  readonly value?: Node
}

/** The deepest node on the way to `path`. */
function find(document: Document, path: Path): Found {
  let found: Found = nodes(undefined, document.contents)
  for (const step of path) {
    const node = isAlias(found.value) ? found.value.resolve(document) : found.value
    let next: Found | undefined
    if (isMap(node)) {
      const pair = node.items.findLast(({ key }) => keyText(key) === String(step))
      if (pair !== undefined) next = nodes(pair.key, pair.value)
    } else if (isSeq(node) && typeof step === 'number') {
      const item = node.items[step]
      if (item !== undefined) next = nodes(undefined, item)
    }
    if (next === undefined) return found
    found = next
  }
  return found
}

function nodes(key: unknown, value: unknown): Found {
  return { ...(isNode(key) ? { key } : {}), ...(isNode(value) ? { value } : {}) }
}

function keyText(key: unknown): string | undefined {
  return isScalar(key) ? String(key.value ?? '') : undefined
}

/** The path of the key that begins at an offset. */
function pathTo(node: unknown, offset: number): Path | undefined {
  if (isMap(node)) {
    for (const { key, value } of node.items) {
      const name = keyText(key)
      if (name === undefined) continue
      if (isNode(key) && key.range?.[0] === offset) return [name]
      const rest = pathTo(value, offset)
      if (rest !== undefined) return [name, ...rest]
    }
  } else if (isSeq(node)) {
    for (const [index, item] of node.items.entries()) {
      const rest = pathTo(item, offset)
      if (rest !== undefined) return [index, ...rest]
    }
  }
  return undefined
}
