/** What organizations add to the User schema (RFC 7643 4.3 and 8.7.1). */
import type { ScimSchema } from '../../model/resource.js'
import { attribute, complex, text } from './attribute.js'
import { ENTERPRISE_USER } from './urns.js'

export const enterpriseUserSchema: ScimSchema = {
  id: ENTERPRISE_USER,
  name: 'EnterpriseUser',
  description: 'What organizations know of their people',
  attributes: [
    text('employeeNumber', 'Number or code by which the organization knows the person'),
    text('costCenter', 'Name of a cost center'),
    text('organization', 'Name of an organization'),
    text('division', 'Name of a division'),
    text('department', 'Name of a department'),
    complex('manager', "The user's manager", [
      text('value', 'id of the manager'),
      attribute('$ref', 'reference', 'URI of the manager', { referenceTypes: ['User'] }),
      text('displayName', 'The manager’s displayName', { mutability: 'readOnly' }),
    ]),
  ],
}
