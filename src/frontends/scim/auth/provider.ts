/** HTTP to identity providers: bounded in time and size, and its failures told as what they are, an outage. */
import { whenAborted } from '../../../abort.js'
import { VitrineError } from '../../../model/errors.js'

/** Milliseconds that a provider may take. */
export const TIMEOUT = 5000
/** Bytes of an answer at most: sets of keys are a few kilobytes long. */
const LARGEST = 1024 * 1024

/** The provider's failure, as callers are told it. @param detail for the log */
export function providerAway(detail: string, cause?: unknown): VitrineError {
  const message = 'the identity provider cannot be asked; try again later'
  return new VitrineError('unavailable', { message, detail, cause })
}

/**
 * The status and body of an answer; redirections are not followed.
 * @throws VitrineError unavailable where there is none in time, or it is too large
 */
export async function ask(url: string, init: RequestInit): Promise<{ status: number; text: string }> {
  try {
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      signal: init.signal ?? AbortSignal.timeout(TIMEOUT),
    })
    return { status: response.status, text: await bodyOf(response) }
  } catch (error) {
    if (error instanceof VitrineError) throw error
    throw providerAway(`${url}: ${reasonOf(error)}`, error)
  }
}

async function bodyOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.length
    if (length > LARGEST) throw new Error(`its answer is longer than ${LARGEST} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Why a request failed, as the system says it. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message
}

/** What the promise yields; rejects with the reason of the signal if that comes first. */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    promise.then(resolve, reject).finally(whenAborted(signal, abort))
  })
}
