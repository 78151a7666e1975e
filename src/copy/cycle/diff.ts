/** What is done with an entry, given what the target has of it and how changes are to be made. Pure. */

import type { Known, Removal } from '../targets/target.js'
import type { ModeSettings } from './plan.js'

export type Decision = 'add' | 'update' | 'unchanged' | 'keep'

/** Of an entry that the source has. */
export function decisionOf(
  known: Known | undefined,
  hash: string,
  owner: string,
  modes: ModeSettings,
): Decision {
  if (known === undefined) return modes.noCreate ? 'keep' : 'add'
  if (isElses(known, owner)) {
    if (modes.keepExternalPerson || modes.noUpdateProviderMismatch) return 'keep'
  } else if (known.owner === undefined && modes.noUpdateProviderMismatch) return 'keep'
  else if (known.owner === owner && known.state === 'present' && known.hash === hash) return 'unchanged'
  return modes.noUpdate ? 'keep' : 'update'
}

/** Of an entry that the source has no longer; undefined where it is left as it is. */
export function removalOf(known: Known, owner: string, modes: ModeSettings, now: Date): Removal | undefined {
  if (known.state === 'gone' || modes.noDelete || modes.mode === 'add_only') return undefined
  if (known.owner !== owner && modes.keepExternalPerson) return undefined
  const isDelete = modes.mode === 'mirror' || modes.mode === 'delete'
  const first = isDelete && !modes.deleteDisables ? 'delete' : modes.tombstones ? 'tombstone' : 'disable'
  if (first === 'delete' || known.state === 'present') return first
  const { grace } = modes
  const isOver =
    grace !== undefined && known.since !== undefined && now.getTime() - known.since.getTime() >= grace
  return isOver ? 'delete' : undefined
}

/** Could it be removed at all, if the source had nothing? What the guard counts as being there. */
export function isRemovable(known: Known, owner: string, { keepExternalPerson }: ModeSettings): boolean {
  return known.state === 'present' && (known.owner === owner || !keepExternalPerson)
}

function isElses(known: Known, owner: string): boolean {
  return known.owner !== undefined && known.owner !== owner
}
