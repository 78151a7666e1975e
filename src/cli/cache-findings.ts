/** What `check` says of caches: what nobody tells them, and what looking for changes costs. */
import { getHeapStatistics } from 'node:v8'
import type { ViewConfig } from '../config/gateway-config.js'
import type { GatewayParts } from '../gateway/parts.js'
import { ANONYMOUS } from '../model/request.js'
import type { Finding } from '../sources/source.js'

export async function cacheFindings(
  parts: GatewayParts,
  isAway: (view: string) => boolean,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [...roomFindings(parts)]
  for (const { name, cache, members } of cachedIn(parts)) {
    findings.push(...untoldFindings(name, cache, parts))
    for (const member of members) {
      if (cache.poll !== undefined && !isAway(member))
        findings.push(...(await lookFindings(member, cache.poll.changedBy, parts)))
    }
  }
  return findings
}

interface Cached {
  readonly name: string
  readonly cache: NonNullable<ViewConfig['cache']>
  /** The mapped views that it is made of. */
  readonly members: readonly string[]
}

function cachedIn({ config: { views, unions } }: GatewayParts): readonly Cached[] {
  return [
    ...views.flatMap(({ mapping: { view }, cache }) =>
      cache === undefined ? [] : [{ name: view, cache, members: [view] }],
    ),
    ...unions.flatMap(({ union: { view, union }, cache }) =>
      cache === undefined ? [] : [{ name: view, cache, members: union.members }],
    ),
  ]
}

/** Encoded answers may take as much again. */
function roomFindings(parts: GatewayParts): readonly Finding[] {
  const most = 2 * cachedIn(parts).reduce((sum, { cache }) => sum + cache.maxBytes, 0)
  const limit = getHeapStatistics().heap_size_limit
  if (most <= limit / 2) return []
  const inMiB = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`
  return [
    {
      severity: 'warning',
      message: `caches may take ${inMiB(most)} of a heap of ${inMiB(limit)}`,
      remedy: 'Lower maxBytes of the caches, or raise the heap by NODE_OPTIONS=--max-old-space-size',
    },
  ]
}

/** What is shown of other views changes without a word where only this one is told of. */
function untoldFindings(
  name: string,
  { listen, poll }: Cached['cache'],
  parts: GatewayParts,
): readonly Finding[] {
  if (listen === undefined && poll === undefined) return []
  const told = new Set(
    cachedIn(parts).flatMap(({ name: one, cache, members }) =>
      cache.listen === undefined && cache.poll === undefined ? [] : [one, ...members],
    ),
  )
  const shown = [...(parts.whole.views.get(name)?.attributes.values() ?? [])].flatMap((one) => one.refers)
  return [...new Set(shown)].flatMap((target): Finding[] => {
    if (told.has(target)) return []
    const message = `view ${name}: its cache hears of changes, but shows names of ${target}, of which nothing tells`
    return [{ severity: 'warning', message, remedy: `Give ${target} a cache that listens or polls, too` }]
  })
}

/** Looking for changes is a question asked all the time. */
async function lookFindings(
  view: string,
  changedBy: string,
  { core, mappings, schema }: GatewayParts,
): Promise<readonly Finding[]> {
  const attr = schema.attribute(changedBy)?.name ?? changedBy
  // The index that serves one serves the other.
  const filter = { op: 'eq', attr, value: new Date() } as const
  const request = { view, filter, attributes: new Set([attr]), unordered: true as const }
  const { plan, query } = await core.prepare(request, {
    principal: ANONYMOUS,
    signal: AbortSignal.timeout(60_000),
  })
  if (plan.residual === undefined) return (await mappings.get(view)?.source.advise(query)) ?? []
  const message = `view ${view}: changes of ${attr} cannot be asked of the source; every entry is read to find them`
  return [{ severity: 'warning', message, remedy: 'Map it to a column of times' }]
}
