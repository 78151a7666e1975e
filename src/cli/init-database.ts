/** What `vitrine init` makes of a database: the worked mapping that fits its tables, or a proposal. */
import { resolve } from 'node:path'
import { parse } from 'yaml'
import { ConfigError } from '../config/config-error.js'
import type { GatewayInput } from '../config/schema.js'
import { assemble } from '../gateway/assembly.js'
import { compileAll } from '../gateway/compiling.js'
import { readConfig } from '../gateway/reading.js'
import { filesOf, oneLine, type Reached } from '../init/files.js'
import { type Decisions, propose } from '../init/proposal.js'
import { type Outcome, SOURCE, type Undecided } from '../init/proposed.js'
import { type Worked, workedFiles, workedFor } from '../init/worked.js'
import { mappingSchema } from '../mapping/schema.js'
import { surveyOf } from '../sources/registry.js'
import { type InitOptions, passwordOf } from './init-options.js'
import { type Asking, decide } from './init-questions.js'

/** @param ask who decides what the proposal may have got wrong */
export async function databaseOutcome(
  options: InitOptions,
  ask: Asking | undefined,
): Promise<Outcome | Undecided> {
  const { people, groups } = options
  const { url, reached, name } = await reach(options)
  const survey = surveyOf({
    url,
    pool: { max: 2, acquireTimeout: 10_000 },
    statementTimeout: 20_000,
    connectTimeout: 10_000,
  })
  try {
    const origin = `${await survey.version()}, ${name}`
    const catalog = await survey.catalog()
    const suffix = async () => options.suffix ?? (await ask?.suffix(SUFFIX)) ?? SUFFIX
    if (people === undefined && groups === undefined)
      for (const worked of await workedFor(catalog))
        if ((await fits(worked, url)) && (await ask?.confirms(worked.title)) !== false) {
          const at = { suffix: await suffix(), reached, origin: oneLine(origin) }
          return { origin, suffix: at.suffix, recognised: worked.title, files: workedFiles(worked, at) }
        }
    const first: Decisions = {
      ...(people !== undefined && { people }),
      ...(groups !== undefined && { groups }),
    }
    const proposal = await decide(ask, catalog, first, (decisions) => propose(catalog, survey, decisions))
    if ('reason' in proposal) return proposal
    const at = { suffix: await suffix(), reached, origin }
    return { origin, suffix: at.suffix, proposal, files: filesOf(proposal, at, SOURCE) }
  } finally {
    await survey.close()
  }
}

const SUFFIX = 'dc=example,dc=com'

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
async function reach(
  options: InitOptions,
): Promise<{ readonly url: string; readonly reached: Reached; readonly name: string }> {
  const { url } = options
  if (url.startsWith('sqlite:')) {
    const file = resolve(url.slice('sqlite:'.length))
    return { url: `sqlite:${file}`, reached: { source: { type: 'sql', url: `sqlite:${file}` } }, name: file }
  }
  const whole = new URL(url)
  const given = await passwordOf(options)
  if (given !== undefined) whole.password = encodeURIComponent(given)
  const bare = new URL(whole)
  bare.password = ''
  const password = decodeURIComponent(whole.password)
  const name = `${decodeURIComponent(bare.pathname.slice(1)) || 'all databases'} at ${bare.host}`
  return {
    url: whole.href,
    reached: { source: { type: 'sql', url: bare.href }, ...(password !== '' && { password }) },
    name,
  }
}
