/** Which entries under new keys are ones that the target knows under keys that the source no longer has. Pure. */
import type { Known } from '../targets/target.js'

/** An entry under a new key, and whom it could be, by the first attribute that finds anybody. */
export interface Candidate {
  readonly key: string
  readonly attr: string
  readonly value: string
  readonly found: readonly Known[]
  /** `waits`: it failed before, and is not to be tried as somebody new yet. `failed`: it did so in this cycle. */
  readonly stage: 'tried' | 'waits' | 'failed'
  /** What it is like, see `ProblemList.waits`. */
  readonly hash: string
}

export interface Adoptions {
  /** New keys of all those who could be somebody. */
  readonly looked: ReadonlySet<string>
  /** By the new key: who it is. */
  readonly adopted: ReadonlyMap<string, Known>
  /** By the new key: why nobody can tell who it is. */
  readonly unclear: ReadonlyMap<string, string>
  /** New keys of those with whom nothing is to be done in this cycle, whoever they are. */
  readonly waiting: ReadonlySet<string>
  /** Ids of those who are, or may be, one of them: they are not removed. */
  readonly claimed: ReadonlySet<string>
}

/**
 * @param isHere is a key in the source? Whoever has such a key is nobody else.
 * @param waits is a candidate to be left alone as this one, since it failed as this one before?
 */
export function adoptionsOf(
  candidates: Iterable<Candidate>,
  isHere: (key: string) => boolean,
  waits: (candidate: Candidate, as: Known) => boolean,
): Adoptions {
  const adopted = new Map<string, Known>()
  const unclear = new Map<string, string>()
  const waiting = new Set<string>()
  const claimed = new Set<string>()
  const claims = new Map<string, Candidate[]>()
  const leave = ({ key, stage }: Candidate, why?: string) => {
    if (stage !== 'tried') waiting.add(key)
    else if (why !== undefined) unclear.set(key, why)
  }
  const looked = new Set<string>()
  for (const candidate of candidates) {
    looked.add(candidate.key)
    const free = candidate.found.filter(({ key }) => !isHere(key))
    for (const { id } of free) claimed.add(id)
    const [one, ...more] = free
    const { key, attr, value, stage } = candidate
    if (one === undefined) leave(candidate)
    else if (more.length > 0) {
      const ids = free.map(({ id }) => id).join(', ')
      leave(candidate, `several entries have ${attr} ${value}, any of which it could be: ${ids}`)
    } else {
      if (stage === 'failed' || waits(candidate, one)) waiting.add(key)
      else adopted.set(key, one)
      claims.set(one.id, [...(claims.get(one.id) ?? []), candidate])
    }
  }
  for (const [id, same] of claims) {
    if (same.length === 1) continue
    for (const candidate of same) {
      const others = same.flatMap((other) => (other.key === candidate.key ? [] : [other.key])).join(', ')
      if (!adopted.delete(candidate.key)) continue
      leave(candidate, `it could be ${id}, and so could ${others}`)
    }
  }
  return { looked, adopted, unclear, waiting, claimed }
}
