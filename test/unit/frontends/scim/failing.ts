/** What a function throws, as its error code and what the client is told. */
import { VitrineError } from '../../../../src/model/errors.js'

export function failure(run: () => unknown): string {
  try {
    run()
  } catch (thrown) {
    if (thrown instanceof VitrineError) return `${thrown.code}: ${thrown.safeMessage}`
    throw thrown
  }
  return 'nothing'
}
