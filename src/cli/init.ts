/** `vitrine init`: a configuration for a database or directory that is only known by its URL, proved with a search. */
import { performance } from 'node:perf_hooks'
import type { Complaint } from '../config/scalar.js'
import { databaseUrl } from '../config/schema-sources.js'
import { oneLine, proposalLines, SECRETS } from '../init/files.js'
import type { Outcome } from '../init/proposed.js'
import { parseLdapUrl } from '../ldap/url.js'
import { databaseOutcome } from './init-database.js'
import { directoryOutcome } from './init-directory.js'
import type { InitOptions } from './init-options.js'
import { entryLines, type Proof, prove } from './init-proof.js'
import { type Asking, asking } from './init-questions.js'
import { refuseWhatIsThere, writeFiles } from './written-files.js'

const KNOWN = /^(?:mysql|mariadb|postgres|postgresql|sqlite):/

/** Nothing was found that a mapping could be made of. */
const NOTHING_FOUND = 3

/** @param terminal who can be asked, if anybody */
export async function init(
  options: InitOptions,
  terminal: () => Asking | undefined = () => asking(process),
): Promise<number> {
  const began = performance.now()
  const { out, force = false, json = false, yes = false } = options
  const say = (text: string) => {
    if (!json) process.stdout.write(`${text}\n`)
  }
  const isDirectory = /^ldaps?:/i.test(options.url)
  const complaint = isDirectory ? directoryComplaint(options.url) : databaseComplaint(options.url)
  if (complaint !== undefined) {
    process.stderr.write(`the URL ${complaint}\n`)
    return 2
  }
  await refuseWhatIsThere([{ path: 'gateway.yaml' }].slice(force ? 1 : 0), out)
  const ask = yes || json || isDirectory ? undefined : terminal()
  const found = isDirectory ? directoryOutcome(options) : databaseOutcome(options, ask)
  // Else it would be waited for what there is to hear.
  const outcome = await found.finally(() => ask?.close())
  if ('reason' in outcome) {
    if (json) process.stdout.write(`${JSON.stringify({ error: outcome })}\n`)
    else process.stderr.write(`${outcome.reason}\n    ${outcome.remedy}\n`)
    return NOTHING_FOUND
  }
  const { origin, recognised, proposal, files } = outcome
  say(`${oneLine(origin)}\n`)
  if (recognised !== undefined) say(`recognised: ${recognised}; its worked mapping is used`)
  // Whoever was asked has seen it.
  for (const line of proposal === undefined || ask !== undefined ? [] : proposalLines(proposal)) say(line)
  await writeFiles(files, out, force)
  say('')
  for (const { path, secret } of files) say(`wrote ${out}/${path}${secret ? ' (a secret)' : ''}`)
  const proof = await prove(out)
  const seconds = (performance.now() - began) / 1000
  if (json) process.stdout.write(`${JSON.stringify(asJson(outcome, out, proof))}\n`)
  else for (const line of proofLines(proof, outcome, out, seconds)) say(line)
  return proof.failure === undefined ? 0 : 1
}

function databaseComplaint(url: string): string | undefined {
  if (!KNOWN.test(url))
    return 'is none of a database or directory\n    Start it with mysql://, mariadb://, postgres://, sqlite:, ldap:// or ldaps://'
  const [issue] = databaseUrl.safeParse(url).error?.issues ?? []
  if (issue === undefined) return undefined
  const { remedy } = 'params' in issue ? (issue.params as Partial<Complaint>) : {}
  return remedy === undefined ? issue.message : `${issue.message}\n    ${remedy}`
}

function directoryComplaint(url: string): string | undefined {
  const parsed = parseLdapUrl(url)
  if (parsed === undefined || parsed.host === '')
    return 'is not that of an LDAP server: write ldap://HOST:PORT/BASE, and whom to be there with --bind-dn'
  return undefined
}

function proofLines(proof: Proof, outcome: Outcome, out: string, seconds: number): readonly string[] {
  const found = proof.searches.flatMap((one) =>
    one.dn === undefined ? [`${one.view}: no entries yet`, ''] : [...entryLines(one).map(oneLine), ''],
  )
  const head = ['', ...proof.check.trimEnd().split('\n').map(oneLine), '']
  if (proof.failure !== undefined)
    return [...head, proof.failure, '', `The files are in ${out}: correct them, and try vitrine check.`]
  return [...head, ...found, ...nextSteps(proof, outcome, out), `Proved in ${seconds.toFixed(1)} s.`]
}

function nextSteps({ reader = '' }: Proof, { files, suffix }: Outcome, out: string): readonly string[] {
  const quoted = (path: string) => (/^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`)
  const at = (path: string) => quoted(`${out}/${path}`)
  // Whoever has run this by npx has no command of that name.
  const command = process.env.npm_command === 'exec' ? 'npx vitrine' : 'vitrine'
  return [
    'Next:',
    `  ${command} serve --config ${at('gateway.yaml')}`,
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
