/** Names of the schemas of SCIM: of resources (RFC 7643 10.3) and of what a service says of itself. */

export const USER = 'urn:ietf:params:scim:schemas:core:2.0:User'
export const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group'
export const ENTERPRISE_USER = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
export const FIDO_DEVICE = 'urn:ietf:params:scim:schemas:core:2.0:FidoDevice'
export const FIDO2_DEVICE = 'urn:ietf:params:scim:schemas:core:2.0:Fido2Device'
export const SERVICE_PROVIDER_CONFIG = 'urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'
export const RESOURCE_TYPE = 'urn:ietf:params:scim:schemas:core:2.0:ResourceType'
export const SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:Schema'
