/**
 * Keeps the process small: the heap is collected when it has grown by a fifth beyond what was in use, where V8 would
 * let it double and more. Entries in passing are garbage soon; a sidecar should not hold on to it.
 *
 * What is new is collected by the thread that made it. It is little each time, and V8's helpers, which would be woken for it
 * some hundred times a second, take more from the caches of the other cores than they take off this one.
 */
import { setFlagsFromString } from 'node:v8'

setFlagsFromString('--heap-growing-percent=20')
setFlagsFromString('--no-parallel-scavenge')
