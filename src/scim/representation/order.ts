/** What `sortBy` names (RFC 7644 3.4.2.3), as the attribute that the directory sorts by. */
import { VitrineError } from '../../model/errors.js'
import type { SearchRequest } from '../../model/request.js'
import type { AttributePath } from '../filter-ast.js'
import { formatPath } from '../path.js'
import type { Node, Outline } from './outline.js'
import type { Unknown } from './terms.js'

export function orderOf(
  outline: Outline,
  path: AttributePath,
  descending: boolean,
  unknown: Unknown,
): SearchRequest['order'] {
  const attr = attributeOf(outline, path, descending, unknown)
  return attr === undefined ? undefined : { attr, descending }
}

function attributeOf(
  outline: Outline,
  path: AttributePath,
  descending: boolean,
  unknown: Unknown,
): string | undefined {
  const meaning = outline.meaningOf(path)
  const name = formatPath(path)
  switch (meaning.kind) {
    case 'node': {
      const attr = meaning.node.attribute.returned === 'never' ? undefined : keptIn(meaning.node, meaning.sub)
      if (attr === undefined && unknown === 'refuse')
        throw new VitrineError('inappropriateMatching', { message: `resources cannot be sorted by ${name}` })
      return attr
    }
    case 'id':
      // The order of keys, which is that without any, is one of ids; only it cannot be turned round.
      return descending ? 'entryUUID' : undefined
    case 'meta': {
      const { created, lastModified } = outline.resource
      const sub = meaning.sub?.toLowerCase()
      return sub === 'created' ? created : sub === 'lastmodified' ? lastModified : undefined
    }
    case 'unknown':
      if (unknown === 'false') return undefined
      throw new VitrineError('undefinedAttributeType', { message: `there is no attribute ${name}` })
    default:
      return undefined
  }
}

/** Elements are sorted by their values; those of several stores by the first store's. */
function keptIn(node: Node, sub: string | undefined): string | undefined {
  switch (node.kind) {
    case 'plain':
      return node.attr.name
    case 'complex':
      return node.subs.find((s) => s.attribute.name === sub)?.attr.name
    case 'elements':
      return sub === undefined || sub === 'value'
        ? node.stores.find((s) => s.parts.has('value'))?.attr.name
        : undefined
    case 'references':
      return undefined
  }
}
