/** What searches begin at and cover. Clients name the same few places again and again: those are remembered. */
import type { SearchScope } from '../../ldap/index.js'
import { checkName, parseName } from './names.js'
import type { Container, Location, Namespace } from './namespace.js'
import { type Stage, stagesOf } from './scope.js'
import { SUBSCHEMA_DN } from './subschema.js'

/** What the base of a search leads to. */
export type Base = Location | { readonly kind: 'rootDse' } | { readonly kind: 'subschema' }

/** Spellings of containers that are remembered, and how long each may be. */
const REMEMBERED = 100
const LONGEST = 256

export class Places {
  readonly #namespace: Namespace
  readonly #subschema: string
  readonly #containers = new Map<string, Base>()
  readonly #stages = new WeakMap<Container, Map<SearchScope, readonly Stage[]>>()

  constructor(namespace: Namespace) {
    this.#namespace = namespace
    this.#subschema = parseName(SUBSCHEMA_DN, namespace.schema).forms.join()
  }

  /** @throws VitrineError invalidDNSyntax */
  baseAt(dn: string): Base {
    return this.#containers.get(dn) ?? this.#found(dn)
  }

  /** What a search of that scope covers. */
  stages(base: Exclude<Location, { kind: 'nowhere' }>, scope: SearchScope): readonly Stage[] {
    if (base.kind !== 'container') return stagesOf(base, scope, this.#namespace)
    const byScope = this.#stages.get(base.container) ?? new Map<SearchScope, readonly Stage[]>()
    const known = byScope.get(scope)
    if (known !== undefined) return known
    const stages = stagesOf(base, scope, this.#namespace)
    this.#stages.set(base.container, byScope.set(scope, stages))
    return stages
  }

  #found(dn: string): Base {
    const name = parseName(dn, this.#namespace.schema)
    if (name.rdns.length === 0) return { kind: 'rootDse' }
    checkName(name, this.#namespace.schema)
    if (name.forms.join() === this.#subschema) return { kind: 'subschema' }
    const location = this.#namespace.find(name)
    if (location.kind === 'container' && dn.length <= LONGEST) {
      if (this.#containers.size >= REMEMBERED) this.#containers.clear()
      this.#containers.set(dn, location)
    }
    return location
  }
}
