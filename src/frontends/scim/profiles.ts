/** Dialects: where an identity provider needs something else than the RFC says, this is the list of what. */

export type Profile = 'rfc' | 'entra' | 'okta'

export interface Dialect {
  /** Values and PATCH operations as Microsoft Entra sends them: see `accept-value.ts` and `patch.ts`. */
  readonly entra: boolean
  /** Is a new resource with attributes that no schema knows a mistake, and a PATCH without a path that has them? */
  readonly refusesUnknown: boolean
  /** What a PATCH that only adds or removes members is answered with. */
  readonly membershipStatus: 200 | 204
  /** Further paths of `/ServiceProviderConfig`. */
  readonly configurationAliases: readonly string[]
}

const RFC: Dialect = {
  entra: false,
  refusesUnknown: true,
  membershipStatus: 200,
  configurationAliases: [],
}

export const dialects: Readonly<Record<Profile, Dialect>> = {
  rfc: RFC,
  entra: {
    entra: true,
    refusesUnknown: false,
    membershipStatus: 204,
    configurationAliases: ['/serviceConfiguration'],
  },
  okta: { ...RFC, refusesUnknown: false },
}
