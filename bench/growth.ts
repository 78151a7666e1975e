/**
 * `npm run bench:growth`: what operations cost as tables, connections, attributes and groups grow. Starts its own databases;
 * writes figures and plots.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { runSql } from '../test/mappings/databases.js'
import { startMariadb } from '../test/servers/mariadb.js'
import { type Curves, type Effort, measureCurves, type Sizes } from './growth/curves.js'
import { svg } from './growth/plot.js'
import { type Measured, plots } from './growth/plots.js'
import { createTables, type Kind, startGateway } from './growth/tables.js'
import { machine } from './machine.js'
import { textOf } from './rounds.js'

interface Options {
  readonly quick?: boolean
  readonly out: string
  readonly plots: string
}

const full: Sizes & Effort = {
  rows: [1000, 10_000, 100_000, 1_000_000],
  connections: [1, 4, 16, 64, 250, 1000],
  attributes: [1, 3, 10, 30, 100],
  members: [1, 10, 100, 1000, 10_000, 50_000],
  rounds: 3,
  seconds: 1.2,
}
const quick: Sizes & Effort = {
  rows: [1000, 10_000, 100_000],
  connections: [1, 16, 250],
  attributes: [1, 10, 100],
  members: [1, 100, 10_000],
  rounds: 1,
  seconds: 0.5,
}

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url))

const program = new Command('bench:growth')
  .option('--quick', 'fewer and smaller steps')
  .option('--out <dir>', 'where the figures go', path('results'))
  .option('--plots <dir>', 'where the plots go', path('../docs/plots'))
  .action(async (options: Options) => {
    await bench(options).catch((error) => {
      process.stderr.write(`failed: ${textOf(error)}\n`)
      process.exitCode = 1
    })
  })

await program.parseAsync()

async function bench({ quick: isQuick, out, plots: folder }: Options): Promise<void> {
  const effort = isQuick ? quick : full
  const scratch = await mkdtemp(join(tmpdir(), 'vitrine-bench-'))
  const measured: Measured[] = []
  try {
    measured.push({ database: 'SQLite', curves: await onSqlite(scratch, effort) })
    measured.push({ database: 'MariaDB', curves: await onMariadb(scratch, effort) })
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
  await mkdir(out, { recursive: true })
  await mkdir(folder, { recursive: true })
  const results = { date: new Date().toISOString().slice(0, 10), machine: await machine(), measured }
  await writeFile(join(out, 'growth.json'), `${JSON.stringify(results, null, 2)}\n`)
  for (const [name, plot] of Object.entries(plots(measured)))
    await writeFile(join(folder, `${name}.svg`), svg(plot))
}

function onSqlite(scratch: string, effort: Sizes & Effort): Promise<Curves> {
  return measure('SQLite', `sqlite:${join(scratch, 'growth.sqlite')}`, 'sqlite', [], scratch, effort)
}

async function onMariadb(scratch: string, effort: Sizes & Effort): Promise<Curves> {
  const server = await startMariadb()
  try {
    const url = await server.createDatabase('growth')
    // As much as a server has that is made for a million rows.
    await runSql(url, 'SET GLOBAL innodb_buffer_pool_size = 512 * 1024 * 1024')
    return await measure('MariaDB', url, 'mysql', [server.pid], scratch, effort)
  } finally {
    await server.stop()
  }
}

async function measure(
  name: string,
  url: string,
  kind: Kind,
  behind: readonly number[],
  scratch: string,
  effort: Sizes & Effort,
): Promise<Curves> {
  process.stderr.write(`${name}\n`)
  const { rows, members } = effort
  await createTables(url, kind, rows, members)
  return measureCurves(() => startGateway(url, rows, scratch), behind, effort, effort)
}
