/** What a service refuses, as operators read it in the list of problems. */
import type { Reason, ReasonCode } from '../../cycle/problems.js'
import { Doubtful, Refused } from './client.js'

/** Something about this entry alone stands against pushing it. */
export class Withheld extends Error {
  readonly code: ReasonCode

  constructor(code: ReasonCode, message: string) {
    super(message)
    this.name = 'Withheld'
    this.code = code
  }
}

/** Undefined for what is no affair of one entry. */
export function reasonOf(error: unknown): Reason | undefined {
  if (error instanceof Withheld) return { code: error.code, message: error.message }
  if (error instanceof Doubtful) return { code: 'unavailable', message: error.message }
  if (error instanceof Refused) return { code: codeOf(error), message: error.message }
  return undefined
}

function codeOf({ status, scimType }: Refused): ReasonCode {
  if (status === 409 || scimType === 'uniqueness') return 'duplicate'
  if (status >= 500 && status !== 501) return 'unavailable'
  return scimType === 'invalidValue' ? 'invalid' : 'refused'
}
