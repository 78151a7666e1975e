/** What `vitrine init` asks on a terminal: each question has the proposal for an answer. */
import { createInterface } from 'node:readline/promises'
import { ConfigError } from '../config/config-error.js'
import { proposalLines } from '../init/files.js'
import type { Decisions } from '../init/proposal.js'
import type { Proposal, Undecided } from '../init/proposed.js'
import type { Known } from '../init/words.js'
import type { Catalog } from '../sources/survey.js'

export interface Asking {
  /** What is answered, or the proposal where nothing is. */
  ask(question: string, proposed: string): Promise<string>
  say(text: string): void
  /** Is the worked mapping of this application wanted? */
  confirms(title: string): Promise<boolean>
  suffix(proposed: string): Promise<string>
  close(): void
}

type Streams = {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean }
}

const UNANSWERED = {
  path: '',
  message: 'the questions were not answered to their end: nothing was written',
  remedy: 'Begin again, or take what is proposed with --yes.',
}

/** Nobody is asked where there is no terminal on both sides. */
export function asking({ stdin, stdout }: Streams): Asking | undefined {
  if (stdin.isTTY !== true || stdout.isTTY !== true) return undefined
  const lines = createInterface({ input: stdin, output: stdout })
  const left = new AbortController()
  lines.once('close', () => left.abort())
  const ask = async (question: string, proposed: string) => {
    try {
      const answer = (await lines.question(`${question} [${proposed}] `, { signal: left.signal })).trim()
      return answer === '' ? proposed : answer
    } catch (error) {
      throw left.signal.aborted ? new ConfigError([UNANSWERED]) : error
    }
  }
  return {
    ask,
    say: (text) => stdout.write(`${text}\n`),
    confirms: async (title) =>
      /^(?:y|yes)$/i.test(await ask(`These are the tables of ${title}. Use its worked mapping?`, 'yes')),
    suffix: (proposed) => ask('Below which name shall everything be?', proposed),
    close: () => lines.close(),
  }
}

/** Columns that are asked for. */
const COLUMNS: readonly (readonly [Known, string])[] = [
  ['uid', 'What do people log in with?'],
  ['mail', 'Which column holds their address?'],
  ['userPassword', 'Which column holds the hashes of their passwords?'],
]

/** Proposes, and again with what was decided, until nobody wants it otherwise. */
export async function decide(
  asking: Asking | undefined,
  { tables }: Catalog,
  first: Decisions,
  propose: (decisions: Decisions) => Promise<Proposal | Undecided>,
): Promise<Proposal | Undecided> {
  let decisions = first
  let proposal = await propose(decisions)
  if (asking === undefined) return proposal
  let shown = proposal
  const show = () => {
    if (!('reason' in proposal)) for (const line of proposalLines(proposal)) asking.say(line)
    shown = proposal
  }
  show()
  /** A proposal with another decision; as it was where there is none. */
  const retry = async (more: Decisions) => {
    const next = await propose({ ...decisions, ...more })
    if ('reason' in next) {
      asking.say(`${next.reason}. ${next.remedy}`)
      return false
    }
    decisions = { ...decisions, ...more }
    proposal = next
    return true
  }
  for (;;) {
    const table = 'reason' in proposal ? '' : fromOf(proposal, 'people')
    if ('reason' in proposal) asking.say(`${proposal.reason}.`)
    const people = await asking.ask('Which table holds people?', table)
    if (people === '' || people === table || (await retry({ people }))) break
  }
  if ('reason' in proposal) return proposal
  for (;;) {
    const table = fromOf(proposal, 'groups') || 'none'
    const groups = await asking.ask('Which table holds their groups? (none: show none)', table)
    if (groups === table || (await retry({ groups }))) break
  }
  for (const [attribute, question] of COLUMNS) {
    const named = tables.get(fromOf(proposal, 'people'))?.columns.map(({ name }) => name) ?? []
    const now = chosenFor(proposal, attribute)
    for (;;) {
      const column = await asking.ask(question, now)
      if (column === now || column === '') break
      if (!named.includes(column)) asking.say(`There is no column ${column}; there are ${named.join(', ')}.`)
      else if (await retry({ columns: new Map([...(decisions.columns ?? []), [attribute, column]]) })) break
    }
  }
  if (shown !== proposal) show()
  return proposal
}

function fromOf({ views }: Proposal, view: string): string {
  return views.find(({ mapping }) => mapping.view === view)?.mapping.from ?? ''
}

function chosenFor({ views }: Proposal, attribute: Known): string {
  const spec = views[0]?.mapping.attributes[attribute]
  const first = Array.isArray(spec) ? spec[0] : spec
  if (typeof first === 'string') return first
  return first !== undefined && 'column' in first ? first.column : ''
}
