/** What an importer makes of another product's configuration, before it is written down; see `files.ts`. */
import type { GatewayInput } from '../config/schema.js'
import type { Elsewhere, Written } from '../config/written.js'
import type { MappingSpec } from '../mapping/schema.js'
import type { UnionSpec } from '../mapping/union-schema.js'

/** Something that whoever imports should know of a key. */
export interface Remark {
  /** The key, as the imported file calls it. */
  readonly key: string
  /** `do`: something is left to be done; `differs`: carried over, but it means something else; `none`: has no equivalent. */
  readonly kind: 'do' | 'differs' | 'none'
  /** A sentence without a full stop. */
  readonly text: string
}

export type WrittenMapping = Omit<MappingSpec, 'ldap' | 'from'> & {
  readonly from: string | Elsewhere
  readonly ldap?: { readonly base: string; readonly rdn: string; readonly objectClass: string[] }
}

export interface Imported {
  /** The imported product, for the heads of the files. */
  readonly product: string
  /** What stands in `gateway.yaml`, but `views`. */
  readonly gateway: Written<Omit<GatewayInput, 'views'>>
  /** By view; each is a file of its own. A union stands behind its members. */
  readonly views: readonly (WrittenMapping | UnionSpec)[]
  /** Is the view that is shown copied? */
  readonly isCopied: boolean
  /** By which people are known together where they are copied; empty where it is what their source calls them. */
  readonly keyAttributes: readonly string[]
  /** Texts by the names of their files, which nobody else may read. */
  readonly secrets: ReadonlyMap<string, string>
  readonly remarks: readonly Remark[]
}
