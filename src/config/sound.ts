/** What is left of a configuration without all that is wrong in it: views over sources, to be held against these meanwhile. */
import type { ConfigProblem } from './config-error.js'
import { isRecord, type Origin, type Path, valueAt } from './origin.js'

export interface SoundPart {
  readonly data: unknown
  readonly origin: Origin
}

/** Any will do where the configuration's own cannot be used: tables have nothing to do with it. */
const SUFFIX = 'dc=example'

/**
 * Undefined where nothing is left.
 * @param files that of each view's mapping, where it has one of its own
 * @param mappings of each view
 */
export function soundPart(
  data: unknown,
  origin: Origin,
  problems: readonly ConfigProblem[],
  files: readonly (string | undefined)[],
  mappings: readonly unknown[],
): SoundPart | undefined {
  const own = problems.filter(({ file }) => file === undefined || !files.includes(file))
  const isWrong = (path: Path) => {
    const shown = origin.place(path, 'value').path
    return own.some(
      (one) => one.path === shown || [`${shown}.`, `${shown}[`].some((at) => one.path.startsWith(at)),
    )
  }
  const given = valueAt(data, ['sources'])
  const sources = Object.entries(isRecord(given) ? given : {}).filter(([name]) => !isWrong(['sources', name]))
  const list = valueAt(data, ['views'])
  const all = Array.isArray(list) ? [...list.keys()] : []
  const sourceNames = new Set(sources.map(([name]) => name))
  let kept = all.filter(
    (i) =>
      isRecord(mappings[i]) &&
      !isWrong(['views', i]) &&
      !(files[i] !== undefined && problems.some(({ file }) => file === files[i])),
  )
  // What leads to something that is left out is left out itself, and what leads to that.
  for (let before = -1; before !== kept.length; ) {
    before = kept.length
    const views = new Set(kept.map((i) => valueAt(mappings[i], ['view'])))
    kept = kept.filter((i) => leadsTo(mappings[i], sourceNames, views))
  }
  if (kept.length === 0) return undefined
  const place = (path: Path): Path => {
    const [first, second, ...more] = path
    return first === 'views' && typeof second === 'number' ? [first, kept[second] ?? second, ...more] : path
  }
  return {
    data: {
      suffix: isWrong(['suffix']) ? SUFFIX : (valueAt(data, ['suffix']) ?? SUFFIX),
      sources: Object.fromEntries(sources),
      views: kept.map((i) => {
        const item = valueAt(list, [i])
        return isRecord(item) && Object.hasOwn(item, 'mapping') ? { mapping: item.mapping } : item
      }),
    },
    origin: {
      place: (path, spot) => origin.place(place(path), spot),
      written: (path) => origin.written(place(path)),
    },
  }
}

/** Are all views and sources there that the mapping names? */
function leadsTo(mapping: unknown, sources: ReadonlySet<string>, views: ReadonlySet<unknown>): boolean {
  if (Array.isArray(mapping)) return mapping.every((one) => leadsTo(one, sources, views))
  if (!isRecord(mapping)) return true
  return Object.entries(mapping).every(([key, value]) => {
    if (key === 'source' && typeof value === 'string') return sources.has(value)
    if (key === 'ref' && typeof value === 'string') return views.has(value)
    if (key === 'members' && Array.isArray(value)) return value.every((one) => views.has(one))
    return leadsTo(value, sources, views)
  })
}
