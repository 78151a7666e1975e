/** Can anything be found in one of several views? Asked one after the other, at once where nobody has to be waited for. */
import type { Context } from '../model/request.js'
import type { Directory } from './directory.js'

/** @returns a promise only where `isVisible` does */
export function isAnyVisible(
  directory: Pick<Directory, 'isVisible'>,
  views: Iterable<{ readonly name: string }>,
  ctx: Context,
): boolean | Promise<boolean> {
  let pending: Promise<boolean>[] | undefined
  for (const { name } of views) {
    const visible = directory.isVisible(name, ctx)
    if (visible === true) return true
    if (visible !== false) {
      pending ??= []
      pending.push(visible)
    }
  }
  return pending === undefined ? false : Promise.all(pending).then((all) => all.includes(true))
}
