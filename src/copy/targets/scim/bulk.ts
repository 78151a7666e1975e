/** Many resources made or deleted with one request (RFC 7644 3.7). What has not clearly succeeded is left to be done one by one. */
import { isArray, isObject, type Json, type JsonObject } from '../../../scim/json.js'
import { Doubtful, Refused, type ScimClient } from './client.js'
import { idAt, pathAt } from './collection.js'
import type { Provider } from './provider.js'

const BULK_REQUEST = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest'
/** Bytes that a request has besides its operations. */
const AROUND = 200

type Bulk = NonNullable<Provider['bulk']>

interface Operation {
  readonly method: 'POST' | 'DELETE'
  readonly path: string
  readonly data?: JsonObject
}

/** The ids of those that were made, by their place among the resources. */
export async function createInBulk(
  client: ScimClient,
  bulk: Bulk,
  endpoint: string,
  resources: readonly JsonObject[],
  signal: AbortSignal,
): Promise<ReadonlyMap<number, string>> {
  const operations = resources.map((data): Operation => ({ method: 'POST', path: endpoint, data }))
  const made = new Map<number, string>()
  for (const [at, { response, location }] of await inBulk(client, bulk, operations, signal)) {
    const told = isObject(response) ? response.id : undefined
    const id = typeof told === 'string' ? told : idAt(location)
    if (id !== undefined && id !== '') made.set(at, id)
  }
  return made
}

/** Those of these ids of which nothing is left. */
export async function deleteInBulk(
  client: ScimClient,
  bulk: Bulk,
  endpoint: string,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const operations = ids.map((id): Operation => ({ method: 'DELETE', path: pathAt(endpoint, id) }))
  const gone = await inBulk(client, bulk, operations, signal)
  return new Set(ids.filter((_, at) => gone.has(at)))
}

/** What is told of those that have succeeded, by their place. */
async function inBulk(
  client: ScimClient,
  bulk: Bulk,
  operations: readonly Operation[],
  signal: AbortSignal,
): Promise<ReadonlyMap<number, JsonObject>> {
  const done = new Map<number, JsonObject>()
  for (const portion of portionsOf(operations, bulk)) {
    const Operations = portion.map((at) => ({ bulkId: `n${at}`, ...operations[at] }))
    const body = { schemas: [BULK_REQUEST], Operations }
    try {
      const answer = await client.ask({ method: 'POST', path: '/Bulk', body, repeatable: false }, signal)
      for (const told of succeededIn(answer.body?.Operations)) {
        const at = portion.find((place) => isOf(told, place, operations[place]))
        if (at !== undefined) done.set(at, told)
      }
    } catch (error) {
      if (!(error instanceof Doubtful || error instanceof Refused)) throw error
    }
  }
  return done
}

function portionsOf(
  operations: readonly Operation[],
  { maxOperations, maxPayloadSize }: Bulk,
): readonly (readonly number[])[] {
  const all: number[][] = []
  let size = 0
  for (const [at, operation] of operations.entries()) {
    const own = Buffer.byteLength(JSON.stringify(operation)) + AROUND
    if (own + AROUND > maxPayloadSize) continue
    const last = all.at(-1)
    if (last === undefined || last.length >= maxOperations || size + own > maxPayloadSize) {
      all.push([at])
      size = AROUND + own
    } else {
      last.push(at)
      size += own
    }
  }
  // A request for one is no better than one without.
  return all.filter((portion) => portion.length > 1)
}

function succeededIn(operations: Json | undefined): readonly JsonObject[] {
  if (!isArray(operations)) return []
  return operations.filter(isObject).filter(({ status }) => {
    const code = isObject(status) ? status.code : status
    return Math.floor(Number(code) / 100) === 2
  })
}

/** Of what is deleted, a service need not repeat what it was called in the request; then it says where it was. */
function isOf({ bulkId, location }: JsonObject, place: number, operation: Operation | undefined): boolean {
  if (typeof bulkId === 'string') return bulkId === `n${place}`
  return operation?.method === 'DELETE' && typeof location === 'string' && location.endsWith(operation.path)
}
