/** On whose behalf, and for how long at most, the suites ask. */
import { ANONYMOUS, type Context } from '../../../src/model/request.js'

const signal = () => AbortSignal.timeout(30_000)

export const asking = (given: AbortSignal = signal()): Context => ({ principal: ANONYMOUS, signal: given })
