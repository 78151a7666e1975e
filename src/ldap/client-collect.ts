/** A client's search whose whole answer is wanted at once. */
import type { ClientConnection, PendingOperation, RequestBody } from './client-connection.js'
import { canceled, unexpected, Watch } from './client-operation.js'
import type { SearchResultDone, SearchResultEntry } from './message.js'
import { resultCode } from './result-code.js'

export interface CollectSettings {
  readonly body: RequestBody
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
  readonly onReference: ((uris: readonly string[]) => void) | undefined
  /** At the entry behind, the search is abandoned as if the server had ended it with sizeLimitExceeded. */
  readonly maxEntries: number
}

export interface Answer {
  readonly entries: SearchResultEntry[]
  /** Of any result code. */
  readonly done: SearchResultDone
}

/** Rejects with `LdapError` where there is no answer. */
export function collect(connection: ClientConnection, settings: CollectSettings): Promise<Answer> {
  const { body, timeoutMs, signal, onReference, maxEntries } = settings
  return new Promise((resolve, reject) => {
    if (signal?.aborted) throw canceled(signal)
    let watch: Watch | undefined
    let id = 0
    const entries: SearchResultEntry[] = []
    const fail = (error: unknown): void => {
      watch?.stop()
      reject(error)
    }
    const leave = (error: unknown): void => {
      fail(error)
      connection.abandon(id)
    }
    const operation: PendingOperation = {
      isFull: () => false,
      fail,
      receive(response) {
        switch (response.op) {
          case 'searchResultEntry':
            if (entries.length === maxEntries) {
              watch?.stop()
              resolve({ entries, done: exceeded(id, maxEntries) })
              connection.abandon(id)
              return false
            }
            entries.push(response)
            break
          case 'searchResultReference':
            try {
              onReference?.(response.uris)
            } catch (error) {
              leave(error)
              return false
            }
            break
          case 'intermediateResponse':
            break
          case 'searchResultDone':
            watch?.stop()
            resolve({ entries, done: response })
            return true
          default:
            throw unexpected(response)
        }
        watch?.refresh()
        return false
      },
    }
    id = connection.send(body, operation)
    if (timeoutMs > 0 || signal !== undefined) watch = new Watch(timeoutMs, signal, leave)
  })
}

function exceeded(messageId: number, maxEntries: number): SearchResultDone {
  const message = `more than ${maxEntries} entries`
  return {
    op: 'searchResultDone',
    messageId,
    code: resultCode.sizeLimitExceeded,
    matchedDN: '',
    message,
    controls: [],
  }
}
