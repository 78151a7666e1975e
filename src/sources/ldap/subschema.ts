/** What a server publishes of its schema (RFC 4512 4.2), as columns. */
import { controlType } from '../../ldap/controls.js'
import { standardSchema } from '../../schema/schema.js'
import type { Channel } from './channel.js'
import { Columns } from './columns.js'
import { type AttributeDescription, describedAttributes } from './description.js'
import { read } from './reader.js'

const BIT_AND = '1.2.840.113556.1.4.803'

/** @throws VitrineError */
export async function readColumns(channel: Channel, signal?: AbortSignal): Promise<Columns> {
  const capabilities = await channel.use((_, link) => link.capabilities(signal), {})
  const { isActiveDirectory, subschemaSubentry } = capabilities
  const published =
    subschemaSubentry === undefined ? undefined : await readSubschema(channel, subschemaSubentry, signal)
  const descriptions =
    published === undefined ? standardAttributes() : describedAttributes(published.attributeTypes)
  const bitwise =
    isActiveDirectory || (published?.matchingRules.some((rule) => rule.includes(BIT_AND)) ?? false)
  return new Columns(descriptions, {
    isActiveDirectory,
    bitwise,
    sorts: capabilities.controls.has(controlType.sortRequest),
  })
}

async function readSubschema(channel: Channel, base: string, signal: AbortSignal | undefined) {
  const request = {
    base,
    scope: 'baseObject',
    filter: '(objectClass=*)',
    attributes: ['attributeTypes', 'matchingRules'],
    missingBaseIsEmpty: true,
  } as const
  for await (const [entry] of read(channel, request, signal)) {
    const values = (name: string) =>
      entry?.attributes.find(({ type }) => type.toLowerCase() === name)?.values.map(String) ?? []
    const attributeTypes = values('attributetypes')
    if (attributeTypes.length > 0) return { attributeTypes, matchingRules: values('matchingrules') }
  }
  return undefined
}

/** What a server that does not show its schema is taken to know. */
function standardAttributes(): readonly AttributeDescription[] {
  return standardSchema().attributes.flatMap(
    ({ definition, oid, names, syntax, equality, ordering, substring, singleValued, noUserModification }) => {
      const [name, ...aliases] = names
      if (name === undefined || definition.hidden === true) return []
      return [
        {
          oid,
          names: [name, ...aliases] as const,
          syntax: syntax.oid,
          ...(equality !== undefined && { equality: equality.name }),
          ...(ordering !== undefined && { ordering: ordering.name }),
          ...(substring !== undefined && { substring: substring.name }),
          singleValued,
          readOnly: noUserModification,
        },
      ]
    },
  )
}
