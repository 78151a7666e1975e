/** `vitrine init`: a configuration for a database or directory that is only known by its URL, proved with a search. */
import { resolve } from 'node:path'
import { performance } from 'node:perf_hooks'
import { parse } from 'yaml'
import { ConfigError } from '../config/config-error.js'
import type { GatewayInput } from '../config/schema.js'
import { databaseUrl } from '../config/schema-sources.js'
import type { WrittenFile } from '../config/written.js'
import { assemble, compileAll, readConfig } from '../gateway/assembly.js'
import { filesOf, oneLine, type Reached, reasonText, SECRETS } from '../init/files.js'
import { propose, type Undecided } from '../init/proposal.js'
import { type Proposal, SOURCE } from '../init/proposed.js'
import { type Worked, workedFiles, workedFor } from '../init/worked.js'
import { mappingSchema } from '../mapping/schema.js'
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
  /** The application whose tables these are. */
  readonly recognised?: string
  readonly proposal?: Proposal
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
  const { origin, recognised, proposal, files } = outcome
  say(`${oneLine(origin)}\n`)
  if (recognised !== undefined) say(`recognised: ${recognised}; its worked mapping is used`)
  for (const line of proposal === undefined ? [] : proposalLines(proposal)) say(line)
  await writeFiles(files, out, force)
  say('')
  for (const { path, secret } of files) say(`wrote ${out}/${path}${secret ? ' (a secret)' : ''}`)
  const proof = await prove(out)
  const seconds = (performance.now() - began) / 1000
  if (json) process.stdout.write(`${JSON.stringify(asJson(outcome, out, proof))}\n`)
  else for (const line of proofLines(proof, outcome, options, seconds)) say(line)
  return proof.failure === undefined ? 0 : 1
}

async function proposeFor({ url, suffix, people, groups }: InitOptions): Promise<Outcome | Undecided> {
  const survey = surveyOf({
    url: url.startsWith('sqlite:') ? `sqlite:${resolve(url.slice('sqlite:'.length))}` : url,
    pool: { max: 2, acquireTimeout: 10_000 },
    statementTimeout: 20_000,
    connectTimeout: 10_000,
  })
  try {
    const version = await survey.version()
    const catalog = await survey.catalog()
    const { reached, name } = reachedBy(url)
    const origin = `${version}, ${name}`
    if (people === undefined && groups === undefined)
      for (const worked of await workedFor(catalog))
        if (await fits(worked, url))
          return {
            origin,
            recognised: worked.title,
            files: workedFiles(worked, { suffix, reached, origin: oneLine(origin) }),
          }
    const proposal = await propose(catalog, survey, {
      ...(people !== undefined && { people }),
      ...(groups !== undefined && { groups }),
    })
    if ('reason' in proposal) return proposal
    return { origin, proposal, files: filesOf(proposal, { suffix, reached, origin }, SOURCE) }
  } finally {
    await survey.close()
  }
}

/** Has the database all columns that the worked mapping names, of types that will do? */
async function fits({ mappings }: Worked, url: string): Promise<boolean> {
  const specs = [...mappings.values()].map((text) => mappingSchema.parse(parse(text)))
  const sources = Object.fromEntries(specs.map(({ source }) => [source, { type: 'sql' as const, url }]))
  const config = { suffix: 'dc=example,dc=com', sources, views: specs, log: { level: 'silent' as const } }
  const parts = await assemble(await readConfig(config as GatewayInput, {}))
  try {
    await compileAll(parts)
    return true
  } catch (error) {
    if (error instanceof ConfigError) return false
    throw error
  } finally {
    await parts.close()
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

function proofLines(
  proof: Proof,
  outcome: Outcome,
  { out, suffix }: InitOptions,
  seconds: number,
): readonly string[] {
  const found = proof.searches.flatMap((one) =>
    one.dn === undefined ? [`${one.view}: no entries yet`, ''] : [...entryLines(one).map(oneLine), ''],
  )
  const head = ['', ...proof.check.trimEnd().split('\n').map(oneLine), '']
  if (proof.failure !== undefined)
    return [...head, proof.failure, '', `The files are in ${out}: correct them, and try vitrine check.`]
  return [...head, ...found, ...nextSteps(proof, outcome, out, suffix), `Proved in ${seconds.toFixed(1)} s.`]
}

function nextSteps(
  { reader = '' }: Proof,
  { files }: Outcome,
  out: string,
  suffix: string,
): readonly string[] {
  const quoted = (path: string) => (/^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`)
  const at = (path: string) => quoted(`${out}/${path}`)
  return [
    'Next:',
    `  vitrine serve --config ${at('gateway.yaml')}`,
    `  ldapsearch -x -LLL -H ldap://127.0.0.1:1389 -D ${quoted(reader)} -y ${at(SECRETS.reader)} -b ou=people,${suffix} '(uid=*)'`,
    ...(files.some(({ path }) => path === SECRETS.token)
      ? [
          `  curl -s -H "Authorization: Bearer $(cat ${at(SECRETS.token)})" 'http://127.0.0.1:8080/scim/v2/Users?count=3'`,
        ]
      : []),
    '',
  ]
}

function asJson({ origin, recognised, proposal, files }: Outcome, out: string, proof: Proof) {
  return {
    origin,
    ...(recognised !== undefined && { recognised }),
    ...proposal,
    files: files.map(({ path }) => `${out}/${path}`),
    proof,
  }
}
