/** What a resource is to be at a service, for an entry: with what the service calls the entries that it refers to. */
import type { Ref } from '../../../model/value.js'
import { USER } from '../../../schema/scim/urns.js'
import type { ModeSettings } from '../../cycle/plan.js'
import type { Planned } from '../target.js'
import type { Wanted, WantedReferences } from './difference.js'
import type { Provider } from './provider.js'
import { type OpenReference, type Pushed, referenceName } from './pushed.js'
import type { Managed, Rendering } from './rendering.js'

/** How the service calls our entries. */
export interface Names {
  /** `open`: not yet; undefined: it never will have it. */
  remoteOf(ref: Pick<Ref, 'view' | 'id'>): string | 'open' | undefined
  isOurs(remote: string): boolean
}

export type PushModes = Pick<
  ModeSettings,
  'noCreate' | 'createAsDisabled' | 'noUpdateProviderMismatch' | 'keepExternalPerson'
>

export type Before = Pushed | 'new' | 'adopted'

export interface Desired {
  readonly wanted: Wanted
  /** The attributes that it is about. */
  readonly managed: readonly Managed[]
  readonly externalId: string
  readonly open: readonly OpenReference[]
  readonly refers: NonNullable<Pushed['refers']>
}

/** So many references are remembered of an entry. */
const FEW = 20

export class Wishes {
  readonly #rendering: Rendering
  readonly #modes: PushModes
  readonly #active: Managed | undefined
  /** Does the view say whether an account is in use? */
  readonly #isTold: boolean
  readonly #externalId: Managed

  constructor(rendering: Rendering, takes: Provider['takes'], modes: PushModes) {
    const { managed, urn } = rendering
    const bound = (name: string) => managed.find((one) => one.name === name && !one.isExtension)
    this.#rendering = rendering
    this.#modes = modes
    this.#externalId = bound('externalId') ?? plain(urn, 'externalId')
    this.#isTold = bound('active') !== undefined
    this.#active =
      bound('active') ?? (urn === USER && takes(urn, 'active') ? plain(urn, 'active') : undefined)
  }

  /** Can resources of this type be kept from use? */
  get active(): Managed | undefined {
    return this.#active
  }

  /**
   * @param externalId unless the mapping says another
   * @param before what was pushed before; or the resource is to be made, or was made by somebody else
   */
  of(planned: Planned, externalId: string, before: Before, names: Names): Desired {
    const { resource: rendered, references } = this.#rendering.render(planned.entry)
    const told = rendered.externalId
    const own = typeof told === 'string' ? told : externalId
    const active = this.#activeFor(planned, before)
    const resource = { ...rendered, externalId: own, ...(active !== undefined && { active }) }
    const managed = this.#rendering.managed.filter(
      (one) => one !== this.#externalId && (one !== this.#active || active !== undefined),
    )
    const extra = [this.#externalId, ...(active === undefined ? [] : [this.#active])]
    const attrs = new Set(planned.keep)
    const kept = new Set(managed.filter((one) => one.attrs.some((attr) => attrs.has(attr))))
    const open: OpenReference[] = []
    const all = [...references.values()].flat()
    const wantedReferences = new Map<Managed, WantedReferences>()
    for (const [attribute, refs] of references) {
      const ids = new Set<string>()
      for (const ref of refs) {
        const remote = names.remoteOf(ref)
        if (remote === 'open')
          open.push({ attribute: attributeName(attribute), view: ref.view, id: ref.id ?? '' })
        else if (remote !== undefined) ids.add(remote)
      }
      const stay = kept.has(attribute)
      wantedReferences.set(attribute, { ids, keeps: (id) => stay || this.keeps(id, names) })
    }
    return {
      wanted: { resource, references: wantedReferences, kept },
      managed: [...new Set([...extra.filter((one) => one !== undefined), ...managed])],
      externalId: own,
      open,
      refers: all.length > FEW ? 'many' : all.map((ref) => referenceName(ref.view, ref.id ?? '')),
    }
  }

  /** What is to become of the references of an entry that the source no longer has. */
  without(names: Names): { readonly wanted: Wanted; readonly managed: readonly Managed[] } {
    const managed = this.#rendering.managed.filter((one) => one.kind === 'references')
    const none: WantedReferences = { ids: new Set(), keeps: (id) => this.keeps(id, names) }
    return { wanted: { resource: {}, references: new Map(managed.map((one) => [one, none])) }, managed }
  }

  /** What is to be added for references that were open. */
  adding(found: ReadonlyMap<string, ReadonlySet<string>>): {
    readonly wanted: Wanted
    readonly managed: readonly Managed[]
  } {
    const managed = this.#rendering.managed.filter((one) => found.has(attributeName(one)))
    const references = managed.map((one): [Managed, WantedReferences] => [
      one,
      { ids: found.get(attributeName(one)) ?? new Set(), keeps: () => true },
    ])
    return { wanted: { resource: {}, references: new Map(references) }, managed }
  }

  /** Members that others have put into a group stay, where what is others' does. */
  keeps(remote: string, names: Names): boolean {
    return this.#modes.keepExternalPerson && !names.isOurs(remote)
  }

  /** Undefined where nothing is to be said about it. */
  #activeFor({ enabled }: Planned, before: Before): boolean | undefined {
    if (this.#active === undefined) return undefined
    if (this.#modes.createAsDisabled) {
      if (before === 'new') return false
      // Whoever enables what was made disabled is somebody else; and what was there already was not made so.
      return before === 'adopted' || enabled ? undefined : false
    }
    const wasDisabled = typeof before === 'object' && before.state === 'disabled'
    return !enabled || this.#isTold || wasDisabled ? enabled : undefined
  }
}

function plain(urn: string, name: string): Managed {
  return {
    ...{ urn, name, isExtension: false, kind: 'plain', multiValued: false },
    ...{ subs: [], types: undefined, attrs: [] },
  }
}

function attributeName({ urn, name }: Managed): string {
  return `${urn}:${name}`
}
