/** The user's module of hooks, and what of the gateway listens to it: engines, and sources that are told as whom to bind. */
import { ConfigError } from '../config/config-error.js'
import type { GatewayConfig } from '../config/gateway-config.js'
import type { EngineParts } from '../copy/cycle/engine.js'
import { Hooks } from '../copy/hooks/hooks.js'
import type { SourceOptions } from '../sources/registry.js'
import { locate } from './problems.js'

const NAMES = ['updateEntry', 'startCycle', 'getBindCredentials']

export interface LoadedHooks {
  readonly hooks: Hooks
  /** What it exports. */
  readonly functions: ReadonlySet<string>
}

/** @throws ConfigError where the module cannot be loaded, or has none of the functions that are called */
export async function loadHooks({
  copy,
  file,
  locate: placeOf,
}: GatewayConfig): Promise<LoadedHooks | undefined> {
  if (copy.hooks === undefined) return undefined
  const hooks = new Hooks(copy.hooks)
  const path = ['copy', 'hooks', 'module']
  const wrong = async (message: string, remedy: string) => {
    await hooks.close()
    throw new ConfigError([locate(file, placeOf(path), { path, message, remedy })])
  }
  try {
    const functions = await hooks.functions()
    if (NAMES.some((name) => functions.has(name))) return { hooks, functions }
    return await wrong(
      'has none of the functions that are called',
      `Export ${NAMES.join(', ')}, or one of them.`,
    )
  } catch (error) {
    if (error instanceof ConfigError) throw error
    const why = error instanceof Error ? error.message : String(error)
    return await wrong(`cannot be loaded: ${why}`, 'Name an ES module.')
  }
}

/** What an engine is told of them. */
export function engineHooks(
  loaded: LoadedHooks | undefined,
  mayStart: NonNullable<EngineParts['mayStart']> = async () => undefined,
): Pick<EngineParts, 'hook' | 'mayStart'> {
  if (loaded === undefined) return { mayStart }
  const { hooks, functions } = loaded
  return {
    ...(functions.has('updateEntry') && { hook: (view, entries) => hooks.updateEntries(view, entries) }),
    mayStart: async (target, request) => (await mayStart(target, request)) ?? (await hooks.mayStart(target)),
  }
}

/** A source that is told as whom to bind whenever it does. */
export function withCredentials(
  name: string,
  options: SourceOptions,
  loaded: LoadedHooks | undefined,
): SourceOptions {
  if (options.type !== 'ldap' || loaded?.functions.has('getBindCredentials') !== true) return options
  return { ...options, credentials: () => loaded.hooks.bindCredentials(name) }
}
