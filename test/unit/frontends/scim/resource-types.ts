/** Resource types as mappings that keep everything would make them. */
import type { Resource, ResourceOperation, ScimSchema } from '../../../../src/model/resource.js'
import { standardSchemas } from '../../../../src/schema/scim/standard.js'
import { ENTERPRISE_USER, FIDO_DEVICE, GROUP, USER } from '../../../../src/schema/scim/urns.js'

function schemaOf(urn: string): ScimSchema {
  const found = standardSchemas.get(urn)
  if (found === undefined) throw new Error(`there is no ${urn}`)
  return found
}

function resource(
  type: string,
  urn: string,
  operations: readonly ResourceOperation[],
  extensions: readonly string[] = [],
): Resource {
  return {
    type,
    endpoint: `/${type}s`,
    description: `What a ${type} is`,
    schema: schemaOf(urn),
    extensions: extensions.map((extension) => ({ schema: schemaOf(extension), required: false })),
    operations: new Set(operations),
    bindings: new Map(),
  }
}

export const users: Resource = {
  ...resource('User', USER, ['create', 'update', 'delete'], [ENTERPRISE_USER]),
  lastModified: 'modifyTimestamp',
}
export const groups = resource('Group', GROUP, ['create', 'update', 'delete'])
export const devices = resource('FidoDevice', FIDO_DEVICE, ['update', 'delete'])
