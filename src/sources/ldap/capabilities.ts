/** What a server says of itself in its root DSE (RFC 4512 5.1). */
import type { LdapClient } from '../../ldap/client.js'
import { controlType } from '../../ldap/controls.js'
import { LdapError } from '../../ldap/errors.js'
import { resultCode } from '../../ldap/result-code.js'

export interface Capabilities {
  /** OIDs. */
  readonly controls: ReadonlySet<string>
  readonly extensions: ReadonlySet<string>
  readonly features: ReadonlySet<string>
  /** DNs. */
  readonly namingContexts: readonly string[]
  readonly subschemaSubentry?: string
  readonly vendorName?: string
  readonly isActiveDirectory: boolean
}

/** Every edition of Active Directory lists it, Samba too. */
const ACTIVE_DIRECTORY = '1.2.840.113556.1.4.800'

const attributes = [
  'supportedControl',
  'supportedExtension',
  'supportedFeatures',
  'supportedCapabilities',
  'namingContexts',
  'subschemaSubentry',
  'vendorName',
]

/**
 * Nothing, where the server does not show its root DSE.
 * @throws LdapError
 */
export async function readCapabilities(client: LdapClient): Promise<Capabilities> {
  const values = await rootDse(client)
  const set = (name: string) => new Set(values(name))
  const [subschemaSubentry] = values('subschemaSubentry')
  const [vendorName] = values('vendorName')
  return {
    controls: set('supportedControl'),
    extensions: set('supportedExtension'),
    features: set('supportedFeatures'),
    namingContexts: values('namingContexts'),
    ...(subschemaSubentry === undefined ? undefined : { subschemaSubentry }),
    ...(vendorName === undefined ? undefined : { vendorName }),
    isActiveDirectory: values('supportedCapabilities').includes(ACTIVE_DIRECTORY),
  }
}

async function rootDse(client: LdapClient): Promise<(name: string) => readonly string[]> {
  const found = new Map<string, readonly string[]>()
  try {
    const { entries } = await client.searchAll('', { scope: 'baseObject', attributes })
    for (const { type, values } of entries[0]?.attributes ?? [])
      found.set(type.toLowerCase(), values.map(String))
  } catch (error) {
    if (!(error instanceof LdapError && hidden.has(error.code))) throw error
  }
  return (name) => found.get(name.toLowerCase()) ?? []
}

const hidden: ReadonlySet<number> = new Set([
  resultCode.noSuchObject,
  resultCode.insufficientAccessRights,
  resultCode.inappropriateAuthentication,
])

/** Can it answer in pages (RFC 2696)? */
export function answersInPages({ controls }: Capabilities): boolean {
  return controls.has(controlType.pagedResults)
}
