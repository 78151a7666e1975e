/**
 * The directory of copied views, and of those that are not: what is read comes from the copies, passwords are checked by
 * the origins where no hashes are copied, and what is written goes to the origins first and then into the copies.
 */
import type { CoreDirectory } from '../../directory/core.js'
import { filterOfName } from '../../directory/directory.js'
import { passOn } from '../../directory/layers/pass-on.js'
import type { Core } from '../../directory/union/members.js'
import type { Context, DeleteRequest, Identity } from '../../model/request.js'
import type { CopiedView } from './tables.js'
import type { WriteThrough } from './write-through.js'

export interface CopyDirectoryParts {
  /** Over copies and whatever is not copied. */
  readonly reading: CoreDirectory
  /** Over origins alone. */
  readonly origin: CoreDirectory
  readonly copied: ReadonlyMap<string, CopiedView>
  readonly through: WriteThrough
}

export function copyDirectory({ reading, origin, copied, through }: CopyDirectoryParts): Core {
  const { renaming } = through
  const asked = ({ uncopied }: Context) => (uncopied === true ? origin : reading)
  return {
    ...passOn(reading),
    search: (request, ctx) => asked(ctx).search(request, ctx),
    ordersStrictly: (request, ctx) => asked(ctx).ordersStrictly(request, ctx),
    count: (request, ctx) => asked(ctx).count(request, ctx),
    // For those who write: how much there is to be read counts where it is written.
    countValues: async (view, id, attr, ctx) => {
      const key = copied.has(view) ? (await renaming.identities()).keyOf(view, id) : undefined
      return origin.countValues(view, key ?? id, attr, ctx)
    },
    compare: (name, assertion, ctx) => asked(ctx).compare(name, assertion, ctx),
    prepare: reading.prepare.bind(reading),
    principalOf: reading.principalOf.bind(reading),
    authenticate: async (identity, password, ctx) => {
      const view = viewOf(identity)
      const plan = view === undefined ? undefined : copied.get(view)
      if (plan === undefined || plan.secrets.length > 0 || 'service' in identity)
        return reading.authenticate(identity, password, ctx)
      const filter = filterOfName(identity.names, viewNamed(reading, plan.name), reading.schema)
      const known = await reading.principalOf(plan.name, filter, ctx)
      // Whoever is not in the copy is as unknown as somebody who is nowhere, and takes as long.
      if (known?.kind !== 'entry') {
        await origin.authenticate(identity, password, ctx)
        return undefined
      }
      const identities = await renaming.identities()
      const key = identities.keyOf(plan.name, known.id) ?? known.id
      const isRight = await origin.authenticateEntry(plan.name, key, password, ctx)
      return isRight === undefined ? undefined : known
    },
    add: async (request, ctx) => {
      if (!copied.has(request.view)) return origin.add(request, ctx)
      const key = await origin.add(await renaming.adding(request), ctx)
      const id = await renaming.newId(request.view, key)
      await through.changed(request.view, id)
      return id
    },
    modify: async (request, ctx) => {
      if (!copied.has(request.view)) return origin.modify(request, ctx)
      await origin.modify(await renaming.modifying(request), ctx)
      await through.changed(request.view, request.id)
    },
    delete: async (request, ctx) => {
      if (!copied.has(request.view)) return origin.delete(request, ctx)
      await origin.delete(await renaming.deleting(request), ctx)
      await through.changed(request.view, request.id)
    },
    deleteAll: async (requests, ctx) => {
      const isCopied = ({ view }: DeleteRequest) => copied.has(view)
      const asked = requests.map((one) => (isCopied(one) ? renaming.deleting(one) : one))
      await origin.deleteAll(await Promise.all(asked), ctx)
      await Promise.all(requests.filter(isCopied).map(({ view, id }) => through.changed(view, id)))
    },
    deletions: (view, since, ctx) => origin.deletions(view, since, ctx),
  }
}

const viewOf = (identity: Identity) => ('service' in identity ? undefined : identity.view)

function viewNamed({ views }: CoreDirectory, name: string) {
  const view = views.get(name)
  if (view === undefined) throw new RangeError(`there is no view ${name}`)
  return view
}
