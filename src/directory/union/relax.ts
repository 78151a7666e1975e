/**
 * What to ask members for where entries are completed by those of others, so that one filter may be satisfied by
 * several together. Whatever is true of the whole is true of the part that the value asked about comes from; of a
 * conjunction therefore one part is asked, the most telling, and the whole is decided on the completed entry.
 */
import { FALSE, type Filter, TRUE } from '../../model/filter.js'

/**
 * @param isOwn attributes that are never completed: no other part has a say in them
 * @param part the entry that is completed, or one that completes others
 * @returns what finds every part of that kind that some entry satisfying the filter could owe that to
 */
export function relaxed(filter: Filter, isOwn: (attr: string) => boolean, part: 'head' | 'other'): Filter {
  return relax(filter, true, isOwn, part)
}

function relax(
  filter: Filter,
  truth: boolean,
  isOwn: (attr: string) => boolean,
  part: 'head' | 'other',
): Filter {
  switch (filter.op) {
    case 'not':
      return relax(filter.of, !truth, isOwn, part)
    case 'const':
      return filter.value === truth ? TRUE : FALSE
    case 'and':
    case 'or': {
      if ((filter.op === 'and') === truth) {
        const best = mostTelling(filter.of, truth)
        return best === undefined ? TRUE : relax(best, truth, isOwn, part)
      }
      const of = filter.of.map((f) => relax(f, truth, isOwn, part)).filter((f) => f !== FALSE)
      if (of.includes(TRUE)) return TRUE
      const [only] = of
      return only === undefined ? FALSE : of.length === 1 ? only : { op: 'or', of }
    }
    case 'key':
      if (part === 'other') return FALSE
      return truth ? filter : { op: 'not', of: filter }
    default: {
      if (part === 'head') return truth ? filter : { op: 'not', of: filter }
      if (isOwn(filter.attr)) return FALSE
      // What has no value at all has none of its own either.
      return truth
        ? filter
        : {
            op: 'and',
            of: [
              { op: 'present', attr: filter.attr },
              { op: 'not', of: filter },
            ],
          }
    }
  }
}

function mostTelling(of: readonly Filter[], truth: boolean): Filter | undefined {
  let best: Filter | undefined
  for (const filter of of) {
    if (best === undefined || breadth(filter, truth) < breadth(best, truth)) best = filter
  }
  return best
}

/** Does the filter find few entries, as those do that name one? */
export function isTelling(filter: Filter): boolean {
  return breadth(filter, true) <= FEW
}

const FEW = 2

/** The greater, the more entries will satisfy it; a guess. */
function breadth(filter: Filter, truth: boolean): number {
  switch (filter.op) {
    case 'not':
      return breadth(filter.of, !truth)
    case 'const':
      return filter.value === truth ? 9 : 0
    case 'and':
    case 'or': {
      const all = filter.of.map((f) => breadth(f, truth))
      return (filter.op === 'and') === truth ? Math.min(9, ...all) : Math.max(0, ...all)
    }
    case 'key':
      return truth ? 0 : 8
    default:
      if (!truth) return 8
      if (/objectClass$/i.test(filter.attr)) return 7
      if (filter.op === 'eq') return filter.attr === 'entryUUID' ? 1 : FEW
      if (filter.op === 'substring') return filter.initial === undefined ? 5 : 4
      return filter.op === 'present' ? 6 : 5
  }
}
