/** The root DSE (RFC 4512 5.1): what this server is and can do. Only what works is announced. */
import type { Entry } from '../../model/entry.js'
import { SUBSCHEMA_DN } from './subschema.js'

export const WHO_AM_I = '1.3.6.1.4.1.4203.1.11.3'

const features = [
  '1.3.6.1.4.1.4203.1.5.1', // all operational attributes (RFC 3673)
  '1.3.6.1.4.1.4203.1.5.2', // attributes by object class (RFC 4529)
  '1.3.6.1.4.1.4203.1.5.3', // absolute true and false filters (RFC 4526)
  '1.3.6.1.1.14', // modify-increment (RFC 4525)
]

export interface RootDseParts {
  readonly suffixes: readonly string[]
  readonly controls: readonly string[]
  /** OIDs of extended operations. */
  readonly extensions: readonly string[]
  /** SASL mechanisms. */
  readonly mechanisms: readonly string[]
  readonly version: string
}

export function rootDse({ suffixes, controls, extensions, mechanisms, version }: RootDseParts): Entry {
  return {
    view: '',
    id: '',
    attributes: new Map<string, readonly string[]>([
      ['objectClass', ['top']],
      ['structuralObjectClass', ['top']],
      ['namingContexts', suffixes],
      ['supportedLDAPVersion', ['3']],
      ['supportedControl', controls],
      ['supportedExtension', extensions],
      ['supportedFeatures', features],
      ...(mechanisms.length > 0 ? [['supportedSASLMechanisms', mechanisms] as const] : []),
      ['subschemaSubentry', [SUBSCHEMA_DN]],
      ['vendorName', ['Vitrine']],
      ['vendorVersion', [version]],
    ]),
  }
}
