/** What the source itself keeps from occurring twice, as the schemas tell it (RFC 7643 7). */
import { bindingKey, type Resource, type ScimAttribute } from '../../model/resource.js'

/** @param unique attributes of the view of which no two entries have the same value */
export function withUniqueness(resource: Resource, unique: ReadonlySet<string>): Resource {
  const told = (schema: string) => (attribute: ScimAttribute) => {
    const subs = attribute.subAttributes?.map((sub) =>
      tell(sub, bindingKey(schema, attribute.name, sub.name)),
    )
    const own = tell(attribute, bindingKey(schema, attribute.name))
    return subs === undefined ? own : { ...own, subAttributes: subs }
  }
  const tell = (attribute: ScimAttribute, key: string): ScimAttribute => {
    const binding = resource.bindings.get(key)
    if (binding?.kind !== 'plain' || attribute.type === 'complex') return attribute
    return { ...attribute, uniqueness: unique.has(binding.attr) ? 'server' : 'none' }
  }
  const { schema, extensions } = resource
  return {
    ...resource,
    schema: { ...schema, attributes: schema.attributes.map(told(schema.id)) },
    extensions: extensions.map((extension) => ({
      ...extension,
      schema: {
        ...extension.schema,
        attributes: extension.schema.attributes.map(told(extension.schema.id)),
      },
    })),
  }
}
