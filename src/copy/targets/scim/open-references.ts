/** References to what a service did not have when those were pushed that refer to it. */
import { type PushParts, settled, several } from './push-parts.js'
import type { OpenReference, Pushed, PushedEntries } from './pushed.js'
import type { Names } from './wanted.js'

/** Is there one to what the service has by now? */
export async function canBeAdded(pushed: PushedEntries, names: Names): Promise<boolean> {
  for await (const some of pushed.all()) {
    if (some.some(({ open = [], remote }) => remote !== undefined && sorted(open, names).found.size > 0))
      return true
  }
  return false
}

/** Adds those to what the service has by now. Where one is refused, it stays open. */
export async function addOpenReferences(parts: PushParts): Promise<void> {
  const { pushed, wishes, collection, names, concurrency, signal } = parts
  for await (const some of pushed.all()) {
    const closed: Pushed[] = []
    await several(some, concurrency, async (record) => {
      const { open = [], remote, ...rest } = record
      const { left, found } = sorted(open, names)
      if (remote === undefined || left.length === open.length) return
      const { wanted, managed } = wishes.adding(found)
      await settled(record.key, async () => {
        await collection.converge(remote, wanted, managed, () => {}, signal)
        closed.push({ ...rest, remote, ...(left.length > 0 && { open: left }) })
      })
    })
    await pushed.put(closed)
  }
}

/** Those that stay open, and by attribute what the service calls the others. */
function sorted(open: readonly OpenReference[], names: Names) {
  const left: OpenReference[] = []
  const found = new Map<string, Set<string>>()
  for (const one of open) {
    const id = names.remoteOf(one)
    if (id === 'open') left.push(one)
    else if (id !== undefined) found.set(one.attribute, (found.get(one.attribute) ?? new Set()).add(id))
  }
  return { left, found }
}
