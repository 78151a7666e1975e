/**
 * Copies in a database's place: a gateway over such a database copies all of its views, into a store of its own, and
 * scripts that change the database have them copied again. So the tests of what is asked live hold for copies too.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { parse } from 'yaml'
import { createGateway, type Gateway, type GatewayInput, type GatewayOptions } from '../../src/index.js'
import { sqliteDatabase } from '../mappings/databases.js'

type Views = GatewayInput['views']

interface Standing {
  readonly folder: string
  /** With the store of each, which gateways of the same views share as replicas do. */
  readonly gateways: Map<Gateway, { readonly store: string; readonly views: string }>
}

const standing = new Map<string, Standing>()
let stores = 0

/** An empty database whose views are copied. */
export async function copiedDatabase(): Promise<{ readonly url: string; remove(): Promise<void> }> {
  const database = sqliteDatabase()
  const forget = copyAll(database.url)
  return {
    url: database.url,
    remove: async () => {
      forget()
      await database.remove()
    },
  }
}

/** Has all views of these databases copied from now on, until it is told to forget them. */
export function copyAll(...urls: readonly string[]): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-copies-'))
  const found: Standing = { folder, gateways: new Map() }
  for (const url of urls) standing.set(url, found)
  return () => {
    for (const url of urls) standing.delete(url)
    rmSync(folder, { recursive: true })
  }
}

/** Copies a database again that scripts have changed, if it is copied. */
export async function refreshCopies(url: string): Promise<void> {
  for (const gateway of standing.get(url)?.gateways.keys() ?? [])
    await gateway.refresh(undefined, { approve: true })
}

/** The gateway, with copies in place of what is of such a database. */
export async function gatewayFor(
  config: string | GatewayInput,
  options: GatewayOptions = {},
): Promise<Gateway> {
  const { sources } = typeof config === 'string' ? (options.overrides ?? {}) : config
  const found = Object.values(sources ?? {}).flatMap((source) => standing.get(source?.url as string) ?? [])[0]
  if (found === undefined) return createGateway(config, options)
  const views = JSON.stringify(typeof config === 'string' ? [config, options.overrides?.views] : config.views)
  const replica = [...found.gateways.values()].find((one) => one.views === views)
  stores += 1
  const store = replica?.store ?? `sqlite:${join(found.folder, `store-${stores}.sqlite`)}`
  const copy = { store }
  const gateway =
    typeof config === 'string'
      ? await createGateway(config, {
          ...options,
          overrides: {
            ...options.overrides,
            copy,
            views: copied(options.overrides?.views ?? viewsIn(config)),
          },
        })
      : await createGateway(
          { ...config, copy: { ...copy, ...config.copy }, views: copied(config.views) },
          options,
        )
  await gateway.refresh(undefined, { approve: true })
  found.gateways.set(gateway, { store, views })
  const close = gateway.close.bind(gateway)
  return Object.assign(gateway, {
    close: () => {
      found.gateways.delete(gateway)
      return close()
    },
  })
}

const copied = (views: Views): Views =>
  views.map((view) =>
    typeof view === 'object' && 'mapping' in view
      ? { ...view, refreshMethod: 'copy' as const }
      : { mapping: view, refreshMethod: 'copy' as const },
  )

function viewsIn(file: string): Views {
  const { views } = parse(readFileSync(file, 'utf8')) as { readonly views: readonly string[] }
  return views.map((path) => resolve(dirname(file), path))
}
