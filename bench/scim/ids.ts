/** The ids of resources, as the gateway makes them of numbers. */
import { createHash } from 'node:crypto'

export const idOf = { people: idsOf('people'), groups: idsOf('groups') }

/** What is the same for all of a view, then the key in hexadecimal digits. */
function idsOf(view: string): (key: unknown) => string {
  const tag = createHash('sha256').update(view).digest('hex')
  const head = `${tag.slice(0, 8)}-${tag.slice(8, 12)}-8${tag.slice(12, 14)}1-8000-`
  return (key) => head + Number(key).toString(16).padStart(12, '0')
}

export function keyOf(id: string): number {
  return Number.parseInt(id.slice(-12), 16)
}
