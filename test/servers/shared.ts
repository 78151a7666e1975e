/**
 * Databases of its own for a test file, on the MariaDB and PostgreSQL that a whole test run shares, and the domain
 * controller that it shares. A server starts when the first test asks for it. Tests that disturb their server start a
 * private one instead.
 */
import { inject } from 'vitest'
import type { Domain } from './samba.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the run's set-up listens for requests for databases. */
    databases: string
  }
}

/** The URL of a new, empty database on the run's MariaDB. */
export function mariadbDatabase(): Promise<string> {
  return ask('mariadb')
}

/** The URL of a new, empty database on the run's PostgreSQL. */
export function postgresDatabase(): Promise<string> {
  return ask('postgres')
}

/** The run's domain, which holds what `test/data/active-directory.ts` says. What a test adds to it, it removes. */
export async function activeDirectory(): Promise<Domain> {
  return JSON.parse(await ask('samba')) as Domain
}

async function ask(kind: 'mariadb' | 'postgres' | 'samba'): Promise<string> {
  const response = await fetch(new URL(kind, inject('databases')), { method: 'POST' })
  const text = await response.text()
  if (!response.ok) throw new Error(text)
  return text
}
