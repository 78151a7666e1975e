/** The schema of the standards and of the servers people know, as one list each of attributes and classes. */
import type { AttributeDefinition } from '../attribute-types.js'
import type { ObjectClassDefinition } from '../object-classes.js'
import { coreAttributes } from './core.js'
import { coreClasses } from './core-classes.js'
import { cosineAttributes, cosineClasses } from './cosine.js'
import { groupAttributes, groupClasses } from './groups.js'
import { inetOrgPersonAttributes, inetOrgPersonClasses } from './inetorgperson.js'
import { microsoftAttributes, microsoftClasses } from './microsoft.js'
import { nisAttributes, nisClasses } from './nis.js'
import { operationalAttributes, operationalClasses } from './operational.js'

export const standardAttributes: readonly AttributeDefinition[] = [
  ...coreAttributes,
  ...cosineAttributes,
  ...inetOrgPersonAttributes,
  ...nisAttributes,
  ...groupAttributes,
  ...operationalAttributes,
  ...microsoftAttributes,
]

/** Superclasses come before the classes derived from them. */
export const standardClasses: readonly ObjectClassDefinition[] = [
  ...coreClasses,
  ...cosineClasses,
  ...inetOrgPersonClasses,
  ...nisClasses,
  ...groupClasses,
  ...operationalClasses,
  ...microsoftClasses,
]
