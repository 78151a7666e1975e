/** How the sources are: asked now, each for itself, and not for long. */
import type { Health } from '../../sources/source.js'
import type { Pool, SourceStatus } from './terms.js'

export interface KnownSource {
  readonly type: string
  readonly needed: boolean
  health(): Promise<Health>
}

/** Milliseconds that a source may take to say how it is. */
const PATIENCE = 2000

export function statusOf(
  sources: ReadonlyMap<string, KnownSource>,
  pools: ReadonlyMap<string, Pool>,
): Promise<readonly SourceStatus[]> {
  return Promise.all(
    [...sources].map(async ([name, source]) => {
      const { type, needed } = source
      const begun = performance.now()
      const health = await inTime(source)
      const milliseconds = performance.now() - begun
      const pool = pools.get(name)
      return { name, type, needed, ...health, milliseconds, ...(pool && { pool }) }
    }),
  )
}

async function inTime(source: KnownSource): Promise<Health> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Health>((resolve) => {
    timer = setTimeout(
      () => resolve({ ok: false, detail: `no answer within ${PATIENCE / 1000} s` }),
      PATIENCE,
    )
  })
  try {
    return await Promise.race([source.health(), late])
  } catch (error) {
    return { ok: false, detail: error instanceof Error ? error.message : String(error) }
  } finally {
    clearTimeout(timer)
  }
}
