/** What the console shows of this gateway: its sources, its tree, what searches find, and its copies. */
import type { Namespace } from '../../frontends/ldap/namespace.js'
import type { ConsoleParts } from '../../ops/console/console.js'
import type { KnownSource } from '../../ops/console/sources.js'
import type { Source } from '../../sources/source.js'
import type { Synchronizations } from '../sync.js'
import { Inquiry, type InquiryParts } from './inquiry.js'
import { treeOf } from './tree.js'

export interface GatewayConsoleParts extends Omit<InquiryParts, 'as'> {
  readonly as: string
  readonly namespace: Namespace
  /** Those that can be asked how they are; some are no sources of the configuration. */
  readonly sources: ReadonlyMap<string, Pick<Source, 'health'>>
  readonly dispensable: ReadonlySet<string>
  readonly synchronizations?: Synchronizations
  readonly version: string
}

export function consoleOf(parts: GatewayConsoleParts): ConsoleParts {
  const { config, sources, dispensable, namespace, synchronizations, as, version } = parts
  const inquiry = new Inquiry(parts)
  const known = [...sources].map(([name, source]): [string, KnownSource] => [
    name,
    {
      type: config.sources[name]?.type ?? 'copies',
      needed: !dispensable.has(name),
      health: () => source.health(),
    },
  ])
  return {
    about: { version, suffix: config.suffix, as },
    sources: new Map(known),
    tree: () => treeOf(config, parts.directory.views, namespace),
    search: (question, from) => inquiry.search(question, from),
    ...(synchronizations && { operations: synchronizations.operations }),
  }
}
