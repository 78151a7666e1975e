/** `vitrine init`: a configuration for a database or directory that is only known by its URL, proved with a search. */
import { resolve } from 'node:path'
import { performance } from 'node:perf_hooks'
import { databaseUrl } from '../config/schema-sources.js'
import type { WrittenFile } from '../config/written.js'
import { filesOf, oneLine, type Reached, readerOf, reasonText, SECRETS } from '../init/files.js'
import { propose } from '../init/proposal.js'
import { type Proposal, SOURCE } from '../init/proposed.js'
import { surveyOf } from '../sources/registry.js'
import { entryLines, type Proof, prove } from './init-proof.js'
import { refuseWhatIsThere, writeFiles } from './written-files.js'

export interface InitOptions {
  readonly url: string
  /** The folder to write to. */
  readonly out: string
  readonly suffix: string
  readonly force?: boolean
  readonly json?: boolean
  /** The table of people. */
  readonly people?: string
  /** The table of groups, or none. */
  readonly groups?: string
}

/** Nothing was found that a mapping could be made of. */
const NOTHING_FOUND = 3

interface Outcome {
  readonly origin: string
  readonly proposal: Proposal
  readonly files: readonly WrittenFile[]
}

export async function init(options: InitOptions): Promise<number> {
  const began = performance.now()
  const { out, force = false, json = false } = options
  const say = (text: string) => {
    if (!json) process.stdout.write(`${text}\n`)
  }
  const complaint = databaseUrl.safeParse(options.url).error?.issues[0]
  if (complaint !== undefined) {
    process.stderr.write(`the URL ${complaint.message}\n`)
    return 2
  }
  await refuseWhatIsThere([{ path: 'gateway.yaml' }].slice(force ? 1 : 0), out)
  const outcome = await proposeFor(options)
  if ('reason' in outcome) {
    if (json) process.stdout.write(`${JSON.stringify({ error: outcome })}\n`)
    else process.stderr.write(`${outcome.reason}\n    ${outcome.remedy}\n`)
    return NOTHING_FOUND
  }
  const { origin, proposal, files } = outcome
  say(`${oneLine(origin)}\n`)
  for (const line of proposalLines(proposal)) say(line)
  await writeFiles(files, out, force)
  say('')
  for (const { path, secret } of files) say(`wrote ${out}/${path}${secret ? ' (a secret)' : ''}`)
  const proof = await prove(out)
  const seconds = (performance.now() - began) / 1000
  if (json) process.stdout.write(`${JSON.stringify(asJson(outcome, out, proof))}\n`)
  else for (const line of proofLines(proof, out, options.suffix, seconds)) say(line)
  return proof.failure === undefined ? 0 : 1
}

async function proposeFor({ url, suffix, people, groups }: InitOptions) {
  const survey = surveyOf({
    url: url.startsWith('sqlite:') ? `sqlite:${resolve(url.slice('sqlite:'.length))}` : url,
    pool: { max: 2, acquireTimeout: 10_000 },
    statementTimeout: 20_000,
    connectTimeout: 10_000,
  })
  try {
    const version = await survey.version()
    const catalog = await survey.catalog()
    const proposal = await propose(catalog, survey, {
      ...(people !== undefined && { people }),
      ...(groups !== undefined && { groups }),
    })
    if ('reason' in proposal) return proposal
    const { reached, name } = reachedBy(url)
    const origin = `${version}, ${name}`
    return { origin, proposal, files: filesOf(proposal, { suffix, reached, origin }, SOURCE) }
  } finally {
    await survey.close()
  }
}

/** The source as the gateway file has it: the password apart, and a file by its whole path. */
function reachedBy(url: string): { readonly reached: Reached; readonly name: string } {
  if (url.startsWith('sqlite:')) {
    const file = resolve(url.slice('sqlite:'.length))
    return { reached: { source: { type: 'sql', url: `sqlite:${file}` } }, name: file }
  }
  const bare = new URL(url)
  const password = decodeURIComponent(bare.password)
  bare.password = ''
  const name = `${decodeURIComponent(bare.pathname.slice(1)) || 'all databases'} at ${bare.host}`
  return { reached: { source: { type: 'sql', url: bare.href }, ...(password !== '' && { password }) }, name }
}

function proposalLines({ views, doubts }: Proposal): readonly string[] {
  const lines = views.flatMap(({ mapping, reasons }) => [
    `${mapping.view}:`,
    ...reasons.map((reason) => `  ${oneLine(`${reason.key}: ${reasonText(reason)}`)}`),
  ])
  return doubts.length === 0
    ? lines
    : [...lines, '', 'To look at:', ...doubts.map((doubt) => `  ${oneLine(doubt)}`)]
}

function proofLines(proof: Proof, out: string, suffix: string, seconds: number): readonly string[] {
  const found = proof.searches.flatMap((one) =>
    one.dn === undefined ? [`${one.view}: no entries yet`, ''] : [...entryLines(one).map(oneLine), ''],
  )
  const head = ['', proof.check.trimEnd(), '']
  if (proof.failure !== undefined)
    return [...head, proof.failure, '', `The files are in ${out}: correct them, and try vitrine check.`]
  return [...head, ...found, ...nextSteps(out, suffix), `Proved in ${seconds.toFixed(1)} s.`]
}

function nextSteps(out: string, suffix: string): readonly string[] {
  const quoted = (path: string) => (/^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`)
  const at = (path: string) => quoted(`${out}/${path}`)
  return [
    'Next:',
    `  vitrine serve --config ${at('gateway.yaml')}`,
    `  ldapsearch -x -LLL -H ldap://127.0.0.1:1389 -D ${quoted(readerOf(suffix))} -y ${at(SECRETS.reader)} -b ou=people,${suffix} '(uid=*)'`,
    `  curl -s -H "Authorization: Bearer $(cat ${at(SECRETS.token)})" 'http://127.0.0.1:8080/scim/v2/Users?count=3'`,
    '',
  ]
}

function asJson({ origin, proposal, files }: Outcome, out: string, proof: Proof) {
  return {
    origin,
    views: proposal.views.map(({ mapping, reasons }) => ({ mapping, reasons })),
    doubts: proposal.doubts,
    files: files.map(({ path }) => `${out}/${path}`),
    proof,
  }
}
