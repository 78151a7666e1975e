/**
 * Keeps the process small: the heap is collected when it has grown by a fifth beyond what was in use, where V8 would
 * let it double and more, and what is new has half the room that V8 would give it. Entries in passing are garbage soon;
 * a sidecar should not hold on to it.
 */
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'

/** Of each of the two halves of the room for what is new, in MiB. With less, collecting costs a search noticeably more. */
const YOUNG = 8
const MIB = 2 ** 20
/** So many arrays of 8 kB fill it. */
const MOST = YOUNG * 128

setFlagsFromString('--heap-growing-percent=20')
const { NODE_OPTIONS = '' } = process.env
// Whoever has said how large it is to be gets that.
if (![...process.execArgv, NODE_OPTIONS].some((option) => /semi.space.size/.test(option))) limitYoung()

/** V8 takes a limit only when it starts; but by which factor that room grows it asks each time. */
function limitYoung(): void {
  // Of 1 MiB at the start, it grows when as much has outlived a collection: here at once, and no more after that.
  const half = Math.max(1, young() / 2 / MIB)
  setFlagsFromString(`--semi-space-growth-factor=${Math.max(1, Math.floor(YOUNG / half))}`)
  const inUse: unknown[] = []
  while (young() < 2 * YOUNG * MIB && inUse.length < MOST) inUse.push(new Array(1000))
  setFlagsFromString('--semi-space-growth-factor=1')
}

/** Of both halves; before the first collection there is one. */
function young(): number {
  return getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')?.space_size ?? 0
}
