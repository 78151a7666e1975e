/** Which entries under new keys are ones that the target knows under keys that the source no longer has. Pure. */
import type { Known } from '../targets/target.js'

/** An entry under a new key, and whom it could be, by the first attribute that finds anybody. */
export interface Candidate {
  readonly key: string
  readonly attr: string
  readonly value: string
  readonly found: readonly Known[]
}

export interface Adoptions {
  /** By the new key: who it is. */
  readonly adopted: ReadonlyMap<string, Known>
  /** By the new key: why nobody can tell who it is. */
  readonly unclear: ReadonlyMap<string, string>
  /** Ids of those who may be one of them: they are not removed. */
  readonly claimed: ReadonlySet<string>
}

/** @param isHere is a key in the source? Whoever has such a key is nobody else. */
export function adoptionsOf(candidates: Iterable<Candidate>, isHere: (key: string) => boolean): Adoptions {
  const adopted = new Map<string, Known>()
  const unclear = new Map<string, string>()
  const claimed = new Set<string>()
  const claims = new Map<string, Candidate[]>()
  for (const candidate of candidates) {
    const free = candidate.found.filter(({ key }) => !isHere(key))
    for (const { id } of free) claimed.add(id)
    const [one, ...more] = free
    if (one === undefined) continue
    const { key, attr, value } = candidate
    if (more.length > 0) {
      const ids = free.map(({ id }) => id).join(', ')
      unclear.set(key, `several entries have ${attr} ${value}, any of which it could be: ${ids}`)
      continue
    }
    adopted.set(key, one)
    claims.set(one.id, [...(claims.get(one.id) ?? []), candidate])
  }
  for (const [id, same] of claims) {
    if (same.length === 1) continue
    for (const { key } of same) {
      const others = same.flatMap((other) => (other.key === key ? [] : [other.key])).join(', ')
      adopted.delete(key)
      unclear.set(key, `it could be ${id}, and so could ${others}`)
    }
  }
  return { adopted, unclear, claimed }
}
