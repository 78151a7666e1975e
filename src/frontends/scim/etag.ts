/**
 * Versions of resources and the conditions clients put on them (RFC 7644 3.14, RFC 9110 13.1). Tags are weak: they
 * tell whether the resource is the same, not its representation.
 */
import type { Entry } from '../../model/entry.js'
import { VitrineError } from '../../model/errors.js'
import { fingerprint } from './fingerprint.js'

/** What may stand between the quotes of a tag without being encoded. */
const PLAIN = /^[!#-~]+$/

/** By the version that the source tells. Undefined where it tells none: then `contentTag` can. */
export function versionTag({ version }: Entry): string | undefined {
  if (version === undefined) return undefined
  return `W/"${PLAIN.test(version) ? version : Buffer.from(version, 'utf8').toString('base64url')}"`
}

/** By what the entry holds of these attributes, which are always to be in the same order. */
export function contentTag({ attributes }: Entry, names: readonly string[]): string {
  return `W/"${fingerprint(attributes, names)}"`
}

export interface Conditions {
  readonly ifMatch?: string
  readonly ifNoneMatch?: string
}

export function isConditional({ ifMatch, ifNoneMatch }: Conditions): boolean {
  return ifMatch !== undefined || ifNoneMatch !== undefined
}

/**
 * For what changes the resource.
 * @throws VitrineError assertionFailed (412)
 */
export function checkConditions({ ifMatch, ifNoneMatch }: Conditions, tag: string): void {
  const failed =
    (ifMatch !== undefined && !isListed(tag, ifMatch)) ||
    (ifNoneMatch !== undefined && isListed(tag, ifNoneMatch))
  if (failed) {
    throw new VitrineError('assertionFailed', { message: `the resource is now version ${tag}` })
  }
}

/** For what reads it: has the client got this version already? */
export function isNotModified({ ifNoneMatch }: Conditions, tag: string | undefined): boolean {
  return ifNoneMatch !== undefined && tag !== undefined && isListed(tag, ifNoneMatch)
}

const TAGS = /\s*(?:W\/)?"([^"]*)"\s*(?:,|$)/gy

/** Is the tag one of those in the header? `*` is all of them. A lone tag without quotes is taken as it is. */
export function isListed(tag: string, header: string): boolean {
  if (header.trim() === '*') return true
  const opaque = tag.slice('W/"'.length, -1)
  TAGS.lastIndex = 0
  let read = 0
  for (;;) {
    const found = TAGS.exec(header)
    if (found === null) break
    if (found[1] === opaque) return true
    read = TAGS.lastIndex
    if (read >= header.length) break
  }
  return read === 0 && header.trim() === opaque
}
