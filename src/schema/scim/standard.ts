/** The standard schemas of resources, by URN. What of them a mapping keeps is told by its `Resource`. */
import type { ScimAttribute, ScimSchema } from '../../model/resource.js'
import { externalId } from './common.js'
import { enterpriseUserSchema } from './enterprise-user.js'
import { fido2DeviceSchema, fidoDeviceSchema } from './fido.js'
import { groupSchema } from './group.js'
import { userSchema } from './user.js'

export const standardSchemas: ReadonlyMap<string, ScimSchema> = new Map(
  [userSchema, groupSchema, enterpriseUserSchema, fidoDeviceSchema, fido2DeviceSchema].map((schema) => [
    schema.id,
    schema,
  ]),
)

const alike = (a: string, b: string) => a.toLowerCase() === b.toLowerCase()

/**
 * The standard's definition of an attribute, or of a sub-attribute; names in any case. `externalId` is known in every
 * schema, those of one's own included.
 */
export function standardAttribute(path: {
  readonly schema: string
  readonly attribute: string
  readonly sub?: string
}): ScimAttribute | undefined {
  const schema = [...standardSchemas.values()].find((s) => alike(s.id, path.schema))
  const attribute =
    schema?.attributes.find((a) => alike(a.name, path.attribute)) ??
    (alike(path.attribute, externalId.name) ? externalId : undefined)
  const { sub } = path
  return sub === undefined ? attribute : attribute?.subAttributes?.find((a) => alike(a.name, sub))
}
