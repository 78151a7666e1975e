/** Who can bind: service accounts, entries by DN or by user name, and who is bound then. */
import type { Directory } from '../../directory/directory.js'
import type { Context, Identity, Principal } from '../../model/request.js'
import type { Finding } from '../frontend.js'
import { checkName, formatName, keyAbove, keyOf, parseName } from './names.js'
import type { Namespace } from './namespace.js'
import type { Session } from './request.js'

/** Where user names are looked up. */
export interface UserNames {
  readonly view: string
  readonly attribute: string
}

export class Accounts {
  readonly #namespace: Namespace
  readonly #views: Directory['views']
  readonly #finding: Finding
  /** Names of service accounts by the normal form of their DNs. */
  readonly #services: ReadonlyMap<string, string>
  /** The keys of what is right above these. */
  readonly #above: ReadonlySet<string>
  readonly #users: readonly UserNames[]

  /** @param users undefined: by what names the entries of views that may bind */
  constructor(
    namespace: Namespace,
    views: Directory['views'],
    finding: Finding,
    services: ReadonlyMap<string, string>,
    users: readonly UserNames[] | undefined,
  ) {
    this.#namespace = namespace
    this.#views = views
    this.#finding = finding
    this.#services = services
    this.#above = new Set([...services.values()].map((dn) => keyAbove(parseName(dn, namespace.schema))))
    this.#users =
      users ??
      [...views.values()].flatMap(({ name, rdn: [attribute, ...more], bindable }) =>
        bindable && attribute !== undefined && more.length === 0 ? [{ view: name, attribute }] : [],
      )
  }

  /**
   * Whom a DN names; what can be neither an account nor an entry that may bind is an account that does not exist, and
   * fails like one.
   * @throws VitrineError invalidDNSyntax
   */
  identityAt(dn: string): Identity {
    const name = parseName(dn, this.#namespace.schema)
    const service = this.#above.has(keyAbove(name)) ? this.#services.get(keyOf(name.forms)) : undefined
    if (service !== undefined) return { service }
    checkName(name, this.#namespace.schema)
    const location = this.#namespace.find(name)
    return location.kind === 'entry' && location.view.bindable
      ? { view: location.view.name, names: location.names }
      : { service: formatName(name) }
  }

  /** Whom a user name means; where it means nobody, an account that does not exist. */
  async identityOfUser(user: string, ctx: Context): Promise<Identity> {
    const { schema } = this.#namespace
    for (const { view, attribute } of this.#users) {
      const attr = schema.attribute(attribute)?.name ?? attribute
      const value = schema.parse(attr, Buffer.from(user), 'equality')
      const found =
        value === undefined
          ? undefined
          : await this.#finding.principalOf(view, { op: 'eq', attr, value }, ctx)
      if (found?.kind === 'entry') return { view: found.view, names: found.names }
    }
    return { service: `u:${user}` }
  }

  /**
   * Whom an authorization identity (RFC 4513 5.2.1.8) names: `dn:` and a DN, or a user name, before which `u:` may stand.
   * @throws VitrineError invalidDNSyntax
   */
  async identityNamed(authzId: string, ctx: Context): Promise<Identity> {
    if (/^dn:/i.test(authzId)) return this.identityAt(authzId.slice('dn:'.length))
    return this.identityOfUser(authzId.replace(/^u:/i, ''), ctx)
  }

  sessionOf(principal: Principal): Session {
    return { principal, dn: this.#dnOf(principal), among: this }
  }

  #dnOf(principal: Principal): string {
    switch (principal.kind) {
      case 'anonymous':
        return ''
      case 'service':
        return principal.name
      case 'certificate':
        return principal.subject
      case 'entry': {
        const view = this.#views.get(principal.view)
        return view === undefined ? '' : this.#namespace.dnOfRef(principal, view)
      }
    }
  }
}
