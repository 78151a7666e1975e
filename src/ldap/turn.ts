/**
 * A turn of the event loop, which all connections of the process share. At its end is sent what was appended in it. What
 * long answers may append in one has a bound, so that others are read in between: beyond it they wait as if their clients
 * had to read first. Whoever has waited stands in a line, and goes on at the end of a turn, as many as there is room for.
 */

/**
 * Octets of long answers in one turn, those of all connections together: twice what one may have unread. With less, many
 * long answers at once take more CPU, an entry of eight of them a sixth more with half of it.
 */
const TURN_BYTES = 512 * 1024
/** Octets from which on an answer is long. Shorter ones neither count nor wait. */
const SHORT_BYTES = 8 * 1024

/** One of those who share it. */
export interface Turning {
  /** Follows `atEndOfTurn`. */
  turnEnded(): void
  /** Follows `standInLine`; returns how many octets it may append now. */
  goOn(): number
}

let due: Turning[] = []
let spare: Turning[] = []
const line = new Set<Turning>()
let scheduled = false
let appended = 0

/** Is an answer that has come to `total` octets, the last few of them now, to go on in another turn only? */
export function isBeyondTurn(total: number, now: number): boolean {
  if (total <= SHORT_BYTES) return false
  appended += now
  return appended >= TURN_BYTES
}

export function atEndOfTurn(one: Turning): void {
  due.push(one)
  schedule()
}

/** Who stands there already keeps its place. */
export function standInLine(one: Turning): void {
  line.add(one)
  schedule()
}

function schedule(): void {
  if (scheduled) return
  scheduled = true
  setImmediate(endTurn)
}

function endTurn(): void {
  scheduled = false
  appended = 0
  const ended = due
  due = spare
  for (const one of ended) one.turnEnded()
  ended.length = 0
  spare = ended
  let granted = 0
  for (const one of line) {
    if (granted >= TURN_BYTES) {
      schedule()
      return
    }
    line.delete(one)
    granted += one.goOn()
  }
}
