/**
 * The resources of one type at a service, one request or a few each: made, read, brought to what they are to be, deleted. A
 * request whose answer is lost does no harm: what there is is read again, and only what is still missing is asked for.
 */
import { VitrineError } from '../../../model/errors.js'
import { isArray, isObject, type Json, type JsonObject } from '../../../scim/json.js'
import { Doubtful, Refused, type ScimClient } from './client.js'
import { type Operation, operationsFor, replacementFor, type Wanted } from './difference.js'
import type { Provider } from './provider.js'
import type { Managed } from './rendering.js'

const PATCH_OP = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'
/** Operations, and values of them, in one PATCH. */
export const MOST = 500

/** After so many rounds a resource is changed whatever its version. */
const VERSIONED = 4

export interface There {
  readonly resource: JsonObject
  readonly version: string | undefined
}

export class Collection {
  readonly endpoint: string
  readonly #client: ScimClient
  readonly #provider: Provider
  #patches: boolean

  constructor(client: ScimClient, provider: Provider, endpoint: string) {
    this.endpoint = endpoint
    this.#client = client
    this.#provider = provider
    this.#patches = provider.patch
  }

  /**
   * To be asked of a service that says nothing of itself: where it is another one, or is not there, everything would seem to be gone.
   * @throws VitrineError if it has no such resources at all
   */
  async expectThere(signal: AbortSignal): Promise<void> {
    try {
      const path = `${this.endpoint}?startIndex=1&count=1`
      await this.#client.ask({ method: 'GET', path, repeatable: true }, signal)
    } catch (error) {
      if (!isGone(error)) throw error
      const message = `there is no ${this.endpoint} at ${this.#client.url}, nor anything else of a SCIM service: is the URL right?`
      throw new VitrineError('unwillingToPerform', { message })
    }
  }

  /** Undefined if there is none. */
  async read(id: string, signal: AbortSignal): Promise<There | undefined> {
    try {
      const answer = await this.#client.ask(
        { method: 'GET', path: this.#pathOf(id), repeatable: true },
        signal,
      )
      const { body = {}, version } = answer
      const { meta } = body
      const told = isObject(meta) && typeof meta.version === 'string' ? meta.version : undefined
      return { resource: body, version: version ?? told }
    } catch (error) {
      if (isGone(error)) return undefined
      throw error
    }
  }

  /** The id of the new resource. Throws Refused and Doubtful. */
  async create(resource: JsonObject, signal: AbortSignal): Promise<string> {
    const asked = { method: 'POST', path: this.endpoint, body: resource, repeatable: false } as const
    const { body, location } = await this.#client.ask(asked, signal)
    const id = body?.id ?? idAt(location)
    if (typeof id === 'string' && id !== '') return id
    throw new Doubtful('the service does not say what it calls the new resource')
  }

  /**
   * Makes the resource what it is to be, as far as these attributes go.
   * @param check is shown what there is, and throws where it is not to be touched
   * @returns undefined where there is no such resource; otherwise, was anything to be done?
   */
  async converge(
    id: string,
    wanted: Wanted,
    managed: readonly Managed[],
    check: (there: JsonObject) => void,
    signal: AbortSignal,
  ): Promise<boolean | undefined> {
    for (let round = 1; ; round += 1) {
      const there = await this.read(id, signal)
      if (there === undefined) return undefined
      check(there.resource)
      const operations = operationsFor(wanted, there.resource, managed)
      if (operations.length === 0) return round > 1
      // A service that cannot compare versions is not asked to for ever.
      const match = this.#provider.etag && round < VERSIONED ? there.version : undefined
      try {
        if (this.#patches) await this.#patch(id, operations, match, signal)
        else await this.#replace(id, replacementFor(wanted, there.resource, managed), match, signal)
        return true
      } catch (error) {
        if (!this.#isWorthAnotherRound(error)) throw error
        if (round >= this.#client.attempts) throw error
        await this.#client.pause(round, signal)
      }
    }
  }

  #isWorthAnotherRound(error: unknown): boolean {
    if (error instanceof Doubtful) return true
    if (!(error instanceof Refused)) return false
    if (this.#patches && (error.status === 405 || error.status === 501)) {
      this.#patches = false
      return true
    }
    return error.status === 404 || error.status === 412
  }

  async #patch(
    id: string,
    operations: readonly Operation[],
    match: string | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    let version = match
    for (const some of portions(operations)) {
      const Operations = some.map((operation) => ({ ...operation }))
      const answer = await this.#client.ask(
        {
          method: 'PATCH',
          path: this.#pathOf(id),
          body: { schemas: [PATCH_OP], Operations },
          ...(version !== undefined && { match: version }),
          repeatable: false,
        },
        signal,
      )
      version = answer.version === undefined || version === undefined ? undefined : answer.version
    }
  }

  async #replace(
    id: string,
    body: JsonObject,
    match: string | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const path = this.#pathOf(id)
    const asked = {
      method: 'PUT',
      path,
      body,
      ...(match !== undefined && { match }),
      repeatable: false,
    } as const
    await this.#client.ask(asked, signal)
  }

  /** It is gone then, whoever has deleted it. */
  async delete(id: string, signal: AbortSignal): Promise<void> {
    try {
      await this.#client.ask({ method: 'DELETE', path: this.#pathOf(id), repeatable: true }, signal)
    } catch (error) {
      if (!isGone(error)) throw error
    }
  }

  #pathOf(id: string): string {
    return pathAt(this.endpoint, id)
  }
}

/** Where a resource is, below the service's URL. */
export function pathAt(endpoint: string, id: string): string {
  return `${endpoint}/${encodeURIComponent(id)}`
}

const isGone = (error: unknown) => error instanceof Refused && (error.status === 404 || error.status === 410)

/** The last piece of a resource's URL. */
export function idAt(location: Json | undefined): string | undefined {
  if (typeof location !== 'string') return undefined
  try {
    return decodeURIComponent(location.slice(location.lastIndexOf('/') + 1))
  } catch {
    return undefined
  }
}

/** In the same order; values of one operation may become those of several. */
function portions(operations: readonly Operation[]): readonly (readonly Operation[])[] {
  const all: Operation[][] = [[]]
  let weight = 0
  const put = (operation: Operation, weighs: number) => {
    if (weight + weighs > MOST && weight > 0) {
      all.push([])
      weight = 0
    }
    all.at(-1)?.push(operation)
    weight += weighs
  }
  for (const operation of operations) {
    const { op, value } = operation
    if (op !== 'add' || !isArray(value)) put(operation, 1)
    else
      for (let at = 0; at < value.length; at += MOST) {
        const some = value.slice(at, at + MOST)
        put({ ...operation, value: some }, some.length)
      }
  }
  return all
}
