/** Which column of a table holds which attribute: by name, type, uniqueness and samples, each with the reasons. */
import type { SurveyedColumn, SurveyedTable } from '../sources/survey.js'
import {
  addresses,
  different,
  epoch,
  type Hashes,
  hashes,
  isDistinct,
  jpegs,
  logins,
  namesOfPeople,
  numbersOfPhones,
  ratio,
  type Sampled,
  type Share,
  salutations,
  urls,
  withSpaces,
} from './evidence.js'
import { COLUMNS, commonPrefix, type Known, likeness, type Spellings, spellingsOf } from './words.js'

export interface Candidate {
  readonly attribute: Known
  readonly column: SurveyedColumn
  /** From 0 to about 120. */
  readonly score: number
  /** Sentences without full stops. */
  readonly why: readonly string[]
}

/** What is chosen, and what else it could have been, best first. */
export interface Chosen extends Candidate {
  readonly others: readonly Candidate[]
}

/** Names that a mapping can have. */
export const isMappable = ({ name }: { readonly name: string }) => name !== '' && !/[{}]/.test(name)

/** The columns of a table with the ways in which their names may be meant. */
export function spelled(table: SurveyedTable): readonly (readonly [SurveyedColumn, Spellings])[] {
  const columns = table.columns.filter(isMappable)
  const prefix = commonPrefix(columns.map(({ name }) => name))
  return columns.map((column) => [column, spellingsOf(column.name, prefix)])
}

export function isUnique(table: SurveyedTable, column: string): boolean {
  return table.unique.some((set) => set.length === 1 && set[0] === column)
}

const attributes = Object.keys(COLUMNS) as readonly Known[]

/** Of each attribute that some column may hold, the best; no column is given twice. */
export function chooseColumns(
  sampled: Sampled,
  fixed: ReadonlyMap<Known, string> = new Map(),
): ReadonlyMap<Known, Chosen> {
  const { table } = sampled
  const columns = spelled(table)
  const candidates = attributes.flatMap((attribute) =>
    columns.flatMap(([column, spellings]) => judge(attribute, column, spellings, sampled) ?? []),
  )
  const byScore = [...candidates].sort((a, b) => b.score - a.score)
  const chosen = new Map<Known, Candidate>()
  const taken = new Set<string>()
  for (const [attribute, name] of fixed) {
    const column = table.columns.find((one) => one.name === name)
    if (column === undefined) continue
    chosen.set(attribute, { attribute, column, score: 200, why: ['it was asked for'] })
    taken.add(name)
  }
  for (const candidate of byScore) {
    const { attribute, column } = candidate
    if (chosen.has(attribute) || taken.has(column.name)) continue
    chosen.set(attribute, candidate)
    taken.add(column.name)
  }
  familyName(chosen, sampled)
  return new Map(
    [...chosen].map(([attribute, best]) => {
      const others = byScore.filter(
        (other) =>
          other.attribute === attribute && !taken.has(other.column.name) && other.score >= best.score * 0.6,
      )
      return [attribute, { ...best, others }]
    }),
  )
}

/** Beside a given name, a `name` of one word is the family's. */
function familyName(chosen: Map<Known, Candidate>, sampled: Sampled): void {
  const whole = chosen.get('displayName')
  if (whole === undefined || chosen.has('sn') || !chosen.has('givenName')) return
  const values = sampled.values(whole.column.name)
  if (values.length === 0 || ratio(withSpaces(values)) >= 0.5) return
  chosen.delete('displayName')
  const why = [...whole.why, 'beside a given name it holds the family’s']
  chosen.set('sn', { ...whole, attribute: 'sn', why })
}

type Judge = (
  column: SurveyedColumn,
  values: ReturnType<Sampled['values']>,
  sampled: Sampled,
) => { readonly score: number; readonly why?: string } | undefined

/** Samples of a kind; where there are none, the name decides. `undefined` where they speak against it. */
function alike(share: Share, what: string, least: number, weight = 40): ReturnType<Judge> {
  if (share.all === 0) return { score: 0 }
  if (ratio(share) < least) return undefined
  return { score: weight * ratio(share), why: `${share.some} of ${share.all} samples ${what}` }
}

const isText: Judge = ({ kind }) => (kind === 'text' ? { score: 0 } : undefined)
const isWord: Judge = ({ kind }) => (kind === 'text' || kind === 'integer' ? { score: 0 } : undefined)

const ofText =
  (inner: Judge): Judge =>
  (column, values, sampled) =>
    column.kind === 'text' ? inner(column, values, sampled) : undefined

const phone = ofText((_, values) => alike(numbersOfPhones(values), 'look like telephone numbers', 0.5))
const name = ofText((_, values) => alike(namesOfPeople(values), 'look like names', 0.5, 20))

const time: Judge = ({ kind }, values) => {
  if (kind === 'time') return { score: 10 }
  if (kind === 'date') return { score: 5 }
  const counted = kind === 'integer' ? epoch(values) : undefined
  return counted === undefined ? undefined : { score: 5, why: 'its numbers are times since 1970' }
}

const judges: Readonly<Record<Known, Judge>> = {
  uid: ofText(({ name: column }, values, { table }) => {
    const isKept = isUnique(table, column)
    if (values.length > 1 && !isDistinct(values) && !isKept) return undefined
    const found = alike(logins(values), 'could be log-in names', 0.8, 10)
    if (found === undefined) return undefined
    if (isKept) return { score: found.score + 30, why: 'it is unique' }
    if (values.length < 2) return found
    return { score: found.score + 15, why: `no two of ${values.length} samples are alike` }
  }),
  givenName: name,
  sn: name,
  displayName: ofText((_, values) => {
    const found = alike(namesOfPeople(values), 'look like names', 0.5, 10)
    return found && { ...found, score: found.score + 10 * ratio(withSpaces(values)) }
  }),
  mail: ofText((_, values) => alike(addresses(values), 'look like addresses', 0.5, 50)),
  telephoneNumber: phone,
  mobile: phone,
  facsimileTelephoneNumber: phone,
  userPassword: ofText((_, values) => {
    const found = hashes(values)
    if (found.all > 0 && ratio(found) > 0.5) return { score: 60 * ratio(found), why: hashesText(found) }
    return { score: found.all === 0 ? 0 : -10 }
  }),
  title: ofText((_, values) => (ratio(salutations(values)) > 0.5 ? undefined : { score: 0 })),
  ou: isText,
  employeeNumber: isWord,
  employeeType: ofText((_, values) =>
    values.length === 0 || different(values) <= Math.max(3, values.length / 4) ? { score: 0 } : undefined,
  ),
  roomNumber: isWord,
  street: isText,
  l: isText,
  postalCode: isWord,
  preferredLanguage: isText,
  description: isText,
  labeledURI: ofText((_, values) => alike(urls(values), 'are URLs', 0.5)),
  o: isText,
  jpegPhoto: ({ kind }, values) =>
    kind === 'binary' && values.length > 0 ? alike(jpegs(values), 'are JPEG pictures', 0.5) : undefined,
  createTimestamp: time,
  modifyTimestamp: time,
}

/** What samples alone can tell, whatever the column is called. */
const telling: ReadonlySet<Known> = new Set<Known>(['mail', 'userPassword'])

function judge(
  attribute: Known,
  column: SurveyedColumn,
  spellings: Spellings,
  sampled: Sampled,
): Candidate | undefined {
  const byName = likeness(spellings, COLUMNS[attribute])
  if (byName === 0 && !telling.has(attribute)) return undefined
  const found = judges[attribute](column, sampled.values(column.name), sampled)
  if (found === undefined || (byName === 0 && found.score < 40)) return undefined
  const why = [...(byName > 0 ? ['its name says so'] : []), ...(found.why === undefined ? [] : [found.why])]
  return { attribute, column, score: 50 * byName + found.score, why }
}

export function hashesText({ some, all, schemes }: Hashes): string {
  return `${some} of ${all} samples are hashes of ${schemes.join(', ')}`
}
