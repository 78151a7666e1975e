/** On what it was measured: the machine and the versions of everything that took part. */
import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, release, totalmem, type } from 'node:os'
import { fileURLToPath } from 'node:url'
import { serverVersion } from './databases.js'
import { run } from './process.js'

export type Facts = Readonly<Record<string, string>>

/** The machine and the gateway alone. */
export async function machine(): Promise<Facts> {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const commit = await run('git', ['-C', root, 'rev-parse', '--short', 'HEAD'])
  return {
    cores: `${availableParallelism()} (${cpus()[0]?.model ?? 'unknown'}), ${Math.round(totalmem() / 1e9)} GB`,
    system: `${type()} ${release()}`,
    node: process.version,
    vitrine: `${versionIn(`${root}/package.json`)}${commit.code === 0 ? `, ${commit.text.trim()}` : ''}`,
  }
}

/** With the versions of all peers. */
export async function facts(): Promise<Facts> {
  const slapd = await run('slapd', ['-VV'])
  return {
    ...(await machine()),
    OpenLDAP: /slapd ([\d.]+)/.exec(slapd.text)?.[1] ?? 'unknown',
    MariaDB: await serverVersion('maria'),
    PostgreSQL: await serverVersion('postgres'),
    ...Object.fromEntries(
      ['ldapjs', 'mysql2', 'pg', 'fastify', 'scimmy-routers'].map((name) => [name, installed(name)]),
    ),
  }
}

function installed(name: string): string {
  return versionIn(fileURLToPath(new URL(`../node_modules/${name}/package.json`, import.meta.url)))
}

function versionIn(file: string): string {
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
