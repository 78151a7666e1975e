/**
 * What filters and paths of SCIM say (RFC 7644 3.4.2.2 and 3.5.2), names as they were written. Text becomes this in
 * `filter.ts` and `path.ts`; which attributes the names mean is up to the readers, to whom they are case-insensitive.
 */

export interface AttributePath {
  /** URN of the schema that was named. */
  readonly schema?: string
  readonly attribute: string
  readonly sub?: string
}

export type ScimComparison = 'eq' | 'ne' | 'co' | 'sw' | 'ew' | 'gt' | 'ge' | 'lt' | 'le'

export type ScimFilter =
  | { readonly op: 'and' | 'or'; readonly of: readonly ScimFilter[] }
  | { readonly op: 'not'; readonly of: ScimFilter }
  | { readonly op: 'pr'; readonly path: AttributePath }
  | {
      readonly op: ScimComparison
      readonly path: AttributePath
      readonly value: string | number | boolean | null
    }
  /** `emails[type eq "work"]`: one element satisfies the whole inner filter, whose paths are its parts. */
  | { readonly op: 'element'; readonly path: AttributePath; readonly of: ScimFilter }

/** What a PATCH operation is about; `sub` behind a `filter` is a part of the elements that the filter selects. */
export interface PatchPath {
  readonly schema?: string
  readonly attribute: string
  readonly filter?: ScimFilter
  readonly sub?: string
}
