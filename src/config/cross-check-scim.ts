/**
 * What must hold between `scim` and the rest of the configuration: on whose behalf tokens act, the console's among them,
 * what they are good for, and which of them cannot be told apart. As in `cross-check.ts`, the data may be valid or not.
 */
import { nearest } from '../mapping/nearest.js'
import { ALL_SCOPES, GENERAL_SCOPES, resourceScope } from '../model/scopes.js'
import type { ConfigProblem } from './config-error.js'
import { items, known, oneOrMore, type RawView, text } from './cross-check.js'
import { foldDn, looksLikeDn } from './dn-syntax.js'
import { isRecord, type Origin, type Path, valueAt } from './origin.js'
import { problem } from './report.js'
import { tokenHash } from './token-hash.js'

/** What there is without a view of its own, and what belongs to no view. */
const standardTypes = ['User', 'Group', 'FidoDevice', 'Fido2Device']
const general = [...GENERAL_SCOPES, ALL_SCOPES]

/** @param complete as for `crossCheck` */
export function crossCheckScim(
  gateway: unknown,
  origin: Origin,
  views: readonly RawView[],
  complete: boolean,
): ConfigProblem[] {
  const tokens = items(gateway, ['scim', 'tokens'])
  const clients = items(gateway, ['scim', 'tokenEndpoint', 'clients'])
  const issuers = [...items(gateway, ['scim', 'jwt']), ['scim', 'introspection']]
  const holders = [...tokens, ...issuers, ...clients]
  return [
    ...[...holders, ['console']].flatMap((path) => subjectProblems(gateway, origin, [...path, 'as'])),
    ...issuers.flatMap((path) => principalProblems(gateway, origin, [...path, 'principal'], views, complete)),
    ...(complete ? scopeProblems(gateway, origin, holders, views) : []),
    ...repeated(origin, gateway, tokens, 'name', 'is the name of another token already'),
    ...repeated(origin, gateway, clients, 'id', 'is the id of another client already'),
    ...repeatedTokens(gateway, origin, tokens),
  ]
}

/** Tokens act as service accounts, or as entries below the suffix. */
function subjectProblems(gateway: unknown, origin: Origin, path: Path): ConfigProblem[] {
  const dn = text(gateway, path)
  const suffixes = oneOrMore(gateway, ['suffix']).map((one) => text(gateway, one))
  if (dn === undefined || !looksLikeDn(dn)) return []
  if (suffixes.some((suffix) => suffix === undefined || !looksLikeDn(suffix))) return []
  const accounts = items(gateway, ['serviceAccounts']).map((account) => [...account, 'dn'])
  if (accounts.some((account) => foldDn(text(gateway, account) ?? '') === foldDn(dn))) return []
  if (suffixes.some((suffix) => foldDn(dn).endsWith(`,${foldDn(suffix ?? '')}`))) return []
  const candidates = accounts.map((account) => String(origin.written(account)))
  const message = 'is neither a service account nor an entry below the suffix'
  const remedy = known('serviceAccounts', candidates)
  return [problem(origin, path, { message, quote: true, candidates, remedy })]
}

/** The view in which a claim finds an entry, and the attribute by which. */
function principalProblems(
  gateway: unknown,
  origin: Origin,
  path: Path,
  views: readonly RawView[],
  complete: boolean,
): ConfigProblem[] {
  const name = text(gateway, [...path, 'view'])
  if (name === undefined || !complete) return []
  const view = views.find(({ mapping }) => text(mapping, ['view']) === name)
  if (view === undefined) {
    const candidates = views.flatMap((one) =>
      text(one.mapping, ['view']) === undefined ? [] : String(one.origin.written(['view'])),
    )
    const complaint = { message: 'is no view', quote: true, candidates, remedy: known('views', candidates) }
    return [problem(origin, [...path, 'view'], complaint)]
  }
  const attribute = text(gateway, [...path, 'attribute'])
  const attributes = valueAt(view.mapping, ['attributes'])
  if (attribute === undefined || !isRecord(attributes)) return []
  const candidates = Object.keys(attributes)
  const folded = attribute.toLowerCase()
  if (folded === 'entryuuid' || candidates.some((one) => one.toLowerCase() === folded)) return []
  const complaint = { message: 'is no attribute of that view', quote: true, candidates }
  const remedy = known('attributes', candidates)
  return [problem(origin, [...path, 'attribute'], { ...complaint, remedy })]
}

/** A misspelt scope would grant nothing, silently. */
function scopeProblems(
  gateway: unknown,
  origin: Origin,
  holders: readonly Path[],
  views: readonly RawView[],
): ConfigProblem[] {
  const types = views.flatMap(({ mapping }) => text(mapping, ['scim', 'resource']) ?? [])
  const scopes = [...new Set([...standardTypes, ...types])].flatMap((type) => [
    resourceScope(type, 'read'),
    resourceScope(type, 'write'),
  ])
  const candidates = [...scopes, ...general]
  const complaint = { message: 'is no scope', candidates, remedy: known('scopes', candidates) }
  const granted = holders
    .flatMap((path) => oneOrMore(gateway, [...path, 'scopes']))
    .flatMap((path) => {
      const scope = text(gateway, path)
      return scope === undefined || candidates.includes(scope)
        ? []
        : problem(origin, path, { ...complaint, quote: true })
    })
  const names = valueAt(gateway, ['scim', 'scopes'])
  const renamed = Object.keys(isRecord(names) ? names : {})
    .filter((scope) => !candidates.includes(scope))
    .map((scope) => {
      const meant = nearest(scope, candidates)
      const remedy = meant === undefined ? complaint.remedy : `Did you mean "${meant}"?`
      return problem(origin, ['scim', 'scopes', scope], { message: complaint.message, remedy }, 'key')
    })
  return [...granted, ...renamed]
}

function repeated(
  origin: Origin,
  gateway: unknown,
  holders: readonly Path[],
  key: string,
  message: string,
): ConfigProblem[] {
  const seen = new Set<string>()
  return holders.flatMap((holder) => {
    const path = [...holder, key]
    const name = text(gateway, path)
    if (name === undefined) return []
    if (seen.has(name)) return problem(origin, path, { message, quote: true })
    seen.add(name)
    return []
  })
}

/** One token cannot mean two things, however it is written. */
function repeatedTokens(gateway: unknown, origin: Origin, tokens: readonly Path[]): ConfigProblem[] {
  const seen = new Set<string>()
  return tokens.flatMap((holder) => {
    const path = [...holder, 'token']
    const hash = tokenHash(text(gateway, path) ?? '')
    if (hash === undefined) return []
    if (seen.has(hash)) return problem(origin, path, { message: 'the same token as another one' })
    seen.add(hash)
    return []
  })
}
