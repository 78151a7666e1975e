/** How the entries of a union are called where names may change: as their members call them, told apart. */
import type { Handles } from '../directory.js'
import { idOf, placeOf, type Union } from './union.js'

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
/** Not made by anything here. */
const STRANGER = '00000000-0000-4000-8000-000000000000'

/** @param all in the order of the members */
export function handlesOf(union: Union, all: readonly Handles[]): Handles {
  // Keys that are UUIDs themselves may be any.
  const takesAny = all.map((handles) => handles.idOf(STRANGER) !== undefined)
  const uncertain = all.filter((handles, i) => handles.declared || takesAny[i]).length
  const declared = all.some((handles) => handles.declared) || uncertain > 1
  const displays = new Set(all.flatMap((handles) => handles.displays ?? []))
  return {
    declared,
    ...(displays.size > 0 && { displays: [...displays] }),
    of: (id) => {
      const place = placeOf(union, id)
      const own = place && all[place.index]
      if (place === undefined || own === undefined || own.declared) return undefined
      const handle = own.of(place.key)
      // The text of a key may be that of another member's too.
      return handle !== undefined && UUID.test(handle) ? handle : id
    },
    idOf: (handle) => {
      if (!UUID.test(handle)) {
        const place = placeOf(union, handle)
        const own = place && all[place.index]
        if (place === undefined || own === undefined || own.declared) return undefined
        const known = own.of(place.key)
        return known !== undefined && !UUID.test(known) ? handle : undefined
      }
      const certain = all.findIndex((own, i) => takesAny[i] !== true && own.idOf(handle) !== undefined)
      const index = certain < 0 && !declared ? takesAny.indexOf(true) : certain
      const key = all[index]?.idOf(handle)
      return key === undefined ? undefined : idOf(union.members[index] ?? '', key)
    },
  }
}
