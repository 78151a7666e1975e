/** A small pseudo-random generator: the same seed gives the same company on every machine. */

export interface Random {
  /** A whole number from 0 to `below`, exclusive. */
  int(below: number): number
  /** True with this probability, from 0 to 1. */
  chance(probability: number): boolean
  pick<T>(list: readonly [T, ...T[]]): T
  /** So many different elements, in a random order; all of them if there are fewer. */
  sample<T>(list: readonly T[], count: number): T[]
}

/** Mulberry32: 32 bits of state, more than random enough for a made-up company. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const int = (below: number) => Math.floor(next() * below)
  return {
    int,
    chance: (probability) => next() < probability,
    pick: (list) => list[int(list.length)] ?? list[0],
    sample: (list, count) => {
      const rest = [...list]
      const chosen: (typeof rest)[number][] = []
      while (chosen.length < count && rest.length > 0) chosen.push(...rest.splice(int(rest.length), 1))
      return chosen
    },
  }
}
