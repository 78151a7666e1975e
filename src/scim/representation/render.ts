/**
 * Entries as SCIM resources (RFC 7643 3): closures, put together once for each selection, that write JSON text and
 * follow the schema no more. What is selected is decided in `selection.ts`.
 */
import type { Entry } from '../../model/entry.js'
import type { JsonWriter } from './json-writer.js'
import { keyOf, objectOf, Start, type Values } from './members.js'
import type { Node, Outline } from './outline.js'
import { idWriterFor, locationOf, type ShownNode, showOf } from './render-node.js'
import { showDate } from './values.js'

export const metaParts = ['resourceType', 'created', 'lastModified', 'location', 'version'] as const
export type MetaPart = (typeof metaParts)[number]

/** Writes the resource; false for an entry without `id`, which is none. */
export type Renderer = (out: JsonWriter, entry: Entry, base: string, version?: string) => boolean

export function rendererOf(
  outline: Outline,
  shown: readonly ShownNode[],
  meta: readonly MetaPart[],
): Renderer {
  const core = outline.resource.schema.id
  const own = shown.filter(({ node }) => !node.isExtension)
  const externalId = own.filter(({ node }) => isExternalId(node)).map(showOf)
  const members = own.filter(({ node }) => !isExternalId(node)).map(showOf)
  const extensions = outline.resource.extensions.flatMap(({ schema }) => {
    const ofIt = shown.filter(({ node }) => node.urn === schema.id).map(showOf)
    const urn = JSON.stringify(schema.id)
    return ofIt.length === 0 ? [] : [{ urn: `,${urn}`, show: objectOf(keyOf(schema.id), ofIt) }]
  })
  const showMeta = metaOf(outline, meta)
  const writeId = idWriterFor(outline.self)
  const start = `{"schemas":[${JSON.stringify(core)}`

  return (out, entry, base, version) => {
    const id = outline.idOf(entry)
    if (id === undefined) return false
    const { attributes } = entry
    let urns = ''
    const extended =
      extensions.length === 0
        ? ''
        : out.aside(() => {
            for (const { urn, show } of extensions) if (show(out, false, attributes, base)) urns += urn
          })
    out.raw(`${start}${urns}],"id":`)
    writeId(out, id)
    for (const show of externalId) show(out, false, attributes, base)
    showMeta?.(out, attributes, id, base, version)
    for (const show of members) show(out, false, attributes, base)
    out.raw(`${extended}}`)
    return true
  }
}

function isExternalId({ attribute, isExtension }: Node): boolean {
  return attribute.name === 'externalId' && !isExtension
}

function metaOf(outline: Outline, parts: readonly MetaPart[]) {
  if (parts.length === 0) return undefined
  const { type, created, lastModified } = outline.resource
  const [hasType, hasLocation, hasVersion] = (['resourceType', 'location', 'version'] as const).map((part) =>
    parts.includes(part),
  )
  const times = [
    ['created', created],
    ['lastModified', lastModified],
  ] as const
  const shownTimes = times.flatMap(([name, attr]) =>
    attr !== undefined && parts.includes(name) ? [{ start: new Start(keyOf(name)), attr }] : [],
  )
  const located = '"location":'
  const locate = [locationOf(outline.self, located), locationOf(outline.self, `,${located}`)] as const
  const versioned = new Start('"version":')
  const start = `,"meta":{${hasType === true ? `"resourceType":${JSON.stringify(type)}` : ''}`
  return (out: JsonWriter, values: Values, id: string, base: string, version: string | undefined): void => {
    let isFirst = hasType !== true
    out.raw(start)
    for (const { start: member, attr } of shownTimes) {
      const time = values.get(attr)?.[0]
      const text = time instanceof Date ? showDate(time) : undefined
      if (text === undefined) continue
      out.raw(member.at(isFirst))
      out.string(text)
      isFirst = false
    }
    if (hasLocation === true) {
      locate[isFirst ? 0 : 1](out, id, base)
      isFirst = false
    }
    if (hasVersion === true && version !== undefined) {
      out.raw(versioned.at(isFirst))
      out.string(version)
    }
    out.raw('}')
  }
}
