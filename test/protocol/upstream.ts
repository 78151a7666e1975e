/**
 * A directory in a database's place: scripts in SQL change the company's tables in a database beside it, and the directory
 * is then given what they hold. So the tests that say in SQL what happens to a source say it to the directory too.
 */

import type { Population } from '../data/people.js'
import { companyEntries } from '../data/upstream/company.js'
import { populationEntries } from '../data/upstream/population.js'
import { runSql, sqliteDatabase } from '../mappings/databases.js'
import { startUpstream, type Upstream } from '../servers/upstream.js'

interface Standing {
  readonly upstream: Upstream
  /** URL of the database with the tables. */
  readonly tables: string
}

const standing = new Map<string, Standing>()

/** A directory without people and groups, of a test's own. */
export async function upstreamDirectory(): Promise<{ readonly url: string; remove(): Promise<void> }> {
  const tables = sqliteDatabase()
  const upstream = await startUpstream()
  const { url } = upstream
  standing.set(url, { upstream, tables: tables.url })
  return {
    url,
    remove: async () => {
      standing.delete(url)
      await upstream.stop()
      await tables.remove()
    },
  }
}

/** Undefined unless the URL is of such a directory. */
export function upstreamAt(url: string): Upstream | undefined {
  return standing.get(url)?.upstream
}

/** @returns false if the URL is of no such directory */
export async function runInUpstream(url: string, scripts: readonly string[]): Promise<boolean> {
  const found = standing.get(url)
  if (found === undefined) return false
  await runSql(found.tables, ...scripts)
  await found.upstream.publish(companyEntries(found.tables.slice('sqlite:'.length)))
  return true
}

/** @returns false if the URL is of no such directory */
export async function loadUpstream(url: string, population: Population): Promise<boolean> {
  const upstream = upstreamAt(url)
  await upstream?.publish(populationEntries(population))
  return upstream !== undefined
}
