/** Configuration files as the product writes them: YAML, with comments, and with secrets left to files of their own. */
import { Document, isMap, isPair, isScalar, Pair, Scalar, visit, YAMLMap } from 'yaml'

export interface WrittenFile {
  /** Relative to the folder of the gateway's file. */
  readonly path: string
  readonly text: string
  /** Is it for its owner alone? */
  readonly secret: boolean
}

/** A text of which a part stands elsewhere: in the environment, or in a file that is written too. */
export class Elsewhere {
  /** @param reference what stands between `${` and `}` */
  constructor(
    readonly reference: string,
    readonly before = '',
    readonly after = '',
  ) {}
}

/** The same with some texts elsewhere. */
export type Written<T> = T extends string
  ? T | Elsewhere
  : T extends readonly (infer Item)[]
    ? Written<Item>[]
    : T extends object
      ? { [K in keyof T]: Written<T[K]> }
      : T

/**
 * @param head the lines at the beginning, as comments
 * @param comments what stands before a key, by its path
 */
export function yamlOf(
  data: object,
  head: readonly string[],
  comments: (path: readonly string[]) => string | undefined = () => undefined,
): string {
  const document = new Document(literal(data))
  document.commentBefore = head.map((line) => (line === '' ? '' : ` ${line}`)).join('\n')
  visit(document, {
    Collection: (_, node) => {
      // What holds a few plain values only stands on one line.
      const inner = node.items.map((item) => (isPair(item) ? item.value : item))
      const fits =
        inner.every(isScalar) && inner.join(', ').length <= 80 && (!isMap(node) || inner.length <= 3)
      if (node !== document.contents && fits) node.flow = true
    },
  })
  if (document.contents instanceof YAMLMap) comment(document.contents, [], comments)
  return document.toString({ lineWidth: 0 })
}

/** A map with comments in it has a line for each key. */
function comment(
  map: YAMLMap,
  path: readonly string[],
  comments: (path: readonly string[]) => string | undefined,
): void {
  for (const pair of map.items) {
    if (!(pair instanceof Pair) || !(pair.key instanceof Scalar)) continue
    const own = [...path, String(pair.key.value)]
    const text = comments(own)
    if (text !== undefined) {
      pair.key.commentBefore = text
        .split('\n')
        .map((line) => ` ${line}`)
        .join('\n')
      map.flow = false
    }
    if (pair.value instanceof YAMLMap) comment(pair.value, own, comments)
  }
}

/** Texts as they come out of interpolation again. */
function literal(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll(`\${`, `$\${`)
  if (value instanceof Elsewhere)
    return `${literal(value.before)}\${${value.reference}}${literal(value.after)}`
  if (Array.isArray(value)) return value.map(literal)
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, literal(inner)]))
  return value
}
