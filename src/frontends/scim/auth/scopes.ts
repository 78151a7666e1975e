/** Scopes: what a request needs, and the names that other authorization servers give to ours. */
import { ALL_SCOPES, GENERAL_SCOPES, resourceScope } from '../../../model/scopes.js'

/**
 * The scope that a request needs. `search` is a search of several types at once, `bulk` a bulk request: both stand
 * beside the scopes of the types concerned, and `resourceType` is ignored for them.
 */
export function required(
  resourceType: string | undefined,
  operation: 'read' | 'write' | 'search' | 'bulk',
): string {
  if (operation === 'search' || operation === 'bulk' || resourceType === undefined) return operation
  return resourceScope(resourceType, operation)
}

const ownForm = /^[a-z0-9_-]+\.(?:read|write)$/

/** Translates between our names of scopes and those in tokens, RFC 6749 3.3. */
export class ScopeNames {
  readonly #shown: ReadonlyMap<string, string>
  readonly #meant: ReadonlyMap<string, readonly string[]>

  /** @param renamed by our name, the names that mean it in tokens instead; the first is the one that is shown */
  constructor(renamed: Readonly<Record<string, readonly string[]>>) {
    const shown = new Map<string, string>()
    const meant = new Map<string, string[]>()
    for (const [own, names] of Object.entries(renamed)) {
      for (const name of names) {
        if (!shown.has(own)) shown.set(own, name)
        meant.set(name, [...(meant.get(name) ?? []), own])
      }
    }
    this.#shown = shown
    this.#meant = meant
  }

  /** What names in a token grant. Unknown names grant nothing, and `*` only where it has a name in the configuration. */
  granted(names: Iterable<string>): ReadonlySet<string> {
    const scopes = new Set<string>()
    for (const name of names) for (const scope of this.#meaning(name)) scopes.add(scope)
    return scopes
  }

  /** Our scopes by a name that clients use. `*` is not asked for by its own name. */
  #meaning(name: string): readonly string[] {
    const meant = this.#meant.get(name)
    if (meant !== undefined) return meant
    const own = ownForm.test(name) || GENERAL_SCOPES.includes(name)
    return own && !this.#shown.has(name) ? [name] : []
  }

  /** As clients know the scope. */
  shown(scope: string): string {
    return this.#shown.get(scope) ?? scope
  }
}

/** Does a set of scopes hold this one? */
export function holds(scopes: ReadonlySet<string>, scope: string): boolean {
  return scopes.has(scope) || scopes.has(ALL_SCOPES)
}

/** Names in a claim: text of names between spaces (RFC 6749 3.3), or a list of them. */
export function scopesIn(claim: unknown): readonly string[] {
  if (typeof claim === 'string') return claim.split(' ').filter((name) => name !== '')
  return Array.isArray(claim) ? claim.filter((name) => typeof name === 'string') : []
}
