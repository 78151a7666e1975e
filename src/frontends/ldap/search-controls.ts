/** The controls of a search, read and understood; which of them may come with which operation, `controls.ts` knows. */

import {
  type Control,
  controlType,
  type LdapFilter,
  type LdapResult,
  type ListViewRequest,
  listViewCode,
  listViewResponseControl,
  parseAssertion,
  parseListViewRequest,
  parsePagedResults,
  parseSearchOptions,
  parseSubentries,
  parseValuesFilter,
  resultCode,
  type SortResult,
  sortResponseControl,
  type ValueFilter,
} from '../../ldap/index.js'
import type { Changeable } from '../../model/changeable.js'
import { VitrineError } from '../../model/errors.js'
import type { Schema } from '../../schema/schema.js'
import { SortOrder, sortOrderOf } from './sort.js'

export interface SearchControls {
  /** The entries of one page wanted. */
  readonly page?: { readonly size: number; readonly cookie: Uint8Array }
  readonly order?: SortOrder
  /** What is told about the order. */
  readonly sorted?: SortResult
  /** The sort control as it came: pages belong to it. */
  readonly sortValue?: Buffer
  readonly listView?: ListViewRequest
  readonly values?: readonly ValueFilter[]
  readonly assertion?: LdapFilter
  /** Nothing but subentries is wanted. */
  readonly onlySubentries?: boolean
}

export const NO_CONTROLS: SearchControls = {}

/**
 * What the controls ask for, or how the search ends because of them.
 * @throws MessageError for a malformed one, VitrineError for those that do not go together
 */
export function searchControls(controls: readonly Control[], schema: Schema): SearchControls | LdapResult {
  const found: Changeable<SearchControls> = {}
  for (const control of controls) {
    switch (control.type) {
      case controlType.pagedResults:
        found.page = parsePagedResults(control)
        break
      case controlType.sortRequest: {
        const order = sortOrderOf(control, schema)
        found.sorted = order instanceof SortOrder ? { code: resultCode.success } : order
        if (order instanceof SortOrder) found.order = order
        else if (control.critical) return unsorted(order)
        if (control.value !== undefined) found.sortValue = control.value
        break
      }
      case controlType.listViewRequest:
        found.listView = parseListViewRequest(control)
        break
      case controlType.valuesFilter:
        found.values = parseValuesFilter(control)
        break
      case controlType.assertion:
        found.assertion = parseAssertion(control)
        break
      case controlType.subentries:
        found.onlySubentries = parseSubentries(control)
        break
      case controlType.searchOptions:
        parseSearchOptions(control)
    }
  }
  if (found.listView === undefined) return found
  if (found.order === undefined) return withoutSort(found.sorted)
  if (found.page === undefined) return found
  throw new VitrineError('unwillingToPerform', { message: 'a list view does not come in pages' })
}

/** RFC 2891 section 2: what has to be sorted and cannot be is not searched for. */
function unsorted(sorted: SortResult): LdapResult {
  return {
    code: resultCode.unavailableCriticalExtension,
    message: 'the entries cannot be put in this order',
    controls: [sortResponseControl(sorted)],
  }
}

function withoutSort(sorted: SortResult | undefined): LdapResult {
  const response = { position: 0, contentCount: 0, code: listViewCode.sortControlMissing }
  return {
    code: resultCode.virtualListViewError,
    message: 'a list view needs a sort control',
    controls: [
      ...(sorted === undefined ? [] : [sortResponseControl(sorted)]),
      listViewResponseControl(response),
    ],
  }
}
