/** Where the window of a virtual list view stands (section 6 of the draft), and what is answered of it. */
import {
  type LdapResult,
  type ListViewTarget,
  listViewResponseControl,
  resultCode,
  sortResponseControl,
} from '../../ldap/index.js'

/** The place of a target that is told by an offset, from 1; undefined where it is out of range. */
export function offsetIn(
  count: number,
  { offset, contentCount }: Exclude<ListViewTarget, { readonly value: unknown }>,
): number | undefined {
  if (count === 0) return 0
  if (contentCount > 0 && offset > contentCount) return undefined
  if (offset === 0) return contentCount === 0 ? count : 1
  if (offset === 1) return 1
  if (offset === contentCount) return count
  if (contentCount === 0) return offset > count ? undefined : offset
  return Math.max(1, Math.floor((count * offset) / contentCount))
}

/** @param isCut does the size limit keep entries of the window back? */
export function windowResult(
  position: number,
  contentCount: number,
  code: number,
  isCut = false,
): LdapResult {
  const controls = [
    sortResponseControl({ code: resultCode.success }),
    listViewResponseControl({ position, contentCount, code }),
  ]
  if (code !== resultCode.success)
    return { code: resultCode.virtualListViewError, message: 'the list does not reach so far', controls }
  return { code: isCut ? resultCode.sizeLimitExceeded : resultCode.success, controls }
}
