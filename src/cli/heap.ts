/**
 * Keeps the process small: the heap is collected when it has grown by a fifth beyond what was in use, where V8 would
 * let it double and more. Entries in passing are garbage soon; a sidecar should not hold on to it.
 */
import { setFlagsFromString } from 'node:v8'

setFlagsFromString('--heap-growing-percent=20')
