/** Writes what was imported as files of YAML, with what whoever imports should know of it at the head. */
import { type WrittenFile, yamlOf } from '../config/written.js'
import type { Imported, Remark } from './imported.js'

const heads: Readonly<Record<Remark['kind'], string>> = {
  do: 'To be done',
  differs: 'Otherwise than there',
  none: 'Without an equivalent',
}

/** The gateway's file comes first. */
export function filesOf({
  product,
  gateway,
  views,
  isCopied,
  keyAttributes,
  secrets,
  remarks,
}: Imported): readonly WrittenFile[] {
  const order = [
    'suffix',
    'listen',
    'sources',
    'views',
    'copy',
    'targets',
    'serviceAccounts',
    'access',
    'sasl',
  ]
  const listed = views.map(({ view }) => {
    const mapping = `${view}.yaml`
    // Members of a union are copied where it is.
    if (!isCopied || view !== views.at(-1)?.view) return mapping
    const copy = keyAttributes.length > 0 ? { copy: { keyAttributes } } : {}
    return { mapping, refreshMethod: 'copy', ...copy }
  })
  const all: Record<string, unknown> = { ...gateway, views: listed }
  const ordered = Object.fromEntries(
    Object.keys(all)
      .sort((a, b) => rank(order, a) - rank(order, b))
      .map((key) => [key, all[key]]),
  )
  const plain = (path: string, text: string): WrittenFile => ({ path, text, secret: false })
  return [
    plain('gateway.yaml', yamlOf(ordered, [`Imported from ${product}.`, ...remarksText(remarks)])),
    ...views.map((view) =>
      plain(
        `${view.view}.yaml`,
        yamlOf(view, [
          'union' in view
            ? `The people of all sources, as imported from ${product}.`
            : `Imported from ${product}. entryUUID may be called otherwise in your directory: nsUniqueId in 389 Directory Server.`,
        ]),
      ),
    ),
    ...[...secrets].map(([path, text]) => ({ path, text: `${text}\n`, secret: true })),
  ]
}

/** One line each, under what kind of remark they are. */
export function remarksText(remarks: readonly Remark[]): readonly string[] {
  return (['do', 'differs', 'none'] as const).flatMap((kind) => {
    const some = remarks.filter((remark) => remark.kind === kind)
    return some.length === 0
      ? []
      : ['', `${heads[kind]}:`, ...some.map(({ key, text }) => `  ${key}: ${text}`)]
  })
}

function rank(order: readonly string[], key: string): number {
  const found = order.indexOf(key)
  return found < 0 ? order.length : found
}
