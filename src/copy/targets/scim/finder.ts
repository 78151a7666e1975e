/**
 * Finds resources that a service has already, by what names them. Each is asked for by a filter; as soon as that has been as
 * much work as reading all there is, or where the service cannot filter, all are read once.
 */
import { VitrineError } from '../../../model/errors.js'
import { isArray, isObject, type Json, type JsonObject } from '../../../scim/json.js'
import { Refused, type ScimClient } from './client.js'
import type { Provider } from './provider.js'

/** Fewer questions than these are always asked one by one. */
const FEW = 20

export class Finder {
  readonly #client: ScimClient
  readonly #provider: Provider
  readonly #endpoint: string
  readonly #names: readonly string[]
  #asked = 0
  #total: number | undefined
  #all: Promise<Index | undefined> | undefined

  /** @param names attributes that resources are found by, or sub-attributes: `userName`, `emails.value` */
  constructor(client: ScimClient, provider: Provider, endpoint: string, names: readonly string[]) {
    this.#client = client
    this.#provider = provider
    this.#endpoint = endpoint
    this.#names = names
  }

  /**
   * ids of the resources that are named so.
   * @param isFresh whoever has just been refused for another's sake wants to know who is there now
   */
  async find(name: string, value: string, signal: AbortSignal, isFresh = false): Promise<readonly string[]> {
    if (isFresh) this.#all = undefined
    if (!isFresh && (await this.#isWorthReading(signal))) {
      const index = await this.#read(signal)
      if (index !== undefined) return namedIn(index, name, value)
    }
    this.#asked += 1
    const found = this.#provider.filter ? await this.#ask(name, value, signal) : undefined
    if (found !== undefined) return found
    const index = await this.#read(signal)
    if (index !== undefined) return namedIn(index, name, value)
    throw new VitrineError('unwillingToPerform', {
      message: `the service neither finds resources by ${name} nor lists all that it has, so nobody can tell which are there`,
    })
  }

  /** Undefined where the service does not give all of them. */
  #read(signal: AbortSignal): Promise<Index | undefined> {
    this.#all ??= this.#readAll(signal)
    return this.#all
  }

  async #isWorthReading(signal: AbortSignal): Promise<boolean> {
    if (this.#all !== undefined) return true
    if (this.#asked < FEW) return false
    this.#total ??= await this.#count(signal)
    return this.#asked >= this.#total / this.#provider.maxResults
  }

  async #count(signal: AbortSignal): Promise<number> {
    const { totalResults } = await this.#page({ startIndex: '1', count: '1' }, signal)
    return typeof totalResults === 'number' ? totalResults : Number.POSITIVE_INFINITY
  }

  /** Undefined where the service has not done what was asked. */
  async #ask(name: string, value: string, signal: AbortSignal): Promise<readonly string[] | undefined> {
    try {
      const page = await this.#page({ filter: `${name} eq ${JSON.stringify(value)}` }, signal)
      const resources = resourcesIn(page)
      const meant = resources.filter((one) => isNamed(one, name, value))
      // It has given others: it does not know filters, or not this one.
      return meant.length < resources.length ? undefined : meant.flatMap(idOf)
    } catch (error) {
      if (error instanceof Refused && [400, 403, 404, 501].includes(error.status)) return undefined
      throw error
    }
  }

  async #readAll(signal: AbortSignal): Promise<Index | undefined> {
    const index: Index = new Map(this.#names.map((name) => [name, new Map()]))
    const ids = new Set<string>()
    for (let start = 1; ; ) {
      const count = String(this.#provider.maxResults)
      const page = await this.#page(
        { startIndex: String(start), count, attributes: this.#names.join(',') },
        signal,
      )
      const resources = resourcesIn(page)
      for (const resource of resources) {
        remember(index, resource)
        for (const id of idOf(resource)) ids.add(id)
      }
      start += resources.length
      const total = page.totalResults
      if (typeof total === 'number' && start <= total && resources.length > 0) continue
      // Some give the first page again and again.
      return ids.size === start - 1 && (typeof total !== 'number' || ids.size >= total) ? index : undefined
    }
  }

  async #page(query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<JsonObject> {
    const path = `${this.#endpoint}?${queryText(query)}`
    return (await this.#client.ask({ method: 'GET', path, repeatable: true }, signal)).body ?? {}
  }
}

/** By name, then value: ids. */
type Index = ReadonlyMap<string, Map<string, Set<string>>>

function remember(index: Index, resource: JsonObject): void {
  for (const [name, byValue] of index) {
    for (const value of textsAt(resource, name)) {
      const key = keyOf(name, value)
      const ids = byValue.get(key) ?? new Set()
      byValue.set(key, ids)
      for (const id of idOf(resource)) ids.add(id)
    }
  }
}

function isNamed(resource: JsonObject, name: string, value: string): boolean {
  return textsAt(resource, name).some((found) => keyOf(name, found) === keyOf(name, value))
}

/** What of a resource stands under a name; elements of lists one by one. */
export function textsAt(resource: JsonObject, name: string): readonly string[] {
  let found: readonly Json[] = [resource]
  for (const part of name.split('.')) {
    found = found.flatMap((one): readonly Json[] => {
      const value = isObject(one) ? one[part] : undefined
      return isArray(value) ? value : value === undefined ? [] : [value]
    })
  }
  return found.filter((one) => typeof one === 'string' && one !== '') as readonly string[]
}

/** `externalId` is compared to the byte, all else in any case. */
function keyOf(name: string, value: string): string {
  return name === 'externalId' ? value : value.toLowerCase()
}

function idOf({ id }: JsonObject): readonly string[] {
  return typeof id === 'string' && id !== '' ? [id] : []
}

function resourcesIn({ Resources }: JsonObject): readonly JsonObject[] {
  return isArray(Resources) ? Resources.filter(isObject) : []
}

function namedIn(index: Index, name: string, value: string): readonly string[] {
  return [...(index.get(name)?.get(keyOf(name, value)) ?? [])]
}

/** Spaces as `%20`: not everybody reads `+` as one. */
function queryText(query: Readonly<Record<string, string>>): string {
  return Object.entries(query)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&')
}
