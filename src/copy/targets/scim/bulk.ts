/** Many resources made with one request (RFC 7644 3.7). What has not clearly succeeded is left to be made one by one. */
import { isArray, isObject, type Json, type JsonObject } from '../../../scim/json.js'
import { Doubtful, Refused, type ScimClient } from './client.js'
import { idAt } from './collection.js'
import type { Provider } from './provider.js'

const BULK_REQUEST = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest'
/** Bytes that a request has besides its operations. */
const AROUND = 200

/** The ids of those that were made, by their place among the resources. */
export async function createInBulk(
  client: ScimClient,
  bulk: NonNullable<Provider['bulk']>,
  endpoint: string,
  resources: readonly JsonObject[],
  signal: AbortSignal,
): Promise<ReadonlyMap<number, string>> {
  const made = new Map<number, string>()
  for (const portion of portionsOf(resources, bulk)) {
    const Operations = portion.map((at) => ({
      method: 'POST',
      path: endpoint,
      bulkId: `n${at}`,
      data: resources[at] ?? null,
    }))
    const body = { schemas: [BULK_REQUEST], Operations }
    try {
      const answer = await client.ask({ method: 'POST', path: '/Bulk', body, repeatable: false }, signal)
      for (const [at, id] of createdIn(answer.body?.Operations)) if (portion.includes(at)) made.set(at, id)
    } catch (error) {
      if (!(error instanceof Doubtful || error instanceof Refused)) throw error
    }
  }
  return made
}

function portionsOf(
  resources: readonly JsonObject[],
  { maxOperations, maxPayloadSize }: NonNullable<Provider['bulk']>,
): readonly (readonly number[])[] {
  const all: number[][] = []
  let size = 0
  for (const [at, resource] of resources.entries()) {
    const own = Buffer.byteLength(JSON.stringify(resource)) + AROUND
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

function createdIn(operations: Json | undefined): readonly (readonly [number, string])[] {
  if (!isArray(operations)) return []
  return operations.filter(isObject).flatMap((operation): [number, string][] => {
    const { bulkId, location, response } = operation
    const status = isObject(operation.status) ? operation.status.code : operation.status
    if (typeof bulkId !== 'string' || !/^n\d+$/.test(bulkId) || Math.floor(Number(status) / 100) !== 2)
      return []
    const told = isObject(response) ? response.id : undefined
    const id = typeof told === 'string' ? told : idAt(location)
    return id === undefined || id === '' ? [] : [[Number(bulkId.slice(1)), id]]
  })
}
