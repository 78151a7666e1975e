/** Which alternative of a union its author meant, judged by what is wrong with each. */
import { type Finding, kindFinding, orList } from './finding.js'

/** The findings of the alternative that was meant. @param value what no alternative accepted */
export function bestBranch(branches: readonly (readonly Finding[])[], value: unknown): readonly Finding[] {
  const possible = branches.filter((found) => !isOtherKind(found))
  if (possible.length === 0) {
    const kinds = branches.flat().flatMap((found) => found.kinds ?? [])
    return [kindFinding([], [...new Set(kinds)], value)]
  }
  const ranked = possible
    .map((found) => ({ found, score: score(found) }))
    .sort((a, b) => compare(a.score, b.score))
  const best = ranked[0]?.found ?? []
  const equals = ranked.filter(({ score }) => compare(score, ranked[0]?.score ?? []) === 0)
  if (equals.length < 2 || !best.some(isMissingHere)) return best
  const others = best.filter((found) => !isMissingHere(found))
  // Which keys are known depends on the alternative, and none is chosen.
  const unknown = ranked[0]?.score[0]
  const likely = possible.filter((found) => score(found)[0] === unknown)
  return [...others.map(({ remedy: _, ...found }) => found), oneOfKeys(likely)]
}

/** The value is of a kind that this alternative does not take at all. */
function isOtherKind(found: readonly Finding[]): boolean {
  return found.some(({ about, path }) => about === 'kind' && path.length === 0)
}

function isMissingHere({ about, path }: Finding): boolean {
  return about === 'missing' && path.length === 1
}

/** Smaller is likelier: its keys are known, its required keys there, few and deep faults. */
function score(found: readonly Finding[]): readonly number[] {
  const count = (about: Finding['about']) =>
    found.filter((f) => f.about === about && f.path.length === 1).length
  const depth = Math.max(0, ...found.map(({ path }) => path.length))
  return [count('unknown'), count('missing'), found.length, -depth]
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [index, number] of a.entries()) {
    const difference = number - (b[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/** Nothing tells the alternatives apart: name the key that begins each. */
function oneOfKeys(branches: readonly (readonly Finding[])[]): Finding {
  const keys = branches.flatMap((found) => found.find(isMissingHere)?.path[0] ?? [])
  const message = `needs one of the keys ${orList([...new Set(keys.map(String))])}`
  return { path: [], about: 'key', message }
}
