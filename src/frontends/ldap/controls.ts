/** Which controls may come with which operation; what their values say is read by whoever follows them. */
import { type Control, controlType, type LdapResult, resultCode } from '../../ldap/index.js'

export type OperationKind =
  | 'bind'
  | 'search'
  | 'compare'
  | 'add'
  | 'modify'
  | 'delete'
  | 'modifyDn'
  | 'extended'

interface Use {
  readonly on: readonly OperationKind[]
  /** Has the control to have a value, or may it have none? */
  readonly value: boolean
}

const UPDATES: readonly OperationKind[] = ['add', 'modify', 'delete', 'modifyDn']
const SEARCH: Use = { on: ['search'], value: true }

const uses: ReadonlyMap<string, Use> = new Map<string, Use>([
  [controlType.pagedResults, SEARCH],
  [controlType.sortRequest, SEARCH],
  [controlType.listViewRequest, SEARCH],
  [controlType.valuesFilter, SEARCH],
  [controlType.subentries, SEARCH],
  [controlType.searchOptions, SEARCH],
  [controlType.domainScope, { on: ['search'], value: false }],
  [controlType.dontUseCopy, { on: ['search', 'compare'], value: false }],
  [controlType.assertion, { on: ['search', 'compare', ...UPDATES], value: true }],
  [controlType.preRead, { on: ['modify', 'delete', 'modifyDn'], value: true }],
  [controlType.postRead, { on: ['add', 'modify', 'modifyDn'], value: true }],
  // With what changes nothing it changes nothing.
  [controlType.noOp, { on: ['search', 'compare', ...UPDATES], value: false }],
  [controlType.proxiedAuthorization, { on: ['search', 'compare', 'extended', ...UPDATES], value: true }],
  [controlType.treeDelete, { on: ['delete'], value: false }],
  [controlType.manageDsaIT, { on: ['search', 'compare', ...UPDATES], value: false }],
])

/** What works, as the root DSE announces it. */
export function supportedControls(has: { readonly trees: boolean }): readonly string[] {
  return [...uses.keys()].filter((type) => type !== controlType.treeDelete || has.trees)
}

/**
 * The refusal of an operation for its controls: one of a kind that does not go with it and is critical, one that comes
 * twice, or one with a value where none may be, or without. Undefined where all is well.
 */
export function refusedControls(
  controls: readonly Control[],
  kind: OperationKind,
  supported: readonly string[],
): LdapResult | undefined {
  const seen = new Set<string>()
  for (const { type, critical, value } of controls) {
    const use = uses.get(type)
    if (use === undefined || !supported.includes(type)) continue
    if (!use.on.includes(kind)) {
      if (critical) return refusal(resultCode.unavailableCriticalExtension, type, 'is not for this operation')
      continue
    }
    if (seen.has(type)) return refusal(resultCode.protocolError, type, 'comes twice')
    seen.add(type)
    if (use.value !== (value !== undefined))
      return refusal(resultCode.protocolError, type, use.value ? 'has no value' : 'has a value')
  }
  return undefined
}

function refusal(code: number, type: string, what: string): LdapResult {
  return { code, message: `control ${type} ${what}` }
}
